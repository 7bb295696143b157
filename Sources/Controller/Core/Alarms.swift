import TandemModel

/// Whether an alarm of the controller's stands; silence keeps what stood.
private enum Claim {
    case raised(AlarmSeverity, String)
    case clear
    /// Nothing fresh says otherwise.
    case keep
}

/// What the controller itself raises and clears, by observation.
extension ClusterMachine {
    mutating func claim(_ turn: inout Turn) {
        let cluster = observed(at: turn.now)
        noteSince(cluster, &turn)
        noteUnknownReleases(cluster, turn)
        let name = state.definition.name.text
        apply(.clusterMixedVersion, name, mixed(cluster, turn), &turn)
        apply(.clusterNoActive, name, noneActive(cluster, at: turn.now), &turn)
        apply(.clusterTwoActive, name, twoActive(cluster, at: turn.now), &turn)
        apply(.noTakeover, name, noTakeover(cluster, &turn), &turn)
        apply(
            .upgradeOperationFailed,
            name,
            state.failure.map { .raised(.major, $0.message) } ?? .clear,
            &turn
        )
        apply(
            .upgradeInProgress,
            name,
            state.operation.map {
                .raised(.minor, "\($0.old.release) > \($0.new.release), \($0.direction.rawValue)")
            } ?? .clear,
            &turn
        )
        for server in cluster.servers { claim(server, &turn) }
    }

    private mutating func claim(_ server: ObservedServer, _ turn: inout Turn) {
        let name = server.name.text
        apply(.supervisionLost, name, supervision(server, at: turn.now), &turn)
        guard let report = server.report else { return }
        apply(
            .serverForcedStandby,
            name,
            report.isHeld ? .raised(.minor, "\(name) is held in standby") : .clear,
            &turn
        )
        apply(
            .clusterReplicationInhibited,
            name,
            report.ha.replication.isInhibited
                ? .raised(
                    severity(
                        .clusterReplicationInhibited,
                        name,
                        majorAfter: limits.inhibitedReplicationMilliseconds,
                        turn
                    ),
                    "replication to \(name) is held back"
                ) : .clear,
            &turn
        )
        let zombie = report.zombie ?? state[server.name].zombieNote
        apply(.serverIsZombie, name, zombie.map { .raised(.critical, $0) } ?? .clear, &turn)
    }

    private mutating func apply(
        _ number: AlarmNumber,
        _ instance: String,
        _ claim: Claim,
        _ turn: inout Turn
    ) {
        switch claim {
        case .keep: return
        case .clear: clear(number, instance, source: nil, &turn)
        case .raised(let severity, let text):
            let source = AlarmSource(server: nil, severity: severity, text: text)
            raise(number, instance, source, &turn)
        }
    }

    // MARK: - Each of them

    /// "Equal" needs both releases known; a release in change is judged when the change is over, one
    /// that is not known beyond its limit.
    private func mixed(_ cluster: ObservedCluster, _ turn: Turn) -> Claim {
        guard cluster.servers.count > 1 else { return .clear }
        guard cluster.servers.allSatisfy({ $0.report != nil && $0.change == nil }) else {
            return .keep
        }
        let unknown = cluster.servers.filter { live[$0.name].releaseUnknownSince != nil }
        let isOverdue = unknown.contains { server in
            let since = live[server.name].releaseUnknownSince ?? turn.now
            return turn.now.since(since) >= limits.unknownReleaseMilliseconds
        }
        let text: String
        switch (unknown.isEmpty, isOverdue) {
        case (false, false): return .keep
        case (false, true):
            let names = unknown.map(\.name.text).joined(separator: " and ")
            let runs = unknown.count == 1 ? "it runs" : "they run"
            text = "release unknown on \(names): stage the image of what \(runs)"
        case (true, _):
            let states = cluster.servers.compactMap(\.report?.software)
            guard Set(states).count > 1 || states.contains(where: { $0.release == nil }) else {
                return .clear
            }
            text = zip(cluster.servers, states)
                .map { "\($0.name) \($1.release?.version ?? $1.description)" }
                .joined(separator: ", ")
        }
        let name = state.definition.name.text
        let limit = limits.mixedVersionMilliseconds
        return .raised(severity(.clusterMixedVersion, name, majorAfter: limit, turn), text)
    }

    /// Minor until the alarm has stood for so long; once major, a jump of the clock takes nothing back.
    private func severity(
        _ number: AlarmNumber,
        _ instance: String,
        majorAfter limit: UInt64,
        _ turn: Turn
    ) -> AlarmSeverity {
        let record = state.alarms.first { $0.number == number && $0.instance == instance }
        guard let record else { return .minor }
        let own = record.sources.first { $0.server == nil }?.severity
        let isOverdue = turn.wall.milliseconds >= record.raisedAt.milliseconds + limit
        return own == .major || isOverdue ? .major : .minor
    }

    private mutating func noteUnknownReleases(_ cluster: ObservedCluster, _ turn: Turn) {
        for server in cluster.servers {
            switch server.report?.software {
            case .unknown:
                let since = live[server.name].releaseUnknownSince
                live[server.name].releaseUnknownSince = since ?? turn.now
            case .known, .blank, .halfInstalled: live[server.name].releaseUnknownSince = nil
            case nil: break
            }
        }
    }

    private mutating func noteSince(_ cluster: ObservedCluster, _ turn: inout Turn) {
        let isNone = isNoneActive(cluster)
        let isTwo = cluster.actives.count > 1
        if !isNone { live.noneActiveSince = nil }
        if isNone, live.noneActiveSince == nil { live.noneActiveSince = turn.now }
        if !isTwo { live.twoActiveSince = nil }
        if isTwo, live.twoActiveSince == nil { live.twoActiveSince = turn.now }
    }

    /// Fresh reports show that nobody serves, or the only one heard does not and the mate is silent.
    private func isNoneActive(_ cluster: ObservedCluster) -> Bool {
        guard !isExemptFromService(cluster) else { return false }
        let heard = cluster.servers.filter { $0.report != nil }
        guard !heard.isEmpty, cluster.actives.isEmpty,
            heard.allSatisfy({ $0.report?.role != .unknown })
        else { return false }
        if let single = cluster.single { return heard.contains { $0.name == single } }
        return cluster.servers.allSatisfy { $0.report != nil || $0.isSilent }
    }

    /// A commanded failover, and the change of a server that serves alone, may leave nobody active.
    private func isExemptFromService(_ cluster: ObservedCluster) -> Bool {
        if cluster.isFailoverUndecided { return true }
        guard let single = cluster.single else { return false }
        return cluster[single]?.change != nil
    }

    private func noneActive(_ cluster: ObservedCluster, at now: Tick) -> Claim {
        if isExemptFromService(cluster) { return .keep }
        guard let since = live.noneActiveSince else {
            return cluster.actives.isEmpty ? .keep : .clear
        }
        guard now.since(since) >= limits.settleMilliseconds else { return .keep }
        return .raised(.critical, "no server of \(state.definition.name) is active")
    }

    private func twoActive(_ cluster: ObservedCluster, at now: Tick) -> Claim {
        guard let since = live.twoActiveSince else {
            let isAllHeard = cluster.servers.allSatisfy { $0.report != nil }
            return isAllHeard ? .clear : .keep
        }
        guard now.since(since) >= limits.settleMilliseconds else { return .keep }
        return .raised(.critical, "two servers of \(state.definition.name) are active")
    }

    private func supervision(_ server: ObservedServer, at now: Tick) -> Claim {
        let silence = silence(of: server.name, at: now)
        guard silence >= limits.supervisionMilliseconds else { return .clear }
        let severity: AlarmSeverity =
            state.operation == nil || state.single != nil ? .minor : .major
        return .raised(severity, "the agent of \(server.name) is silent")
    }

    /// Nobody may take over: the only standby is held, or its data is held back.
    private mutating func noTakeover(_ cluster: ObservedCluster, _ turn: inout Turn) -> Claim {
        guard cluster.single == nil, cluster.servers.count > 1 else { return .clear }
        guard let standby = cluster.standby else { return .keep }
        guard let report = standby.report else { return .keep }
        let isInhibited = report.ha.replication.isInhibited
        guard report.isHeld || isInhibited else { return .clear }
        let since =
            state.alarms.first { $0.number == .noTakeover }?.raisedAt ?? turn.wall
        let time = utcText(since).dropFirst(11).prefix(5)
        let why = report.isHeld ? "is held" : "gets no replication"
        return .raised(.major, "NO TAKEOVER since \(time): \(standby.name) \(why)")
    }
}
