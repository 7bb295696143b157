package import ControllerAPI
package import ControllerCore
package import ControllerStore
package import Logging
import NIOCore
package import TandemCrypto
import TandemModel

/// A controller's moving parts, loaded from the store and ready to be run as services.
package struct ControllerAssembly: Sendable {
    /// The owner of all machines; runs until it is told to stop.
    package let loop: NetworkLoop
    /// What the web layer asks.
    package let controller: any ControllerService
    /// Signs the audit; begins before the loop and ends after it.
    package let sealer: AuditSealer
    /// Throws idle uploads away.
    package let sweeper: UploadSweeper

    private let environment: AgentConnectionHandler.Environment

    /// Opens the store (a new epoch begins) and loads machines and images.
    ///
    /// An agent has `peerTimeoutMilliseconds` for the handshake, for its hello, and for the rest of a
    /// frame that it began.
    ///
    /// - Throws: store and file errors, each naming what and the remedy.
    package init(
        name: String,
        stateFolder: String,
        trustFile: String,
        store: any NetworkStore,
        heartbeatMilliseconds: UInt32,
        limits: ClusterLimits = ClusterLimits(),
        peerTimeoutMilliseconds: Int64 = 10_000,
        imageLimits: ImageLimits = ImageLimits(),
        ownCertificates: [CertificateExpiry] = [],
        logger: Logger
    ) async throws {
        let stored = try await store.open()
        let library = try ImageLibrary("\(stateFolder)/images", trustFile, imageLimits)
        try await Self.load(stored.images, into: library, logger)
        let clock = NetworkClock()
        let initial = try Self.initial(stored, limits, library, clock)
        let queue = InputQueue()
        let gauges = LoopGauges()
        let published = Self.published(initial)
        let directory = AgentDirectory()
        directory.replace(with: initial.machines.values.map(\.state.definition))
        let collector = try LogCollector(folder: "\(stateFolder)/logs", logger: logger)
        let uploads = try UploadFolder("\(stateFolder)/uploads", imageLimits)
        let sent = SentImages()
        let expiries = CertificateExpiries(own: ownCertificates)
        loop = NetworkLoop(
            queue: queue,
            published: published,
            directory: directory,
            logs: collector,
            store: store,
            initial: initial,
            gauges: gauges,
            logger: logger
        )
        controller = NetworkController(
            name: name,
            queue: queue,
            published: published,
            store: store,
            library: library,
            collector: collector,
            uploads: uploads,
            expiries: expiries,
            sent: sent,
            clock: clock,
            requests: KeptRequests(store: store, logger: logger),
            gauges: gauges
        )
        sweeper = UploadSweeper(uploads: uploads)
        sealer = try AuditSealer(store: store, folder: stateFolder, logger: logger)
        environment = AgentConnectionHandler.Environment(
            queue: queue,
            published: published,
            directory: directory,
            library: library,
            expiries: expiries,
            sent: sent,
            controller: name,
            heartbeatMilliseconds: heartbeatMilliseconds,
            timeout: .milliseconds(peerTimeoutMilliseconds),
            logger: logger
        )
        Self.announce(stored, imageCount: initial.catalogue.count, logger)
    }

    private static func announce(_ stored: StoredNetwork, imageCount: Int, _ logger: Logger) {
        logger.info(
            "loaded",
            metadata: [
                "epoch": "\(stored.epoch)", "clusters": "\(stored.clusters.count)",
                "images": "\(imageCount)",
            ]
        )
    }

    /// What readers see before the first input.
    private static func published(_ initial: InitialNetwork) -> PublishedNetwork {
        let published = PublishedNetwork()
        published.publish(
            initial.machines,
            networkAlarms: NetworkMachine(state: initial.network).activeAlarms(),
            emergencyStop: initial.network.emergencyStop,
            changed: Set(initial.machines.keys),
            epoch: initial.epoch
        )
        return published
    }

    /// Makes every stored image known that still verifies; names the others.
    private static func load(
        _ images: [ImageRow],
        into library: ImageLibrary,
        _ logger: Logger
    ) async throws {
        for problem in try await library.load(images) {
            logger.error("an image is left out", metadata: ["error": "\(problem)"])
        }
    }

    /// What the loop begins with; a new boot id, so that agents know this process from the last.
    private static func initial(
        _ stored: StoredNetwork,
        _ limits: ClusterLimits,
        _ library: ImageLibrary,
        _ clock: NetworkClock
    ) throws -> InitialNetwork {
        var generator = SecureGenerator()
        let boot = BootID.random(using: &generator)
        return InitialNetwork(
            epoch: stored.epoch,
            boot: boot,
            machines: try machines(of: stored, boot: boot, limits: limits),
            network: try stored.network.map(StateCoding.decodeNetwork) ?? NetworkState(),
            limits: limits,
            catalogue: library.images().map(\.catalogueImage),
            clock: clock
        )
    }

    /// The machines as the store left them; they ask both agents before they believe anything.
    private static func machines(
        of stored: StoredNetwork,
        boot: BootID,
        limits: ClusterLimits
    ) throws -> [ClusterName: ClusterMachine] {
        var machines: [ClusterName: ClusterMachine] = [:]
        for row in stored.clusters {
            let state = try StateCoding.decode(row.state, cluster: row.name)
            machines[row.name] = ClusterMachine(
                definition: state.definition,
                state: state,
                epoch: stored.epoch,
                boot: boot,
                limits: limits
            )
        }
        return machines
    }

    /// What brings the lines about people's accounts from their store into the audit.
    package func notes(of people: any PeopleStore) -> PeopleNotes {
        PeopleNotes(store: people, queue: environment.queue, logger: environment.logger)
    }

    /// The listener for agents; `onListening` is told the port once it is open.
    ///
    /// At most `connectionCountMax` connections are served at once: far more than agents exist, and
    /// far below the open files that the shipped unit allows (65536).
    package func agentListener(
        host: String,
        port: Int,
        tls: TLSContext,
        connectionCountMax: Int = 4096,
        onListening: @escaping @Sendable (Int) -> Void
    ) -> AgentListener {
        AgentListener(
            host: host,
            port: port,
            tls: tls,
            environment: environment,
            connectionCountMax: connectionCountMax,
            onListening: onListening
        )
    }
}
