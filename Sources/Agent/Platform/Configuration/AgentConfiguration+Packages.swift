import TandemModel

extension AgentConfiguration {
    /// The package system of the server's root: the one named, else the one whose database is there.
    func packageSystem(
        state: StateFolder,
        environment: [String]
    ) throws(TandemError) -> any PackageSystem {
        let backend = if let packageBackend { packageBackend } else { try foundBackend() }
        return switch backend {
        case .dpkg:
            DpkgBackend(root: root, logPath: state.dpkgLog, environment: environment)
        case .rpm:
            RpmBackend(
                root: root,
                ledgerPath: state.rpmLedger,
                logPath: state.rpmLog,
                signatures: packageSignatures,
                environment: environment
            )
        }
    }

    /// Of a root with neither database dpkg's words are as good as any.
    private func foundBackend() throws(TandemError) -> PackageBackend {
        let hasRpm = RpmDatabase(root: root).exists
        guard hasRpm, DpkgDatabase(root: root).exists else { return hasRpm ? .rpm : .dpkg }
        throw TandemError(
            .configurationInvalid,
            "\(root) holds a dpkg database and an rpm database",
            remedy: "Say `package-backend = dpkg` or `package-backend = rpm` in the agent's "
                + "configuration."
        )
    }
}
