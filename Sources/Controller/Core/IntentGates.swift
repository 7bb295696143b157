import TandemModel

/// What each action needs of the cluster just before it begins; the agent checks it again.
extension ClusterMachine {
    func intentRefusal(
        of intent: Intent,
        release: ReleaseID?,
        in cluster: ObservedCluster,
        at now: Tick
    ) -> TandemError? {
        switch intent {
        case .start: startRefusal(release: release, in: cluster, at: now)
        case .upgrade(let server): upgradeRefusal(server, in: cluster)
        case .backOut(let server): backOutRefusal(server, in: cluster)
        case .repair(let server): repairRefusal(server, in: cluster)
        case .failover(let server): failoverRefusal(to: server, in: cluster)
        case .reapply(let server): reapplyRefusal(server, in: cluster)
        case .accept: acceptRefusal(in: cluster)
        case .restore(let server): restoreRefusal(server, in: cluster, at: now)
        case .hold(let server): holdRefusal(server, in: cluster)
        case .release(let server): releaseRefusal(server, in: cluster)
        case .turnUp, .finishRollback, .closeUnchanged: disagreementRefusal(in: cluster)
        case .closeAsObserved, .stop, .recover, .replace, .goOnSingle, .declare, .demote, .fence:
            nil
        }
    }

    func disagreementRefusal(in cluster: ObservedCluster) -> TandemError? {
        cluster.disagreement.map {
            .blocked("the servers do not agree: \($0)", "Wait until both reports agree.")
        }
    }

    /// The serving server is well: nothing is taken from its mate otherwise.
    func serviceRefusal(in cluster: ObservedCluster) -> TandemError? {
        guard cluster.single == nil, let active = cluster.active else { return nil }
        guard active.report?.ha.isInService == true else {
            return .blocked(
                "\(active.name) is active and not in service",
                "Bring the service on it back first."
            )
        }
        guard !active.isUnfit else {
            return .blocked(
                "\(active.name) is active and not healthy: \(active.unfitness)",
                "Mend what its health check names first."
            )
        }
        return nil
    }

    private func upgradeRefusal(
        _ server: ServerName,
        in cluster: ObservedCluster
    ) -> TandemError? {
        guard let operation = state.operation else { return nil }
        if cluster.single == nil {
            if cluster[server]?.isActive != false {
                return .blocked("\(server) is active", "Fail over to its mate first.")
            }
            let isNobodyActive = cluster.actives.isEmpty
            if !isNobodyActive, let refusal = disagreementRefusal(in: cluster) { return refusal }
            if let refusal = serviceRefusal(in: cluster) { return refusal }
            if cluster.active?.letter == .new, isReapplyOpen(in: cluster) {
                return .blocked(
                    "the configuration of \(cluster.active?.name.text ?? "the active server") is "
                        + "not verified since the failover",
                    "Press Reapply Configuration."
                )
            }
        }
        if cluster.active?.letter != .new, let refusal = cmpRefusal(operation.new) {
            return refusal
        }
        return imageRefusal(operation.new, on: server, in: cluster)
    }

    private func backOutRefusal(
        _ server: ServerName,
        in cluster: ObservedCluster
    ) -> TandemError? {
        guard let operation = state.operation else { return nil }
        if cluster.single == nil, cluster[server]?.isActive != false {
            return .blocked("\(server) is active", "Fail over to its mate first.")
        }
        if operation.hasAcceptIntent {
            return .blocked("the upgrade is being accepted", "There is no way back from here.")
        }
        if let refusal = cmpBackOutRefusal(operation.old) { return refusal }
        return imageRefusal(operation.old, on: server, in: cluster)
    }

    private func repairRefusal(
        _ server: ServerName,
        in cluster: ObservedCluster
    ) -> TandemError? {
        if cluster.single == nil, let refusal = disagreementRefusal(in: cluster) { return refusal }
        guard let facts = repairFacts(in: cluster) else {
            return .blocked(
                "nobody can say which release \(server) should run",
                "Stage the image of the release that the cluster runs."
            )
        }
        return imageRefusal(facts, on: server, in: cluster)
    }

    /// The bytes are on the server, or can be brought there.
    func imageRefusal(
        _ facts: ReleaseFacts,
        on server: ServerName,
        in cluster: ObservedCluster
    ) -> TandemError? {
        let known = resolved(facts)
        if known.manifest != .none {
            if isStaged(known.manifest, on: server) { return nil }
            if known.offer != nil { return nil }
        }
        return .blocked(
            "no image of \(facts.release) is on \(server) or in the library",
            "Add the image of \(facts.release) to the library."
        )
    }

    /// What must be so of both servers before one takes over from the other (`safety.md` 5).
    func failoverRefusal(
        to server: ServerName,
        in cluster: ObservedCluster
    ) -> TandemError? {
        if let refusal = disagreementRefusal(in: cluster) { return refusal }
        guard let target = cluster[server], target.letter != .other else {
            return .blocked("the release of \(server) is not known", "Press Try Again first.")
        }
        if let alarm = state.alarms.first(where: {
            $0.instance == server.text
                && ($0.number == .serverIsZombie || $0.number == .journalDamaged)
        }) {
            return .blocked(
                "alarm \(alarm.number) is active on \(server)",
                "Recover or replace \(server) first."
            )
        }
        guard !target.isUnfit else {
            return .blocked(
                "\(server) is not healthy: \(target.unfitness)",
                "Mend what its health check names first."
            )
        }
        return nil
    }

    /// dataOK(C) of `safety.md`: nothing is lost when that server takes over.
    func isDataComplete(on server: ServerName, in cluster: ObservedCluster) -> Bool {
        if cluster[server]?.isActive == true { return true }
        guard let replication = cluster[server]?.report?.ha.replication else { return false }
        if let operation = state.operation {
            if !operation.new.replicatesData, !operation.old.replicatesData {
                return replication.isCaughtUp || replication.isInhibited
            }
            let isCarried = operation.isReplicationBroken && operation.new.carriesData
            if isCarried, cluster[server]?.letter == .new { return true }
        }
        return replication.isCaughtUp && !replication.isInhibited
    }

    private func acceptRefusal(in cluster: ObservedCluster) -> TandemError? {
        if let refusal = disagreementRefusal(in: cluster) { return refusal }
        if cluster.single != nil, isReapplyOpen(in: cluster) {
            return .blocked(
                "the configuration is not verified since the upgrade",
                "Press Reapply Configuration."
            )
        }
        return serviceRefusal(in: cluster)
    }

    private func restoreRefusal(
        _ server: ServerName,
        in cluster: ObservedCluster,
        at now: Tick
    ) -> TandemError? {
        let left = (deadManLeft(at: now) + 999) / 1000
        if left > 0 {
            return .blocked(
                "a demoted server may take its role back by itself for another \(left) s",
                "Wait \(left) s."
            )
        }
        guard let target = cluster[server], !target.isBroken else {
            return .blocked("\(server) runs no known release", "Press Try Again on it first.")
        }
        return nil
    }

    private func holdRefusal(_ server: ServerName, in cluster: ObservedCluster) -> TandemError? {
        guard cluster[server]?.isActive == false else {
            return .blocked("\(server) is active", "Only a standby can be held.")
        }
        return nil
    }

    private func releaseRefusal(
        _ server: ServerName,
        in cluster: ObservedCluster
    ) -> TandemError? {
        guard let operation = state.operation, let own = cluster[server] else { return nil }
        if own.isZombie || own.letter == .other {
            return .blocked("the release of \(server) is not known", "Press Try Again first.")
        }
        guard let mate = cluster.mate(of: server), operation.isHeldWhileMixed,
            mate.letter != own.letter
        else { return nil }
        return .blocked(
            "\(operation.new.release) does not allow a takeover while versions are mixed",
            "Go on until both servers run the same release."
        )
    }
}
