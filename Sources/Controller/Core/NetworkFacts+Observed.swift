package import TandemModel

extension ClusterMachine {
    /// Whether an open operation goes by this manifest, so that its image must be kept.
    package func needs(_ manifest: Digest) -> Bool {
        guard let operation = state.operation else { return false }
        return operation.old.manifest == manifest || operation.new.manifest == manifest
    }

    /// The versions of all servers whose running release is known, of fresh or stale reports.
    fileprivate var observedReleases: [ReleaseID] {
        state.definition.servers.compactMap { live.servers[$0.name]?.report?.software.release }
    }

    /// The highest `cmp` version that a release running here needs; `nil` where none does.
    fileprivate var cmpNeed: CMPNeed? {
        let needs = live.catalogue
            .filter { observedReleases.contains($0.manifest.release) }
            .map(\.manifest.minimumCMP)
            .filter { !$0.isEmpty }
        return needs.max(by: versionPrecedes).map {
            CMPNeed(cluster: state.definition.name, minimumCMP: $0)
        }
    }
}

extension NetworkFacts {
    /// What the machines of a network see of each other's gates; `machines` in a fixed order.
    package static func observed(in machines: [ClusterMachine]) -> NetworkFacts {
        let primary = machines.filter {
            $0.state.definition.kind == .cmp && $0.state.definition.isPrimarySite
        }
        let versions = primary.flatMap(\.observedReleases).map(\.version)
        let serverCount = primary.reduce(0) { $0 + $1.state.definition.servers.count }
        return NetworkFacts(
            // One server that does not say what it runs could be the lowest.
            primaryCMPVersion: versions.count == serverCount
                ? versions.min(by: versionPrecedes) : nil,
            hasPrimaryCMP: !primary.isEmpty,
            cmpNeeds: machines.filter { $0.state.definition.kind != .cmp }.compactMap(\.cmpNeed)
        )
    }
}
