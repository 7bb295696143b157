import TandemModel

/// What a server runs, in the terms of the open operation.
enum Letter: Hashable, Sendable {
    case old
    case new
    /// Half-installed, blank, unknown, or a third release.
    case other
}

/// One server as the decisions see it at one moment.
struct ObservedServer: Sendable {
    let name: ServerName
    /// The newest report while the server counts as heard; `nil` otherwise.
    let report: ServerReport?
    /// Connected, and the report is of this connection.
    let isReady: Bool
    /// Not heard for longer than its limit.
    let isSilent: Bool
    /// Milliseconds since it was last heard, or since this process began.
    let silence: UInt64
    let isZombie: Bool
    /// The package change under way on it.
    let change: Verb?
    let letter: Letter

    var isActive: Bool { report?.role == .active }
    /// No data comes to it, by our doing.
    var isInhibited: Bool { report?.ha.replication.isInhibited == true }
    /// Its packages are neither here nor there, and nothing is at work on them.
    var isBroken: Bool {
        guard let report, change == nil else { return false }
        if isZombie { return true }
        switch report.software {
        case .known, .unknown: return false
        case .blank, .halfInstalled: return true
        }
    }
    /// The product's own checks say that it does not work; empty when they don't.
    var unfitness: String {
        switch report?.health {
        case .failing(let why): why
        case .healthy, .warning, .unknown, nil: ""
        }
    }
    var isUnfit: Bool { !unfitness.isEmpty }
    var release: ReleaseID? { report?.software.release }
    /// A known release, and nothing says that it does not work.
    var isWhole: Bool { release != nil && !isZombie && !isUnfit && change == nil }
}

/// A cluster as the decisions see it at one moment: observation and what is open, nothing else.
struct ObservedCluster: Sendable {
    let servers: [ObservedServer]
    /// The server of a one-server cluster, or the one that it goes on with.
    let single: ServerName?
    let hasOperation: Bool
    /// A demotion was issued and its failover has not been decided.
    let isFailoverUndecided: Bool

    var actives: [ObservedServer] { servers.filter(\.isActive) }
    /// The one active server; `nil` when there is none or more than one.
    var active: ObservedServer? { actives.count == 1 ? actives.first : nil }
    /// The other server of a two-server cluster with one active.
    var standby: ObservedServer? {
        guard servers.count == 2, let active else { return nil }
        return servers.first { $0.name != active.name }
    }

    subscript(_ name: ServerName) -> ObservedServer? { servers.first { $0.name == name } }

    /// The other server of a two-server cluster; `nil` while it goes on as a single one.
    func mate(of name: ServerName) -> ObservedServer? {
        guard servers.count == 2, single == nil else { return nil }
        return servers.first { $0.name != name }
    }

    /// agree(C) of `safety.md`: fresh complementary claims that no driver contradicts; otherwise why not.
    var disagreement: String? {
        guard single == nil, servers.count > 1 else { return nil }
        for server in servers where server.report == nil || !server.isReady {
            return "\(server.name) has not reported in this connection"
        }
        guard let active else {
            return actives.isEmpty ? "no server is active" : "two servers are active"
        }
        for server in servers {
            guard let report = server.report else { continue }
            switch (server.name == active.name, report.ha.peerRole) {
            case (true, .active):
                return "the HA system of \(server.name) says that its mate is active"
            case (false, .other):
                return "the HA system of \(server.name) says that its mate is not active"
            case (true, .other), (true, .unseen), (false, .active), (false, .unseen): continue
            }

        }
        for server in servers where server.report?.role == .unknown {
            return "the role of \(server.name) is unknown"
        }
        return nil
    }
}

extension ClusterMachine {
    /// The cluster at this moment, in the terms of `operation`.
    func observed(at now: Tick, for operation: OperationState?) -> ObservedCluster {
        let single: ServerName? =
            state.definition.servers.count == 1
            ? state.definition.servers.first?.name : state.single?.survivor
        return ObservedCluster(
            servers: state.definition.servers.map { observed($0.name, at: now, for: operation) },
            single: single,
            hasOperation: operation != nil,
            isFailoverUndecided: isFailoverUndecided
        )
    }

    /// The cluster at this moment, in the terms of the open operation.
    func observed(at now: Tick) -> ObservedCluster { observed(at: now, for: state.operation) }

    private func observed(
        _ name: ServerName,
        at now: Tick,
        for operation: OperationState?
    ) -> ObservedServer {
        let server = live[name]
        let silence = silence(of: name, at: now)
        let limit =
            server.lastHeard == nil ? limits.silenceMilliseconds : limits.supervisionMilliseconds
        // A server declared dead counts as silent until it has been told (`details.md` 10).
        let isSilent = silence >= limit || state[name].deathNote != nil
        let isHere = server.connection?.isReportHere ?? false
        let report = isSilent ? nil : server.report
        let change = state.commands.first { $0.server == name && $0.isChangingPackages }?
            .command.verb
        return ObservedServer(
            name: name,
            report: report,
            isReady: isHere && report != nil,
            isSilent: isSilent,
            silence: silence,
            isZombie: report?.zombie != nil || state[name].zombieNote != nil,
            change: change,
            letter: letter(of: report, change: change, in: operation)
        )
    }

    /// Milliseconds since the server was last heard, or since this process began.
    func silence(of server: ServerName, at now: Tick) -> UInt64 {
        now.since(live[server].lastHeard ?? live.startedAt ?? now)
    }

    /// While packages change, a server counts as what it was before: the change has not happened yet.
    private func letter(
        of report: ServerReport?,
        change: Verb?,
        in operation: OperationState?
    ) -> Letter {
        guard let operation else { return .other }
        switch change {
        case .install(let manifest, _) where manifest == operation.new.manifest: return .old
        case .install, .backOut: return .new
        case .stageImage, .dropImage, .check, .promote, .demote, .takeBack, .fence, .hold,
            .unhold, .inhibitReplication, .allowReplication, .applyConfiguration, .accept,
            .recover, .collectLogs, .report, nil:
            break
        }
        switch report?.software.release {
        case operation.new.release: return .new
        case operation.old.release: return .old
        case _: return .other
        }
    }
}

extension ServerReport {
    /// Whether the server is held, by the word of its agent or of the HA system: an agent with a new journal
    /// does not know of the hold that the one before it set.
    var isHeldAnyhow: Bool { isHeld || ha.isHeld }
}
