import TandemModel

/// What each instruction must find before it is sent, and what must be seen after it.
extension ClusterMachine {
    /// What a server says of itself in its present connection; what it said in an earlier one is memory,
    /// and shows no goal (`safety.md` 16).
    private func presentReport(of server: ServerName) -> ServerReport? {
        live[server].connection?.isReportHere == true ? live[server].report : nil
    }

    /// Goals that are so already need no command.
    func isSkipped(_ instruction: Instruction) -> Bool {
        guard let server = instruction.server, let report = presentReport(of: server) else {
            return false
        }
        return switch instruction {
        case .stage(_, let offer): isStaged(offer.manifest, on: server)
        case .hold: report.isHeld
        case .unhold: !report.isHeldAnyhow
        case .inhibitReplication: report.ha.replication.isInhibited
        case .allowReplication: !report.ha.replication.isInhibited
        case .check, .recover, .install, .backOut, .failover, .reapply, .synchronise,
            .acceptIntent, .accept, .fence, .restore, .demote, .compare, .close:
            false
        }
    }

    /// What keeps the command from being sent now; `nil` when nothing does.
    mutating func blocker(
        of instruction: Instruction,
        on server: ServerName,
        _ turn: inout Turn
    ) -> Progress? {
        guard isCommandable(server) else { return waitReady("\(server) to be ready", &turn) }
        let cluster = observed(at: turn.now)
        guard let own = cluster[server], own.report != nil else {
            return waitReady("\(server) to report", &turn)
        }
        if let mate = cluster.mate(of: server), !mate.isReady || !isCommandable(mate.name),
            needsMateHeard(instruction)
        {
            let isBorne = state.action?.bearsSilentMate == true || cluster.active == nil
            if !isBorne || mate.silence < limits.silenceMilliseconds {
                return waitReady("\(mate.name) to be ready", &turn)
            }
        }
        return contradiction(of: instruction, own: own, in: cluster)
    }

    private func needsMateHeard(_ instruction: Instruction) -> Bool {
        switch instruction {
        case .hold, .unhold, .inhibitReplication, .allowReplication, .install, .backOut,
            .reapply, .accept, .failover:
            true
        case .stage, .check, .recover, .synchronise, .acceptIntent, .fence, .restore, .demote,
            .compare, .close:
            false
        }
    }

    /// Roles that have moved since the press: the action ends, the new position decides.
    private func contradiction(
        of instruction: Instruction,
        own: ObservedServer,
        in cluster: ObservedCluster
    ) -> Progress? {
        func refuse(_ why: String) -> Progress {
            .fail(
                TandemFailure(
                    TandemError(
                        .preconditionFailed,
                        "\(why); nothing was changed",
                        remedy: "Look at what is observed now and decide again."
                    )
                )
            )
        }
        switch instruction {
        case .install:
            guard cluster.single == nil else { return nil }
            if own.isActive { return refuse("\(own.name) has become active") }
            if cluster.active != nil, let why = cluster.disagreement { return refuse(why) }
            return nil
        case .backOut:
            guard cluster.single == nil, own.isActive else { return nil }
            return refuse("\(own.name) has become active")
        case .hold:
            guard own.isActive else { return nil }
            return refuse("\(own.name) has become active")
        case .restore:
            guard cluster.actives.isEmpty else { return refuse("a server is active") }
            return nil
        case .demote:
            guard cluster.actives.count > 1 else { return refuse("two are not active any more") }
            return nil
        case .stage, .check, .unhold, .inhibitReplication, .allowReplication, .recover,
            .failover, .reapply, .synchronise, .acceptIntent, .accept, .fence, .compare, .close:
            return nil
        }
    }

    /// What the intent itself means, durable with the command.
    mutating func willIssue(_ instruction: Instruction, _ turn: inout Turn) {
        switch instruction {
        case .restore(let failover, let server, .mateDeclaredDead(let person, let at)):
            guard state.single == nil, let mate = state.definition.mate(of: server)?.name,
                observed(at: turn.now)[mate]?.report == nil
            else { return }
            state[mate].deathNote = DeathNote(
                person: person,
                at: at,
                failover: failover,
                target: server
            )
        case .demote(let failover, _, _):
            live.demotedAt = turn.now
            state.demotion = failover
        case .stage, .check, .hold, .unhold, .inhibitReplication, .allowReplication, .recover,
            .install, .backOut, .failover, .reapply, .synchronise, .acceptIntent, .accept, .fence,
            .restore, .compare, .close:
            return
        }
    }

    /// Whether observation shows what the result claims.
    func isConfirmed(_ instruction: Instruction, at now: Tick) -> Bool {
        let cluster = observed(at: now)
        let report = instruction.server.flatMap(presentReport)
        switch instruction {
        case .stage, .hold, .unhold, .inhibitReplication, .allowReplication:
            return isSkipped(instruction)
        case .install(_, let goal), .backOut(_, let goal):
            return report?.software == .known(goal.release) && report?.zombie == nil
        case .reapply(_, let version):
            return report?.configuration?.digest == version.digest
        case .restore(_, let server, _): return report != nil && cluster[server]?.isActive == true
        case .demote(_, let server, _), .fence(let server):
            return report != nil && cluster[server]?.isActive == false
        case .recover: return report != nil && report?.zombie == nil
        case .check, .failover, .synchronise, .acceptIntent, .accept, .compare, .close:
            return true
        }
    }

    /// What a confirmed instruction leaves in the durable state.
    mutating func didConfirm(_ instruction: Instruction, _ turn: inout Turn) {
        switch instruction {
        case .install(let server, _), .backOut(let server, _):
            state.operation?.hasChanged = true
            state[server].zombieNote = nil
        case .recover(let server):
            state[server].zombieNote = nil
        case .reapply(let server, let version):
            guard let report = live[server].report else { return }
            state.operation?.reapplied = ReapplyRecord(
                server: server,
                generation: report.generation,
                digest: version.digest,
                number: version.number
            )
        case .restore(_, let server, _):
            state.notedActive = server
            state.operation?.haveRolesMoved = true
            state.operation?.hasChanged = true
        case .stage, .check, .hold, .unhold, .inhibitReplication, .allowReplication, .failover,
            .synchronise, .acceptIntent, .accept, .fence, .demote, .compare, .close:
            return
        }
    }

    // MARK: - Instructions without a command

    mutating func synchronise(_ turn: inout Turn) -> Progress {
        let cluster = observed(at: turn.now)
        guard cluster.single == nil, let standby = cluster.standby else {
            return cluster.single == nil ? waitReady("one active server", &turn) : .next
        }
        guard let replication = standby.report?.ha.replication else {
            return waitReady("\(standby.name) to report", &turn)
        }
        // Data takes the time it takes: this waits without end, and Stop ends it.
        return replication.isCaughtUp
            ? .next
            : .wait("\(standby.name) to catch up, \(replication.lagBytes) bytes are missing")
    }

    /// Both servers are what they were at Start: release, packages, configuration.
    mutating func compare(_ turn: inout Turn) -> Progress {
        guard let operation = state.operation else { return .next }
        let cluster = observed(at: turn.now)
        var differences: [String] = []
        for server in serving(in: cluster) {
            guard let report = server.report else {
                return waitReady("\(server.name) to report", &turn)
            }
            if report.software != .known(operation.old.release) {
                differences.append("\(server.name) runs \(report.software)")
            } else if let start = operation.digestsAtStart.first(where: { $0.server == server.name }
            ),
                start.packages != report.packageDigest
            {
                differences.append("the packages of \(server.name) differ from those at Start")
            }
            if let snapshot = operation.snapshot, report.configuration?.digest != snapshot.digest {
                differences.append("the configuration of \(server.name) is not the one at Start")
            }
        }
        guard !differences.isEmpty else { return .next }
        return .fail(
            TandemFailure(
                TandemError(
                    .verifyFailed,
                    differences.joined(separator: "; "),
                    remedy: "Put right what differs and press Try Again, or Close As Observed."
                )
            )
        )
    }
}
