import ControllerAPI
import ControllerWeb
import NIOCore
import NIOPosix
import TandemModel
import TandemWire
import Testing

/// What a peer of the operators' port may do to itself, and not to others.
///
/// Each test ends only when the other side closes the connection; the suite's time limit is the
/// failure. The idle time stays at its 120 s, so that nothing but the deadline can be the reason.
@Suite(.timeLimit(.minutes(1))) struct HostileOperatorTests {
    private static var short: APIListener.Limits {
        var limits = APIListener.Limits()
        limits.peerTime = .seconds(1)
        return limits
    }

    private static let post = "POST /api/v1/clusters HTTP/1.1\r\nhost: 127.0.0.1\r\n"

    /// Runs `attack` on a connection of its own, beside an honest person's.
    private func withHonest(
        _ limits: APIListener.Limits = short,
        _ attack: @escaping @Sendable (RunningController) async throws -> Void
    ) async throws {
        try await RunningController.with(apiLimits: limits) { controller in
            let honest = try await RawOperator.connect(to: controller)
            try await honest.expectServed()
            try await attack(controller)
            try await honest.expectServed()
            await honest.close()
        }
    }

    /// Bytes come all the time, and no idle time ever ends it.
    @Test(arguments: [
        ("GET / HTTP/1.1\r\nhost: 127.0.0.1\r\n", "a: b\r\n"), ("GET /", "a"), ("", "\r\n"),
        (post + "content-length: 100000\r\n\r\n", " "),
        (post + "transfer-encoding: chunked\r\n\r\n", "1\r\n \r\n"),
    ])
    func aRequestThatDripsIsNotWaitedFor(_ start: String, _ drop: String) async throws {
        try await withHonest { controller in
            let hostile = try await RawOperator.connect(to: controller)
            try await hostile.send(start)
            hostile.drip(drop, every: .milliseconds(50))
            #expect(!(try await hostile.answerUntilClosed()).contains("200 OK"))
        }
    }

    /// The clock starts anew with the first byte of each later request.
    @Test func aSecondHeadThatDripsIsNotWaitedFor() async throws {
        try await withHonest { controller in
            let hostile = try await RawOperator.connect(to: controller)
            try await hostile.expectServed()
            try await hostile.send("GET / HTTP/1.1\r\nhost: 127.0.0.1\r\n")
            hostile.drip("a: b\r\n", every: .milliseconds(50))
            #expect(try await hostile.answerUntilClosed() == "")
        }
    }

    /// TLS, and not a word.
    @Test func aPersonWhoSaysNothingIsNotWaitedFor() async throws {
        try await withHonest { controller in
            let hostile = try await RawOperator.connect(to: controller)
            #expect(try await hostile.answerUntilClosed() == "")
        }
    }

    /// Nothing, no TLS, and a cut TLS hello.
    @Test(arguments: [[], Array("GET / HTTP/1.1\r\n\r\n".utf8), [0x16, 3, 1, 2, 0, 1]])
    func aPeerWithoutHandshakeIsClosed(_ bytes: [UInt8]) async throws {
        try await withHonest { controller in
            var crowd: [any Channel] = []
            for _ in 0..<100 { crowd.append(try await dial(controller.apiPort, bytes)) }
            for peer in crowd { try await peer.closeFuture.get() }
        }
    }

    /// A body far above the limit is refused with a reason, and its rest read for a short time.
    @Test(arguments: [
        ("content-length: 90000000\r\n\r\n", String(repeating: " ", count: 10_000)),
        (
            "transfer-encoding: chunked\r\n\r\n",
            "2710\r\n" + String(repeating: " ", count: 10_000) + "\r\n"
        ),
    ])
    func aBodyWithoutEndIsRefused(_ head: String, _ piece: String) async throws {
        try await withHonest { controller in
            let hostile = try await RawOperator.connect(to: controller)
            try await hostile.send(Self.post + head)
            // Fast enough that the body's own time would go on for ever.
            hostile.drip(piece, every: .milliseconds(5))
            let answer = try await hostile.answerUntilClosed()
            #expect(answer.hasPrefix("HTTP/1.1 413"))
            #expect(answer.contains("larger than 262144 bytes"))
        }
    }

    /// One long field, one long path, too many fields, too much together.
    @Test(arguments: [
        "GET /healthz HTTP/1.1\r\na: \(String(repeating: "b", count: 20_000))\r\n\r\n",
        "GET /\(String(repeating: "b", count: 20_000)) HTTP/1.1\r\n\r\n",
        "GET /healthz HTTP/1.1\r\n\(String(repeating: "a: b\r\n", count: 101))\r\n",
        "GET /healthz HTTP/1.1\r\n"
            + String(repeating: "a: \(String(repeating: "b", count: 10_000))\r\n", count: 4)
            + "\r\n",
        "no request at all\r\n\r\n",
    ])
    func aHeadThatIsTooLargeOrNoneIsRefused(_ head: String) async throws {
        // With its default time this side closes because of the head, not of the clock.
        try await withHonest(APIListener.Limits()) { controller in
            let hostile = try await RawOperator.connect(to: controller)
            try await hostile.send(head)
            #expect(try await hostile.answerUntilClosed().hasPrefix("HTTP/1.1 400"))
        }
    }

    /// A slow line is no attack: what arrives earns the time for the rest.
    @Test func aLargeBodyMayTakeLonger() async throws {
        try await withHonest { controller in
            let slow = try await RawOperator.connect(to: controller)
            // Below the limit of a JSON body, and answered only when all of it has come.
            let pieceCount = 30
            let piece = String(repeating: " ", count: 8 * 1024)
            let byteCount = pieceCount * piece.utf8.count
            try await slow.send(Self.post + "content-length: \(byteCount)\r\n\r\n")
            for number in 0..<pieceCount {
                // Three seconds in all, with a limit of one.
                slow.channel.eventLoop.scheduleTask(in: .milliseconds(Int64(number) * 100)) {
                    slow.channel.writeAndFlush(ByteBuffer(string: piece), promise: nil)
                }
            }
            let answer = try await slow.answer(until: "remedy")
            #expect(answer.contains("is not a ClusterAddRequest"), "\(answer)")
            await slow.close()
        }
    }

    /// Asks for megabytes and reads none: its place is given to somebody else.
    @Test func aPersonWhoDoesNotReadIsNotWaitedFor() async throws {
        var limits = Self.short
        limits.connectionCount = 4  // Of which one address gets two.
        try await withHonest(limits) { controller in
            for number in 0..<40 {
                let name = "cmp-\(number)"
                _ = try await controller.add(["\(name)-1", "\(name)-2"], cluster: name)
            }
            let hostile = try await RawOperator.connect(to: controller)
            try await hostile.channel.setOption(.autoRead, value: false).get()
            let ask = "GET \(APIPath.network) HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n"
            // More than both kernels' buffers hold, whatever they have grown to.
            hostile.channel.writeAndFlush(
                ByteBuffer(string: String(repeating: ask, count: 400)),
                promise: nil
            )
            try await expectAPlace(controller)
            await hostile.close()
        }
    }

    /// Dials until a connection is served; the other side sees one go a moment after it went.
    private func expectAPlace(_ controller: RunningController) async throws {
        while true {
            guard let next = try? await RawOperator.connect(to: controller) else { continue }
            try await next.expectServed()
            await next.close()
            return
        }
    }

    /// Who is served stays served, the newest is refused, and a place that is left is given again.
    @Test func theNewestConnectionIsRefused() async throws {
        var limits = APIListener.Limits()
        limits.connectionCount = 8  // Of which one address gets four.
        // So that nothing but the limit closes whoever says nothing.
        limits.peerTime = .minutes(10)
        try await withHonest(limits) { controller in
            // A handshake that is done tells that they were counted before those that come next.
            var crowd: [RawOperator] = []
            for _ in 0..<3 { crowd.append(try await RawOperator.connect(to: controller)) }
            for _ in 0..<3 { try await dial(controller.apiPort, []).closeFuture.get() }
            for peer in crowd { await peer.close() }
            try await expectAPlace(controller)
        }
    }

    /// The same on the agents' port.
    @Test func theNewestAgentIsRefused() async throws {
        try await RunningController.with(
            peerTimeoutMilliseconds: 600_000,
            agentConnectionCount: 1
        ) { controller in
            let agents = try await controller.add(["cmp-1", "cmp-2"])
            let (issued, definition) = try #require(agents["cmp-1"])
            let honest = try await controller.dial(issued)
            try await honest.send(.hello(plainHello(definition)))
            let welcome = await honest.first { message -> Bool? in
                if case .welcome = message { true } else { nil }
            }
            #expect(welcome == true)
            for _ in 0..<3 { try await dial(controller.agentPort, []).closeFuture.get() }
            try await honest.send(.chunkRequest(image: .none, offset: 0, byteCount: 1))
            let answer = await honest.first { message -> Bool? in
                if case .chunkRefused = message { true } else { nil }
            }
            #expect(answer == true, "who is served is no longer answered")
            await honest.close()
        }
    }
}

/// A bare TCP connection that says these bytes.
private func dial(_ port: Int, _ bytes: [UInt8]) async throws -> any Channel {
    let peer = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
        .connect(host: "127.0.0.1", port: port).get()
    peer.writeAndFlush(ByteBuffer(bytes: bytes), promise: nil)
    return peer
}
