import Glibc
import TandemCrypto
import TandemModel
import TandemSpawn
import TandemWire
import Testing

/// The real program, with real TLS, packages and children, against a controller that is the test.
@Suite(.serialized)
struct AgentProgramEndToEndTests {
    private let bench: AgentBench

    init() throws { bench = try AgentBench() }

    private func install(
        _ offer: ImageOffer,
        on peer: FakePeer
    ) throws -> (command: Command, result: CommandResult) {
        let command = try bench.command(
            .install(manifest: offer.manifest, configuration: nil),
            to: peer
        )
        return (command, try bench.result(of: command, from: peer))
    }

    @Test
    func agentConnectsReportsAndBeats() throws {
        try bench.start()
        let peer = try bench.controller.accept()
        #expect(peer.identity?.uri == "urn:tandem:agent:\(AgentBench.agentID)")
        try bench.welcome(peer, heartbeatMilliseconds: 200)
        let report = try peer.report("role") { $0.role == .standby }
        #expect(report.software == .unknown("no release image is staged here"))
        try bench.setRole("active", peer: "other", token: "t2")
        let active = try peer.report("active") { $0.role == .active }
        #expect(active.generation == report.generation + 1)
        #expect(active.ha.isInService)
        // Each report goes with a heartbeat of its own at once.
        _ = try? peer.wait("heartbeats", milliseconds: 800) { _ in Int?.none }
        #expect(peer.lastHeartbeat?.role == .active)
        #expect(peer.heartbeatByteCount < 100)
        #expect(bench.end() == .exited(0))
    }

    @Test
    func upgradeAndBackOutOnRealPackages() throws {
        try bench.start()
        let peer = try bench.welcome(hasMate: false)
        let one = try bench.image("1")
        #expect(try bench.stage(one, to: peer).outcome == .done)
        #expect(try install(one, on: peer).result.outcome == .done)
        #expect(try bench.folder.text("root/running-shop") == "1")
        let two = try bench.image("2")
        #expect(try bench.stage(two, to: peer).outcome == .done)
        let (_, result) = try install(two, on: peer)
        #expect(result.outcome == .done)
        #expect(result.post.software == .known(two.release))
        #expect(result.post.previous == one.release)
        let names = peer.heard.compactMap { message in
            if case .step(let progress) = message { progress.name } else { nil }
        }
        for name in ["Check", "Stop", "Install", "Start", "Verify"] {
            #expect(names.contains(name))
        }
        let backOut = try bench.command(
            .backOut(manifest: one.manifest, configuration: nil),
            to: peer
        )
        let back = try bench.result(of: backOut, from: peer)
        #expect(back.outcome == .done)
        #expect(back.post.software == .known(one.release))
        #expect(try bench.folder.text("root/running-shop") == "1")
    }

    /// On the only server of a cluster Start makes it active: the driver tells that while the product's answer
    /// is still under way, and that answer is the one that proves the upgrade.
    @Test
    func onlyServerIsBelievedWhatItsProductAnswersLate() throws {
        try bench.folder.write("alone", "")
        try bench.start()
        let peer = try bench.welcome(hasMate: false)
        #expect(try bench.install("1", on: peer).outcome == .done)
        try bench.folder.write("root/late", "")
        let two = try bench.image("2")
        #expect(try bench.stage(two, to: peer).outcome == .done)
        let (_, result) = try install(two, on: peer)
        #expect(result.outcome == .done)
        #expect(result.post.software == .known(two.release) && result.post.ha.role == .active)
    }

    @Test
    func failingPostinstReturnsWithThePackagesOwnWords() throws {
        try bench.start()
        let peer = try bench.welcome(hasMate: false)
        #expect(try bench.install("1", on: peer).outcome == .done)
        let two = try bench.image(
            "2",
            scripts: ["postinst": "echo 'index can not be converted' >&2; exit 9"]
        )
        #expect(try bench.stage(two, to: peer).outcome == .done)
        let (_, result) = try install(two, on: peer)
        guard case .failed(let failure) = result.outcome else {
            Issue.record("\(result.outcome)")
            return
        }
        #expect(failure.diagnostic.contains("index can not be converted"))
        #expect(result.post.software == .known(ReleaseID(product: "shop", version: "1")))
    }

    @Test
    func killedAgentFindsItsGuardAgain() throws {
        try bench.start()
        let peer = try bench.welcome(hasMate: false)
        #expect(try bench.install("1", on: peer).outcome == .done)
        let flag = bench.folder("go-on")
        let two = try bench.image(
            "2",
            scripts: [
                "postinst":
                    "[ \"$1\" = configure ] || exit 0; while [ ! -e \(flag) ]; do sleep 0.1; done"
            ]
        )
        #expect(try bench.stage(two, to: peer).outcome == .done)
        let command = try bench.command(
            .install(manifest: two.manifest, configuration: nil),
            to: peer
        )
        _ = try peer.wait("dpkg to configure") { message in
            if case .step(let progress) = message, progress.text.hasPrefix("configure") {
                true
            } else {
                nil
            }
        }
        bench.crash()
        try bench.start()
        let again = try bench.welcome(hasMate: false)
        try bench.folder.write("go-on", "")
        let result = try bench.result(of: command, from: again)
        #expect(result.outcome == .done)
        #expect(result.post.software == .known(two.release))
        let log = try bench.folder.text("state/dpkg.log")
        #expect(log.split(separator: "\n").count { $0.contains(" upgrade shop:all 1 2") } == 1)
    }

    @Test
    func killedAgentAndDpkgAreRepaired() throws {
        try bench.start()
        let peer = try bench.welcome(hasMate: false)
        #expect(try bench.install("1", on: peer).outcome == .done)
        let flag = bench.folder("go-on")
        let two = try bench.image(
            "2",
            scripts: [
                "postinst":
                    "[ \"$1\" = configure ] || exit 0; while [ ! -e \(flag) ]; do sleep 0.1; done"
            ]
        )
        #expect(try bench.stage(two, to: peer).outcome == .done)
        let command = try bench.command(
            .install(manifest: two.manifest, configuration: nil),
            to: peer
        )
        _ = try peer.wait("dpkg to configure") { message in
            if case .step(let progress) = message, progress.text.hasPrefix("configure") {
                true
            } else {
                nil
            }
        }
        // Everything of this server dies but the journal.
        bench.stop()
        try bench.folder.write("go-on", "")
        try bench.start()
        let again = try bench.welcome(hasMate: false)
        let result = try bench.result(of: command, from: again)
        #expect(result.outcome == .done)
        #expect(result.post.software == .known(two.release))
    }

    @Test
    func installWaitsForTheMatesGenuineWord() throws {
        try bench.start()
        let peer = try bench.welcome()
        let one = try bench.image("1")
        #expect(try bench.stage(one, to: peer).outcome == .done)
        let command = try bench.command(
            .install(manifest: one.manifest, configuration: nil),
            to: peer,
            hasMate: true
        )
        func nonce() throws -> Nonce {
            try peer.wait("a request for a voucher") { message in
                if case .voucherNeeded(command.id, _, let nonce) = message { nonce } else { nil }
            }
        }
        // Forged: signed by a stranger. The command ends before anything was done.
        let stranger = try P256.PrivateKey.generate()
        try peer.send(bench.voucher(for: command, nonce: nonce(), key: stranger))
        let refused = try bench.result(of: command, from: peer)
        guard case .failed(let failure) = refused.outcome else {
            Issue.record("\(refused.outcome)")
            return
        }
        #expect(failure.code == ErrorCode.voucherRefused.id)
        #expect(try !bench.folder.exists("root/opt/shop"))
        let second = try bench.command(
            .install(manifest: one.manifest, configuration: nil),
            to: peer,
            hasMate: true
        )
        var result: CommandResult?
        while result == nil {
            switch try peer.next(milliseconds: 60_000) {
            case .voucherNeeded(second.id, _, let nonce):
                try peer.send(bench.voucher(for: second, nonce: nonce))
            case .finished(let ended) where ended.command == second.id: result = ended
            case _: continue
            }
        }
        #expect(result?.outcome == .done)
    }

    @Test
    func agentVouchesForItsMate() throws {
        try bench.setRole("active", peer: "other")
        try bench.start()
        let peer = try bench.welcome()
        _ = try peer.report("active") { $0.role == .active }
        let nonce = Nonce(high: 5, low: 6)
        let command = CommandID(high: 8, low: 8)
        try peer.send(.vouchRequest(command: command, failover: nil, nonce: nonce))
        let voucher = try peer.wait("a voucher") { message in
            if case .voucher(let voucher) = message { voucher } else { nil }
        }
        #expect(voucher.nonce == nonce)
        #expect(voucher.isInService)
        let certificate = try PeerIdentity(certificate: .file(bench.folder("agent.crt")))
        let key = try #require(P256.PublicKey(spki: certificate.publicKeySPKI))
        #expect(
            key.verify(
                signature: voucher.signature,
                over: try voucher.signedBytes(),
                label: Voucher.label
            )
        )
    }

    @Test
    func logsComeInParts() throws {
        try bench.start()
        let peer = try bench.welcome(hasMate: false)
        #expect(try bench.install("1", on: peer).outcome == .done)
        let command = try bench.command(.collectLogs, to: peer)
        var text: [UInt8] = []
        let isWhole: Bool = try peer.wait("the last part") { message in
            guard case .logChunk(command.id, let offset, let bytes, let isLast) = message else {
                return nil
            }
            #expect(offset == UInt64(text.count))
            text += bytes
            return isLast ? true : nil
        }
        #expect(isWhole)
        let words = String(decoding: text, as: UTF8.self)
        #expect(words.contains("== journal =="))
        #expect(words.contains("== HA driver ==\n") && words.contains("role="))
        #expect(words.contains("staged shop 1"))
        #expect(words.contains("install shop:all"))
    }
}
