package import NIOCore
import TandemCrypto
import TandemModel

/// From the socket to the pipeline.
extension TLSChannelHandler {
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
        case .idle: break
        // While it lingers nobody else asks, and only a read brings the end.
        case .handshaking, .over: context.read()
        // What came was TLS's own or half a record: the reader still waits.
        case .open: if isReadWanted { context.read() }
        }
        context.fireChannelReadComplete()
    }

    /// Goes on with the handshake, then with reading, as far as the bytes reach.
    func advance(_ context: ChannelHandlerContext, hint: Int) {
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

    func open(_ context: ChannelHandlerContext) {
        phase = .open
        timer?.cancel()
        let waiting = early.takeAll()
        for entry in waiting.entries { encrypt(context, entry.bytes, entry.promise) }
        guard case .open = phase else { return }
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

    func inputClosed(_ context: ChannelHandlerContext) {
        guard !isInputClosed, !isOver else { return }
        isInputClosed = true
        let option = try? context.channel.syncOptions?.getOption(.allowRemoteHalfClosure)
        if option == true {
            context.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
        } else {
            close(context: context, mode: .all, promise: nil)
        }
    }
}
