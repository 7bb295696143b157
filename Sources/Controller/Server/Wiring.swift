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
        return (try TLSContext(.server, agents), try TLSContext(.server, operators))
    }

    func run() async throws {
        let logger = Logger(label: "tandem-controller") { label in
            StreamLogHandler.standardError(label: label, metadataProvider: nil)
        }
        let tls = try contexts()
        let folder = URL(filePath: configuration.stateFolder)
        try FileManager.default.createDirectory(
            at: folder,
            withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700]
        )
        let store = try SQLiteStore(path: folder.appending(path: "network.sqlite").path)
        let assembly = try await ControllerAssembly(
            name: configuration.name,
            stateFolder: configuration.stateFolder,
            trustFile: configuration.trustFile,
            store: store,
            heartbeatMilliseconds: configuration.heartbeatMilliseconds,
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
        let api = APIListener.application(
            service: assembly.controller,
            host: configuration.apiAddress.host,
            port: configuration.apiAddress.port,
            tls: tls.operators,
            logger: logger
        ) { port in
            logger.info("operators may connect", metadata: ["port": "\(port)"])
            ports.set(api: port)
        }
        let group = ServiceGroup(
            configuration: .init(
                services: [
                    .init(service: assembly.loop), .init(service: listener), .init(service: api),
                ],
                gracefulShutdownSignals: [.sigterm, .sigint],
                logger: logger
            )
        )
        try await group.run()
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
