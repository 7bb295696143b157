import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import TandemCrypto
import TandemModel
import TandemTLSChannel

/// A connection's handshake, to be waited for before its first request is handled.
struct TLSValue<Base: ServerChildChannelValue>: ServerChildChannelValue {
    let base: Base
    let handshake: EventLoopFuture<PeerIdentity>
    var channel: any Channel { base.channel }
}

/// HTTP behind our own libssl handler; each request sees its caller as ``Caller/identity``.
struct TLSChildChannel<Base: ServerChildChannel>: ServerChildChannel {
    let base: Base
    let tls: TLSContext

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<TLSValue<Base.Value>> {
        let promise = channel.eventLoop.makePromise(of: PeerIdentity.self)
        return channel.eventLoop.makeCompletedFuture {
            try channel.pipeline.syncOperations.addHandlers([
                try TLSChannelHandler(context: tls), HandshakeObserver(promise: promise),
            ])
        }.flatMap {
            base.setup(channel: channel, logger: logger)
        }.map { value in
            TLSValue(base: value, handshake: promise.futureResult)
        }.flatMapErrorThrowing { error in
            promise.fail(error)
            throw error
        }
    }

    func handle(value: TLSValue<Base.Value>, logger: Logger) async {
        let peer: PeerIdentity
        do {
            peer = try await value.handshake.get()
        } catch {
            logger.info("TLS refused", metadata: ["error": "\(error)"])
            // The channel is closed by then; draining it gives its resources back.
            await base.handle(value: value.base, logger: logger)
            return
        }
        await Caller.$identity.withValue(peer) {
            await base.handle(value: value.base, logger: logger)
        }
    }
}

extension TLSChildChannel: HTTPChannelHandler where Base: HTTPChannelHandler {
    var responder: HTTPChannelHandler.Responder { base.responder }
}

/// Hands the peer of a finished handshake to whoever waits for it.
private final class HandshakeObserver: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    private let promise: EventLoopPromise<PeerIdentity>

    init(promise: EventLoopPromise<PeerIdentity>) { self.promise = promise }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if let done = event as? TLSHandshakeDone { promise.succeed(done.peer) }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        promise.fail(error)
        context.fireErrorCaught(error)
    }

    func channelInactive(context: ChannelHandlerContext) {
        promise.fail(ChannelError.eof)
        context.fireChannelInactive()
    }
}
