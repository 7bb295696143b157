import ControllerAPI
import ControllerStore
import NIOCore
import NIOPosix
import Synchronization
import TandemCrypto
import TandemModel
import TandemWire
import Testing

/// A store whose commits wait while it is held, as those of a slow disk do.
private final class HeldStore: WrappedStore {
    let store = InMemoryStore()
    private let waiting = Mutex<[CheckedContinuation<Void, Never>]?>(nil)

    func hold() { waiting.withLock { $0 = [] } }

    func release() {
        let all = waiting.withLock { waiting in
            defer { waiting = nil }
            return waiting ?? []
        }
        for one in all { one.resume() }
    }

    func commit(_ transaction: StoreTransaction) async throws {
        await withCheckedContinuation { continuation in
            let isHeld = waiting.withLock { waiting in
                waiting?.append(continuation)
                return waiting != nil
            }
            if !isHeld { continuation.resume() }
        }
        try await store.commit(transaction)
    }
}

/// What a peer of bad intent may do to itself, and not to others.
@Suite(.timeLimit(.minutes(1))) struct HostilePeerTests {
    private static let shortMilliseconds: Int64 = 5000

    /// Says hello and waits for the welcome.
    private func greeted(
        _ name: String,
        _ agents: [String: (IssuedCertificate, ServerDefinition)],
        _ controller: RunningController
    ) async throws -> RawAgent {
        let (issued, definition) = try #require(agents[name])
        let agent = try await controller.dial(issued)
        try await agent.send(.hello(plainHello(definition)))
        let welcome = await agent.first { message -> Bool? in
            if case .welcome = message { true } else { nil }
        }
        try #require(welcome == true)
        return agent
    }

    private func heartbeat(_ sequence: UInt32) -> AgentMessage {
        .heartbeat(
            Heartbeat(
                sequence: sequence,
                reportSequence: 0,
                role: .active,
                generation: 1,
                isInService: true,
                isCaughtUp: true,
                lagBytes: 0,
                packageDigestPrefix: 0,
                loadHundredths: 0,
                alarmSequence: 0
            )
        )
    }

    private func expectServed(_ agent: RawAgent, sequence: UInt32) async throws {
        try await agent.send(heartbeat(sequence))
        let told = await agent.first { message -> UInt32? in
            if case .heartbeatAck(sequence, _) = message { sequence } else { nil }
        }
        #expect(told == sequence, "an honest agent is not answered")
    }

    private func farewell(of agent: RawAgent) async -> Bye? {
        await agent.first { message -> Bye? in
            if case .bye(let bye) = message { bye } else { nil }
        }
    }

    /// Presses Replace Server as soon as that is offered.
    private func pressReplace(_ name: String, _ controller: RunningController) async throws {
        let cluster = ClusterName("cmp-a")
        var version: UInt64 = 0
        while true {
            let shown = try await controller.service.cluster(
                cluster,
                after: version,
                waitSeconds: 10
            )
            version = shown.version
            guard
                shown.status.buttons.contains(where: {
                    $0.button == .replaceServer && $0.isEnabled
                })
            else {
                continue
            }
            _ = try await controller.service.press(
                PressRequest(
                    button: .replaceServer,
                    server: ServerName(name),
                    reason: "its disk is broken",
                    seen: shown.status.seen
                ),
                cluster: cluster,
                person: PersonName("ada")
            )
            return
        }
    }

    /// Whatever one agent sends while the store is slow, the queue keeps room for the others.
    @Test func aFloodEndsThatPeerOnly() async throws {
        let store = HeldStore()
        try await RunningController.with(store: store) { controller in
            let agents = try await controller.add(["cmp-1", "cmp-2"])
            let honest = try await greeted("cmp-1", agents, controller)
            let hostile = try await greeted("cmp-2", agents, controller)
            store.hold()
            defer { store.release() }
            // The report is committed, or something before it: the loop stands still from there.
            try await hostile.send(.report(plainReport(.standby)))
            let one = try FrameEncoder().frame(heartbeat(1))
            let flood = [[UInt8]](repeating: one, count: 1000).flatMap(\.self)
            // Far more than may wait; the last writes fail once the connection is closed.
            for _ in 0..<40 {
                hostile.channel.writeAndFlush(ByteBuffer(bytes: flood), promise: nil)
            }
            let bye = await farewell(of: hostile)
            #expect(bye?.code == ErrorCode.protocolViolation.id)
            #expect(bye?.text.contains("cmp-2 says more than the controller can store") == true)
            store.release()
            try await expectServed(honest, sequence: 7)
            await honest.close()
        }
    }

    /// Each peer owes something and does not give it; the honest agent beside it is served.
    @Test(arguments: [0, 1, 8, 20]) func aFrameThatNeverEndsIsNotWaitedFor(count: Int) async throws
    {
        try await RunningController.with(
            peerTimeoutMilliseconds: Self.shortMilliseconds
        ) { controller in
            let agents = try await controller.add(["cmp-1", "cmp-2"])
            let honest = try await greeted("cmp-1", agents, controller)
            let hostile: RawAgent
            if count == 0 {
                let (issued, _) = try #require(agents["cmp-2"])
                hostile = try await controller.dial(issued)
            } else {
                hostile = try await greeted("cmp-2", agents, controller)
                // Byte for byte, so that each is a read of its own.
                for byte in try FrameEncoder().frame(heartbeat(1)).prefix(count) {
                    try await hostile.send(bytes: [byte])
                }
            }
            let bye = await farewell(of: hostile)
            #expect(bye?.code == ErrorCode.unreachable.id)
            let what = count == 0 ? "no hello came within 5.0 s" : "no rest of a frame came within"
            #expect(bye?.text.contains(what) == true)
            try await expectServed(honest, sequence: 3)
            await honest.close()
        }
    }

    /// Peers that connect and say nothing, or no TLS, are closed in the time of a handshake.
    @Test(arguments: [[], Array("GET / HTTP/1.1\r\n\r\n".utf8), [0x16, 3, 1, 2, 0, 1]])
    func aPeerWithoutHandshakeIsClosed(_ bytes: [UInt8]) async throws {
        try await RunningController.with(
            peerTimeoutMilliseconds: Self.shortMilliseconds
        ) { controller in
            let agents = try await controller.add(["cmp-1", "cmp-2"])
            let honest = try await greeted("cmp-1", agents, controller)
            var crowd: [any Channel] = []
            for _ in 0..<100 {
                let peer = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                    .connect(host: "127.0.0.1", port: controller.agentPort).get()
                peer.writeAndFlush(ByteBuffer(bytes: bytes), promise: nil)
                crowd.append(peer)
            }
            try await expectServed(honest, sequence: 5)
            for peer in crowd { try await peer.closeFuture.get() }
            try await expectServed(honest, sequence: 6)
            await honest.close()
        }
    }

    /// A key that is taken off the list is worth nothing from then on, connected or not.
    @Test func aReplacedAgentIsClosedWhereItIsConnected() async throws {
        try await RunningController.with { controller in
            let agents = try await controller.add(["cmp-1", "cmp-2"])
            let honest = try await greeted("cmp-1", agents, controller)
            let revoked = try await greeted("cmp-2", agents, controller)
            // It is broken, and not gone.
            var broken = plainReport(.standby)
            broken.zombie = "its disk is broken"
            try await honest.send(.report(plainReport(.active)))
            try await revoked.send(.report(broken))
            try await pressReplace("cmp-2", controller)
            let (new, _) = try controller.identities.agent("cmp-2")
            _ = try await controller.service.enrol(
                EnrolRequest(certificate: String(decoding: new.certificatePEM, as: UTF8.self)),
                server: ServerName("cmp-2"),
                person: PersonName("ada")
            )
            #expect(await farewell(of: revoked)?.code == ErrorCode.identityRefused.id)
            let (old, _) = try #require(agents["cmp-2"])
            let again = try await controller.dial(old)
            let bye = await farewell(of: again)
            #expect(bye?.code == ErrorCode.identityRefused.id)
            #expect(bye?.text.contains("not on the list") == true)
            try await expectServed(honest, sequence: 2)
            await honest.close()
        }
    }
}
