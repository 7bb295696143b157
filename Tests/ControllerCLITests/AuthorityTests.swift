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

    @Test
    func agentAndControllerKnowEachOther() throws {
        let made = try CertificateFolder()
        let result = try Self.handshake(
            try made.context(.client, "agents/scef-1a", .agents),
            try made.context(.server, "controllers/c1-agents", .agents),
            clientExpects: .uriPrefix(CertificateRole.controllerURIPrefix),
            serverExpects: .uriPrefix(CertificateRole.agentURIPrefix)
        )
        #expect(result.error == nil)
        #expect(result.server.isEstablished && result.client.isEstablished)
        #expect(result.server.peer?.uri == CertificateRole.agentURIPrefix + CertificateFolder.agent)
        #expect(result.client.peer?.uri == CertificateRole.controllerURIPrefix + "c1")
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
