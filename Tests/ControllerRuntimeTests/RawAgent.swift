import NIOCore
import NIOPosix
import TandemCrypto
import TandemModel
import TandemTLSChannel
import TandemWire

/// The agent's end of a connection, under the test's full control.
struct RawAgent: Sendable {
    let channel: any Channel
    let messages: AsyncStream<ControllerMessage>

    static func connect(to port: Int, tls: TLSContext) async throws -> RawAgent {
        let (messages, sink) = AsyncStream.makeStream(
            of: ControllerMessage.self,
            bufferingPolicy: .bufferingOldest(1000)
        )
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandlers([
                        try TLSChannelHandler(context: tls), MessageSink(sink),
                    ])
                }
            }
            .connect(host: "127.0.0.1", port: port).get()
        return RawAgent(channel: channel, messages: messages)
    }

    func send(_ message: AgentMessage) async throws {
        try await send(bytes: try FrameEncoder().frame(message))
    }

    func send(bytes: [UInt8]) async throws {
        try await channel.writeAndFlush(ByteBuffer(bytes: bytes)).get()
    }

    /// The first message for which `pick` gives a value; `nil` when the connection ends before.
    func first<Value: Sendable>(_ pick: @Sendable (ControllerMessage) -> Value?) async -> Value? {
        for await message in messages {
            if let value = pick(message) { return value }
        }
        return nil
    }

    func close() async { try? await channel.close() }
}

/// Decodes what a controller sends; the stream ends with the connection.
private final class MessageSink: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let sink: AsyncStream<ControllerMessage>.Continuation
    private var decoder = FrameDecoder(sender: .controller)

    init(_ sink: AsyncStream<ControllerMessage>.Continuation) { self.sink = sink }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let buffer = unwrapInboundIn(data)
        do {
            try decoder.append(Array(buffer.readableBytesView))
            while let frame = try decoder.next() {
                sink.yield(try ControllerMessage(frame))
            }
        } catch {
            context.close(promise: nil)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) { sink.finish() }
}

/// A hello of an agent that has nothing to tell.
func plainHello(_ definition: ServerDefinition, epoch: UInt64 = 0) -> Hello {
    Hello(
        versionMin: 1,
        versionMax: 1,
        server: definition.name,
        agent: definition.agent,
        boot: BootID(high: 1, low: 1),
        journal: JournalID(high: 2, low: 2),
        journalHead: 1,
        epoch: epoch,
        agentVersion: "0.1.0",
        software: .known(ReleaseID(product: "cmp", version: "12.5.0")),
        previous: nil
    )
}

/// A report of a server that serves (or stands by) with the old release.
func plainReport(_ role: ServerRole, sequence: UInt32 = 1) -> ServerReport {
    ServerReport(
        sequence: sequence,
        ha: HAStatus(
            role: role,
            isInService: role == .active,
            peerRole: role == .active ? .other : .active,
            replication: ReplicationState(isCaughtUp: true),
            exclusion: .referee,
            switchover: .twoStep,
            token: "t1"
        ),
        role: role,
        generation: 1,
        isHeld: false,
        software: .known(ReleaseID(product: "cmp", version: "12.5.0")),
        packageDigest: .none,
        previous: nil,
        isWayBackVerified: true,
        images: [],
        configuration: nil,
        health: .healthy,
        zombie: nil,
        openCommands: []
    )
}
