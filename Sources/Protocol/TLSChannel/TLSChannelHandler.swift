package import NIOCore
package import TandemCrypto
package import TandemModel

/// TLS in a channel pipeline: ciphertext on the side of the socket, plaintext on the other.
///
/// Fires ``TLSHandshakeDone`` once; a failure comes as a ``TandemError`` through `errorCaught`,
/// after which the channel closes. Several writes before one flush leave in one buffer. The end of
/// the stream without the peer's goodbye is such a failure too: nobody takes a cut message for a
/// whole one. When the peer says goodbye, the channel closes, unless its `allowRemoteHalfClosure`
/// is set: then `ChannelEvent.inputClosed` is fired and writing may go on.
package final class TLSChannelHandler: ChannelDuplexHandler {
    package typealias InboundIn = ByteBuffer
    package typealias InboundOut = ByteBuffer
    package typealias OutboundIn = ByteBuffer
    package typealias OutboundOut = ByteBuffer

    /// How many bytes may be written before the handshake is done.
    package static let earlyByteCountMax = 1 << 20
    /// From how much ciphertext on it goes to the channel before a flush, in bytes.
    static let batchByteCount = 64 << 10
    /// How long a refused peer may take to read why before the socket closes under it.
    static let lingerTime = TimeAmount.seconds(1)

    enum Phase {
        /// The channel is not active yet.
        case idle
        case handshaking
        case open
        /// Closed by us, failed, or gone: nothing goes in or out any more.
        case over
    }

    let engine: TLSEngine
    private let handshakeTimeout: TimeAmount
    private let isNamed: Bool
    var phase = Phase.idle
    var timer: Scheduled<Void>?
    var early = EarlyWrites(byteCountMax: earlyByteCountMax)
    /// The promises of what waits in the engine as ciphertext.
    var promises: [EventLoopPromise<Void>] = []
    var isInputClosed = false
    var isOutputClosed = false
    private var isLingering = false
    /// Who waits for the end of a connection that lingers.
    private var closePromises: [EventLoopPromise<Void>] = []
    /// Whether the pipeline has asked for bytes and got none since.
    var isReadWanted = false

    /// Creates the handler of one connection; server or client as the context says.
    ///
    /// `remoteName` stands for the peer in errors; without it the remote address does.
    package init(
        context: TLSContext,
        expecting expectation: PeerExpectation = .anyTrusted,
        remoteName: String? = nil,
        handshakeTimeout: TimeAmount = .seconds(10)
    ) throws(TandemError) {
        engine = try TLSEngine(
            context: context,
            expecting: expectation,
            remoteName: remoteName ?? "the peer"
        )
        isNamed = remoteName != nil
        self.handshakeTimeout = handshakeTimeout
    }

    // MARK: - Life

    /// Starts the handshake if the channel is already connected.
    package func handlerAdded(context: ChannelHandlerContext) {
        if context.channel.isActive { start(context) }
    }

    /// Fails what was written and can no longer be sent.
    package func handlerRemoved(context: ChannelHandlerContext) {
        timer?.cancel()
        phase = .over
        failWrites(ChannelError.ioOnClosedChannel)
        succeedCloses()
    }

    /// Starts the handshake.
    package func channelActive(context: ChannelHandlerContext) {
        start(context)
        context.fireChannelActive()
    }

    func start(_ context: ChannelHandlerContext) {
        guard case .idle = phase else { return }
        phase = .handshaking
        if !isNamed, let address = context.remoteAddress { engine.remoteName = name(of: address) }
        timer = context.eventLoop.assumeIsolated().scheduleTask(in: handshakeTimeout) { [self] in
            guard case .handshaking = phase else { return }
            let seconds = handshakeTimeout.nanoseconds / 1_000_000_000
            fail(
                context,
                TandemError(
                    .unreachable,
                    "\(engine.remoteName) did not finish the TLS handshake within \(seconds) s",
                    remedy: "Look whether that machine is overloaded or the line loses packets."
                )
            )
        }
        advance(context, hint: 0)
        emit(context)
        context.flush()
        // Somebody must ask for the first bytes where reads are not automatic.
        context.read()
    }

    /// Reports a connection that ended without a goodbye.
    package func channelInactive(context: ChannelHandlerContext) {
        timer?.cancel()
        engine.endOfCiphertext()
        switch phase {
        case .idle, .over: break
        case .handshaking:
            if case .failed(let error) = engine.handshake() { context.fireErrorCaught(error) }
        case .open where !isInputClosed:
            if case .failed(let error) = engine.readNothing() { context.fireErrorCaught(error) }
        case .open: break
        }
        phase = .over
        failWrites(ChannelError.ioOnClosedChannel)
        succeedCloses()
        context.fireChannelInactive()
    }

    /// Turns the socket's half-close into a failure if no goodbye came before it.
    package func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard case .some(.inputClosed) = event as? ChannelEvent else {
            context.fireUserInboundEventTriggered(event)
            return
        }
        engine.endOfCiphertext()
        switch phase {
        case .over: context.close(promise: nil)
        case .idle, .handshaking, .open: if !isInputClosed { advance(context, hint: 0) }
        }
    }

    /// Ends the connection: the rest of the ciphertext, among it the alert, then the error.
    func fail(_ context: ChannelHandlerContext, _ error: TandemError) {
        guard !isOver else { return }
        emit(context)
        context.flush()
        failWrites(error)
        linger(context, nil)
        context.fireErrorCaught(error)
    }

    /// Closes the output at once, and the rest when the peer has followed or its time is over.
    ///
    /// Closing everything at once would reset the connection if the peer has sent more meanwhile,
    /// and the reset may overtake our last words: the alert or the goodbye that says why.
    func linger(_ context: ChannelHandlerContext, _ promise: EventLoopPromise<Void>?) {
        if let promise { closePromises.append(promise) }
        guard !isLingering else { return }
        isLingering = true
        phase = .over
        timer?.cancel()
        timer = context.eventLoop.assumeIsolated().scheduleTask(in: Self.lingerTime) {
            context.close(promise: nil)
        }
        guard !isOutputClosed else { return }
        isOutputClosed = true
        context.close(mode: .output, promise: nil)
    }

    var isOver: Bool { if case .over = phase { true } else { false } }

    private func succeedCloses() {
        let waiting = closePromises
        closePromises = []
        for promise in waiting { promise.succeed() }
    }

    func failWrites(_ error: any Error) {
        early.fail(error)
        let gone = promises
        promises = []
        for promise in gone { promise.fail(error) }
    }
}

/// `10.0.0.1:7400`, `[::1]:7400`, or the whole description of an address without a port.
private func name(of address: SocketAddress) -> String {
    guard let host = address.ipAddress, let port = address.port else { return "\(address)" }
    return host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
}

@available(*, unavailable)
extension TLSChannelHandler: Sendable {}
