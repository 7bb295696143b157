import AgentCore
package import TandemModel
import TandemSpawn

extension StepExecutor {
    /// Writes the configuration that belongs to the target; the product reads it as it starts.
    func configure() throws(TandemError) -> TandemFailure? {
        guard let version = run.configuration, let schema = run.target.configuration else {
            return nil
        }
        try version.check(schema, of: run.target.release)
        try ClusterConfigurationFile(schema, on: server).write(version)
        return nil
    }

    func observeConfiguration() throws(TandemError) -> StepObservation {
        guard let version = run.configuration, let schema = run.target.configuration else {
            return .reached
        }
        let digest = try ClusterConfigurationFile(schema, on: server).digest()
        return digest == version.digest ? .reached : .unchanged
    }
}

extension ConfigurationVersion {
    func check(
        _ schema: ConfigurationSchema,
        of release: ReleaseID
    ) throws(TandemError) {
        guard self.schema == schema.schema else {
            throw TandemError(
                .configurationFailed,
                "configuration version \(number) is of schema \(self.schema), and \(release) reads "
                    + schema.schema,
                remedy: "Choose a configuration version of schema \(schema.schema)."
            )
        }
    }
}

extension LocalServer {
    /// How long the product may take to read its configuration.
    private static let applyMilliseconds: UInt64 = 60_000

    /// Writes a configuration and makes the running product take it over.
    ///
    /// When the product refuses it, the file is put back as it was.
    package func apply(
        _ version: ConfigurationVersion,
        _ schema: ConfigurationSchema
    ) throws(TandemError) {
        let manifest = try author(of: schema)
        try version.check(schema, of: manifest.release)
        let file = try ClusterConfigurationFile(schema, on: self)
        let before = try file.content()
        try file.write(version)
        guard let name = schema.applyHook else { return }
        let failure: TandemError
        do throws(TandemError) {
            let end = try hooks.run(
                try manifest.hook(name),
                limitMilliseconds: Self.applyMilliseconds
            )
            if end.ending.isSuccess && !end.isTimedOut { return }
            failure = TandemError(
                .configurationFailed,
                "the product did not take configuration version \(version.number) over: "
                    + (end.isTimedOut ? "\(name) did not end in time" : "\(name), \(end.ending)"),
                remedy: "Correct the configuration, or see the product's own log.",
                cause: end.tail
            )
        } catch {
            failure = error
        }
        try file.replace(with: before)
        throw failure
    }

    /// The release whose hooks understand this configuration: the installed one, else any.
    private func author(of schema: ConfigurationSchema) throws(TandemError) -> ReleaseManifest {
        let candidates = try storedManifests().filter { $0.manifest.configuration == schema }
        let names = PackageMatch.names(of: candidates)
        let installed = try packages.packages(named: names)
        if case .release(let stored) = PackageMatch(packages: installed, manifests: candidates) {
            return stored.manifest
        }
        guard let any = candidates.last else {
            throw TandemError(
                .configurationFailed,
                "no staged release reads configurations of schema \(schema.schema)",
                remedy: "Stage the image of the release that runs here."
            )
        }
        return any.manifest
    }
}
