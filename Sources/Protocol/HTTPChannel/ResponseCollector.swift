package import NIOCore
package import NIOHTTP1

/// Gathers one response and answers a promise with it.
package final class ResponseCollector: ChannelInboundHandler {
    package typealias InboundIn = HTTPClientResponsePart

    /// What a server answered.
    package struct Response: Sendable {
        package var status: Int
        package var body: [UInt8]
    }

    private let promise: EventLoopPromise<Response>
    private let byteCountMax: Int
    private var response = Response(status: 0, body: [])

    /// A collector of a body of at most that many bytes.
    package init(_ promise: EventLoopPromise<Response>, byteCountMax: Int) {
        self.promise = promise
        self.byteCountMax = byteCountMax
    }

    /// Takes a part of the response.
    package func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): response.status = Int(head.status.code)
        case .body(let part):
            guard response.body.count + part.readableBytes <= byteCountMax else {
                promise.fail(ChannelError.outputClosed)
                context.close(promise: nil)
                return
            }
            response.body.append(contentsOf: part.readableBytesView)
        case .end:
            promise.succeed(response)
        }
    }

    /// Ends the exchange with the error.
    package func errorCaught(context: ChannelHandlerContext, error: any Error) {
        promise.fail(error)
        context.close(promise: nil)
    }

    /// Ends the exchange when the connection is gone before the answer is whole.
    package func channelInactive(context: ChannelHandlerContext) {
        promise.fail(ChannelError.eof)
        context.fireChannelInactive()
    }
}

@available(*, unavailable)
extension ResponseCollector: Sendable {}
