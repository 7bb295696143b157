package import AgentCore
package import TandemImage
package import TandemModel
import TandemSpawn

/// This server, as steps, checks and observations use it: where things are and how they are called.
package struct LocalServer: Sendable {
    package let configuration: AgentConfiguration
    package let state: StateFolder
    package let store: BlobStore
    package let packages: any PackageSystem
    package let services: ServiceControl
    package let driver: HADriver
    package let hooks: HookRunner
    package let snapshots: RootSnapshots

    /// Opens the server that a configuration describes.
    package init(
        _ configuration: AgentConfiguration,
        store: BlobStore
    ) throws(TandemError) {
        let state = StateFolder(path: configuration.stateDirectory)
        let environment = Self.environment(configuration)
        self.configuration = configuration
        self.state = state
        self.store = store
        packages = try configuration.packageSystem(state: state, environment: environment)
        services = ServiceControl(program: configuration.serviceControl, environment: environment)
        driver = HADriver(
            configuration.driver,
            environment: environment + ["TANDEM_HA_STATE=\(state.driver)"]
        )
        hooks = HookRunner(store: store, environment: environment)
        snapshots = RootSnapshots(configuration, environment: environment)
    }

    /// What every child of ours finds in its environment beside the plain one.
    private static func environment(_ configuration: AgentConfiguration) -> [String] {
        [
            "TANDEM_ROOT=\(configuration.root)",
            "TANDEM_SERVER=\(configuration.server)",
            "TANDEM_SERVICE_CONTROL=\(configuration.serviceControl ?? ServiceControl.systemctl)",
        ]
    }

    /// The id of the server's boot.
    package func bootID() throws(TandemError) -> BootID {
        let path = configuration.bootIDFile
        let text = String(decoding: try Files.read(path, byteCountMax: 256), as: UTF8.self)
        guard let word = text.split(whereSeparator: \.isWhitespace).first, let id = BootID(word)
        else {
            throw TandemError(
                .fileUnavailable,
                "\(path) holds no boot id",
                remedy: "Correct `boot-id-file` in the agent's configuration."
            )
        }
        return id
    }

    /// An absolute path of the product, below the server's root.
    package func path(inRoot path: String) -> String {
        configuration.root == "/" ? path : configuration.root + path
    }

    /// The manifests that lie in the store, by digest; damaged ones are left out.
    package func storedManifests() throws(TandemError) -> [StoredManifest] {
        var stored: [StoredManifest] = []
        for digest in try store.manifests() {
            guard let manifest = try? store.manifest(digest) else { continue }
            stored.append(StoredManifest(digest: digest, manifest: manifest))
        }
        return stored
    }
}
