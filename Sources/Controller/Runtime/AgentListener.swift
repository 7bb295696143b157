import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle
import TandemCrypto
import TandemModel
import TandemTLSChannel

/// The port agents dial: TLS 1.3, mutual, one handler per connection.
package struct AgentListener: Service {
    let host: String
    let port: Int
    let tls: TLSContext
    let environment: AgentConnectionHandler.Environment
    /// Connections served at once; the newest above that is refused.
    let connectionCountMax: Int
    /// Told the port once it is open; matters where 0 was asked for.
    let onListening: @Sendable (Int) -> Void

    package func run() async throws {
        let environment = environment
        let tls = tls
        let countMax = connectionCountMax
        let connections = ConnectionLimit(countMax: countMax) { count in
            environment.logger.warning(
                "agents' connections refused: too many are open, in all or from one address",
                metadata: ["refused": "\(count)", "open": "\(countMax)"]
            )
        }
        let bootstrap = ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .serverChannelOption(.backlog, value: 1024)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelOption(.socketOption(.so_keepalive), value: 1)
            .childChannelInitializer { channel in
                connections.admit(channel).flatMapThrowing {
                    try channel.pipeline.syncOperations.addHandlers([
                        try TLSChannelHandler(
                            context: tls,
                            handshakeTimeout: environment.timeout
                        ),
                        AgentConnectionHandler(environment),
                    ])
                }
            }
        let channel: any Channel
        do {
            channel = try await bootstrap.bind(host: host, port: port).get()
        } catch {
            throw TandemError(
                .unreachable,
                "the agents' port \(host):\(port) can't be opened",
                remedy: "Choose an address of this machine and a free port.",
                cause: "\(error)"
            )
        }
        onListening(channel.localAddress?.port ?? port)
        await withTaskCancellationOrGracefulShutdownHandler {
            try? await channel.closeFuture.get()
        } onCancelOrGracefulShutdown: {
            channel.close(mode: .all, promise: nil)
        }
    }
}
