import TandemCrypto
import TandemModel
import TandemSpawn
import Testing

@testable import tandem

/// A folder of `tandem ca`, made by its own commands.
struct CertificateFolder: Sendable {
    static let agent = "6f1c2d3e-0000-4000-8000-0123456789ab"

    let folder: TemporaryFolder
    var program: Program { Program(folder: folder) }

    init() throws {
        folder = try TemporaryFolder()
        for arguments in [
            ["init", "ca"], ["issue", "agent", "scef-1a", "--id", Self.agent, "--dir", "ca"],
            [
                "issue", "controller", "c1", "--host", "127.0.0.1", "--host", "cmp.example",
                "--dir", "ca",
            ],
            ["issue", "person", "anna", "--dir", "ca"],
        ] {
            let run = try program(["ca"] + arguments)
            guard run.exit == 0 else {
                throw TandemError(.childFailed, run.error, remedy: "See what it says.")
            }
        }
    }

    func context(
        _ side: TLSContext.Side,
        _ name: String,
        _ authority: AuthorityFolder.Authority,
        protocolName: String = TLSConfiguration.agentProtocol
    ) throws -> TLSContext {
        try TLSContext(
            side,
            TLSConfiguration(
                certificateChain: .file(folder("ca/\(name).pem")),
                privateKey: .file(folder("ca/\(name).key")),
                authorities: .file(folder("ca/\(authority.certificateFile)")),
                applicationProtocols: [protocolName]
            )
        )
    }
}

/// Certificates of `tandem ca`, used as agent, controller and person use them.
struct AuthorityEndToEndTests {
    private static func handshake(
        _ client: TLSContext,
        _ server: TLSContext,
        clientExpects: PeerExpectation,
        serverExpects: PeerExpectation
    ) throws -> (client: TLSEngine, server: TLSEngine, error: TandemError?) {
        let one = try TLSEngine(context: client, expecting: clientExpects, remoteName: "server")
        let other = try TLSEngine(context: server, expecting: serverExpects, remoteName: "client")
        var error: TandemError?
        // Three flights lead a TLS 1.3 handshake to its end, a refusal among them.
        for _ in 0..<4 {
            for (from, to) in [(one, other), (other, one)] {
                if case .failed(let failure) = from.handshake(), error == nil { error = failure }
                _ = to.feed(from.takeCiphertext())
            }
        }
        return (one, other, error)
    }

    private static func agentMeetsController(_ made: CertificateFolder) throws -> (
        client: TLSEngine, server: TLSEngine
    ) {
        let result = try handshake(
            try made.context(.client, "agents/scef-1a", .agents),
            try made.context(.server, "controllers/c1-agents", .agents),
            clientExpects: .uriPrefix(CertificateRole.controllerURIPrefix),
            serverExpects: .uriPrefix(CertificateRole.agentURIPrefix)
        )
        #expect(result.error == nil)
        #expect(result.server.isEstablished && result.client.isEstablished)
        return (result.client, result.server)
    }

    @Test
    func agentAndControllerKnowEachOther() throws {
        let made = try CertificateFolder()
        let result = try Self.agentMeetsController(made)
        #expect(result.server.peer?.uri == CertificateRole.agentURIPrefix + CertificateFolder.agent)
        #expect(result.client.peer?.uri == CertificateRole.controllerURIPrefix + "c1")
    }

    @Test
    func renewedCertificatesAreKnownAsBefore() throws {
        let made = try CertificateFolder()
        let agent = made.folder("ca/agents/scef-1a.pem")
        let authority = made.folder("ca/agents-ca.pem")
        let before = try PeerIdentity(certificate: .file(agent))
        let run = try made.program([
            "ca", "renew", "ca/agents-ca.pem", "ca/agents/scef-1a.pem", "--dir", "ca", "--days",
            "5000",
            "--json",
        ])
        try #require(run.exit == 0, "\(run.error)")
        let after = try PeerIdentity(certificate: .file(agent))
        #expect(after.publicKeyFingerprint == before.publicKeyFingerprint)
        #expect(after.uri == before.uri && after.subject == before.subject)
        // Not beyond the end that the authority had when all were made.
        #expect(after.notAfter.milliseconds > before.notAfter.milliseconds)
        let end = try PeerIdentity(certificate: .file(authority)).notAfter
        #expect(end.milliseconds > after.notAfter.milliseconds)
        _ = try Self.agentMeetsController(made)
    }

    @Test
    func whatItsAuthorityWouldCutShortIsNotRenewed() throws {
        let made = try CertificateFolder()
        let renew = ["ca", "renew", "--dir", "ca"]
        #expect(try made.program(renew + ["ca/agents-ca.pem", "--days", "10"]).exit == 0)
        let run = try made.program(renew + ["ca/agents/scef-1a.pem"])
        #expect(run.exit != 0 && run.error.contains("can't count longer than its authority"))
        #expect(run.error.contains("tandem ca renew ca/agents-ca.pem --dir ca"))
        #expect(try made.program(renew + ["ca/agents-ca.pem"]).exit == 0)
        #expect(try made.program(renew + ["ca/agents/scef-1a.pem"]).exit == 0)
    }

    @Test
    func aRenewalOfAnEndedCertificateCounts() throws {
        let made = try CertificateFolder()
        let authority = AuthorityFolder(path: made.folder("ca"))
        let path = made.folder("ca/people/anna.pem")
        let ended = try authority.load(.operators).authority.renew(
            .file(path),
            validity: CertificateValidity(
                notBefore: WallTime(milliseconds: 1_000_000_000_000),
                notAfter: WallTime(milliseconds: 1_100_000_000_000)
            )
        )
        try Files.replace(path, with: ended, mode: 0o644)
        let run = try made.program(["ca", "renew", "ca/people/anna.pem", "--dir", "ca"])
        #expect(run.exit == 0 && run.output.contains("was 2004-11-09"))
        let end = try PeerIdentity(certificate: .file(path)).notAfter
        #expect(end.milliseconds > WallTime.now.milliseconds)
        let record = try String(
            decoding: Files.read(made.folder("ca/issued"), byteCountMax: 1 << 20),
            as: UTF8.self
        )
        #expect(record.split(separator: "\n").last?.contains("\trenewed\tanna.pem\t") == true)
    }

    @Test
    func aStrangersCertificateIsNotRenewedAndChangesNothing() throws {
        let made = try CertificateFolder()
        #expect(try made.program(["ca", "init", "other"]).exit == 0)
        let agent = made.folder("ca/agents/scef-1a.pem")
        let before = try Files.read(agent, byteCountMax: 1 << 20)
        let run = try made.program([
            "ca", "renew", "ca/agents/scef-1a.pem", "other/agents-ca.pem", "--dir", "ca",
        ])
        #expect(
            run.exit != 0 && run.error.contains("other/agents-ca.pem was signed by no authority")
        )
        #expect(try Files.read(agent, byteCountMax: 1 << 20) == before)
    }

    @Test
    func personIsKnownAtTheAPI() throws {
        let made = try CertificateFolder()
        for host in ["127.0.0.1", "cmp.example"] {
            let result = try Self.handshake(
                try made.context(.client, "people/anna", .operators, protocolName: "http/1.1"),
                try made.context(
                    .server,
                    "controllers/c1-api",
                    .operators,
                    protocolName: "http/1.1"
                ),
                clientExpects: .host(host),
                serverExpects: .anyTrusted
            )
            #expect(result.error == nil)
            #expect(result.server.peer?.uri == CertificateRole.personURIPrefix + "anna")
        }
    }

    @Test
    func personOpensNothingAtTheAgentsPort() throws {
        let made = try CertificateFolder()
        let result = try Self.handshake(
            try made.context(.client, "people/anna", .agents),
            try made.context(.server, "controllers/c1-agents", .agents),
            clientExpects: .anyTrusted,
            serverExpects: .anyTrusted
        )
        #expect(result.error != nil && !result.server.isEstablished)
    }

    @Test
    func keysAreTheirOwnersAndNeverOverwritten() throws {
        let made = try CertificateFolder()
        let secrets = [
            "ca/agents-ca.key", "ca/operators-ca.key", "ca/agents/scef-1a.key",
            "ca/controllers/c1-agents.key", "ca/controllers/c1-api.key", "ca/people/anna.key",
        ]
        for name in secrets { #expect(made.folder.mode(name) == 0o600, "\(name)") }
        let before = try secrets.map { try Files.read(made.folder($0), byteCountMax: 4096) }
        for arguments in [
            ["init", "ca"], ["issue", "agent", "scef-1a", "--dir", "ca"],
            ["issue", "controller", "c1", "--host", "::1", "--dir", "ca"],
            ["issue", "person", "anna", "--dir", "ca"],
        ] {
            let run = try made.program(["ca"] + arguments)
            #expect(run.exit == 1)
            #expect(run.error.contains("never overwritten"))
        }
        #expect(try secrets.map { try Files.read(made.folder($0), byteCountMax: 4096) } == before)
    }

    @Test
    func recordNamesWhatWasIssued() throws {
        let made = try CertificateFolder()
        let text = try Files.read(made.folder("ca/issued"), byteCountMax: 4096)
        let rows = String(decoding: text, as: UTF8.self).split(separator: "\n")
            .map { $0.split(separator: "\t") }
        #expect(
            rows.map { $0[1...3].joined(separator: " ") } == [
                "agent scef-1a \(CertificateFolder.agent)", "controller-agents c1 -",
                "controller-api c1 -", "person anna -",
            ]
        )
        let identity = try PeerIdentity(certificate: .file(made.folder("ca/people/anna.pem")))
        #expect(rows[3][4] == identity.publicKeyFingerprint.description)
        #expect(rows[3][5] == identity.notAfter.dayText)
    }

    @Test
    func controllerWithOneFileInTheWayGetsNone() throws {
        let made = try CertificateFolder()
        try made.folder.write("other/c2-api.pem", "in the way")
        let run = try made.program(
            "ca",
            "issue",
            "controller",
            "c2",
            "--host",
            "::1",
            "--dir",
            "ca",
            "--output",
            "other"
        )
        #expect(run.exit == 1)
        #expect(try Files.list(made.folder("other")) == ["c2-api.pem"])
    }

    @Test
    func certificateEndsWithItsAuthority() throws {
        let folder = try TemporaryFolder()
        let program = Program(folder: folder)
        #expect(try program("ca", "init", "ca", "--days", "10").exit == 0)
        #expect(try program("ca", "issue", "person", "bo", "--dir", "ca", "--days", "90").exit == 0)
        let ends = try ["ca/people/bo.pem", "ca/operators-ca.pem"].map {
            try PeerIdentity(certificate: .file(folder($0))).notAfter
        }
        #expect(ends[0] == ends[1])
    }

    @Test(
        arguments: [
            (["issue", "person", "anna", "--dir", "none"], 1, "tandem ca init none"),
            (["issue", "person", "../x", "--dir", "ca"], 3, "can't be a name"),
            (["issue", "agent", "a", "--id", "1234", "--dir", "ca"], 2, "is no UUID"),
            (["issue", "controller", "c2", "--dir", "ca"], 2, "--host"),
            (["issue", "controller", "c2", "--dir", "ca", "--host", "*.example"], 1, "*.example"),
            (["init", "more", "--days", "0"], 2, "--days"),
        ] as [([String], Int32, String)]
    )
    func mistakeIsRefused(_ arguments: [String], _ exit: Int32, _ words: String) throws {
        let made = try CertificateFolder()
        let run = try made.program(["ca"] + arguments)
        #expect(run.exit == exit)
        #expect(run.error.contains(words), "\(run.error)")
    }

    @Test
    func jsonNamesFilesAndID() throws {
        let made = try CertificateFolder()
        let run = try made.program("ca", "issue", "agent", "scef-1b", "--dir", "ca", "--json")
        #expect(run.exit == 0)
        #expect(run.output.contains(#""certificate" : "ca/agents/scef-1b.pem""#))
        let id = run.output.firstMatch(of: /"agent" : "([0-9a-f-]{36})"/)?.1
        let identity = try PeerIdentity(certificate: .file(made.folder("ca/agents/scef-1b.pem")))
        #expect(identity.uri == id.map { CertificateRole.agentURIPrefix + $0 })
    }
}
