import HTTPTypes
import NIOCore
import NIOHTTP1

/// Gives the security headers to answers that are written below the router, such as the 400 to a head
/// that is none.
final class BareAnswers: ChannelOutboundHandler, Sendable {
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard case .head(var head) = unwrapOutboundIn(data), head.isBare else {
            context.write(data, promise: promise)
            return
        }
        for (name, value) in SecurityFields.all {
            head.headers.replaceOrAdd(name: name.rawName, value: value)
        }
        head.headers.replaceOrAdd(name: "cache-control", value: "no-store")
        head.headers.replaceOrAdd(name: "server", value: APIListener.serverName)
        context.write(wrapOutboundOut(.head(head)), promise: promise)
    }
}

extension HTTPResponseHead {
    fileprivate var isBare: Bool {
        !headers.contains(name: HTTPField.Name.contentSecurityPolicy.rawName)
    }
}
