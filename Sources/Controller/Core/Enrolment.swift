import TandemModel

/// Replace Server: a new machine's agent for a slot, and how long the permission for it lasts.
extension ClusterMachine {
    mutating func enrol(_ server: ServerDefinition, by person: PersonName, _ turn: inout Turn) {
        guard let index = state.definition.servers.firstIndex(where: { $0.name == server.name })
        else {
            return turn.refuse(
                TandemError(
                    .unknownName,
                    "\(state.definition.name) has no server \(server.name)",
                    remedy: "Name a server of the cluster."
                )
            )
        }
        guard state[server.name].replacedBy != nil else {
            return turn.refuse(
                .blocked("\(server.name) is not to be replaced", "Press Replace Server first.")
            )
        }
        if let refusal = enrolmentRefusal(server, at: turn.now) { return turn.refuse(refusal) }
        for record in state.commands where record.server == server.name && record.isOpen {
            close(record.command.id, .lost, &turn)
        }
        state.definition.servers[index] = server
        state.servers[index] = ServerRecord(name: server.name)
        live[server.name] = LiveServer()
        forgetAlarms(of: server.name, &turn)
        audit("enrolled agent \(server.agent)", by: person, on: server.name, "", &turn)
        note("\(server.name) is a new machine now, enrolled by \(person)", &turn)
        turn.step.answer = .accepted(nil)
    }

    /// The slot may have come back to life, and to serve, since Replace Server was pressed.
    private func enrolmentRefusal(_ server: ServerDefinition, at now: Tick) -> TandemError? {
        let twin = state.definition.servers.first {
            $0.agent == server.agent || $0.keyFingerprint == server.keyFingerprint
        }
        if let twin {
            return TandemError(
                .nameRefused,
                "the certificate for \(server.name) has the agent id or the key of \(twin.name)",
                remedy: "Issue a new certificate with `tandem ca issue agent`: none is used twice."
            )
        }
        guard let slot = observed(at: now)[server.name], slot.isActive || isBack(slot) else {
            return nil
        }
        return .blocked("\(server.name) is back, and whole", "Leave it in its slot.")
    }

    /// A server that is back and whole keeps its slot: the word of somebody who thought otherwise is void.
    mutating func endReplacing(in cluster: ObservedCluster, _ turn: inout Turn) {
        for server in cluster.servers where isBack(server) {
            guard let person = state[server.name].replacedBy else { continue }
            state[server.name].replacedBy = nil
            note(
                "\(server.name) is back, and whole: it is not to be replaced, as \(person) pressed",
                &turn
            )
        }
    }

    /// Heard in its present connection, with nothing for which it could be replaced.
    private func isBack(_ server: ObservedServer) -> Bool {
        let isDamaged = state.alarms.contains {
            $0.number == .journalDamaged && $0.instance == server.name.text
        }
        return server.isReady && !server.isZombie && !server.isBroken && !isDamaged
            && server.report?.role != .unknown && server.report?.role != .outOfService
    }
}
