import TandemModel

/// Notices what moved without us: the position is derived anew, open prompts are void.
extension ClusterMachine {
    mutating func noteMoves(
        _ turn: inout Turn,
        using generator: inout some RandomNumberGenerator
    ) {
        let cluster = observed(at: turn.now)
        watchDeadMan(in: cluster, &turn)
        noteReturn(in: cluster, &turn)
        endReplacing(in: cluster, &turn)
        noteRoles(in: cluster, &turn)
        for server in cluster.servers { noteRelease(of: server, &turn) }
        if state.operation?.hasChanged == false,
            cluster.servers.contains(where: { $0.letter == .new || $0.isBroken })
        {
            state.operation?.hasChanged = true
        }
        flushNotes(&turn, using: &generator)
    }

    /// Whether the action at work moves the active role itself.
    private var isMovingRoles: Bool {
        switch state.action?.instruction {
        case .failover, .restore, .demote, .fence: true
        case .stage, .check, .hold, .unhold, .inhibitReplication, .allowReplication, .recover,
            .install, .backOut, .reapply, .synchronise, .acceptIntent, .accept, .compare, .close,
            nil:
            false
        }
    }

    private mutating func noteRoles(in cluster: ObservedCluster, _ turn: inout Turn) {
        guard let active = cluster.active?.name, !isMovingRoles else { return }
        if let start = state.operation?.activeAtStart, start != active {
            state.operation?.haveRolesMoved = true
        }
        guard state.notedActive != active else { return }
        if let noted = state.notedActive {
            note("roles moved, not by Tandem: \(active) is active, \(noted) was", &turn)
            state.approvals = []
        }
        state.notedActive = active
    }

    private mutating func noteRelease(of server: ObservedServer, _ turn: inout Turn) {
        guard let release = server.release?.description, server.change == nil else { return }
        let known = state[server.name].notedRelease
        guard known != release else { return }
        let isOurs = state.action?.instructions.contains { instruction in
            switch instruction {
            case .install(let target, _), .backOut(let target, _): target == server.name
            case .stage, .check, .hold, .unhold, .inhibitReplication, .allowReplication,
                .recover, .failover, .reapply, .synchronise, .acceptIntent, .accept, .fence,
                .restore, .demote, .compare, .close:
                false
            }
        }
        if !known.isEmpty, isOurs != true {
            note(
                "releases moved, not by Tandem: \(server.name) runs \(release), ran \(known)",
                &turn
            )
            state.approvals = []
        }
        state[server.name].notedRelease = release
    }

    /// The mate is heard again: the cluster is one of two servers, once no action relies on one.
    private mutating func noteReturn(in cluster: ObservedCluster, _ turn: inout Turn) {
        guard let single = state.single, state.action == nil else { return }
        for server in cluster.servers
        where server.name != single.survivor && server.isReady && server.report?.role != .unknown {
            state.single = nil
            note("\(server.name) is back: the cluster is one of two servers again", &turn)
        }
    }
}
