import Logging
import NIOCore
import TandemCrypto
import TandemModel
import TandemTLSChannel
import TandemWire

/// From plaintext bytes to messages for the network loop; one per agent connection.
///
/// Order of a connection: TLS handshake, allow-list, hello within the time, then messages. Whoever
/// breaks it gets a `bye` with the reason, and the connection ends; nobody else is concerned.
final class AgentConnectionHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// What every connection needs.
    struct Environment: Sendable {
        var queue: InputQueue
        var published: PublishedNetwork
        var directory: AgentDirectory
        var library: ImageLibrary
        var expiries: CertificateExpiries
        var sent: SentImages
        var controller: String
        var heartbeatMilliseconds: UInt32
        /// For the handshake, for the hello, and for the rest of a frame that has begun.
        var timeout: TimeAmount
        var logger: Logger
    }

    private enum Phase {
        case handshake
        case hello(AgentDirectory.Entry)
        case open(AgentDirectory.Entry, AgentSession)
        case over
    }

    private let environment: Environment
    private var phase = Phase.handshake
    private var decoder = FrameDecoder(sender: .agent)
    /// Runs while the peer owes a hello or the rest of a frame.
    private var timer: Scheduled<Void>?
    private var frameCount: UInt64 = 0
    /// `frameCount` when the timer was started for the frame after.
    private var awaitedAfter: UInt64?

    init(_ environment: Environment) { self.environment = environment }

    // MARK: - Channel events

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard let done = event as? TLSHandshakeDone, case .handshake = phase else {
            context.fireUserInboundEventTriggered(event)
            return
        }
        do {
            let entry = try environment.directory.entry(
                uri: done.peer.uri,
                fingerprint: done.peer.publicKeyFingerprint
            )
            environment.expiries.note(entry.server, done.peer.notAfter)
            phase = .hello(entry)
            startTimer(context, awaiting: "hello")
        } catch {
            refuse(context, error)
        }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var buffer = unwrapInboundIn(data)
        do {
            while let piece = buffer.readSlice(
                length: min(buffer.readableBytes, FrameDecoder.appendByteCountMax)
            ),
                piece.readableBytes > 0
            {
                try piece.withUnsafeReadableBytes { bytes throws(WireError) in
                    try decoder.append(bytes)
                }
                try drain(context)
            }
            awaitRest(context)
        } catch let error as WireError {
            refuse(context, error.protocolViolation(by: "the agent"))
        } catch {
            refuse(context, error)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        end(context)
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        environment.logger.info(
            "agent connection ended",
            metadata: [
                "peer": "\(context.channel.remoteAddress?.description ?? "?")", "error": "\(error)",
            ]
        )
        context.close(promise: nil)
    }

    // MARK: - Messages

    private func drain(_ context: ChannelHandlerContext) throws {
        while true {
            do {
                guard let frame = try decoder.next() else { return }
                frameCount += 1
                try take(AgentMessage(frame), byteCount: frame.payload.count, context)
            } catch let error where !error.endsConnection {
                // A kind of a later version: say so and go on.
                answer(context, error.protocolViolation(by: "the agent"))
            }
        }
    }

    /// A frame that has begun must be whole in time, however busily its bytes drip in.
    private func awaitRest(_ context: ChannelHandlerContext) {
        guard case .open = phase else { return }
        guard decoder.bufferedByteCount > 0 else {
            timer?.cancel()
            awaitedAfter = nil
            return
        }
        guard awaitedAfter != frameCount else { return }
        awaitedAfter = frameCount
        startTimer(context, awaiting: "rest of a frame")
    }

    private func startTimer(_ context: ChannelHandlerContext, awaiting what: String) {
        timer?.cancel()
        let loop = context.eventLoop.assumeIsolated()
        timer = loop.scheduleTask(in: environment.timeout) { [self] in
            let seconds = Double(environment.timeout.nanoseconds) / 1e9
            refuse(
                context,
                TandemError(
                    .unreachable,
                    "no \(what) came within \(seconds) s",
                    remedy: "Check the agent's version and its log."
                )
            )
        }
    }

    private func take(
        _ message: AgentMessage,
        byteCount: Int,
        _ context: ChannelHandlerContext
    ) throws(WireError) {
        switch (phase, message) {
        case (.hello(let entry), .hello(let hello)):
            greet(hello, entry, context)
        case (.open(let entry, let session), .chunkRequest(let image, let offset, let count)):
            sendChunk(image, offset, count, entry, session)
        case (.open(let entry, let session), _):
            guard session.willWait(byteCount: byteCount) else {
                refuse(
                    context,
                    TandemError(
                        .protocolViolation,
                        "the agent of \(entry.server) says more than the controller can store",
                        remedy: "See in the agent's log what it repeats."
                    )
                )
                return
            }
            let item = LoopItem.message(
                entry.server,
                message,
                byteCount: byteCount,
                session: session
            )
            guard environment.queue.put(item) else {
                refuse(
                    context,
                    TandemError(
                        .storeUnavailable,
                        "the controller is overloaded",
                        remedy: "The agent tries again by itself."
                    )
                )
                return
            }
        case (.handshake, _), (.hello, _):
            refuse(
                context,
                TandemError(
                    .protocolViolation,
                    "the first message was no hello",
                    remedy: "Check what connects to the agents' port."
                )
            )
        case (.over, _): break
        }
    }

    private func greet(
        _ hello: Hello,
        _ entry: AgentDirectory.Entry,
        _ context: ChannelHandlerContext
    ) {
        timer?.cancel()
        guard hello.agent == entry.agent, hello.server == entry.server else {
            refuse(
                context,
                TandemError(
                    .identityRefused,
                    "agent \(hello.agent) says it speaks for \(hello.server), but its key is on "
                        + "the list for \(entry.server)",
                    remedy: "Set `server` in its configuration to \(entry.server)."
                )
            )
            return
        }
        let version: UInt8
        do {
            let highest = max(hello.versionMin, hello.versionMax)
            version = try WireVersion.negotiate(
                agent: hello.versionMin...highest,
                of: entry.server
            )
        } catch {
            refuse(context, error)
            return
        }
        decoder.versions = version...version
        let session = AgentSession(channel: context.channel, agent: entry.agent, version: version)
        phase = .open(entry, session)
        var generator = SecureGenerator()
        let nonce = Nonce.random(using: &generator)
        // The welcome leaves before anything the loop sends: both go through this event loop.
        session.send(
            .welcome(
                Welcome(
                    version: version,
                    controller: environment.controller,
                    epoch: max(environment.published.contents.epoch, 1),
                    heartbeatMilliseconds: environment.heartbeatMilliseconds,
                    nonce: nonce,
                    time: wallNow()
                )
            )
        )
        _ = environment.queue.put(
            .connected(entry.server, hello, nonce: nonce, session: session)
        )
    }

    private func sendChunk(
        _ image: Digest,
        _ offset: UInt64,
        _ count: UInt32,
        _ entry: AgentDirectory.Entry,
        _ session: AgentSession
    ) {
        environment.sent.note(entry.server, image, end: offset &+ UInt64(count))
        environment.library.read(image, offset: offset, byteCount: Int(min(count, 262_144))) {
            switch $0 {
            case .success(let bytes):
                session.send(.chunk(image: image, offset: offset, bytes: bytes))
            case .failure(let error):
                session.send(.chunkRefused(image: image, TandemFailure(error)))
            }
        }
    }

    // MARK: - Ends

    private func answer(_ context: ChannelHandlerContext, _ error: TandemError) {
        let bye = Bye(code: error.code.id, text: error.message)
        guard let bytes = try? FrameEncoder().frame(ControllerMessage.error(bye)) else { return }
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: bytes)), promise: nil)
    }

    private func refuse(_ context: ChannelHandlerContext, _ error: any Error) {
        let known =
            error as? TandemError
            ?? TandemError(
                .protocolViolation,
                "the connection broke",
                remedy: "See the logs of both sides.",
                cause: "\(error)"
            )
        environment.logger.warning(
            "agent refused",
            metadata: [
                "peer": "\(context.channel.remoteAddress?.description ?? "?")",
                "error": "\(known)",
            ]
        )
        end(context)
        let bye = Bye(code: known.code.id, text: "\(known.message). \(known.remedy)")
        let bytes = (try? FrameEncoder().frame(ControllerMessage.bye(bye))) ?? []
        let channel = context.channel
        // A peer that reads nothing must not keep the connection by that.
        channel.eventLoop.scheduleTask(in: environment.timeout) { channel.close(promise: nil) }
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: bytes))).whenComplete { _ in
            channel.close(promise: nil)
        }
    }

    private func end(_ context: ChannelHandlerContext) {
        timer?.cancel()
        if case .open(let entry, let session) = phase {
            _ = environment.queue.put(.lost(entry.server, session: session))
        }
        phase = .over
    }
}
