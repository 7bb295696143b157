import ControllerAPI
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import NIOHTTP1
import TandemCrypto
import TandemModel
import TandemTLSChannel

/// A connection's handshake, to be waited for before its first request is handled.
struct TLSValue<Base: ServerChildChannelValue>: ServerChildChannelValue {
    let base: Base
    /// Who the client is by its certificate; `nil` where it showed none.
    let handshake: EventLoopFuture<PeerIdentity?>
    var channel: any Channel { base.channel }
}

/// HTTP behind our own libssl handler; each request sees its caller as ``Caller/identity``.
struct TLSChildChannel<Base: ServerChildChannel>: ServerChildChannel {
    let base: Base
    let tls: TLSContext
    let limits: APIListener.Limits
    let connections: ConnectionLimit

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<TLSValue<Base.Value>> {
        let promise = channel.eventLoop.makePromise(of: PeerIdentity?.self)
        return connections.admit(channel).flatMapThrowing {
            try channel.pipeline.syncOperations.addHandlers([
                try TLSChannelHandler(context: tls, handshakeTimeout: limits.peerTime),
                PlaintextObserver(promise: promise),
            ])
        }.flatMap {
            base.setup(channel: channel, logger: logger)
        }.flatMapThrowing { value in
            // Where bytes have become requests of HTTP/1, before Hummingbird queues them.
            let operations = channel.pipeline.syncOperations
            let decoder = try operations.handler(
                type: ByteToMessageHandler<HTTPRequestDecoder>.self
            )
            try operations.addHandlers(
                [BareAnswers(), RequestDeadline(limits, logger: logger)],
                position: .after(decoder)
            )
            return TLSValue(base: value, handshake: promise.futureResult)
        }.flatMapErrorThrowing { error in
            promise.fail(error)
            throw error
        }
    }

    func handle(value: TLSValue<Base.Value>, logger: Logger) async {
        let peer: PeerIdentity?
        do {
            peer = try await value.handshake.get()
        } catch {
            logger.info("TLS refused", metadata: ["error": "\(error)"])
            // The channel is closed by then; draining it gives its resources back.
            await base.handle(value: value.base, logger: logger)
            return
        }
        let remote = value.channel.remoteAddress
        await Caller.$identity.withValue(peer) {
            await Caller.$address.withValue(remote?.ipAddress) {
                await Caller.$source.withValue(Visitor.source(remote)) {
                    await base.handle(value: value.base, logger: logger)
                }
            }
        }
    }
}

extension TLSChildChannel: HTTPChannelHandler where Base: HTTPChannelHandler {
    var responder: HTTPChannelHandler.Responder { base.responder }
}

/// Hands the peer of a finished handshake to whoever waits for it, and tells when bytes come.
private final class PlaintextObserver: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    private let promise: EventLoopPromise<PeerIdentity?>

    init(promise: EventLoopPromise<PeerIdentity?>) { self.promise = promise }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        context.fireUserInboundEventTriggered(PlaintextArrived())
        context.fireChannelRead(data)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if let done = event as? TLSHandshakeDone { promise.succeed(done.peer) }
        if event is TLSAnonymousHandshakeDone { promise.succeed(nil) }
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
