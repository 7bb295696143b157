import Logging
import NIOCore
import NIOHTTP1
import TandemTLSChannel

/// The inbound event before each plaintext that arrives, so that a head's first byte is seen.
struct PlaintextArrived: Sendable {}

/// Ends a connection whose request does not come whole in its time; one per connection.
///
/// The first head is awaited from the handshake on, each later one from its first byte. A body may
/// take as long again, and more for what has arrived of it, so that a large image on a slow line
/// passes and a body that drips does not. A peer that reads its answer no further has the same time to
/// go on. Between two requests Hummingbird's idle time counts.
final class RequestDeadline: ChannelDuplexHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    /// What the peer owes.
    private enum Owed {
        case nothing
        case head
        case body(since: NIODeadline, byteCount: Int)
        /// The rest of a body that was answered before its end, and is read for nothing.
        case rest
    }

    private let limits: APIListener.Limits
    private let logger: Logger
    private var owed = Owed.nothing
    /// Requests whose head has come and whose answer has not ended.
    private var openCount = 0
    private var timer: Scheduled<Void>?
    /// Runs while an answer waits for the peer to read.
    private var unreadTimer: Scheduled<Void>?

    init(_ limits: APIListener.Limits, logger: Logger) {
        self.limits = limits
        self.logger = logger
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .nothing = owed, event is TLSHandshakeDone || event is PlaintextArrived {
            startWaiting(for: .head, context)
        }
        context.fireUserInboundEventTriggered(event)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch (unwrapInboundIn(data), owed) {
        case (.head, _):
            openCount += 1
            startWaiting(for: .body(since: .now(), byteCount: 0), context)
        case (.body(let bytes), .body(let since, let byteCount)):
            owed = .body(since: since, byteCount: byteCount + bytes.readableBytes)
        case (.body, .nothing), (.body, .head), (.body, .rest): break
        case (.end, _):
            owed = .nothing
            timer?.cancel()
        }
        context.fireChannelRead(data)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard case .end = unwrapOutboundIn(data) else {
            context.write(data, promise: promise)
            return
        }
        openCount -= 1
        guard openCount >= 0 else {
            // The answer to what was no request: nothing behind it can be understood.
            context.writeAndFlush(data, promise: promise)
            context.close(promise: nil)
            return
        }
        if case .body = owed, openCount == 0 { startWaiting(for: .rest, context) }
        context.write(data, promise: promise)
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        unreadTimer?.cancel()
        if !context.channel.isWritable {
            let loop = context.eventLoop.assumeIsolated()
            unreadTimer = loop.scheduleTask(in: limits.peerTime) { [self] in
                end(context, "answer")
            }
        }
        context.fireChannelWritabilityChanged()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        timer?.cancel()
        unreadTimer?.cancel()
    }

    private func startWaiting(for what: Owed, _ context: ChannelHandlerContext) {
        owed = what
        startTimer(context, in: limits.peerTime)
    }

    private func startTimer(_ context: ChannelHandlerContext, in time: TimeAmount) {
        timer?.cancel()
        timer = context.eventLoop.assumeIsolated().scheduleTask(in: time) { [self] in
            expire(context)
        }
    }

    private func expire(_ context: ChannelHandlerContext) {
        switch owed {
        case .nothing: return
        case .head:
            // While an earlier request is answered, it may be us who do not read.
            guard openCount == 0 else { return startTimer(context, in: limits.peerTime) }
            end(context, "head")
        case .body(let since, let byteCount):
            guard openCount <= 1 else { return startTimer(context, in: limits.peerTime) }
            let left = since + limits.bodyTime(byteCount: byteCount) - .now()
            guard left <= .zero else { return startTimer(context, in: left) }
            end(context, "body")
        case .rest: end(context, "body")
        }
    }

    private func end(_ context: ChannelHandlerContext, _ what: String) {
        owed = .nothing
        timer?.cancel()
        unreadTimer?.cancel()
        logger.info(
            "a connection of an operator is closed: its peer is too slow",
            metadata: [
                "waited-for": "\(what)",
                "peer": "\(context.channel.remoteAddress?.description ?? "?")",
            ]
        )
        context.close(promise: nil)
    }
}
