import Glibc
import TandemCrypto
import TandemModel
import TandemSpawn
import TandemWire
import Testing

/// Both halves of a failover and its guards, on a real agent; shortened clocks.
@Suite(.serialized)
struct FailoverEndToEndTests {
    private static let clocks = """
        clock.arm-seconds = 2
        clock.demote-seconds = 1
        clock.promote-seconds = 2
        clock.fence-seconds = 1
        clock.dead-man-seconds = 10
        clock.take-back-seconds = 3
        """
    private static let failover = FailoverID(high: 3, low: 3)
    private static let nonce = Nonce(high: 4, low: 4)
    private let bench: AgentBench

    init() throws { bench = try AgentBench(extraConfiguration: Self.clocks) }

    /// An agent that runs release 1 of the product in a role.
    private func prepared(role: String, peer: String) throws -> FakePeer {
        try bench.start()
        let connection = try bench.welcome()
        let offer = try bench.image("1")
        #expect(try bench.stage(offer, to: connection).outcome == .done)
        let install = try bench.command(
            .install(manifest: offer.manifest, configuration: nil),
            to: connection
        )
        #expect(try bench.result(of: install, from: connection).outcome == .done)
        try bench.setRole(role, peer: peer)
        _ = try connection.report("role \(role)") {
            $0.role.rawValue == role && $0.ha.peerRole.rawValue == peer
        }
        return connection
    }

    private func command(_ verb: Verb, to peer: FakePeer) throws -> Command {
        try bench.command(verb, to: peer, hasMate: true)
    }

    private func promote(_ peer: FakePeer) throws -> (command: Command, nonce: Nonce) {
        let command = try command(
            .promote(failover: Self.failover, authority: .demotionProof),
            to: peer
        )
        let nonce: Nonce = try peer.wait("to be armed") { message in
            if case .accepted(command.id, let nonce?) = message { nonce } else { nil }
        }
        return (command, nonce)
    }

    private func proof(_ nonce: Nonce) throws -> ControllerMessage {
        var proof = DemotionProof(
            failover: Self.failover,
            nonce: nonce,
            agent: bench.mate,
            generation: 5,
            position: ""
        )
        proof.signature = try bench.mateKey.sign(proof.signedBytes(), label: DemotionProof.label)
        return .proof(proof)
    }

    @Test
    func targetPromotesOnTheMatesProof() throws {
        let peer = try prepared(role: "standby", peer: "active")
        let (command, nonce) = try promote(peer)
        try bench.folder.write("peer", "other")
        try peer.send(proof(nonce))
        let result = try bench.result(of: command, from: peer)
        #expect(result.outcome == .done)
        #expect(result.post.role == .active)
        #expect(bench.driverCalls.filter { $0.hasPrefix("promote") } == ["promote t1"])
    }

    @Test
    func hangingPromotionEndsFencedAndVoided() throws {
        let peer = try prepared(role: "standby", peer: "active")
        try bench.folder.script("do-promote", "exec sleep 300")
        let (command, nonce) = try promote(peer)
        try bench.folder.write("peer", "other")
        try peer.send(proof(nonce))
        let result = try bench.result(of: command, from: peer)
        guard case .failed = result.outcome, let voided = result.voided else {
            Issue.record("\(result.outcome)")
            return
        }
        let certificate = try PeerIdentity(certificate: .file(bench.folder("agent.crt")))
        let key = try #require(P256.PublicKey(spki: certificate.publicKeySPKI))
        #expect(
            key.verify(
                signature: voided.signature,
                over: try voided.signedBytes(),
                label: VoidedFailover.label
            )
        )
        #expect(bench.driverCalls.contains("fence"))
        #expect(result.post.isHeld)
    }

    @Test
    func restartedAgentEndsAPromotionAndFences() throws {
        let peer = try prepared(role: "standby", peer: "active")
        // It would become active a moment after the agent has died.
        try bench.folder.script(
            "do-promote",
            "echo $$ > promoting; sleep 1; echo active > role; sleep 300"
        )
        let (command, nonce) = try promote(peer)
        try bench.folder.write("peer", "other")
        try peer.send(proof(nonce))
        let limit = MachineClock.monotonic() + 20_000
        while try !bench.folder.exists("promoting"), limit.since(MachineClock.monotonic()) > 0 {
            _ = poll(nil, 0, 5)
        }
        bench.crash()
        try bench.start()
        let again = try bench.welcome()
        let result = try bench.result(of: command, from: again)
        guard case .failed = result.outcome else {
            Issue.record("\(result.outcome)")
            return
        }
        #expect(result.voided?.failover == Self.failover)
        #expect(result.post.role != .active)
        let process = try #require(Int32(try bench.folder.text("promoting").dropLast()))
        #expect(ProcessEntry.read(process).map(\.hasEnded) ?? true)
    }

    private func demote(_ peer: FakePeer) throws -> Command {
        try command(
            .demote(
                failover: Self.failover,
                target: ServerName("b"),
                targetNonce: Self.nonce,
                deadManMilliseconds: 6000
            ),
            to: peer
        )
    }

    @Test
    func demotedServerProvesIt() throws {
        let peer = try prepared(role: "active", peer: "other")
        let command = try demote(peer)
        let result = try bench.result(of: command, from: peer)
        #expect(result.outcome == .done)
        let proof = try #require(result.proof)
        #expect(proof.nonce == Self.nonce)
        // The mate serves: the dead-man is not needed any more.
        try bench.folder.write("peer", "active")
        let limit = MachineClock.monotonic() + 8000
        let file = "state/guards/dead-man-\(Self.failover)"
        while try bench.folder.exists(file), limit.since(MachineClock.monotonic()) > 0 {
            _ = try? peer.next(milliseconds: 100)
        }
        #expect(try !bench.folder.exists(file))
        #expect(!bench.driverCalls.contains("take-back"))
    }

    /// A sick server is the one to be demoted, and its product may answer nothing at all.
    @Test
    func demotionDoesNotWaitForAHangingHealthCheck() throws {
        let peer = try prepared(role: "active", peer: "other")
        try bench.folder.write("root/hang", "")
        _ = try command(.report, to: peer)
        let limit = MachineClock.monotonic() + 20_000
        while try !bench.folder.exists("root/hanging"), limit.since(MachineClock.monotonic()) > 0 {
            _ = try? peer.next(milliseconds: 50)
        }
        #expect(try bench.folder.exists("root/hanging"))
        let began = MachineClock.monotonic()
        let result = try bench.result(of: try demote(peer), from: peer)
        #expect(result.outcome == .done)
        #expect(result.proof?.nonce == Self.nonce)
        #expect(MachineClock.monotonic().since(began) < 5000)
        #expect(bench.driverCalls.contains("demote"))
    }

    @Test
    func deadManTakesBackWithoutAnAgent() throws {
        let peer = try prepared(role: "active", peer: "other")
        let command = try demote(peer)
        #expect(try bench.result(of: command, from: peer).outcome == .done)
        bench.crash()
        let limit = MachineClock.monotonic() + 20_000
        while !bench.driverCalls.contains("take-back"), limit.since(MachineClock.monotonic()) > 0 {
            _ = poll(nil, 0, 20)
        }
        #expect(bench.driverCalls.contains("take-back"))
        try bench.start()
        let again = try bench.welcome()
        let report = try again.report("active again") { $0.role == .active }
        #expect(report.ha.isInService)
    }

    @Test
    func voidedWordTakesTheRoleBackAtOnce() throws {
        let peer = try prepared(role: "active", peer: "other")
        let command = try demote(peer)
        let began = MachineClock.monotonic()
        #expect(try bench.result(of: command, from: peer).outcome == .done)
        var voided = VoidedFailover(failover: Self.failover, agent: bench.mate)
        voided.signature = try bench.mateKey.sign(
            voided.signedBytes(),
            label: VoidedFailover.label
        )
        try peer.send(.voided(voided))
        _ = try peer.report("active again") { $0.role == .active && $0.ha.isInService }
        #expect(MachineClock.monotonic().since(began) < 6000)
    }

    @Test
    func demotionWithoutADeadManDoesNotBegin() throws {
        let peer = try prepared(role: "active", peer: "other")
        // Nothing can be written there, so the dead-man can't be armed.
        try Files.createDirectory(bench.folder("state/guards/dead-man-\(Self.failover)/x"))
        let command = try demote(peer)
        let result = try bench.result(of: command, from: peer)
        guard case .failed(let failure) = result.outcome else {
            Issue.record("\(result.outcome)")
            return
        }
        #expect("\(failure)".contains("dead-man"))
        #expect(result.post.role == .active)
        #expect(!bench.driverCalls.contains("demote"))
    }
}
