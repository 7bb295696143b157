import NIOCore
import NIOPosix
import TandemCrypto
import TandemModel
import TandemTLSChannel
import Testing

/// The handler over real sockets.
@Suite(.timeLimit(.minutes(1))) struct TLSLoopbackTests {
    let contexts: TestContexts
    let group = MultiThreadedEventLoopGroup.singleton
    init() throws { contexts = try TestContexts.shared.get() }

    private func listen(
        _ context: TLSContext,
        _ recorder: Recorder,
        isReadingAutomatically: Bool = true,
        allowsHalfClosure: Bool = false
    ) async throws -> any Channel {
        try await ServerBootstrap(group: group)
            .childChannelOption(.autoRead, value: isReadingAutomatically)
            .childChannelOption(.allowRemoteHalfClosure, value: allowsHalfClosure)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandlers([
                        TLSChannelHandler(context: context), recorder,
                    ])
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
    }

    private func dial(
        _ listener: any Channel,
        _ context: TLSContext,
        _ recorder: Recorder
    ) async throws -> any Channel {
        try await ClientBootstrap(group: group)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let handler = try TLSChannelHandler(
                        context: context,
                        expecting: .uri("urn:tandem:controller:c1")
                    )
                    try channel.pipeline.syncOperations.addHandlers([handler, recorder])
                }
            }
            .connect(to: #require(listener.localAddress)).get()
    }

    @Test func fiveMegabytesThereAndBack() async throws {
        let byteCount = 5 << 20
        let bytes = (0..<byteCount).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 13) }
        let listener = try await listen(contexts.server, Recorder(echoes: true))
        let arrived = group.next().makePromise(of: Void.self)
        let recorder = Recorder(wanted: (byteCount, arrived))
        let client = try await dial(listener, contexts.client, recorder)
        // Begun before the handshake can be done, and in pieces that fit no record.
        for start in stride(from: 0, to: byteCount, by: 99_999) {
            let piece = ByteBuffer(bytes: bytes[start..<min(start + 99_999, byteCount)])
            try await client.writeAndFlush(piece)
        }
        try await arrived.futureResult.get()
        #expect(recorder.seen.bytes == bytes)
        #expect(recorder.seen.errors.isEmpty)
        try await client.close()
        try await listener.close()
    }

    @Test func refusedClientReadsTheAlertThoughItHasWritten() async throws {
        let atServer = Recorder()
        let listener = try await listen(contexts.server, atServer)
        for _ in 0..<20 {
            let recorder = Recorder()
            let client = try await dial(listener, contexts.foreignClient, recorder)
            client.writeAndFlush(ByteBuffer(repeating: 1, count: 1_000_000), promise: nil)
            try await client.closeFuture.get()
            let errors = recorder.seen.errors
            #expect(errors.first?.message.contains("alert 48, unknown CA") == true, "\(errors)")
            #expect(errors.first?.message.hasPrefix("CN=c1 (urn:tandem:controller:c1)") == true)
        }
        #expect(atServer.seen.errors.count == 20)
        let seen = atServer.seen.errors.first?.message
        #expect(seen?.hasPrefix("127.0.0.1:") == true, "\(seen ?? "")")
        try await listener.close()
    }

    @Test func lastWordsArriveThoughThePeerHasWritten() async throws {
        let listener = try await listen(contexts.server, Recorder(refuses: true))
        for _ in 0..<20 {
            let recorder = Recorder()
            let client = try await dial(listener, contexts.client, recorder)
            client.writeAndFlush(ByteBuffer(repeating: 1, count: 1_000_000), promise: nil)
            try await client.closeFuture.get()
            #expect(recorder.seen.bytes == Array("bye".utf8))
            #expect(recorder.seen.errors.isEmpty, "\(recorder.seen.errors)")
        }
        try await listener.close()
    }

    @Test func goodbyeIsSeenAsSuch() async throws {
        let gone = group.next().makePromise(of: Void.self)
        let atServer = Recorder(wanted: (.max, gone))
        let listener = try await listen(contexts.server, atServer)
        let client = try await dial(listener, contexts.client, Recorder())
        try await client.writeAndFlush(ByteBuffer(string: "bye"))
        try await client.close()
        _ = try? await gone.futureResult.get()
        #expect(atServer.seen.bytes == Array("bye".utf8))
        #expect(atServer.seen.errors.isEmpty)
        #expect(atServer.seen.events == ["handshake tandem/1", "inactive"])
        try await listener.close()
    }

    @Test func halfClosedConnectionStillAnswers() async throws {
        let atServer = Recorder(answersAtEnd: true)
        let listener = try await listen(contexts.server, atServer, allowsHalfClosure: true)
        let gone = group.next().makePromise(of: Void.self)
        let recorder = Recorder(wanted: (.max, gone))
        let client = try await dial(listener, contexts.client, recorder)
        client.writeAndFlush(ByteBuffer(string: "question"), promise: nil)
        // Asked for while the handshake still runs.
        try await client.close(mode: .output)
        _ = try? await gone.futureResult.get()
        #expect(atServer.seen.bytes == Array("question".utf8))
        #expect(recorder.seen.bytes == Array("answer".utf8))
        #expect(recorder.seen.errors.isEmpty && atServer.seen.errors.isEmpty)
        try await listener.close()
    }

    @Test func handshakeNeedsNoReaderAbove() async throws {
        // With automatic reading off nobody above asks for bytes before there is a peer.
        let known = group.next().makePromise(of: Void.self)
        let atServer = Recorder(known: known)
        let listener = try await listen(contexts.server, atServer, isReadingAutomatically: false)
        let client = try await dial(listener, contexts.client, Recorder())
        try await known.futureResult.get()
        #expect(atServer.seen.peer?.uri == TestContexts.agentURI)
        try await client.close()
        try await listener.close()
    }
}
