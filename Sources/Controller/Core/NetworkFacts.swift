package import TandemModel

/// What a cluster has to know of the rest of the network for its gates (`safety.md` 7, `details.md` 23).
package struct NetworkFacts: Hashable, Sendable {
    /// The lowest version that a server of the primary site's `cmp` runs or is being brought back to;
    /// `nil` when not known or none.
    package var primaryCMPVersion: String?
    /// Whether a primary-site `cmp` cluster exists.
    package var hasPrimaryCMP: Bool
    /// Clusters that need a `cmp` of at least this version, by what they run or are being upgraded to.
    package var cmpNeeds: [CMPNeed]
    /// Clusters in which an action is at work, in their fixed order; one that waits for a silent
    /// server or a person does not count.
    package var running: [ClusterName]
    /// The primary site's `cmp` upgrade that has not reached all its servers.
    package var cmpUpgrade: CMPUpgrade?

    /// Facts.
    package init(
        primaryCMPVersion: String?,
        hasPrimaryCMP: Bool,
        cmpNeeds: [CMPNeed],
        running: [ClusterName] = [],
        cmpUpgrade: CMPUpgrade? = nil
    ) {
        self.primaryCMPVersion = primaryCMPVersion
        self.hasPrimaryCMP = hasPrimaryCMP
        self.cmpNeeds = cmpNeeds
        self.running = running
        self.cmpUpgrade = cmpUpgrade
    }
}

/// One cluster's need of a `cmp` release.
package struct CMPNeed: Hashable, Sendable {
    package var cluster: ClusterName
    package var minimumCMP: String
    /// Whether no server runs it yet: an open upgrade leads there.
    package var isUnderWay: Bool

    /// A need.
    package init(cluster: ClusterName, minimumCMP: String, isUnderWay: Bool = false) {
        self.cluster = cluster
        self.minimumCMP = minimumCMP
        self.isUnderWay = isUnderWay
    }
}

/// An open upgrade of a `cmp` cluster, before all its servers run the new release.
package struct CMPUpgrade: Hashable, Sendable {
    package var cluster: ClusterName
    package var release: ReleaseID

    /// An upgrade.
    package init(cluster: ClusterName, release: ReleaseID) {
        self.cluster = cluster
        self.release = release
    }
}

extension NetworkFacts {
    /// What the machines of a network see of each other's gates; `machines` in a fixed order.
    package static func observed(in machines: [ClusterMachine], at now: Tick) -> NetworkFacts {
        let primary = machines.filter(\.isPrimaryCMP)
        let versions = primary.map(\.lowestVersion)
        return NetworkFacts(
            // One server that does not say what it runs could be the lowest.
            primaryCMPVersion: versions.contains(nil)
                ? nil : versions.compactMap { $0 }.min(by: versionPrecedes),
            hasPrimaryCMP: !primary.isEmpty,
            cmpNeeds: machines.filter { $0.state.definition.kind != .cmp }.compactMap(\.cmpNeed),
            running: machines.filter { $0.isAtWork(at: now) }.map(\.state.definition.name),
            cmpUpgrade: primary.lazy.compactMap(\.unfinishedUpgrade).first
        )
    }
}

extension ClusterMachine {
    /// Whether an open operation goes by this manifest, so that its image must be kept.
    package func needs(_ manifest: Digest) -> Bool {
        guard let operation = state.operation else { return false }
        return operation.old.manifest == manifest || operation.new.manifest == manifest
    }

    var isPrimaryCMP: Bool { state.definition.kind == .cmp && state.definition.isPrimarySite }

    /// Whether an action runs here that can go on by itself: one whose server is silent waits for that
    /// server's return or for a person, and what waits holds no place (`safety.md` 7).
    package func isAtWork(at now: Tick) -> Bool {
        guard let action = state.action else { return false }
        let cluster = observed(at: now)
        guard let server = action.instruction?.server, let own = cluster[server] else {
            return true
        }
        if live[server].isInterrupted, let mate = cluster.mate(of: server), mate.isSilent {
            return false
        }
        return !own.isSilent
    }

    /// The version of each server whose running release is known, of fresh or stale reports.
    private var observedReleases: [ReleaseID] {
        state.definition.servers.compactMap { live.servers[$0.name]?.report?.software.release }
    }

    /// The lowest version that a server runs or an open way back leads to; `nil` where one does not say.
    fileprivate var lowestVersion: String? {
        var versions = observedReleases.map(\.version)
        guard versions.count == state.definition.servers.count else { return nil }
        if let operation = state.operation, operation.direction == .back {
            versions.append(operation.old.release.version)
        }
        return versions.min(by: versionPrecedes)
    }

    /// The highest `cmp` version that is needed by a release running here, or by the one that an open
    /// upgrade leads to; `nil` where none does.
    fileprivate var cmpNeed: CMPNeed? {
        // A server that does not say may run what it was last seen to run, in an earlier process too.
        let running = state.servers.compactMap { server in
            live.servers[server.name]?.report?.software.release ?? ReleaseID(server.notedRelease)
        }.map { release in
            CMPNeed(cluster: state.definition.name, minimumCMP: minimumCMP(of: release))
        }
        let goal = state.operation.flatMap { operation in
            operation.direction == .up
                ? CMPNeed(
                    cluster: state.definition.name,
                    minimumCMP: operation.new.minimumCMP,
                    isUnderWay: true
                ) : nil
        }
        let needs = (running + [goal].compactMap { $0 }).filter { !$0.minimumCMP.isEmpty }
        guard
            let highest = needs.max(by: { versionPrecedes($0.minimumCMP, $1.minimumCMP) })
        else { return nil }
        // What runs already is the stronger word for the same need.
        return needs.first { $0.minimumCMP == highest.minimumCMP }
    }

    /// What a release needs, by the library or by the open operation that goes by it; else empty.
    private func minimumCMP(of release: ReleaseID) -> String {
        if let image = live.catalogue.first(where: { $0.manifest.release == release }) {
            return image.manifest.minimumCMP
        }
        let facts = [state.operation?.new, state.operation?.old].compactMap { $0 }
        return facts.first { $0.release == release }?.minimumCMP ?? ""
    }

    /// The open upgrade here, while a server does not run its release yet.
    fileprivate var unfinishedUpgrade: CMPUpgrade? {
        guard let operation = state.operation, operation.direction == .up else { return nil }
        let reached = observedReleases.count { $0 == operation.new.release }
        guard reached < state.definition.servers.count else { return nil }
        return CMPUpgrade(cluster: state.definition.name, release: operation.new.release)
    }
}

/// Whoever owns and feeds the machines of a network: the controller's loop, and the simulated one.
package protocol NetworkOwner {
    /// What the machines were told last; `nil` before the first time.
    var facts: NetworkFacts? { get set }
    /// All machines, in a fixed order.
    var orderedMachines: [ClusterMachine] { get }

    mutating func tell(_ facts: NetworkFacts, to cluster: ClusterName, wall: WallTime)
}

extension NetworkOwner {
    /// Tells every cluster what the gates need of the others, when it has changed.
    ///
    /// Called before each request, so that no gate goes by what was a tick ago: the place that one
    /// press takes is taken for the next one of the same batch.
    package mutating func shareFacts(at now: Tick, wall: WallTime) {
        let machines = orderedMachines
        let newest = NetworkFacts.observed(in: machines, at: now)
        guard newest != facts else { return }
        facts = newest
        for machine in machines { tell(newest, to: machine.state.definition.name, wall: wall) }
    }
}
