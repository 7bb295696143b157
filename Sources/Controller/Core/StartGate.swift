import TandemModel

/// Whether an image suits this cluster, and whether the cluster is ready for a Start.
extension ClusterMachine {
    /// Images of the catalogue that Start could mean, best first: newest version first.
    func startCandidates() -> [CatalogueImage] {
        live.catalogue
            .filter { $0.manifest.kinds.contains(state.definition.kind) }
            .sorted {
                versionPrecedes($1.manifest.release.version, $0.manifest.release.version)
            }
    }

    /// The image a Start means: the named release's, or the only one that passes all gates.
    func startImage(
        _ release: ReleaseID?,
        in cluster: ObservedCluster,
        at now: Tick
    ) -> CatalogueImage? {
        if let release { return startCandidates().first { $0.manifest.release == release } }
        let fitting = startCandidates().filter {
            suitabilityRefusal($0, in: cluster) == nil
        }
        return fitting.count == 1 ? fitting.first : nil
    }

    func startRefusal(
        release: ReleaseID?,
        in cluster: ObservedCluster,
        at now: Tick
    ) -> TandemError? {
        guard cluster.servers.count <= 2 else {
            return .blocked(
                "clusters of \(cluster.servers.count) servers can't be upgraded yet",
                "Upgrade it by hand."
            )
        }
        if let refusal = disagreementRefusal(in: cluster) { return refusal }
        if let refusal = serviceRefusal(in: cluster) { return refusal }
        for server in cluster.servers {
            if let refusal = serverStartRefusal(server, in: cluster) { return refusal }
        }
        if let refusal = rankRefusal() { return refusal }
        let candidates = startCandidates()
        if let release {
            guard let image = candidates.first(where: { $0.manifest.release == release }) else {
                return TandemError(
                    .imageUnknown,
                    "no image of \(release) for \(state.definition.kind) is in the library",
                    remedy: "Add the image with `tandem image add`."
                )
            }
            return suitabilityRefusal(image, in: cluster)
        }
        guard let first = candidates.first else {
            return TandemError(
                .imageUnknown,
                "no image for \(state.definition.kind) is in the library",
                remedy: "Add one with `tandem image add`."
            )
        }
        if candidates.contains(where: { suitabilityRefusal($0, in: cluster) == nil }) { return nil }
        return suitabilityRefusal(first, in: cluster)
    }

    private func serverStartRefusal(
        _ server: ObservedServer,
        in cluster: ObservedCluster
    ) -> TandemError? {
        if let single = cluster.single, server.name != single { return nil }
        guard let report = server.report else { return nil }
        guard let running = server.release else {
            return .blocked(
                "the release of \(server.name) is \(report.software)",
                "Stage the image of what it runs."
            )
        }
        if report.isHeldAnyhow {
            return .blocked(
                "\(server.name) is held, and not by an operation",
                "Release the hold of \(server.name) first."
            )
        }
        guard report.images.contains(where: { $0.release == running && $0.isVerified }) else {
            return TandemError(
                .wayBackMissing,
                "\(server.name) does not hold a verified image of \(running), its way back",
                remedy: "Stage the image of \(running) on \(server.name)."
            )
        }
        guard report.isWayBackVerified else {
            return TandemError(
                .wayBackMissing,
                "the files of the way back of \(server.name) are not verified, or are damaged",
                remedy: "Wait a moment; then stage the image of \(running) on \(server.name) again."
            )
        }
        return nil
    }

    /// Whether the image may go onto this cluster as it is.
    func suitabilityRefusal(
        _ image: CatalogueImage,
        in cluster: ObservedCluster
    ) -> TandemError? {
        let manifest = image.manifest
        func unsuitable(_ why: String, _ remedy: String) -> TandemError {
            TandemError(.releaseUnsuitable, "\(manifest.release): \(why)", remedy: remedy)
        }
        let running = cluster.servers.compactMap(\.release)
        if running.allSatisfy({ $0 == manifest.release }) {
            return unsuitable("every server runs it already", "Choose another release.")
        }
        for release in running where release != manifest.release {
            guard release.product == manifest.release.product,
                manifest.installsOver.contains(release.version)
            else {
                return unsuitable(
                    "it can't be installed over \(release)",
                    "Upgrade to one of the releases in between first."
                )
            }
            guard manifest.rollsBackTo.contains(release.version) else {
                return unsuitable(
                    "it has no way back to \(release)",
                    "Choose a release that can be rolled back to \(release.version)."
                )
            }
        }
        if let refusal = programRefusal(manifest, unsuitable) { return refusal }
        if let refusal = snapshotRefusal(manifest, in: cluster) { return refusal }
        return cmpRefusal(ReleaseFacts(image))
    }

    /// A release that wants the root kept as its way back starts only where every server can keep it.
    private func snapshotRefusal(
        _ manifest: ReleaseManifest,
        in cluster: ObservedCluster
    ) -> TandemError? {
        guard manifest.takesSnapshot else { return nil }
        for server in cluster.servers {
            if let single = cluster.single, server.name != single { continue }
            let why: String
            switch server.report.map(\.snapshots) {
            case nil, .some(.some(.possible)): continue
            case .some(.some(.impossible(let reason))): why = reason
            case .some(.none): why = "its agent is too old to say whether it can"
            }
            return TandemError(
                .wayBackMissing,
                "\(manifest.release) wants a snapshot of the root of \(server.name) as its way back: "
                    + why,
                remedy: "Mend that, or choose an image without a `snapshot` step."
            )
        }
        return nil
    }

    private func programRefusal(
        _ manifest: ReleaseManifest,
        _ unsuitable: (String, String) -> TandemError
    ) -> TandemError? {
        let controller = limits.controllerVersion
        if !controller.isEmpty, versionPrecedes(controller, manifest.minimumController) {
            return unsuitable(
                "it needs a controller of at least \(manifest.minimumController)",
                "Upgrade the controller first."
            )
        }
        for server in state.definition.servers {
            guard let hello = live[server.name].connection?.hello else { continue }
            if versionPrecedes(hello.agentVersion, manifest.minimumAgent) {
                return unsuitable(
                    "it needs an agent of at least \(manifest.minimumAgent), \(server.name) has "
                        + hello.agentVersion,
                    "Upgrade the agent of \(server.name) first."
                )
            }
        }
        return nil
    }

    // MARK: - The rest of the network (safety.md 7)

    /// Nothing of a later rank starts before the primary `cmp` cluster is where its upgrade leads.
    private func rankRefusal() -> TandemError? {
        guard let upgrade = live.network?.cmpUpgrade, !isPrimaryCMP else { return nil }
        return .blocked(
            "\(upgrade.cluster) comes first and does not run \(upgrade.release) on every server yet",
            "Finish the upgrade of \(upgrade.cluster), or roll it back."
        )
    }

    /// What leads forward waits while as many other clusters as may be are at work.
    ///
    /// The way back, repairs and whatever brings service back wait for nobody; they count.
    func placeRefusal(of button: Button) -> TandemError? {
        guard button.isForward else { return nil }
        guard let network = live.network else {
            return .blocked(
                "the other clusters have not been looked at yet",
                "Wait until the controller has seen them."
            )
        }
        let others = network.running.filter { $0 != state.definition.name }
        guard others.count >= limits.clusterAtWorkCountMax else { return nil }
        let names = others.prefix(4).map(\.text).joined(separator: ", ")
        let more = others.count > 4 ? " and \(others.count - 4) more" : ""
        return .blocked(
            "\(others.count) other clusters are at work, and at most "
                + "\(limits.clusterAtWorkCountMax) may be: \(names)\(more)",
            "Wait for the end of an action there, or press Stop."
        )
    }

    // MARK: - The CMP gate (details.md 23)

    /// No image starts below its minimum cmp release.
    func cmpRefusal(_ facts: ReleaseFacts) -> TandemError? {
        guard !facts.minimumCMP.isEmpty, !isPrimaryCMP else { return nil }
        guard let network = live.network else {
            return .blocked(
                "what the primary cmp cluster runs has not been reported yet",
                "Wait until the controller has seen it."
            )
        }
        guard network.hasPrimaryCMP else { return nil }
        guard let version = network.primaryCMPVersion else {
            return .blocked(
                "what the primary cmp cluster runs is not known",
                "Bring every server of the primary cmp cluster to a known release."
            )
        }
        guard versionPrecedes(version, facts.minimumCMP) else { return nil }
        return TandemError(
            .releaseUnsuitable,
            "\(facts.release) needs cmp \(facts.minimumCMP), the primary cmp cluster runs \(version)",
            remedy: "Upgrade the primary cmp cluster first."
        )
    }

    /// A cmp goes back only when no cluster needs what it runs now.
    func cmpBackOutRefusal(_ old: ReleaseFacts) -> TandemError? {
        guard isPrimaryCMP, let network = live.network else { return nil }
        let needing = network.cmpNeeds
            .filter {
                $0.cluster != state.definition.name
                    && versionPrecedes(old.release.version, $0.minimumCMP)
            }
            .sorted { $0.cluster < $1.cluster }
        guard let first = needing.first else { return nil }
        let verb = first.isUnderWay ? "is being upgraded to" : "runs"
        return TandemError(
            .releaseUnsuitable,
            "\(first.cluster) \(verb) a release that needs cmp \(first.minimumCMP), above "
                + old.release.version,
            remedy: "Roll \(first.cluster) back first."
        )
    }
}
