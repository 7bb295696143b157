import NIOCore
import NIOEmbedded
import TandemCrypto
import TandemModel
import TandemTLSChannel
import Testing

/// The handler without sockets: order, bounds, events.
struct TLSChannelHandlerTests {
    let contexts: TestContexts
    init() throws { contexts = try TestContexts.shared.get() }

    private func connected() throws -> EmbeddedPair {
        let pair = try EmbeddedPair(client: contexts.client, server: contexts.server)
        try pair.carry()
        try #require(pair.atServer.seen.peer != nil, "\(pair.atServer.seen.errors)")
        return pair
    }

    @Test func tellsWhoThePeerIs() throws {
        let pair = try connected()
        defer { pair.finish() }
        #expect(pair.atServer.seen.peer?.uri == TestContexts.agentURI)
        #expect(pair.atClient.seen.peer?.uri == "urn:tandem:controller:c1")
        #expect(pair.atServer.seen.events == ["handshake tandem/1"])
        #expect(pair.atClient.seen.events == ["handshake tandem/1"])
    }

    @Test func strangerIsAnEventOfItsOwn() throws {
        let pair = try EmbeddedPair(client: contexts.bareClient, server: contexts.anonymousServer)
        defer { pair.finish() }
        try pair.carry()
        #expect(pair.atServer.seen.events == ["anonymous"])
        #expect(pair.atServer.seen.peer == nil)
    }

    @Test func writesBeforeOneFlushLeaveTogether() throws {
        let pair = try connected()
        defer { pair.finish() }
        var written = 0
        for number in 0..<100 {
            pair.client.write(ByteBuffer(string: "message \(number);"))
                .assumeIsolated().whenSuccess { written += 1 }
        }
        #expect(written == 0)
        pair.client.flush()
        let counts = try pair.carry()
        #expect(counts.toServer == 1)
        #expect(written == 100)
        let expected = (0..<100).map { "message \($0);" }.joined()
        #expect(String(decoding: pair.atServer.seen.bytes, as: UTF8.self) == expected)
    }

    @Test func largeUnflushedWritesDoNotPileUpInTheEngine() throws {
        let pair = try connected()
        defer { pair.finish() }
        let bytes = [UInt8](repeating: 7, count: 1 << 20)
        pair.client.write(ByteBuffer(bytes: bytes), promise: nil)
        pair.client.flush()
        let counts = try pair.carry()
        #expect((8...20).contains(counts.toServer), "\(counts)")
        #expect(pair.atServer.seen.bytes == bytes)
    }

    @Test func earlyWritesWaitForTheHandshake() throws {
        let pair = try EmbeddedPair(client: contexts.client, server: contexts.server)
        defer { pair.finish() }
        let first = pair.client.writeAndFlush(ByteBuffer(string: "one "))
        let second = pair.client.writeAndFlush(ByteBuffer(string: "two"))
        try pair.carry()
        #expect(pair.atServer.seen.bytes == Array("one two".utf8))
        try first.wait()
        try second.wait()
    }

    @Test func earlyWritesAreBounded() throws {
        let pair = try EmbeddedPair(client: contexts.client, server: contexts.server)
        defer { pair.finish() }
        let half = ByteBuffer(repeating: 0, count: TLSChannelHandler.earlyByteCountMax / 2)
        let kept = [pair.client.write(half), pair.client.write(half)]
        let tooMuch = pair.client.write(ByteBuffer(bytes: [1]))
        for write in kept + [tooMuch] { #expect(throws: TandemError.self) { try write.wait() } }
        #expect(pair.atClient.seen.errors.map(\.code) == [.unreachable])
    }

    @Test func handshakeHasATimeLimit() throws {
        let pair = try EmbeddedPair(client: contexts.client, server: contexts.server)
        defer { pair.finish() }
        let write = pair.server.writeAndFlush(ByteBuffer(string: "never"))
        pair.server.embeddedEventLoop.advanceTime(by: .milliseconds(9_999))
        #expect(pair.atServer.seen.errors.isEmpty)
        pair.server.embeddedEventLoop.advanceTime(by: .milliseconds(1))
        #expect(pair.atServer.seen.errors.map(\.code) == [.unreachable])
        #expect(pair.atServer.seen.errors.first?.message.contains("client did not finish") == true)
        #expect(throws: TandemError.self) { try write.wait() }
        // The peer gets a moment to read, then the socket closes in any case.
        pair.server.embeddedEventLoop.advanceTime(by: .seconds(1))
        #expect(!pair.server.isActive)
    }

    @Test func doneHandshakeHasNoTimeLimit() throws {
        let pair = try connected()
        defer { pair.finish() }
        pair.server.embeddedEventLoop.advanceTime(by: .hours(1))
        #expect(pair.atServer.seen.errors.isEmpty)
        #expect(pair.server.isActive)
    }

    @Test func goodbyeClosesBothEnds() throws {
        let pair = try connected()
        defer { pair.finish() }
        pair.client.write(ByteBuffer(string: "last words"), promise: nil)
        pair.client.close(promise: nil)
        try pair.carry()
        #expect(pair.atServer.seen.bytes == Array("last words".utf8))
        #expect(!pair.server.isActive)
        pair.server.embeddedEventLoop.run()
        #expect(pair.atServer.seen.errors.isEmpty)
        #expect(pair.atServer.seen.events.last == "inactive")
    }

    @Test func cutLineIsReported() throws {
        let pair = try connected()
        defer { pair.finish() }
        pair.server.pipeline.fireChannelInactive()
        #expect(pair.atServer.seen.errors.map(\.code) == [.connectionLost])
        let message = pair.atServer.seen.errors.first?.message
        #expect(message?.contains(TestContexts.agentURI) == true)
    }

    @Test func cutLineDuringTheHandshakeIsReported() throws {
        let pair = try EmbeddedPair(client: contexts.client, server: contexts.server)
        defer { pair.finish() }
        let write = pair.client.writeAndFlush(ByteBuffer(string: "never"))
        pair.client.pipeline.fireChannelInactive()
        #expect(pair.atClient.seen.errors.map(\.code) == [.connectionLost])
        #expect(throws: (any Error).self) { try write.wait() }
    }

    @Test func goodbyeLeavesTheOtherDirectionOpenWhereWanted() throws {
        let pair = try connected()
        defer { pair.finish() }
        pair.server.allowRemoteHalfClosure = true
        pair.client.write(ByteBuffer(string: "question"), promise: nil)
        pair.client.close(mode: .output, promise: nil)
        try pair.carry()
        #expect(pair.atServer.seen.events.last == "inputClosed")
        #expect(pair.atServer.seen.bytes == Array("question".utf8))
        // The socket's own notice afterwards says nothing new.
        pair.server.pipeline.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
        #expect(pair.atServer.seen.events == ["handshake tandem/1", "inputClosed"])
        #expect(pair.atServer.seen.errors.isEmpty)
        #expect(pair.server.isActive)
    }

    @Test func halfCloseWithoutGoodbyeIsACut() throws {
        let pair = try connected()
        defer { pair.finish() }
        pair.server.pipeline.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
        #expect(pair.atServer.seen.errors.map(\.code) == [.connectionLost])
        #expect(!pair.atServer.seen.events.contains("inputClosed"))
    }

    @Test func refusedClientLearnsWhy() throws {
        let pair = try EmbeddedPair(client: contexts.foreignClient, server: contexts.server)
        defer { pair.finish() }
        try pair.carry()
        #expect(pair.atServer.seen.errors.map(\.code) == [.identityRefused])
        #expect(pair.atServer.seen.peer == nil)
        let told = pair.atClient.seen.errors
        #expect(told.first?.message.contains("alert 48, unknown CA") == true, "\(told)")
    }

    @Test func nothingGoesOutAfterAFailure() throws {
        let pair = try connected()
        defer { pair.finish() }
        pair.server.pipeline.fireChannelRead(ByteBuffer(repeating: 0x17, count: 200))
        #expect(pair.atServer.seen.errors.map(\.code) == [.protocolViolation])
        #expect(throws: (any Error).self) {
            try pair.server.writeAndFlush(ByteBuffer(string: "late")).wait()
        }
    }
}
