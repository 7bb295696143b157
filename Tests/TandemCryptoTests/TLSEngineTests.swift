import TandemModel
import Testing

@testable import TandemCrypto

struct TLSEngineTests {
    let network: TestNetwork
    init() throws { network = try TestNetwork.shared.get() }

    private func connected() throws -> Pair {
        let pair = try Pair(client: network.client(), server: network.server())
        let result = pair.handshake()
        try #require(result.client == .done && result.server == .done, "\(result)")
        return pair
    }

    @Test func bothSidesKnowEachOther() throws {
        let pair = try Pair(
            client: network.client(),
            server: network.server(),
            clientExpects: .uri(TestNetwork.controllerURI),
            serverExpects: .uriPrefix(CertificateRole.agentURIPrefix)
        )
        let result = pair.handshake()
        #expect(result.client == .done && result.server == .done, "\(result)")
        #expect(pair.server.peer?.uri == TestNetwork.agentURI)
        #expect(pair.server.peer?.publicKeyFingerprint == network.agent.publicKeyFingerprint)
        #expect(pair.client.peer?.uri == TestNetwork.controllerURI)
        #expect(pair.client.peer?.publicKeyFingerprint == network.controller.publicKeyFingerprint)
        #expect(pair.client.applicationProtocol == "tandem/1")
        #expect(pair.server.applicationProtocol == "tandem/1")
    }

    @Test(arguments: [1, 2, 3, 5, 16, 100, 1000])
    func anyPieceSizeWorks(pieceByteCount: Int) throws {
        var pair = try Pair(client: network.client(), server: network.server())
        pair.pieceByteCount = pieceByteCount
        let result = pair.handshake()
        #expect(result.client == .done && result.server == .done, "\(result)")
        let bytes = patternBytes(40_000)
        #expect(try pair.client.write(bytes) == bytes.count)
        var received: [UInt8] = []
        pair.carry(pair.client, pair.server) { received += pair.server.readAll().bytes }
        #expect(received == bytes)
    }

    @Test func everySplitOfARecordWorks() throws {
        let pair = try connected()
        let bytes = patternBytes(60)
        _ = try pair.client.write(bytes)
        let ciphertextByteCount = pair.client.ciphertextByteCount
        _ = pair.client.takeCiphertext()
        let other = try connected()
        for split in 0...ciphertextByteCount {
            _ = try other.client.write(bytes)
            let ciphertext = other.client.takeCiphertext()
            #expect(other.server.feed(Array(ciphertext[..<split])) == split)
            let early = other.server.readAll().bytes
            #expect(other.server.feed(Array(ciphertext[split...])) == ciphertext.count - split)
            #expect(early + other.server.readAll().bytes == bytes)
        }
    }

    @Test func fiveMegabytesEachWay() throws {
        let pair = try connected()
        let bytes = patternBytes(5 << 20)
        for (source, target) in [(pair.client, pair.server), (pair.server, pair.client)] {
            var sent = 0
            var received: [UInt8] = []
            while sent < bytes.count {
                let accepted = try source.write(
                    Array(bytes[sent..<min(sent + 70_000, bytes.count)])
                )
                try #require(accepted > 0)
                sent += accepted
                pair.carry(source, target) { received += target.readAll().bytes }
            }
            #expect(received == bytes)
        }
    }

    @Test func writingIsBoundedUntilTheSocketTakesSome() throws {
        let pair = try connected()
        let bytes = patternBytes(1 << 20)
        let accepted = try pair.client.write(bytes)
        #expect(accepted < bytes.count)
        let bound = TLSEngine.outboundByteCountMax + (17 << 10)
        #expect(pair.client.ciphertextByteCount <= bound)
        #expect(try pair.client.write(bytes) == 0)
        // And nobody who does not read gets his own bytes accepted.
        #expect(pair.client.feedCapacity == 0)
        #expect(pair.client.feed([1, 2, 3]) == 0)
        // A socket that takes a thousand bytes at a time, sometimes none.
        var turn = 0
        var received: [UInt8] = []
        while pair.client.ciphertextByteCount > 0 {
            turn += 1
            _ = pair.client.drainCiphertext { space in
                turn % 3 == 0
                    ? 0 : pair.server.feed(UnsafeRawBufferPointer(rebasing: space.prefix(1000)))
            }
            received += pair.server.readAll().bytes
        }
        #expect(received == Array(bytes[..<accepted]))
    }

    @Test func inboundIsBounded() throws {
        let pair = try connected()
        let flood = [UInt8](repeating: 0x17, count: 1 << 20)
        #expect(pair.server.feed(flood) == TLSEngine.inboundByteCountMax)
        #expect(pair.server.feedCapacity == 0)
        #expect(pair.server.readAll().end.error?.code == .protocolViolation)
    }

    @Test func goodbyeEndsOneDirection() throws {
        let pair = try connected()
        _ = try pair.client.write(Array("last words".utf8))
        pair.client.closeNotify()
        pair.carry(pair.client, pair.server)
        let (bytes, end) = pair.server.readAll()
        #expect(bytes == Array("last words".utf8))
        #expect(end == .closed)
        #expect(throws: TandemError.self) { try pair.client.write([1]) }
        // The other direction still works.
        #expect(try pair.server.write(Array("answer".utf8)) == 6)
        pair.carry(pair.server, pair.client)
        #expect(pair.client.readAll().bytes == Array("answer".utf8))
    }

    @Test func cutLineIsNotAGoodbye() throws {
        let pair = try connected()
        _ = try pair.client.write(Array("last words".utf8))
        pair.carry(pair.client, pair.server)
        pair.server.endOfCiphertext()
        let (bytes, end) = pair.server.readAll()
        #expect(bytes == Array("last words".utf8))
        #expect(end.error?.code == .connectionLost)
        #expect(end.error?.message.contains(TestNetwork.agentURI) == true)
    }

    @Test func cutLineDuringTheHandshake() throws {
        let pair = try Pair(client: network.client(), server: network.server())
        _ = pair.client.handshake()
        pair.carry(pair.client, pair.server)
        pair.client.endOfCiphertext()
        #expect(pair.client.handshake().error?.code == .connectionLost)
    }

    @Test func changedByteEndsTheConnection() throws {
        let pair = try connected()
        _ = try pair.client.write(patternBytes(100))
        var ciphertext = pair.client.takeCiphertext()
        ciphertext[40] ^= 1
        #expect(pair.server.feed(ciphertext) == ciphertext.count)
        let end = pair.server.readAll().end
        #expect(end.error?.code == .protocolViolation)
        #expect(!pair.server.isEstablished)
        // The peer learns why, and the failure stays.
        pair.carry(pair.server, pair.client)
        let told = pair.client.readAll().end
        #expect(told.error?.message.contains("bad record MAC") == true, "\(told)")
        #expect(pair.client.readAll().end == told)
        #expect(throws: TandemError.self) { try pair.client.write([1]) }
    }

    @Test func keysChangeOnTheWay() throws {
        let pair = try connected()
        for _ in 0..<20 {
            #expect(pair.client.requestKeyUpdate())
            _ = try pair.client.write(Array("ping".utf8))
            pair.carry(pair.client, pair.server)
            #expect(pair.server.readAll().bytes == Array("ping".utf8))
            _ = try pair.server.write(Array("pong".utf8))
            pair.carry(pair.server, pair.client)
            #expect(pair.client.readAll().bytes == Array("pong".utf8))
        }
    }

    @Test func nothingIsReadOrWrittenBeforeTheHandshake() throws {
        let pair = try Pair(client: network.client(), server: network.server())
        #expect(try pair.client.write([1, 2, 3]) == 0)
        #expect(pair.client.readAll().end == .needsBytes)
        pair.client.closeNotify()
        #expect(pair.client.ciphertextByteCount == 0)
    }
}
