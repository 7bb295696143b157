import TandemModel

/// One step's life: prepared, its child journaled, released, ended, observed.
extension AgentMachine {
    mutating func beginStep(_ step: StepRun, _ turn: inout Turn) {
        record(.stepStarted(step.command, index: step.index, isReturn: step.isReturn), &turn)
        live.run?.enter(.preparing(step), at: turn.now)
        live.run?.stepAt = turn.now
        live.run?.isKilled = false
        live.run?.isInterrupted = false
        turn.step.effects.append(.prepareStep(step))
        sendProgress(percent: 0, text: "", &turn)
    }

    mutating func takeStepInput(_ input: Input, _ turn: inout Turn) {
        switch (input, live.run?.phase) {
        case (.stepSpawned(let step, let child), .preparing(let open)?) where step.isSame(as: open):
            if let child {
                record(.stepChild(open.command, index: open.index, child: child), &turn)
            }
            live.run?.enter(.running(open, child), at: turn.now)
            turn.step.effects.append(.releaseStep(open, child))
        case (.stepProgress(let step, let percent, let text), .running(let open, _)?)
        where step.isSame(as: open):
            sendProgress(percent: percent, text: text, &turn)
        case (.stepEnded(let step, let result), .preparing(let open)?) where step.isSame(as: open):
            stepEnded(open, result, &turn)
        case (.stepEnded(let step, let result), .running(let open, _)?) where step.isSame(as: open):
            stepEnded(open, result, &turn)
        case (.stepObserved(let step, let observation), .observingStep(let open, let result)?)
        where step.isSame(as: open):
            decide(open, result, observation, &turn)
        case (.repaired(let step, let result), .repairing(let open, let purpose)?)
        where step.isSame(as: open):
            repaired(open, result, purpose, &turn)
        case (_, _):
            turn.step.ignored = .stale
        }
    }

    private mutating func stepEnded(_ step: StepRun, _ result: StepResult, _ turn: inout Turn) {
        // A reboot that was set off ends with this process, or at the step's limit.
        if step.definition.action == .reboot, result == .succeeded { return }
        var seen = result
        if live.run?.isKilled == true {
            let words: String
            switch result {
            case .succeeded: words = ""
            case .failed(let failure), .unknown(let failure):
                words = failure.diagnostic.isEmpty ? failure.message : failure.diagnostic
            }
            seen = .failed(
                TandemFailure(
                    .limitExceeded,
                    "\(step.definition.name) ran past its limit of "
                        + "\(step.definition.limitSeconds) s and was ended",
                    remedy: "read the step's own words below, then Try Again or roll back",
                    diagnostic: words
                )
            )
        }
        observeStep(step, seen, &turn)
    }

    mutating func observeStep(_ step: StepRun, _ result: StepResult?, _ turn: inout Turn) {
        live.run?.enter(.observingStep(step, result), at: turn.now)
        if step.definition.action == .installPackages, let takenAt = live.run?.takenAt {
            // What counts as ours begins with dpkg's exit (`details.md` 27).
            live.run?.foreignMilliseconds = turn.now.since(takenAt)
        }
        turn.step.effects.append(.observeStep(step))
    }

    /// What a step's end and its observed goal say together; neither counts alone.
    private mutating func decide(
        _ step: StepRun,
        _ result: StepResult?,
        _ observation: StepObservation,
        _ turn: inout Turn
    ) {
        switch (result, observation) {
        case (.failed(let failure)?, .reached) where step.definition.action.isJudgedByResult:
            stepFailed(step, failure, &turn)
        case (_, .reached):
            stepReached(step, &turn)
        case (.failed(let failure)?, _):
            stepFailed(step, failure, &turn)
        case (.succeeded?, _):
            let failure = TandemFailure(
                .verifyFailed,
                "\(step.definition.name) says it is done, but its goal is not reached",
                remedy: "read the product's log, then Try Again or roll back"
            )
            stepFailed(step, failure, &turn)
        case (nil, _) where step.isReturn:
            goOn(returning: step, &turn)
        case (.unknown, .unchanged), (nil, .unchanged):
            runAgain(step, result, &turn)
        case (.unknown, .repairable), (nil, .repairable):
            repairStep(step, result, &turn)
        case (.unknown(let failure)?, .unknown):
            stepFailed(step, failure, &turn)
        case (nil, .unknown):
            stepFailed(step, cutShort(step), &turn)
        }
    }

    private func cutShort(_ step: StepRun) -> TandemFailure {
        TandemFailure(
            .stateIndeterminate,
            "\(step.definition.name) was cut short, and how far it came is not known",
            remedy: "look at the server, then Try Again or roll back"
        )
    }

    private mutating func stepReached(_ step: StepRun, _ turn: inout Turn) {
        record(.stepDone(step.command, index: step.index, isReturn: step.isReturn), &turn)
        if case .take(let name) = step.snapshot { keep(name, of: step.command, &turn) }
        sendProgress(of: step, percent: 100, text: "", &turn)
        advance(&turn)
    }

    /// From now on a way back may boot it; those of earlier operations are of no use any more.
    private mutating func keep(_ name: String, of command: CommandID, _ turn: inout Turn) {
        guard let holds = state.entry(command)?.route?.fallback else { return }
        let operation = state.operation.flatMap { $0.isClosed ? nil : $0.operation }
        let snapshot = RootSnapshot(name: name, holds: holds, operation: operation)
        record(.snapshot(snapshot), &turn)
        turn.step.effects.append(.dropSnapshots(keep: [name]))
    }

    /// Observed unchanged: it may run once more, after a fresh voucher.
    private mutating func runAgain(
        _ step: StepRun,
        _ result: StepResult?,
        _ turn: inout Turn
    ) {
        guard countRerun(step, result, &turn) else { return }
        live.run?.needsFreshVoucher = true
        live.run?.vouchedAt = nil
        if step.isReturn { goOn(returning: step, &turn) } else { advance(&turn) }
    }

    /// A return needs no voucher, but even it does not stop a server that has become active.
    private mutating func goOn(returning step: StepRun, _ turn: inout Turn) {
        if step.definition.stopsService { pass(.step, &turn) } else { beginStep(step, &turn) }
    }

    private mutating func repairStep(
        _ step: StepRun,
        _ result: StepResult?,
        _ turn: inout Turn
    ) {
        guard countRerun(step, result, &turn) else { return }
        repair(step, .step, &turn)
    }

    private mutating func countRerun(
        _ step: StepRun,
        _ result: StepResult?,
        _ turn: inout Turn
    ) -> Bool {
        let count = (live.run?.rerunCount ?? 0) + 1
        live.run?.rerunCount = count
        guard count > limits.rerunCountMax else { return true }
        if case .unknown(let failure) = result {
            stepFailed(step, failure, &turn)
        } else {
            stepFailed(step, cutShort(step), &turn)
        }
        return false
    }

    mutating func repair(_ step: StepRun, _ purpose: RepairPurpose, _ turn: inout Turn) {
        live.run?.enter(.repairing(step, purpose), at: turn.now)
        turn.step.effects.append(.repair(step))
        sendProgress(of: step, percent: 0, text: "repairing packages", &turn)
    }

    private mutating func repaired(
        _ step: StepRun,
        _ result: StepResult,
        _ purpose: RepairPurpose,
        _ turn: inout Turn
    ) {
        switch purpose {
        case .step:
            let unseen: StepResult
            switch result {
            case .succeeded: unseen = .unknown(cutShort(step))
            case .failed(let failure), .unknown(let failure): unseen = .unknown(failure)
            }
            observeStep(step, unseen, &turn)
        case .beforeReturn:
            live.run?.repairFailure = result.failure
            advance(&turn)
        case .afterReturn:
            if let failure = result.failure { live.run?.repairFailure = failure }
            enterObserving(.judgingReturn(isRepaired: true), isThorough: true, &turn)
        }
    }

    private mutating func stepFailed(
        _ step: StepRun,
        _ failure: TandemFailure,
        _ turn: inout Turn
    ) {
        if step.isReturn {
            failReturn(step, failure, &turn)
        } else {
            fail(failure, step.definition.onFailure, &turn)
        }
    }
}

extension StepRun {
    /// Whether both are the same step of the same list of the same command.
    fileprivate func isSame(as other: StepRun) -> Bool {
        command == other.command && index == other.index && isReturn == other.isReturn
    }
}

extension StepAction {
    /// Whether a failed end counts even where the goal looks reached: what these do leaves no goal
    /// behind that could be looked at afterwards.
    fileprivate var isJudgedByResult: Bool {
        switch self {
        case .check, .verify, .hook, .dataCarry: true
        case .stopService, .snapshot, .installPackages, .configure, .reboot, .startService: false
        }
    }
}
