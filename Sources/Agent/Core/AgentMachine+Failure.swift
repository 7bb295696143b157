import TandemModel

/// What happens after a step has failed: nothing, a return, or a zombie.
extension AgentMachine {
    /// Looks at what the failure left before anything else is done.
    mutating func fail(_ failure: TandemFailure, _ policy: FailurePolicy, _ turn: inout Turn) {
        enterObserving(.failing(failure, policy), isThorough: true, &turn)
    }

    /// A failure that changed nothing ends at once; else the image says whether to return.
    mutating func settleFailure(
        _ failure: TandemFailure,
        _ policy: FailurePolicy,
        seeing seen: LocalObservation,
        _ turn: inout Turn
    ) {
        guard let run = live.run, let entry = state.entry(run.id), let started = entry.started
        else { return }
        if isUnchanged(since: started, entry, seeing: seen) {
            settleKnown(&turn)
            finish(.failed(failure.adding("\(server) is unchanged")), &turn)
            return
        }
        guard policy == .return, entry.route?.fallback != nil else {
            finish(.failed(failure.adding("\(server) is left as \(seen.software)")), &turn)
            return
        }
        record(.returning(run.id, failure), &turn)
        live.run?.rerunCount = 0
        beginReturn(seeing: seen, &turn)
    }

    /// Whether the server is in all that counts as it was before the command.
    ///
    /// A hook, a data-carry step or a reboot may have changed what nobody can see.
    private func isUnchanged(
        since started: StartedCommand,
        _ entry: CommandEntry,
        seeing seen: LocalObservation
    ) -> Bool {
        guard case .known = seen.software, seen.software == started.pre.software,
            seen.packageDigest == started.pre.packageDigest,
            seen.configurationDigest == started.pre.configuration?.digest,
            seen.ha.isInService == started.pre.ha.isInService, seen.health.failure == nil
        else { return false }
        let begun = Int(started.doneCount) + 1
        return plan(of: entry)?.steps.prefix(begun).allSatisfy { !$0.action.isUnseen } ?? true
    }

    // MARK: - Return

    /// Packages first where they are in pieces, then the list of the way back.
    mutating func beginReturn(seeing seen: LocalObservation, _ turn: inout Turn) {
        guard let run = live.run, let entry = state.entry(run.id) else { return }
        guard let plan = plan(of: entry), plan.isReturn else {
            becomeZombie("the release to return to is not here any more", &turn)
            return
        }
        guard seen.software.isHalfInstalled else {
            advance(&turn)
            return
        }
        repair(plan.repair(of: run.id), .beforeReturn, &turn)
    }

    /// Each step of a return is looked at before it is run: much may be as it was.
    mutating func advanceReturn(
        _ started: StartedCommand,
        _ plan: StepPlan,
        _ turn: inout Turn
    ) {
        guard let run = live.run else { return }
        guard let step = plan.run(started.returnDoneCount + 1, of: run.id) else {
            enterObserving(.judgingReturn(isRepaired: false), isThorough: true, &turn)
            return
        }
        live.run?.stepAt = turn.now
        observeStep(step, nil, &turn)
    }

    /// The way back failed too: one repair of the last good release is all that is left.
    mutating func failReturn(_ step: StepRun, _ failure: TandemFailure, _ turn: inout Turn) {
        guard let run = live.run, let entry = state.entry(run.id), let plan = plan(of: entry)
        else { return }
        live.run?.returnFailure = failure
        repair(plan.repair(of: run.id), .afterReturn, &turn)
    }

    mutating func judgeReturn(
        isRepaired: Bool,
        seeing seen: LocalObservation,
        _ turn: inout Turn
    ) {
        guard let run = live.run, let entry = state.entry(run.id), let plan = plan(of: entry),
            let failure = entry.started?.returning
        else { return }
        let release = plan.target.manifest.release
        if seen.software == .known(release) {
            settleKnown(&turn)
            let ending = "\(server) returned to \(release)"
            finish(.failed(failure.adding(ending)), &turn)
        } else if isRepaired {
            becomeZombie("it runs \(seen.software) and could not return to \(release)", &turn)
        } else {
            repair(plan.repair(of: run.id), .afterReturn, &turn)
        }
    }

    /// Nobody can say what this server is: a person has to look.
    private mutating func becomeZombie(_ why: String, _ turn: inout Turn) {
        guard let run = live.run else { return }
        let first = state.entry(run.id)?.started?.returning
        let words = [first, run.repairFailure, run.returnFailure].compactMap { failure -> String? in
            guard let failure else { return nil }
            let detail = failure.diagnostic.isEmpty ? "" : ": \(failure.diagnostic)"
            return failure.message + detail
        }
        let reason = clipped(
            "\(run.command.verb.word) failed and left \(server) in no known state: \(why)",
            byteCountMax: TextLimit.line
        )
        record(.zombie(reason), &turn)
        let failure = TandemFailure(
            .stateIndeterminate,
            reason,
            remedy: "Try Again, roll back, or repair it by hand and press Recovered",
            diagnostic: words.joined(separator: "\n")
        )
        finish(.indeterminate(failure), &turn)
    }
}

extension StepAction {
    /// Whether what it did can stay behind without showing in release, configuration or service.
    fileprivate var isUnseen: Bool {
        switch self {
        case .hook, .dataCarry, .reboot: true
        case .check, .stopService, .snapshot, .installPackages, .configure, .startService, .verify:
            false
        }
    }
}
