import Glibc
import TandemCrypto
import TandemModel
import TandemSpawn
import TandemWire
import Testing

/// Whom the agent speaks to, and what it does when that ends.
@Suite(.serialized)
struct ConnectionEndToEndTests {
    private func context(
        _ issued: IssuedCertificate,
        _ authority: CertificateAuthority
    ) throws -> TLSContext {
        try TLSContext(
            .server,
            TLSConfiguration(
                certificateChain: .bytes(issued.certificatePEM, name: "crt"),
                privateKey: .bytes(issued.privateKeyPEM, name: "key"),
                authorities: .bytes(authority.certificatePEM, name: "ca"),
                applicationProtocols: ["tandem/1"]
            )
        )
    }

    private func waitForLog(_ bench: AgentBench, _ isThere: (Substring) -> Bool) -> Bool {
        let limit = MachineClock.monotonic() + 20_000
        while limit.since(MachineClock.monotonic()) > 0 {
            if bench.log.split(separator: "\n").contains(where: isThere) { return true }
            _ = poll(nil, 0, 20)
        }
        return false
    }

    /// An agent whose only controller shows that certificate never says a word to it.
    private func expectSilence(
        towards issued: IssuedCertificate,
        of authority: CertificateAuthority,
        bench: AgentBench
    ) throws {
        let stranger = try FakeController(tls: context(issued, authority))
        let text = try bench.folder.text("agent.conf")
        let lines = text.split(separator: "\n").filter { !$0.hasPrefix("controller") }
        try bench.folder.write(
            "agent.conf",
            (lines + ["controller = 127.0.0.1:\(stranger.port)"]).joined(separator: "\n")
        )
        try bench.start()
        do {
            let peer = try stranger.accept()
            _ = try peer.next(milliseconds: 5000)
            Issue.record("the agent spoke to a stranger")
        } catch is TandemError {
            // Refused in the handshake, or right after it.
        }
        #expect(stranger.isDialled(milliseconds: 10_000))
        #expect(bench.end() == .exited(0))
    }

    @Test
    func foreignAuthorityIsRefused() throws {
        let bench = try AgentBench()
        let foreign = try CertificateAuthority.create(commonName: "Foreign", validityDays: 2)
        let issued = try foreign.issue(.controller("c1", names: ["127.0.0.1"]), validityDays: 2)
        // It would even take the agent's certificate.
        try expectSilence(towards: issued, of: bench.authority, bench: bench)
    }

    @Test
    func certificateThatIsNoControllersIsRefused() throws {
        let bench = try AgentBench()
        let issued = try bench.authority.issue(.server(names: ["127.0.0.1"]), validityDays: 2)
        try expectSilence(towards: issued, of: bench.authority, bench: bench)
    }

    @Test
    func nextControllerIsTried() throws {
        let bench = try AgentBench()
        // Somebody else's port: nobody listens.
        let gone = try FakeController(
            tls: context(
                bench.authority.issue(.controller("c2", names: ["127.0.0.1"]), validityDays: 2),
                bench.authority
            )
        ).port
        let text = try bench.folder.text("agent.conf")
        try bench.folder.write("agent.conf", "controller = 127.0.0.1:\(gone)\n" + text)
        try bench.start()
        let peer = try bench.welcome()
        _ = try peer.report("any") { _ in true }
    }

    @Test
    func closedConnectionIsDialledAgainAndWaits() throws {
        let bench = try AgentBench()
        try bench.start()
        let first = try bench.welcome()
        _ = try first.report("any") { _ in true }
        first.close()
        let second = try bench.welcome()
        _ = try second.report("any") { _ in true }
        // Without a welcome each attempt waits longer.
        second.close()
        var waits: [UInt64] = []
        for _ in 0..<4 {
            let began = MachineClock.monotonic()
            let peer = try bench.controller.accept()
            waits.append(MachineClock.monotonic().since(began))
            peer.close()
        }
        #expect(waits[3] >= 1000)
        #expect(waits[3] > waits[0])
    }

    @Test
    func silentControllerIsLeft() throws {
        let bench = try AgentBench()
        try bench.start()
        let peer = try bench.welcome(heartbeatMilliseconds: 200)
        peer.acknowledges = false
        #expect(peer.isClosed(milliseconds: 25_000))
        let again = try bench.welcome()
        _ = try again.report("any") { _ in true }
    }

    @Test
    func olderEpochIsNotObeyed() throws {
        let bench = try AgentBench()
        try bench.start()
        let peer = try bench.welcome(epoch: 7)
        _ = try peer.report("any") { _ in true }
        peer.close()
        let older = try bench.controller.accept()
        try bench.welcome(older, epoch: 6)
        let bye: Bye = try older.wait("bye") { if case .bye(let bye) = $0 { bye } else { nil } }
        #expect(bye.code == ErrorCode.epochRefused.id)
        #expect(older.isClosed())
    }

    @Test
    func unknownFrameIsAnsweredAndGarbageEndsTheConnection() throws {
        let bench = try AgentBench()
        try bench.start()
        let peer = try bench.welcome()
        _ = try peer.report("any") { _ in true }
        // Kind 200 is nobody's: length 12, version 1, no flags, correlation 5.
        try peer.sendRaw([0, 0, 0, 12, 1, 200, 0, 0, 0, 0, 0, 0, 0, 0, 0, 5])
        let error: Bye = try peer.wait("error") {
            if case .error(let bye) = $0 { bye } else { nil }
        }
        #expect(error.code == ErrorCode.protocolViolation.id)
        try peer.sendRaw([0xff, 0xff, 0xff, 0xff, 1, 1, 0, 0])
        #expect(peer.isClosed())
        let again = try bench.welcome()
        _ = try again.report("any") { _ in true }
    }

    @Test
    func namesAreLookedUpInAWorker() throws {
        let bench = try AgentBench()
        let text = try bench.folder.text("agent.conf")
        let named = text.split(separator: "\n").map { line in
            line.hasPrefix("controller") ? "controller = localhost:\(bench.controller.port)" : line
        }
        try bench.folder.write("agent.conf", named.joined(separator: "\n"))
        try bench.start()
        let peer = try bench.welcome()
        _ = try peer.report("any") { _ in true }
        #expect(waitForLog(bench) { $0.hasSuffix("worker resolve: exit status 0") })
    }
}
