package import NIOCore
package import NIOHTTP1
import NIOPosix

extension HTTPSEndpoint {
    /// Asks once: connects, sends, reads the answer, and gives all of it up at the deadline.
    ///
    /// Redirects are answers like any other. What does not come within `byteCountMax` bytes and the
    /// deadline is an error of NIO or of our TLS.
    package func exchange(
        _ method: HTTPMethod,
        _ path: String,
        headers: HTTPHeaders = [:],
        body: [UInt8] = [],
        byteCountMax: Int,
        deadline: TimeAmount
    ) async throws -> ResponseCollector.Response {
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let promise = loop.makePromise(of: ResponseCollector.Response.self)
        var head = HTTPRequestHead(version: .http1_1, method: method, uri: path, headers: headers)
        head.headers.replaceOrAdd(name: "host", value: authority)
        head.headers.replaceOrAdd(name: "connection", value: "close")
        if !body.isEmpty {
            head.headers.replaceOrAdd(name: "content-length", value: "\(body.count)")
        }
        let request = head
        let timer = loop.scheduleTask(in: deadline) {
            promise.fail(ChannelError.connectTimeout(deadline))
        }
        // A name that resolves too late still leads to a channel: it is closed as the others are.
        let connection = connect(promise, byteCountMax: byteCountMax)
        connection.whenFailure { promise.fail($0) }
        connection.whenSuccess { channel in
            promise.futureResult.whenComplete { _ in channel.close(promise: nil) }
            channel.write(HTTPClientRequestPart.head(request), promise: nil)
            if !body.isEmpty {
                let bytes = ByteBuffer(bytes: body)
                channel.write(HTTPClientRequestPart.body(.byteBuffer(bytes)), promise: nil)
            }
            channel.writeAndFlush(HTTPClientRequestPart.end(nil), promise: nil)
        }
        defer { timer.cancel() }
        return try await promise.futureResult.get()
    }
}
