import TandemCrypto
package import TandemModel

/// One package as the package database has it.
package struct InstalledPackage: Hashable, Sendable {
    /// The third word of dpkg's `Status` line, or what of an rpm database comes next to it.
    package enum State: String, Hashable, Sendable {
        case notInstalled = "not-installed"
        /// Removed, its configuration files are left.
        case configFiles = "config-files"
        case halfInstalled = "half-installed"
        case unpacked
        case halfConfigured = "half-configured"
        case triggersAwaited = "triggers-awaited"
        case triggersPending = "triggers-pending"
        case installed
        /// rpm only: another version of it, or the same again, is there as well.
        case duplicate = "there more than once"
    }

    package var name: String
    package var version: String
    package var architecture: String
    package var state: State
    /// dpkg says that it must be installed again before it can be removed.
    package var needsReinstallation: Bool

    /// Whether it is wholly there.
    package var isInstalled: Bool { state == .installed && !needsReinstallation }

    /// Whether nothing of it runs or could run.
    package var isAbsent: Bool { state == .notInstalled || state == .configFiles }

    /// Whether it is neither wholly there nor gone.
    package var isHalf: Bool { !isInstalled && !isAbsent }

    /// Whether it is this package of a release, wholly there.
    package func isWholly(_ entry: PackageEntry) -> Bool {
        isInstalled && name == entry.name && version == entry.version
            && architecture == entry.architecture
    }
}

/// SHA-256 over the sorted `name=version=arch` lines of the packages that are wholly there.
package func packageDigest(_ packages: some Sequence<InstalledPackage>) -> Digest {
    let lines = packages.filter(\.isInstalled).map { package in
        "\(package.name)=\(package.version)=\(package.architecture)\n"
    }
    return sha256(
        lines.map { Array($0.utf8) }.sorted { $0.lexicographicallyPrecedes($1) }
            .flatMap(\.self)
    )
}
