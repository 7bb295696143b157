import NIOCore
import NIOPosix
import TandemCrypto
import TandemTLSChannel
import Testing

/// A person's end of an API connection, byte by byte under the test's control.
struct RawOperator: Sendable {
    let channel: any Channel
    private let sink: NIOLoopBound<TextSink>

    /// Connects with a certificate of a person; succeeds once the handshake is done.
    static func connect(to controller: RunningController) async throws -> RawOperator {
        let people = controller.identities.people
        let tls = try controller.identities.clientContext(
            try people.issue(.operator("ada"), validityDays: 1),
            authority: people,
            protocolName: TLSConfiguration.httpProtocol
        )
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let handshake = loop.makePromise(of: Void.self)
        let found = loop.makePromise(of: NIOLoopBound<TextSink>.self)
        do {
            let channel = try await ClientBootstrap(group: loop)
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        let sink = TextSink(handshake)
                        found.succeed(NIOLoopBound(sink, eventLoop: channel.eventLoop))
                        try channel.pipeline.syncOperations.addHandlers([
                            try TLSChannelHandler(context: tls, expecting: .host("127.0.0.1")),
                            sink,
                        ])
                    }
                }
                .connect(host: "127.0.0.1", port: controller.apiPort).get()
            try await handshake.futureResult.get()
            return RawOperator(channel: channel, sink: try await found.futureResult.get())
        } catch {
            // It may never have been connected, so that no handler tells.
            handshake.fail(error)
            found.fail(error)
            throw error
        }
    }

    /// Sends, and waits until it is on its way.
    func send(_ text: String) async throws {
        try await channel.writeAndFlush(ByteBuffer(string: text)).get()
    }

    /// Sends `text` again and again until the connection is closed.
    func drip(_ text: String, every interval: TimeAmount) {
        let task = channel.eventLoop.scheduleRepeatedTask(initialDelay: .zero, delay: interval) {
            _ in channel.writeAndFlush(ByteBuffer(string: text), promise: nil)
        }
        channel.closeFuture.whenComplete { _ in task.cancel() }
    }

    /// What has come by the time that it contains `text`, or that the connection is closed.
    func answer(until text: String) async throws -> String {
        try await channel.eventLoop.flatSubmit { sink.value.wait(for: text) }.get()
    }

    /// All that came, once the connection is closed by the other side.
    func answerUntilClosed() async throws -> String {
        try await channel.closeFuture.get()
        return try await channel.eventLoop.submit { sink.value.text }.get()
    }

    /// Asks whether the controller runs, on this connection.
    func expectServed() async throws {
        try await send("GET /healthz HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n")
        let answer = try await answer(until: "\r\n\r\nok\n")
        #expect(answer.contains("HTTP/1.1 200 OK"), "an honest person is not served: \(answer)")
        try await channel.eventLoop.submit { sink.value.text = "" }.get()
    }

    func close() async { try? await channel.close() }
}

/// Keeps what an API answers.
private final class TextSink: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    var text = ""
    private let handshake: EventLoopPromise<Void>
    private var waiting: (text: String, promise: EventLoopPromise<String>)?
    private var loop: (any EventLoop)?
    private var isClosed = false

    init(_ handshake: EventLoopPromise<Void>) { self.handshake = handshake }

    func handlerAdded(context: ChannelHandlerContext) { loop = context.eventLoop }

    /// One wait at a time.
    func wait(for text: String) -> EventLoopFuture<String> {
        guard let loop else { preconditionFailure("asked before it is in a pipeline") }
        let promise = loop.makePromise(of: String.self)
        waiting = (text, promise)
        settle()
        return promise.futureResult
    }

    private func settle() {
        guard let waiting, isClosed || text.contains(waiting.text) else { return }
        self.waiting = nil
        waiting.promise.succeed(text)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is TLSHandshakeDone { handshake.succeed() }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        text += String(buffer: unwrapInboundIn(data))
        settle()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        handshake.fail(error)
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        isClosed = true
        handshake.fail(ChannelError.eof)
        settle()
    }
}
