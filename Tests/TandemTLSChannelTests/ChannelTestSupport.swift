import NIOCore
import NIOEmbedded
import Synchronization
import TandemCrypto
import TandemModel
import TandemTLSChannel

/// An authority with contexts for both ends, made once: keys cost time.
struct TestContexts: Sendable {
    static let agentURI = "urn:tandem:agent:6f1c2d3e-0000-4000-8000-0123456789ab"
    static let shared = Result { try TestContexts() }

    let server: TLSContext
    let anonymousServer: TLSContext
    let client: TLSContext
    let bareClient: TLSContext
    let foreignClient: TLSContext

    init() throws {
        let authority = try CertificateAuthority.create(commonName: "Test", validityDays: 2)
        let foreign = try CertificateAuthority.create(commonName: "Foreign", validityDays: 2)
        func configuration(_ own: IssuedCertificate?) -> TLSConfiguration {
            TLSConfiguration(
                certificateChain: own.map { .bytes($0.certificatePEM, name: "certificate") },
                privateKey: own.map { .bytes($0.privateKeyPEM, name: "key") },
                authorities: .bytes(authority.certificatePEM, name: "authority"),
                applicationProtocols: ["tandem/1"]
            )
        }
        let role = CertificateRole.agent("6f1c2d3e-0000-4000-8000-0123456789ab")
        var ours = configuration(try authority.issue(.controller("c1"), validityDays: 2))
        server = try TLSContext(.server, ours)
        ours.requiresClientCertificate = false
        anonymousServer = try TLSContext(.server, ours)
        client = try TLSContext(.client, configuration(authority.issue(role, validityDays: 2)))
        bareClient = try TLSContext(.client, configuration(nil))
        foreignClient = try TLSContext(.client, configuration(foreign.issue(role, validityDays: 2)))
    }
}

/// Everything that came out of a pipeline, with promises for enough bytes and for the peer.
final class Recorder: ChannelInboundHandler, Sendable {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    struct Seen {
        var bytes: [UInt8] = []
        var events: [String] = []
        var peer: PeerIdentity?
        var errors: [TandemError] = []
    }

    private let state = Mutex(Seen())
    private let wanted: (byteCount: Int, promise: EventLoopPromise<Void>)?
    private let known: EventLoopPromise<Void>?
    private let echoes: Bool
    private let answersAtEnd: Bool
    private let refuses: Bool

    init(
        echoes: Bool = false,
        answersAtEnd: Bool = false,
        refuses: Bool = false,
        wanted: (Int, EventLoopPromise<Void>)? = nil,
        known: EventLoopPromise<Void>? = nil
    ) {
        self.echoes = echoes
        self.answersAtEnd = answersAtEnd
        self.refuses = refuses
        self.known = known
        self.wanted = wanted.map { (byteCount: $0.0, promise: $0.1) }
    }

    var seen: Seen { state.withLock { $0 } }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let buffer = unwrapInboundIn(data)
        let byteCount = state.withLock {
            $0.bytes += buffer.readableBytesView
            return $0.bytes.count
        }
        if echoes { context.write(wrapOutboundOut(buffer), promise: nil) }
        if let wanted, byteCount >= wanted.byteCount { wanted.promise.succeed() }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        if echoes { context.flush() }
        context.fireChannelReadComplete()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        state.withLock {
            switch event {
            case let done as TLSHandshakeDone:
                $0.peer = done.peer
                $0.events.append("handshake \(done.applicationProtocol ?? "")")
                known?.succeed()
            case is TLSAnonymousHandshakeDone: $0.events.append("anonymous")
            case ChannelEvent.inputClosed: $0.events.append("inputClosed")
            case _: break
            }
        }
        if refuses, event is TLSHandshakeDone {
            context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: "bye")), promise: nil)
            context.close(promise: nil)
        }
        guard answersAtEnd, case .some(.inputClosed) = event as? ChannelEvent else { return }
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: "answer")), promise: nil)
        context.close(promise: nil)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        let known = error as? TandemError
        let other = TandemError(.usage, "not ours: \(error)", remedy: "none")
        state.withLock { $0.errors.append(known ?? other) }
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        state.withLock { $0.events.append("inactive") }
        wanted?.promise.fail(ChannelError.eof)
        known?.fail(ChannelError.eof)
    }
}

/// Two channels without sockets, whose ciphertext is carried over by hand.
struct EmbeddedPair {
    let client = EmbeddedChannel()
    let server = EmbeddedChannel()
    let atClient = Recorder()
    let atServer = Recorder()

    init(client: TLSContext, server: TLSContext) throws {
        let pipelines = (self.client.pipeline.syncOperations, self.server.pipeline.syncOperations)
        try pipelines.0.addHandler(TLSChannelHandler(context: client, remoteName: "server"))
        try pipelines.0.addHandler(atClient)
        try pipelines.1.addHandler(TLSChannelHandler(context: server, remoteName: "client"))
        try pipelines.1.addHandler(atServer)
        let address = try SocketAddress(ipAddress: "127.0.0.1", port: 1)
        self.client.connect(to: address, promise: nil)
        self.server.connect(to: address, promise: nil)
    }

    /// Carries buffers both ways until nothing moves; answers how many went each way.
    @discardableResult
    func carry() throws -> (toServer: Int, toClient: Int) {
        var counts = (toServer: 0, toClient: 0)
        var isMoving = true
        while isMoving {
            isMoving = false
            while let buffer = try client.readOutbound(as: ByteBuffer.self) {
                guard buffer.readableBytes > 0 else { continue }
                counts.toServer += 1
                isMoving = true
                server.pipeline.fireChannelRead(buffer)
                server.pipeline.fireChannelReadComplete()
            }
            while let buffer = try server.readOutbound(as: ByteBuffer.self) {
                guard buffer.readableBytes > 0 else { continue }
                counts.toClient += 1
                isMoving = true
                client.pipeline.fireChannelRead(buffer)
                client.pipeline.fireChannelReadComplete()
            }
        }
        return counts
    }

    func finish() {
        _ = try? client.finish(acceptAlreadyClosed: true)
        _ = try? server.finish(acceptAlreadyClosed: true)
    }
}
