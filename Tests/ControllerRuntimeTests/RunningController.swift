import ControllerAPI
import ControllerRuntime
import ControllerStore
import ControllerWeb
import Foundation
import Hummingbird
import Logging
import ServiceLifecycle
import Synchronization
import TandemCrypto
import TandemModel

/// A network's authorities and certificates, made for one test.
struct TestIdentities: Sendable {
    let agents: CertificateAuthority
    let people: CertificateAuthority
    let controller: IssuedCertificate
    let api: IssuedCertificate

    init() throws {
        agents = try .create(commonName: "test agents", validityDays: 2)
        people = try .create(commonName: "test people", validityDays: 2)
        controller = try agents.issue(
            .controller("c1", names: ["127.0.0.1"]),
            validityDays: 1
        )
        api = try people.issue(.server(names: ["127.0.0.1"]), validityDays: 1)
    }

    /// The certificate of an agent, and the definition that lets it in as that server.
    func agent(_ server: String) throws -> (IssuedCertificate, ServerDefinition) {
        var generator = SecureGenerator()
        let id = AgentID.random(using: &generator)
        let issued = try agents.issue(.agent(id.description), validityDays: 1)
        let identity = try PeerIdentity(certificate: issued.source)
        return (
            issued,
            ServerDefinition(
                name: ServerName(server),
                agent: id,
                keyFingerprint: identity.publicKeyFingerprint,
                publicKey: identity.publicKeySPKI
            )
        )
    }

    func clientContext(
        _ own: IssuedCertificate,
        authority: CertificateAuthority,
        protocolName: String
    ) throws -> TLSContext {
        try TLSContext(
            .client,
            TLSConfiguration(
                certificateChain: own.source,
                privateKey: own.keySource,
                authorities: authority.source,
                applicationProtocols: [protocolName]
            )
        )
    }
}

extension IssuedCertificate {
    var source: PEMSource { .bytes(certificatePEM, name: "test certificate") }
    var keySource: PEMSource { .bytes(privateKeyPEM, name: "test key") }
}

extension CertificateAuthority {
    var source: PEMSource { .bytes(certificatePEM, name: "test authority") }
}

/// A whole controller but for its `main`: real listeners on ports of the kernel's choice.
struct RunningController: Sendable {
    let identities: TestIdentities
    let service: any ControllerService
    let agentPort: Int
    let apiPort: Int

    /// Runs a controller around `work` and ends it, whatever happens.
    ///
    /// Without `people`, every certificate of the operators' authority has all roles.
    static func with(
        store: any NetworkStore = InMemoryStore(),
        people: (any PeopleStore)? = nil,
        identities: TestIdentities? = nil,
        peerTimeoutMilliseconds: Int64 = 10_000,
        agentConnectionCount: Int = 4096,
        apiLimits: APIListener.Limits = APIListener.Limits(),
        imageLimits: ImageLimits = ImageLimits(),
        _ work: @escaping @Sendable (RunningController) async throws -> Void
    ) async throws {
        let folder = FileManager.default.temporaryDirectory
            .appending(path: "tandem-runtime-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let identities = try identities ?? TestIdentities()
        let trust = folder.appending(path: "trust").path
        let signer = try Ed25519.PrivateKey.generate()
        try Data(trustText(signer).utf8).write(to: URL(filePath: trust))
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        let assembly = try await ControllerAssembly(
            name: "c1",
            stateFolder: folder.path,
            trustFile: trust,
            store: store,
            heartbeatMilliseconds: 1000,
            peerTimeoutMilliseconds: peerTimeoutMilliseconds,
            imageLimits: imageLimits,
            logger: logger
        )
        try await run(
            assembly,
            identities,
            people,
            agentConnectionCount,
            apiLimits,
            logger,
            work
        )
    }

    private static func run(
        _ assembly: ControllerAssembly,
        _ identities: TestIdentities,
        _ people: (any PeopleStore)?,
        _ agentConnectionCount: Int,
        _ apiLimits: APIListener.Limits,
        _ logger: Logger,
        _ work: @escaping @Sendable (RunningController) async throws -> Void
    ) async throws {
        let (ports, announce) = AsyncStream.makeStream(
            of: [String: Int].self,
            bufferingPolicy: .bufferingNewest(4)
        )
        let known = Mutex<[String: Int]>([:])
        @Sendable func note(_ name: String, _ port: Int) {
            announce.yield(
                known.withLock { known in
                    known[name] = port
                    return known
                }
            )
        }
        let listener = assembly.agentListener(
            host: "127.0.0.1",
            port: 0,
            tls: try serverContext(identities, isAPI: false),
            connectionCountMax: agentConnectionCount
        ) { note("agent", $0) }
        let desk = PeopleDesk(store: people ?? InMemoryStore(), cost: .cheap)
        let api = try APIListener.application(
            service: assembly.controller,
            identities: people == nil ? CertificateIdentities() : desk,
            people: desk,
            host: "127.0.0.1",
            port: 0,
            tls: try serverContext(identities, isAPI: true),
            limits: apiLimits,
            logger: logger
        ) { note("api", $0) }
        let services: [any Service] = [
            assembly.sealer, assembly.loop, assembly.notes(of: people ?? InMemoryStore()), listener,
            api,
        ]
        let group = ServiceGroup(services: services, logger: logger)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            for await found in ports {
                guard let agent = found["agent"], let api = found["api"] else { continue }
                let running = RunningController(
                    identities: identities,
                    service: assembly.controller,
                    agentPort: agent,
                    apiPort: api
                )
                tasks.addTask {
                    do {
                        try await work(running)
                        await group.triggerGracefulShutdown()
                    } catch {
                        await group.triggerGracefulShutdown()
                        throw error
                    }
                }
                break
            }
            try await tasks.waitForAll()
        }
    }

    private static func serverContext(_ identities: TestIdentities, isAPI: Bool) throws
        -> TLSContext
    {
        let own = isAPI ? identities.api : identities.controller
        var configuration = TLSConfiguration(
            certificateChain: own.source,
            privateKey: own.keySource,
            authorities: (isAPI ? identities.people : identities.agents).source,
            applicationProtocols: [
                isAPI ? TLSConfiguration.httpProtocol : TLSConfiguration.agentProtocol
            ]
        )
        configuration.requiresApplicationProtocol = !isAPI
        configuration.requiresClientCertificate = !isAPI
        return try TLSContext(.server, configuration)
    }
}

private func trustText(_ key: Ed25519.PrivateKey) -> String {
    let raw = Data(key.publicKey.rawBytes).base64EncodedString()
    return "version 1\nthreshold 1\nkey \(raw)\n"
}
