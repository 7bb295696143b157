import TandemModel

/// The dead-man, as far as the controller counts it: until it has passed, nobody is promoted by hand.
extension ClusterMachine {
    /// How long a demoted server may still take its role back by itself; 0 when none may.
    func deadManLeft(at now: Tick) -> UInt64 {
        guard state.demotion != nil else { return 0 }
        let passed = now.since(live.demotedAt ?? now)
        let limit = UInt64(limits.deadManMilliseconds)
        return passed < limit ? limit - passed : 0
    }

    /// A new process counts from its own start, which is later; over is what somebody serves after.
    mutating func watchDeadMan(in cluster: ObservedCluster, _ turn: inout Turn) {
        guard state.demotion != nil else { return }
        if live.demotedAt == nil { live.demotedAt = turn.now }
        guard state.action == nil, cluster.active != nil || deadManLeft(at: turn.now) == 0 else {
            return
        }
        state.demotion = nil
        live.demotedAt = nil
    }
}
