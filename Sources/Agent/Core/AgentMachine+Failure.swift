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
        guard policy == .return, hasReturn(entry) else {
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

    /// The way back failed too: what is left is one repair of the last good release, then the
    /// snapshot of the root.
    mutating func failReturn(_ step: StepRun, _ failure: TandemFailure, _ turn: inout Turn) {
        guard let run = live.run, let entry = state.entry(run.id), let plan = plan(of: entry)
        else { return }
        guard !step.bootsSnapshot else {
            live.run?.bootFailure = failure
            // Else the next boot, whoever wants it, would exchange the root behind that person's back.
            turn.step.effects.append(.forgetBoot)
            becomeZombie("its snapshot could not be booted", &turn)
            return
        }
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
        let hasBooted = hasBootedSnapshot(entry, plan)
        if seen.software == .known(release) {
            concludeReturn(plan, failure, hasBooted: hasBooted, &turn)
        } else if hasBooted, turn.now.since(run.takenAt) < limits.bootedMilliseconds {
            // The product of a server that has just booted may need a moment.
            lookLater(&turn)
        } else if isRepaired || hasBooted {
            bootSnapshot(plan, seeing: seen, &turn)
        } else {
            repair(plan.repair(of: run.id), .afterReturn, &turn)
        }
    }

    /// Where the command itself was to go there, it has reached its goal after all.
    private mutating func concludeReturn(
        _ plan: StepPlan,
        _ failure: TandemFailure,
        hasBooted: Bool,
        _ turn: inout Turn
    ) {
        guard live.run?.command.verb.target != plan.target.digest else {
            succeed(plan, &turn)
            return
        }
        settleKnown(&turn)
        let how = hasBooted ? " by the snapshot of its root" : ""
        let ending = "\(server) returned to \(plan.target.manifest.release)\(how)"
        finish(.failed(failure.adding(ending)), &turn)
    }

    /// Whether this return has booted its snapshot, which it does once.
    private func hasBootedSnapshot(_ entry: CommandEntry, _ plan: StepPlan) -> Bool {
        Int(entry.started?.returnDoneCount ?? 0) > plan.steps.count
    }

    /// Packages could not be put back: the root as it was is the last thing that is tried.
    private mutating func bootSnapshot(
        _ plan: StepPlan,
        seeing seen: LocalObservation,
        _ turn: inout Turn
    ) {
        guard let run = live.run, let entry = state.entry(run.id) else { return }
        let why =
            "it runs \(seen.software) and could not return to "
            + "\(plan.target.manifest.release)"
        guard let last = plan.last else { return becomeZombie(why, &turn) }
        guard !hasBootedSnapshot(entry, plan) else {
            becomeZombie("\(why), not even by its snapshot", &turn)
            return
        }
        if case .impossible(let reason) = seen.snapshots {
            becomeZombie("\(why), and \(last.name) can't be booted: \(reason)", &turn)
            return
        }
        live.run?.isBootingSnapshot = true
        pass(.step, &turn)
    }

    /// Nobody can say what this server is: a person has to look.
    private mutating func becomeZombie(_ why: String, _ turn: inout Turn) {
        guard let run = live.run else { return }
        let first = state.entry(run.id)?.started?.returning
        let failures = [first, run.repairFailure, run.returnFailure, run.bootFailure]
        let words = failures.compactMap { failure -> String? in
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
