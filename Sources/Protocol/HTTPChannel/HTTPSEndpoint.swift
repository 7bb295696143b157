package import NIOCore
import NIOHTTP1
import NIOPosix
package import TandemCrypto
import TandemTLSChannel

/// A server that is asked by HTTP/1.1 over our own TLS, one connection per request.
package struct HTTPSEndpoint: Sendable {
    /// The name or address that the server's certificate must be made for.
    package var host: String
    package var port: Int
    package var tls: TLSContext

    /// A server.
    package init(host: String, port: Int, tls: TLSContext) {
        self.host = host
        self.port = port
        self.tls = tls
    }

    /// Connects within five seconds; the one response of at most `byteCountMax` bytes goes to the
    /// promise, as does every failure once there is a channel.
    package func connect(
        _ promise: EventLoopPromise<ResponseCollector.Response>,
        byteCountMax: Int
    ) -> EventLoopFuture<any Channel> {
        let tls = tls
        let host = host
        return ClientBootstrap(group: promise.futureResult.eventLoop)
            .connectTimeout(.seconds(5))
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let operations = channel.pipeline.syncOperations
                    try operations.addHandler(
                        try TLSChannelHandler(context: tls, expecting: .host(host))
                    )
                    try operations.addHTTPClientHandlers()
                    try operations.addHandler(
                        ResponseCollector(promise, byteCountMax: byteCountMax)
                    )
                }
            }
            .connect(host: host, port: port)
    }

    /// The server as the Host header names it.
    package var authority: String {
        let name = host.contains(":") ? "[\(host)]" : host
        return port == 443 ? name : "\(name):\(port)"
    }
}
