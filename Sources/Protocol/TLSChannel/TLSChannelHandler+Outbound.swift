package import NIOCore
import TandemCrypto
import TandemModel

/// From the pipeline to the socket.
extension TLSChannelHandler {
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
            switch phase {
            case .open: sayGoodbye(context, promise)
            // Whoever closes because of our error must not cut off the alert.
            case .over where context.channel.isActive: linger(context, promise)
            case .idle, .handshaking, .over:
                phase = .over
                timer?.cancel()
                failWrites(ChannelError.ioOnClosedChannel)
                context.close(mode: mode, promise: promise)
            }
        }
    }

    private func sayGoodbye(_ context: ChannelHandlerContext, _ promise: EventLoopPromise<Void>?) {
        if !isOutputClosed {
            engine.closeNotify()
            emit(context)
            context.flush()
        }
        failWrites(ChannelError.ioOnClosedChannel)
        linger(context, promise)
    }

    func closeOutput(_ context: ChannelHandlerContext, _ promise: EventLoopPromise<Void>?) {
        isOutputClosed = true
        engine.closeNotify()
        emit(context)
        context.flush()
        context.close(mode: .output, promise: promise)
    }

    func encrypt(
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
    func emit(_ context: ChannelHandlerContext) {
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
