package import ControllerAPI
package import Hummingbird
import HummingbirdCore
package import Logging
import NIOCore
package import TandemCrypto
import TandemModel
import TandemTLSChannel

/// The operators' HTTPS listener: our router behind our own TLS handler.
package enum APIListener {
    /// What answers say of the program: no version, and nothing of what it is built with.
    static let serverName = "tandem"

    /// An application to be run as a service: API and pages of `service` at `host` and `port`.
    ///
    /// `port` 0 lets the kernel choose; `onListening` is told the port once it is open. `tls` is the
    /// server side, with the operators' authority and `http/1.1`.
    package static func application(
        service: any ControllerService,
        identities: any IdentityService,
        people: any PeopleService,
        provider: (any ProviderService)? = nil,
        host: String,
        port: Int,
        tls: TLSContext,
        limits: Limits = Limits(),
        logger: Logger,
        onListening: @escaping @Sendable (Int) -> Void
    ) throws -> some ApplicationProtocol {
        let connections = ConnectionLimit(countMax: limits.connectionCount) { count in
            logger.warning(
                "operators' connections refused: too many are open, in all or from one address",
                metadata: ["refused": "\(count)", "open": "\(limits.connectionCount)"]
            )
        }
        return Application(
            router: try Routes(
                service: service,
                identities: identities,
                people: people,
                provider: provider
            ).router(),
            server: HTTPServerBuilder { responder in
                TLSChildChannel(
                    base: HTTP1Channel(
                        responder: responder,
                        configuration: .init(
                            idleTimeout: limits.idleTime,
                            httpDecoderConfiguration: .init(
                                maxHeaderFieldSize: limits.headFieldByteCount,
                                maxHeaderListSize: limits.headByteCount,
                                maxHeaderFieldCount: limits.headFieldCount
                            )
                        )
                    ),
                    tls: tls,
                    limits: limits,
                    connections: connections
                )
            },
            configuration: .init(address: .hostname(host, port: port), serverName: serverName),
            onServerRunning: { onListening($0.localAddress?.port ?? port) },
            logger: logger
        )
    }

    /// What ends such an application, in words with a remedy; other errors as they are.
    package static func explained(_ error: any Error, host: String, port: Int) -> any Error {
        guard error is IOError else { return error }
        return TandemError(
            .unreachable,
            "the operators' port \(host):\(port) can't be opened",
            remedy: "Choose an address of this machine and a free port.",
            cause: "\(error)"
        )
    }
}
