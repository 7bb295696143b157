import ControllerAPI
import ControllerRuntime
import ControllerStoreSQLite
import ControllerWeb
import Foundation
import Hummingbird
import Logging
import ServiceLifecycle
import Synchronization
import TandemCrypto
import TandemModel
import UnixSignals

/// Puts the parts together; decides nothing.
struct Wiring {
    let configuration: ControllerConfiguration

    init(_ configuration: ControllerConfiguration) { self.configuration = configuration }

    /// The TLS contexts of both ports, loaded and checked.
    func contexts() throws -> (agents: TLSContext, operators: TLSContext) {
        let agents = TLSConfiguration(
            certificateChain: .file(configuration.agentCertificate),
            privateKey: .file(configuration.agentKey),
            authorities: .file(configuration.agentAuthority),
            applicationProtocols: [TLSConfiguration.agentProtocol]
        )
        var operators = TLSConfiguration(
            certificateChain: .file(configuration.apiCertificate),
            privateKey: .file(configuration.apiKey),
            authorities: .file(configuration.apiAuthority),
            applicationProtocols: [TLSConfiguration.httpProtocol]
        )
        operators.requiresApplicationProtocol = false
        // Browsers come without one: their people sign in.
        operators.requiresClientCertificate = false
        let contexts = (
            agents: try TLSContext(.server, agents), operators: try TLSContext(.server, operators)
        )
        try refuse(contexts.agents.ownIdentity, of: configuration.agentCertificate)
        try refuse(contexts.operators.ownIdentity, of: configuration.apiCertificate)
        let uri = "urn:tandem:controller:\(configuration.name)"
        guard let own = contexts.agents.ownIdentity, own.uri == uri else {
            throw TandemError(
                .tlsConfiguration,
                "\(configuration.agentCertificate) is made for "
                    + "\(contexts.agents.ownIdentity?.uri ?? "nobody"), and `name` is "
                    + configuration.name,
                remedy:
                    "Set `name` to what the certificate says, or make one with `tandem ca issue "
                    + "controller \(configuration.name)`."
            )
        }
        return contexts
    }

    /// The identity provider, where the site has one; it is first asked when somebody signs in.
    func provider(_ logger: Logger) throws -> IdentityProvider? {
        guard let provider = configuration.provider else { return nil }
        var client = TLSConfiguration(
            certificateChain: nil,
            privateKey: nil,
            authorities: .file(provider.authority),
            applicationProtocols: [TLSConfiguration.httpProtocol]
        )
        client.requiresApplicationProtocol = false
        return try IdentityProvider(
            settings: try provider.settings(),
            tls: try TLSContext(.client, client),
            logger: logger
        ) { WallTime(milliseconds: Self.nowMilliseconds) }
    }

    /// A certificate that has expired lets nobody in: better said at once than by every peer.
    private func refuse(_ own: PeerIdentity?, of file: String) throws {
        guard let own, own.notAfter.milliseconds <= Self.nowMilliseconds else { return }
        throw TandemError(
            .tlsConfiguration,
            "the certificate \(file) expired at \(Self.text(own.notAfter))",
            remedy:
                "Check this machine's clock; then give it a later end with `tandem ca renew`, where "
                + "the authorities are kept."
        )
    }

    /// One sentence for each own certificate that expires within 30 days.
    private func expiringSoon(_ tls: (agents: TLSContext, operators: TLSContext)) -> [String] {
        let limit = Self.nowMilliseconds + 30 * 86_400_000
        return [
            (tls.agents.ownIdentity, configuration.agentCertificate),
            (tls.operators.ownIdentity, configuration.apiCertificate),
        ].compactMap { own, file in
            guard let own, own.notAfter.milliseconds <= limit else { return nil }
            return "the certificate \(file) expires at \(Self.text(own.notAfter))"
        }
    }

    /// What pages warn of in time.
    private func ownCertificates(
        _ tls: (agents: TLSContext, operators: TLSContext)
    ) -> [CertificateExpiry] {
        [
            (tls.agents.ownIdentity, "agents' port of \(configuration.name)"),
            (tls.operators.ownIdentity, "operators' port of \(configuration.name)"),
        ].compactMap { own, owner in
            own.map { CertificateExpiry(server: nil, owner: owner, expiresAt: $0.notAfter) }
        }
    }

    private static var nowMilliseconds: UInt64 {
        UInt64(max(0, Date().timeIntervalSince1970 * 1000))
    }

    private static func text(_ time: WallTime) -> String {
        Date(timeIntervalSince1970: Double(time.milliseconds) / 1000)
            .formatted(Date.ISO8601FormatStyle(timeZone: .gmt))
    }

    /// The folder of store, images and logs; made where it is missing.
    func stateFolder() throws -> URL {
        let folder = URL(filePath: configuration.stateFolder)
        do {
            try FileManager.default.createDirectory(
                at: folder,
                withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700]
            )
        } catch {
            let reason = (error as NSError).userInfo[NSUnderlyingErrorKey] as? any Error ?? error
            throw TandemError(
                .fileUnavailable,
                "the state folder \(folder.path) can't be made",
                remedy: "Check `state-folder`, and that the controller's user may write above it.",
                cause: reason.localizedDescription
            )
        }
        return folder
    }

    func run() async throws {
        let logger = Logger(label: "tandem-controller") { label in
            StreamLogHandler.standardError(label: label, metadataProvider: nil)
        }
        let tls = try contexts()
        for expiry in expiringSoon(tls) { logger.warning("\(expiry)") }
        let folder = try stateFolder()
        let lock = try StateFolderLock(folder: folder.path)
        defer { withExtendedLifetime(lock) {} }
        let store = try SQLiteStore(path: configuration.storeFile)
        let assembly = try await ControllerAssembly(
            name: configuration.name,
            stateFolder: configuration.stateFolder,
            trustFile: configuration.trustFile,
            store: store,
            heartbeatMilliseconds: configuration.heartbeatMilliseconds,
            limits: configuration.limits,
            imageLimits: configuration.imageLimits,
            ownCertificates: ownCertificates(tls),
            logger: logger
        )
        let ports = PortsFile(path: configuration.portsFile)
        let listener = assembly.agentListener(
            host: configuration.agentAddress.host,
            port: configuration.agentAddress.port,
            tls: tls.agents
        ) { port in
            logger.info("agents may connect", metadata: ["port": "\(port)"])
            ports.set(agent: port)
        }
        let people = PeopleDesk(
            store: store,
            proofMilliseconds: configuration.sessionProofMilliseconds
        )
        let provider = try provider(logger)
        let (host, port) = (configuration.apiAddress.host, configuration.apiAddress.port)
        let api = ExplainedService(
            base: try APIListener.application(
                service: assembly.controller,
                identities: people,
                people: people,
                provider: provider,
                host: host,
                port: port,
                tls: tls.operators,
                logger: logger
            ) { port in
                logger.info("operators may connect", metadata: ["port": "\(port)"])
                ports.set(api: port)
            }
        ) { APIListener.explained($0, host: host, port: port) }
        let group = ServiceGroup(
            configuration: .init(
                services: [
                    .init(service: assembly.sealer), .init(service: assembly.loop),
                    .init(service: assembly.notes(of: store)),
                    .init(service: assembly.sweeper),
                    .init(service: listener), .init(service: api),
                ],
                gracefulShutdownSignals: [.sigterm, .sigint],
                logger: logger
            )
        )
        try await group.run()
    }
}

/// A service whose errors are put into words.
private struct ExplainedService<Base: Service>: Service {
    let base: Base
    let explain: @Sendable (any Error) -> any Error

    func run() async throws {
        do { try await base.run() } catch { throw explain(error) }
    }
}

/// Tells scripts which ports the kernel chose: written whole, once both are known.
final class PortsFile: Sendable {
    private struct Ports {
        var agent: Int?
        var api: Int?
    }

    private let path: String?
    private let ports = Mutex(Ports())

    init(path: String?) { self.path = path }

    func set(agent: Int? = nil, api: Int? = nil) {
        let known = ports.withLock { ports in
            ports.agent = agent ?? ports.agent
            ports.api = api ?? ports.api
            return ports
        }
        guard let path, let agent = known.agent, let api = known.api else { return }
        let text = "agent-port = \(agent)\napi-port = \(api)\n"
        try? Data(text.utf8).write(to: URL(filePath: path), options: .atomic)
    }
}

/// Text for people on standard error.
enum FileHandleText {
    static func writeError(_ text: String) {
        try? FileHandle.standardError.write(contentsOf: Data("\(text)\n".utf8))
    }
}
