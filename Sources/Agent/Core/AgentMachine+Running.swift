import TandemModel

extension AgentMachine {
    /// The journal's word that the command begins now, with the server as it is; before any effect.
    mutating func start(_ turn: inout Turn) {
        guard let run = live.run, let boot = live.boot else { return }
        let pre = report() ?? blindReport
        record(.started(run.id, boot: boot, at: turn.now, pre: pre), &turn)
        live.run?.takenAt = turn.now
        live.run?.foreignMilliseconds = 0
    }

    /// Ends the running command, by what was last observed.
    mutating func finish(
        _ outcome: Outcome,
        proof: DemotionProof? = nil,
        voided: VoidedFailover? = nil,
        _ turn: inout Turn
    ) {
        guard let run = live.run else { return }
        var ended = run
        ended.enter(run.phase, at: turn.now)
        live.run = nil
        end(
            run.command,
            outcome,
            from: run.takenAt,
            foreign: ended.foreignMilliseconds,
            proof: proof,
            voided: voided,
            &turn
        )
    }

    /// Makes a result durable and sends it, the report of its post-state before it.
    mutating func end(
        _ command: Command,
        _ outcome: Outcome,
        from takenAt: Tick,
        foreign: UInt64 = 0,
        checks: [CheckResult] = [],
        proof: DemotionProof? = nil,
        voided: VoidedFailover? = nil,
        _ turn: inout Turn
    ) {
        let post = report(ending: command.id).map { sendReport($0, &turn) } ?? blindReport
        let result = CommandResult(
            command: command.id,
            outcome: outcome,
            post: post,
            durationMilliseconds: duration(of: command.id, from: takenAt, at: turn.now),
            ownMilliseconds: {
                let own = turn.now.since(takenAt)
                return own > foreign ? own - foreign : 0
            }(),
            checks: checks,
            proof: proof,
            voided: voided
        )
        record(.ended(result), &turn)
        sendResult(result, &turn)
    }

    /// From the journaled start where this boot saw it, else from when this process took it up.
    private func duration(of id: CommandID, from takenAt: Tick, at now: Tick) -> UInt64 {
        guard let started = state.entry(id)?.started, started.boot == live.boot else {
            return now.since(takenAt)
        }
        return now.since(started.at)
    }

    /// The fresh look that the running command waited for is there.
    mutating func continueRun(seeing seen: LocalObservation, _ turn: inout Turn) {
        guard let phase = live.run?.phase else { return }
        switch phase {
        case .passing(let gate):
            passed(gate, seeing: seen, &turn)
        case .judging:
            judge(seeing: seen, &turn)
        case .failing(let failure, let policy):
            settleFailure(failure, policy, seeing: seen, &turn)
        case .resumingReturn:
            beginReturn(seeing: seen, &turn)
        case .judgingReturn(let isRepaired):
            judgeReturn(isRepaired: isRepaired, seeing: seen, &turn)
        case .stopping:
            finish(.failed(.stopped("\(server) is left as \(seen.software)")), &turn)
        case .armed, .expiring, .promoted, .fenced:
            continuePromotion(phase, seeing: seen, &turn)
        case .demoted(let result):
            judgeDemotion(result, seeing: seen, &turn)
        case .takenBack(let result):
            concludeTakeBack(result, seeing: seen, &turn)
        case .driven(let call, let result):
            concludeDriverCall(call, result, seeing: seen, &turn)
        case .configured(let failure):
            concludeConfiguration(failure, seeing: seen, &turn)
        case .observing:
            conclude(seeing: seen, &turn)
        case .awaitingVoucher, .interrupted, .preparing, .running, .observingStep, .repairing,
            .unholding, .promoting, .fencing, .demoting, .takingBack, .driving, .configuring:
            break
        }
    }

    /// What the running command does by itself as time passes.
    mutating func tickRun(_ turn: inout Turn) {
        guard let run = live.run else { return }
        let isDue = run.dueAt.map { turn.now >= $0 } ?? false
        switch run.phase {
        case .awaitingVoucher(let gate):
            if isDue { missVoucher(gate, &turn) }
        case .interrupted:
            if isDue { pass(.step, &turn) }
        case .running:
            tickStep(&turn)
        case .armed, .promoting, .promoted, .fenced:
            tickPromotion(&turn)
        case .demoted, .driven, .takenBack, .judgingReturn:
            if isDue { observeAgain(&turn) }
        case .passing, .preparing, .observingStep, .repairing, .judging, .failing, .resumingReturn,
            .stopping, .expiring, .unholding, .fencing, .demoting, .takingBack,
            .driving, .configuring, .configured, .observing:
            break
        }
    }

    /// Looks once more, in the same phase: the HA system may need a moment.
    mutating func observeAgain(_ turn: inout Turn) {
        guard let phase = live.run?.phase else { return }
        enterObserving(phase, isThorough: false, &turn)
    }

    /// Looks once more at the next tick.
    mutating func lookLater(_ turn: inout Turn) {
        live.run?.dueAt = turn.now + 1
    }

    /// A person's stop: at once where nothing runs, else at the next boundary marked safe.
    mutating func stopRun(_ turn: inout Turn) {
        guard let run = live.run, run.command.verb.replacesRelease else {
            turn.step.ignored = .notApplicable
            return
        }
        live.run?.isStopAsked = true
        switch run.phase {
        case .awaitingVoucher(.start), .passing(.start):
            finish(.failed(.stopped("nothing was changed")), &turn)
        case .awaitingVoucher(.step), .interrupted:
            enterObserving(.stopping, isThorough: true, &turn)
        case .passing(.step), .preparing, .running, .observingStep, .repairing, .judging, .failing,
            .resumingReturn, .judgingReturn, .stopping, .armed, .expiring, .unholding, .promoting,
            .promoted, .fencing, .fenced, .demoting, .demoted, .takingBack, .takenBack, .driving,
            .driven, .configuring, .configured, .observing:
            break
        }
    }
}
