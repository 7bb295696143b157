import TandemModel
import Testing

@testable import TandemCrypto

/// Who is turned away in the handshake, and in which words both sides learn it.
struct TLSRefusalTableTests {
    let network: TestNetwork
    init() throws { network = try TestNetwork.shared.get() }

    /// Runs handshake and first read; answers what each side's operator sees.
    private func errors(_ pair: Pair) -> (client: TandemError?, server: TandemError?) {
        let result = pair.handshake()
        let client = result.client.error ?? pair.client.readAll().end.error
        let server = result.server.error ?? pair.server.readAll().end.error
        return (client, server)
    }

    @Test func clientWithoutCertificate() throws {
        let client = try network.client {
            $0.certificateChain = nil
            $0.privateKey = nil
        }
        let (told, seen) = errors(try Pair(client: client, server: network.server()))
        #expect(seen?.code == .identityRefused)
        #expect(seen?.message == "10.0.0.2:40000 is refused: it shows no certificate")
        #expect(told?.message.contains("alert 116, certificate required") == true)
    }

    @Test func clientWithoutCertificateWhereNoneIsRequired() throws {
        let client = try network.client {
            $0.certificateChain = nil
            $0.privateKey = nil
        }
        let server = try network.server { $0.requiresClientCertificate = false }
        let pair = try Pair(client: client, server: server)
        let (told, seen) = errors(pair)
        #expect(told == nil && seen == nil)
        #expect(pair.server.isEstablished && pair.server.peer == nil)
    }

    @Test(arguments: [true, false])
    func clientOfAForeignAuthority(isRequired: Bool) throws {
        let foreign = try CertificateAuthority.create(commonName: "Foreign", validityDays: 1)
        let stranger = try foreign.issue(.agent(TestNetwork.agentUUID), validityDays: 1)
        let client = try TLSContext(.client, network.configuration(stranger))
        let server = try network.server { $0.requiresClientCertificate = isRequired }
        let (told, seen) = errors(try Pair(client: client, server: server))
        #expect(seen?.code == .identityRefused)
        #expect(seen?.message.contains("\(TestNetwork.agentURI)") == true)
        #expect(seen?.message.contains("unable to get local issuer certificate") == true, "\(seen)")
        #expect(told?.message.contains("unknown CA") == true, "\(told)")
    }

    @Test func serverOfAForeignAuthority() throws {
        let foreign = try CertificateAuthority.create(commonName: "Test network", validityDays: 1)
        let stranger = try foreign.issue(.controller("c1"), validityDays: 1)
        let server = try TLSContext(.server, network.configuration(stranger))
        let (seen, told) = errors(try Pair(client: network.client(), server: server))
        #expect(seen?.code == .identityRefused)
        #expect(told?.code == .tlsHandshake)
        #expect(told?.message.contains("10.0.0.2:40000 refused this side: alert") == true)
    }

    @Test(arguments: [
        (UInt64(1_000), UInt64(86_400_000), "certificate has expired", "certificate expired"),
        (
            4_000_000_000_000, 4_100_000_000_000, "certificate is not yet valid", "bad certificate"
        ),
    ])
    func certificateOutOfItsTime(from: UInt64, to: UInt64, why: String, alert: String) throws {
        let validity = CertificateValidity(
            notBefore: WallTime(milliseconds: from),
            notAfter: WallTime(milliseconds: to)
        )
        let old = try network.authority.issue(.agent(TestNetwork.agentUUID), validity: validity)
        let client = try TLSContext(.client, network.configuration(old))
        let (told, seen) = errors(try Pair(client: client, server: network.server()))
        #expect(seen?.message.contains(why) == true, "\(seen)")
        #expect(told?.message.contains(alert) == true, "\(told)")
    }

    @Test func wrongKindOfCertificate() throws {
        // An agent's certificate makes no server, and a web server's no client.
        let agentAsServer = try TLSContext(.server, network.configuration(network.agent))
        let (seen, _) = errors(try Pair(client: network.client(), server: agentAsServer))
        #expect(seen?.message.contains("unsuitable certificate purpose") == true, "\(seen)")

        let web = try network.authority.issue(.server(names: ["web.example"]), validityDays: 1)
        let webAsClient = try TLSContext(.client, network.configuration(web))
        let (_, other) = errors(try Pair(client: webAsClient, server: network.server()))
        #expect(other?.message.contains("unsuitable certificate purpose") == true, "\(other)")
    }

    @Test(arguments: [
        (PeerExpectation.host("controller.example"), true), (.host("127.0.0.1"), true),
        (.host("::1"), true), (.host("other.example"), false), (.host("127.0.0.2"), false),
        (.host("c1"), false), (.uri(TestNetwork.controllerURI), true),
        (.uri("urn:tandem:controller:c2"), false), (.uri("urn:tandem:controller:c"), false),
        (.uriPrefix("urn:tandem:controller:"), true), (.uriPrefix("urn:tandem:agent:"), false),
        (.uriPrefix(TestNetwork.controllerURI), false), (.anyTrusted, true),
    ])
    func clientExpectsAServer(expectation: PeerExpectation, isRight: Bool) throws {
        let pair = try Pair(
            client: network.client(),
            server: network.server(),
            clientExpects: expectation
        )
        let (seen, told) = errors(pair)
        guard !isRight else {
            #expect(seen == nil && told == nil, "\(seen) \(told)")
            return
        }
        #expect(seen?.code == .identityRefused)
        #expect(seen?.message.contains("CN=c1 (\(TestNetwork.controllerURI))") == true, "\(seen)")
        #expect(seen?.message.contains("expected was") == true, "\(seen)")
        #expect(told?.message.contains("alert 42, bad certificate") == true, "\(told)")
    }

    @Test func serverExpectsAnAgent() throws {
        let person = try network.authority.issue(.operator("anna"), validityDays: 1)
        let client = try TLSContext(.client, network.configuration(person))
        let pair = try Pair(
            client: client,
            server: network.server(),
            serverExpects: .uriPrefix(CertificateRole.agentURIPrefix)
        )
        let (told, seen) = errors(pair)
        #expect(
            seen?.message
                == "10.0.0.2:40000 with certificate CN=anna (urn:tandem:person:anna) is refused: it "
                + "names urn:tandem:person:anna, expected was urn:tandem:agent:..."
        )
        #expect(told?.message.contains("alert 42") == true, "\(told)")
    }

    @Test func wrongProtocol() throws {
        let client = try network.client { $0.applicationProtocols = ["http/1.1"] }
        let (told, seen) = errors(try Pair(client: client, server: network.server()))
        #expect(seen?.code == .tlsHandshake)
        #expect(seen?.message.contains("speaks none of the protocols") == true, "\(seen)")
        #expect(told?.message.contains("alert 120, no application protocol") == true, "\(told)")
    }

    @Test func firstProtocolOfTheServerWins() throws {
        let client = try network.client { $0.applicationProtocols = ["a", "tandem/2", "tandem/1"] }
        let server = try network.server { $0.applicationProtocols = ["tandem/1", "tandem/2"] }
        let pair = try Pair(client: client, server: server)
        #expect(pair.handshake().client == .done)
        #expect(pair.client.applicationProtocol == "tandem/1")
    }

    @Test func bytesThatAreNoTLS() throws {
        let pair = try Pair(client: network.client(), server: network.server())
        _ = pair.server.feed(Array("GET / HTTP/1.1\r\nHost: a\r\n\r\n".utf8))
        let error = pair.server.handshake().error
        #expect(error?.code == .tlsHandshake)
        #expect(error?.message == "10.0.0.2:40000 does not speak TLS 1.3")
    }

    @Test func mangledHellosEndNoProgram() throws {
        let (client, server) = (try network.client(), try network.server())
        let opening = try TLSEngine(context: client, expecting: .anyTrusted, remoteName: "s")
        _ = opening.handshake()
        let hello = opening.takeCiphertext()
        for index in hello.indices {
            for mask: UInt8 in [0x01, 0x80, 0xFF] where (index + Int(mask)) % 3 == 0 {
                var mangled = hello
                mangled[index] ^= mask
                let engine = try TLSEngine(
                    context: server,
                    expecting: .anyTrusted,
                    remoteName: "c"
                )
                #expect(engine.feed(mangled) == mangled.count)
                #expect(engine.handshake() != .done)
            }
        }
    }

    @Test func unusableFiles() throws {
        let good = network.configuration(network.agent)
        let nonsense = PEMSource.bytes(Array("nonsense".utf8), name: "/etc/tandem/x.pem")
        let changes: [(String, (inout TLSConfiguration) -> Void)] = [
            ("/etc/tandem/x.pem", { $0.certificateChain = nonsense }),
            ("/etc/tandem/x.pem", { $0.privateKey = nonsense }),
            ("/etc/tandem/x.pem", { $0.authorities = nonsense }),
            ("/nowhere/ca.pem", { $0.authorities = .file("/nowhere/ca.pem") }),
            ("certificate without its key", { $0.privateKey = nil }),
            (
                "does not belong",
                { [network] in $0.privateKey = .bytes(network.controller.privateKeyPEM, name: "k") }
            ),
            ("protocol name", { $0.applicationProtocols = [] }),
            ("protocol name", { $0.applicationProtocols = [String(repeating: "a", count: 256)] }),
        ]
        for (text, change) in changes {
            var configuration = good
            change(&configuration)
            let error = #expect(throws: TandemError.self) {
                try TLSContext(.client, configuration)
            }
            #expect(error?.message.contains(text) == true, "\(error)")
        }
        var bare = good
        bare.certificateChain = nil
        bare.privateKey = nil
        #expect(throws: TandemError.self) { try TLSContext(.server, bare) }
    }
}
