import TandemModel

extension AgentMachine {
    /// What speaks against a new command before this server is even looked at.
    func refusal(of command: Command) -> TandemFailure? {
        if let zombie = state.zombie, !command.verb.isForZombies {
            return TandemFailure(
                .serverIsZombie,
                "\(server) is a zombie (\(zombie)) and takes no \(command.verb.word)",
                remedy: "Try Again, roll it back, or repair it by hand and press Recovered"
            )
        }
        guard command.verb.isMutating else { return sideRefusal(of: command) }
        if let failure = busyRefusal(of: command) { return failure }
        guard command.precondition != nil else {
            return .precondition("\(command.verb.word) names no precondition")
        }
        guard command.verb.replacesRelease, let target = command.verb.target else { return nil }
        guard let manifest = manifest(target) else { return .missingManifest(target) }
        guard manifest.minimumAgent.isEmpty || !versionPrecedes(agentVersion, manifest.minimumAgent)
        else {
            return TandemFailure(
                .releaseUnsuitable,
                "\(manifest.release) needs agent \(manifest.minimumAgent); \(server) has "
                    + agentVersion,
                remedy: "upgrade the agent first"
            )
        }
        return nil
    }

    /// One command at a time changes a server.
    private func busyRefusal(of command: Command) -> TandemFailure? {
        let waiting = state.openCommands.first {
            $0.command.verb.isMutating && $0.command.id != command.id
        }
        guard let other = live.run?.command ?? live.pending?.command ?? waiting?.command else {
            return nil
        }
        return TandemFailure(
            .agentBusy,
            "\(server) is busy with \(other.verb.word) \(other.id)",
            remedy: "wait for its end, stop it, or void it if it has not started"
        )
    }

    /// What speaks against a command, by a look at this server that began after it came.
    func refusal(
        of command: Command,
        seeing seen: LocalObservation,
        at now: Tick
    ) -> TandemFailure? {
        guard let own = command.precondition?.own else {
            return .precondition("\(command.verb.word) names no precondition")
        }
        // Here and not before the look, because the look may settle it.
        if let demotion = state.demotion, !command.verb.isForDemoted {
            return TandemFailure(
                .agentBusy,
                "\(server) gave its role to \(demotion.target) and that failover is not settled",
                remedy: "wait until the role has moved or was taken back"
            )
        }
        if let difference = difference(from: own, seeing: seen) {
            return .precondition("\(server) \(difference)")
        }
        if command.verb.isRefusedWhileVouched, let failure = vouchedRefusal(of: command, at: now) {
            return failure
        }
        switch command.verb {
        case .install, .backOut:
            return installRefusal(of: command, seeing: seen)
        case .promote(_, let authority):
            return promoteRefusal(authority, seeing: seen)
        case .demote(_, let target, _, _):
            return demoteRefusal(target: target, seeing: seen)
        case .applyConfiguration(let version):
            return configurationRefusal(version, seeing: seen)
        case .accept(let release):
            guard seen.software != .known(release) else { return nil }
            return .precondition("\(server) runs \(seen.software), not \(release)")
        case .takeBack, .fence, .hold, .unhold, .inhibitReplication, .allowReplication, .recover,
            .stageImage, .dropImage, .check, .collectLogs, .report:
            return nil
        }
    }

    /// How this server differs from what a command expects; `nil` when it does not.
    private func difference(from own: Expectation, seeing seen: LocalObservation) -> String? {
        let role = role(seen)
        if own.role != role { return "is \(role), not \(own.role)" }
        if !own.software.isSame(as: seen.software) {
            return "runs \(seen.software), not \(own.software)"
        }
        if own.generation != state.generation {
            return "is at generation \(state.generation), not \(own.generation): its role has "
                + "changed meanwhile"
        }
        return nil
    }

    /// What was promised to the mate by a voucher that still counts.
    private func vouchedRefusal(of command: Command, at now: Tick) -> TandemFailure? {
        let binding = live.given.filter { given in
            guard now.since(given.at) < limits.vouchedMilliseconds else { return false }
            guard case .demote(let failover, _, _, _) = command.verb else { return true }
            return given.failover != failover
        }
        guard let given = binding.last else { return nil }
        let left = (limits.vouchedMilliseconds - now.since(given.at) + 999) / 1_000
        return TandemFailure(
            .agentBusy,
            "\(server) vouched for its mate and holds still for \(left) s more",
            remedy: "try again then"
        )
    }

    /// What the process before this one may have promised is kept without knowing it.
    func quietRefusal(at now: Tick) -> TandemFailure {
        let left = (live.quietUntil.since(now) + 999) / 1_000
        return TandemFailure(
            .agentBusy,
            "the agent of \(server) has just begun anew and holds still for \(left) s more",
            remedy: "try again then"
        )
    }

    // MARK: - Install and back-out

    /// Whether this server serves alone with its controller's consent: its own role does not count.
    func isAlone(_ command: Command) -> Bool {
        guard let view = live.view else { return false }
        return command.precondition?.mate == nil && view.mate == nil
    }

    /// Why this server's role forbids a step that stops service.
    func roleRefusal(of command: Command, seeing seen: LocalObservation) -> String? {
        guard seen.ha.role == .active, !isAlone(command) else { return nil }
        return "\(server) is active and would stop serving"
    }

    private func installRefusal(of command: Command, seeing seen: LocalObservation)
        -> TandemFailure?
    {
        if let why = roleRefusal(of: command, seeing: seen) { return .precondition(why) }
        guard let target = command.verb.target, let goal = manifest(target) else {
            return .missingManifest(command.verb.target ?? .none)
        }
        if let unsuitable = suitability(of: goal, for: command, seeing: seen) { return unsuitable }
        if let refusal = snapshotRefusal(of: goal, for: command, seeing: seen) { return refusal }
        guard seen.software.release != nil, manifest(seen.manifest) == nil else { return nil }
        return TandemFailure(
            .wayBackMissing,
            "the image of \(seen.software), which runs on \(server), is not here",
            remedy: "stage the image of what it runs, so that there is a way back"
        )
    }

    /// A release that wants the root kept starts only where it can be kept, and booted again.
    private func snapshotRefusal(
        of goal: ReleaseManifest,
        for command: Command,
        seeing seen: LocalObservation
    ) -> TandemFailure? {
        guard case .install = command.verb, goal.takesSnapshot, seen.software != .blank,
            case .impossible(let why) = seen.snapshots
        else { return nil }
        return TandemFailure(
            .wayBackMissing,
            "\(goal.release) wants a snapshot of the root of \(server) as its way back: \(why); "
                + "nothing was changed",
            remedy: "mend that, or use an image without a `snapshot` step"
        )
    }

    /// Whether the release may come over what runs; a half-installed or unknown server has lost the
    /// say in that, because anything that leads out of it is right.
    private func suitability(
        of goal: ReleaseManifest,
        for command: Command,
        seeing seen: LocalObservation
    ) -> TandemFailure? {
        let isSuitable: Bool
        switch seen.software {
        case .halfInstalled, .unknown:
            isSuitable = true
        case .blank:
            isSuitable = goal.installsOnBlank
        case .known(let running):
            let rollsBack = manifest(seen.manifest)?.rollsBackTo.contains(goal.release.version)
            if case .backOut = command.verb {
                isSuitable = running == goal.release || rollsBack == true
            } else {
                isSuitable =
                    running == goal.release || goal.installsOver.contains(running.version)
                    || rollsBack == true
            }
        }
        guard !isSuitable else { return nil }
        return TandemFailure(
            .releaseUnsuitable,
            "\(goal.release) can't follow \(seen.software) on \(server)",
            remedy: "choose a release whose manifest names the running one"
        )
    }

    /// Releases that must be found intact before an install or back-out is accepted: what is to come,
    /// and what a failure would return to.
    func releasesToVerify(for command: Command) -> [Digest] {
        guard command.verb.replacesRelease, let target = command.verb.target else { return [] }
        guard let seen = live.observation, seen.software.release != nil,
            let running = seen.manifest, running != target, manifest(running) != nil
        else { return [target] }
        return [target, running]
    }

    // MARK: - Failover and configuration

    private func promoteRefusal(
        _ authority: PromotionAuthority,
        seeing seen: LocalObservation
    ) -> TandemFailure? {
        if let why = unfitness(seen) { return .precondition(why) }
        guard authority != .demotionProof, seen.ha.peerRole == .active else { return nil }
        return .precondition("the HA system of \(server) sees its mate active")
    }

    /// Why this server could not serve if it were promoted.
    func unfitness(_ seen: LocalObservation) -> String? {
        guard seen.software.release != nil else { return "\(server) runs \(seen.software)" }
        return seen.health.failure.map { "\(server) fails its health check: \($0)" }
    }

    private func demoteRefusal(
        target: ServerName,
        seeing seen: LocalObservation
    ) -> TandemFailure? {
        guard seen.ha.role == .active else {
            return .precondition("\(server) is \(seen.ha.role), not active")
        }
        guard let view = live.view, let mate = view.mate, mate.server == target else {
            return .precondition("\(target) is not known to \(server) as its mate")
        }
        return nil
    }

    private func configurationRefusal(
        _ version: ConfigurationVersion,
        seeing seen: LocalObservation
    ) -> TandemFailure? {
        guard let running = manifest(seen.manifest), seen.software.release != nil,
            let schema = running.configuration
        else {
            return .precondition("\(server) runs \(seen.software), which takes no configuration")
        }
        guard schema.schema == version.schema else {
            return TandemFailure(
                .configurationFailed,
                "configuration \(version.number) is of schema \(version.schema); \(running.release) "
                    + "takes \(schema.schema)",
                remedy: "send the version that belongs to the running release"
            )
        }
        return nil
    }
}
