package import AgentCore
package import TandemModel

/// What the package database says this server has, held against the staged manifests.
package enum PackageMatch: Hashable, Sendable {
    /// None of the packages that any manifest names is there.
    case blank
    /// A package is neither wholly there nor gone; the text names it.
    case half(String)
    /// Exactly the set of this manifest is there.
    case release(StoredManifest)
    /// Anything else; the text says what.
    case other(String)

    /// Holds installed packages against manifests.
    ///
    /// `packages` are those of any name that a manifest names. Of several manifests with the same
    /// set the one with the largest set wins, then the highest version.
    package init(packages: [InstalledPackage], manifests: [StoredManifest]) {
        let present = packages.filter { !$0.isAbsent }
        guard !manifests.isEmpty else {
            self = .other("no release image is staged here")
            return
        }
        if let half = present.first(where: \.isHalf) {
            self = .half("\(half.name) \(half.version) is \(half.state.rawValue)")
            return
        }
        guard !present.isEmpty else {
            self = .blank
            return
        }
        let matching = manifests.filter { stored in
            stored.manifest.packages.allSatisfy { entry in present.contains { $0.isWholly(entry) } }
                && Self.extra(present, beside: stored, among: manifests).isEmpty
        }
        let best = matching.max { left, right in
            let (one, other) = (left.manifest, right.manifest)
            return one.packages.count == other.packages.count
                ? versionPrecedes(one.release.version, other.release.version)
                : one.packages.count < other.packages.count
        }
        if let best {
            self = .release(best)
        } else {
            let found = present.map { "\($0.name) \($0.version)" }.sorted().prefix(4)
            self = .other("no staged release is made of \(found.joined(separator: ", "))")
        }
    }

    /// Packages of the same product's other releases that do not belong to this one.
    private static func extra(
        _ present: [InstalledPackage],
        beside stored: StoredManifest,
        among manifests: [StoredManifest]
    ) -> [InstalledPackage] {
        let own = Set(stored.manifest.packages.map(\.name))
        let product = stored.manifest.release.product
        let others = manifests.filter { $0.manifest.release.product == product }
            .flatMap { $0.manifest.packages.map(\.name) }
        let foreign = Set(others).subtracting(own)
        return present.filter { foreign.contains($0.name) }
    }

    /// The names that matter: all that any manifest names.
    package static func names(of manifests: [StoredManifest]) -> Set<String> {
        Set(manifests.flatMap { $0.manifest.packages.map(\.name) })
    }

    /// Which of the installed packages count for the digest that servers compare: those of the
    /// matching release, else all.
    package func counted(_ packages: [InstalledPackage]) -> [InstalledPackage] {
        guard case .release(let stored) = self else { return packages }
        let names = Set(stored.manifest.packages.map(\.name))
        return packages.filter { names.contains($0.name) }
    }

    /// The release that runs, once the product was asked for its build id (`nil`: no answer).
    package func software(buildID: String?) -> SoftwareState {
        let state: SoftwareState
        switch self {
        case .blank: state = .blank
        case .half(let what): state = .halfInstalled(clipped(what, byteCountMax: TextLimit.line))
        case .other(let why): state = .unknown(clipped(why, byteCountMax: TextLimit.line))
        case .release(let stored):
            let manifest = stored.manifest
            if buildID == manifest.buildID { return .known(manifest.release) }
            let answer = buildID.map { "answers build id \($0)" } ?? "does not answer its build id"
            state = .unknown(
                clipped(
                    "packages of \(manifest.release), but the product \(answer)",
                    byteCountMax: TextLimit.line
                )
            )
        }
        return state
    }
}
