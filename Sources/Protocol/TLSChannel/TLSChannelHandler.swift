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
    private(set) var phase = Phase.idle
    private var timer: Scheduled<Void>?
    private var early = EarlyWrites(byteCountMax: earlyByteCountMax)
    /// The promises of what waits in the engine as ciphertext.
    private var promises: [EventLoopPromise<Void>] = []
    private var isInputClosed = false
    private var isOutputClosed = false
    /// Whether the pipeline has asked for bytes and got none since.
    private var isReadWanted = false

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
    }

    /// Starts the handshake.
    package func channelActive(context: ChannelHandlerContext) {
        start(context)
        context.fireChannelActive()
    }

    private func start(_ context: ChannelHandlerContext) {
        guard case .idle = phase else { return }
        phase = .handshaking
        if !isNamed, let address = context.remoteAddress {
            engine.remoteName =
                address.ipAddress.map { "\($0):\(address.port ?? 0)" } ?? "\(address)"
        }
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
    private func fail(_ context: ChannelHandlerContext, _ error: TandemError) {
        guard !isOver else { return }
        phase = .over
        timer?.cancel()
        emit(context)
        context.flush()
        failWrites(error)
        // Closing at once would reset the connection if the peer has sent more meanwhile, and the
        // reset may overtake the alert that says why.
        context.close(mode: .output, promise: nil)
        timer = context.eventLoop.assumeIsolated().scheduleTask(in: Self.lingerTime) {
            context.close(promise: nil)
        }
        context.fireErrorCaught(error)
    }

    private var isOver: Bool { if case .over = phase { true } else { false } }

    private func failWrites(_ error: any Error) {
        early.fail(error)
        let gone = promises
        promises = []
        for promise in gone { promise.fail(error) }
    }

    // MARK: - Inbound

    /// Decrypts.
    package func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var ciphertext = unwrapInboundIn(data)
        let byteCount = ciphertext.readableBytes
        while ciphertext.readableBytes > 0, !isOver, !isInputClosed {
            if engine.feedCapacity == 0 { emit(context) }
            let accepted = ciphertext.readWithUnsafeReadableBytes { engine.feed($0) }
            advance(context, hint: byteCount)
            guard accepted > 0 || engine.feedCapacity > 0 || isOver else {
                fail(context, .stuck(engine.remoteName))
                return
            }
        }
    }

    /// Remembers that somebody waits for plaintext.
    package func read(context: ChannelHandlerContext) {
        isReadWanted = true
        context.read()
    }

    /// Sends what reading gave rise to, once per round.
    package func channelReadComplete(context: ChannelHandlerContext) {
        if engine.ciphertextByteCount > 0 {
            emit(context)
            context.flush()
        }
        switch phase {
        case .idle, .over: break
        case .handshaking: context.read()
        // What came was TLS's own or half a record: the reader still waits.
        case .open: if isReadWanted { context.read() }
        }
        context.fireChannelReadComplete()
    }

    /// Goes on with the handshake, then with reading, as far as the bytes reach.
    private func advance(_ context: ChannelHandlerContext, hint: Int) {
        if case .handshaking = phase {
            switch engine.handshake() {
            case .needsBytes: return
            case .failed(let error): return fail(context, error)
            case .done: open(context)
            }
        }
        while case .open = phase, !isInputClosed {
            var plaintext = context.channel.allocator.buffer(
                capacity: min(max(hint, 256), Self.batchByteCount)
            )
            let outcome = engine.fill(&plaintext)
            if plaintext.readableBytes > 0 {
                isReadWanted = false
                context.fireChannelRead(wrapInboundOut(plaintext))
            }
            switch outcome {
            case .bytes: continue
            case .needsBytes: return
            case .closed: return inputClosed(context)
            case .failed(let error): return fail(context, error)
            }
        }
    }

    private func open(_ context: ChannelHandlerContext) {
        phase = .open
        timer?.cancel()
        let waiting = early.takeAll()
        for entry in waiting.entries { encrypt(context, entry.bytes, entry.promise) }
        emit(context)
        context.flush()
        if let promise = waiting.outputClose { closeOutput(context, promise) }
        let name = engine.applicationProtocol
        if let peer = engine.peer {
            context.fireUserInboundEventTriggered(
                TLSHandshakeDone(peer: peer, applicationProtocol: name)
            )
        } else {
            context.fireUserInboundEventTriggered(
                TLSAnonymousHandshakeDone(applicationProtocol: name)
            )
        }
    }

    private func inputClosed(_ context: ChannelHandlerContext) {
        guard !isInputClosed, !isOver else { return }
        isInputClosed = true
        let option = try? context.channel.syncOptions?.getOption(.allowRemoteHalfClosure)
        if option == true {
            context.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
        } else {
            close(context: context, mode: .all, promise: nil)
        }
    }

    // MARK: - Outbound

    /// Encrypts, or keeps the bytes until the handshake is done.
    package func write(
        context: ChannelHandlerContext,
        data: NIOAny,
        promise: EventLoopPromise<Void>?
    ) {
        let bytes = unwrapOutboundIn(data)
        switch phase {
        case .over: promise?.fail(ChannelError.ioOnClosedChannel)
        case .open where isOutputClosed: promise?.fail(ChannelError.outputClosed)
        case .open: encrypt(context, bytes, promise)
        case .idle, .handshaking:
            guard !early.append(bytes, promise) else { return }
            let error = TandemError.tooMuchEarly(engine.remoteName)
            promise?.fail(error)
            fail(context, error)
        }
    }

    /// Sends everything written so far as one buffer.
    package func flush(context: ChannelHandlerContext) {
        if case .open = phase { emit(context) }
        context.flush()
    }

    /// Says goodbye, then closes; closing the output alone leaves the other direction open.
    package func close(
        context: ChannelHandlerContext,
        mode: CloseMode,
        promise: EventLoopPromise<Void>?
    ) {
        switch mode {
        case .input:
            context.close(mode: mode, promise: promise)
        case .output:
            switch phase {
            case .idle, .handshaking: early.outputClose = .some(promise)
            case .open where !isOutputClosed: closeOutput(context, promise)
            case .open, .over: context.close(mode: mode, promise: promise)
            }
        case .all:
            if case .open = phase, !isOutputClosed {
                engine.closeNotify()
                emit(context)
                context.flush()
            }
            phase = .over
            timer?.cancel()
            failWrites(ChannelError.ioOnClosedChannel)
            context.close(mode: mode, promise: promise)
        }
    }

    private func closeOutput(_ context: ChannelHandlerContext, _ promise: EventLoopPromise<Void>?) {
        isOutputClosed = true
        engine.closeNotify()
        emit(context)
        context.flush()
        context.close(mode: .output, promise: promise)
    }

    private func encrypt(
        _ context: ChannelHandlerContext,
        _ bytes: ByteBuffer,
        _ promise: EventLoopPromise<Void>?
    ) {
        var rest = bytes
        do {
            while rest.readableBytes > 0 {
                let accepted = try engine.write(from: rest)
                rest.moveReaderIndex(forwardBy: accepted)
                if engine.ciphertextByteCount >= Self.batchByteCount { emit(context) }
            }
        } catch {
            promise?.fail(error)
            return fail(context, error)
        }
        if let promise { promises.append(promise) }
    }

    /// Hands all ciphertext to the channel as one write that carries the promises it answers for.
    private func emit(_ context: ChannelHandlerContext) {
        guard engine.ciphertextByteCount > 0 || !promises.isEmpty else { return }
        let ciphertext = context.channel.allocator.buffer(bytes: engine.takeCiphertext())
        let answered = promises
        promises = []
        var promise = answered.first
        if answered.count > 1 {
            let joint = context.eventLoop.makePromise(of: Void.self)
            for one in answered { joint.futureResult.cascade(to: one) }
            promise = joint
        }
        context.write(wrapOutboundOut(ciphertext), promise: promise)
    }
}

@available(*, unavailable)
extension TLSChannelHandler: Sendable {}
