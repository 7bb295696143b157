import Foundation
import TandemCrypto
import TandemModel
import Testing

struct CertificateTests {
    let network: TestNetwork
    init() throws { network = try TestNetwork.shared.get() }

    @Test func identitiesOfTheRoles() throws {
        let person = try network.authority.issue(.operator("anna"), validityDays: 1)
        let server = try network.authority.issue(.server(names: ["web.example"]), validityDays: 1)
        let table: [(IssuedCertificate, String?, String)] = [
            (network.agent, TestNetwork.agentURI, "CN=\(TestNetwork.agentUUID)"),
            (network.controller, TestNetwork.controllerURI, "CN=c1"),
            (person, "urn:tandem:person:anna", "CN=anna"),
            (server, nil, "CN=web.example"),
        ]
        for (issued, uri, subject) in table {
            let identity = try PeerIdentity(certificate: .bytes(issued.certificatePEM, name: "c"))
            #expect(identity.uri == uri)
            #expect(identity.subject == subject)
            #expect(identity.publicKeyFingerprint == issued.publicKeyFingerprint)
            #expect(sha256(identity.publicKeySPKI) == issued.publicKeyFingerprint)
            let key = try P256.PrivateKey(pem: issued.privateKeyPEM)
            #expect(key.publicKey.spki == identity.publicKeySPKI)
        }
    }

    @Test func certificateForAKeyMadeElsewhere() throws {
        let key = try P256.PrivateKey.generate()
        let validity = CertificateValidity(
            notBefore: WallTime(milliseconds: 1_000_000),
            notAfter: WallTime(milliseconds: 9_000_000)
        )
        let pem = try network.authority.issue(
            .agent(TestNetwork.agentUUID),
            publicKey: key.publicKey,
            validity: validity
        )
        let identity = try PeerIdentity(certificate: .bytes(pem, name: "c"))
        #expect(identity.publicKeySPKI == key.publicKey.spki)
        #expect(identity.notAfter == WallTime(milliseconds: 9_000_000))
    }

    @Test func authorityRoundTrip() throws {
        let again = try CertificateAuthority(
            certificate: .bytes(network.authority.certificatePEM, name: "ca.pem"),
            privateKey: .bytes(network.authority.privateKeyPEM, name: "ca.key")
        )
        #expect(again.certificatePEM == network.authority.certificatePEM)
        _ = try again.issue(.operator("bert"), validityDays: 1)
        let error = #expect(throws: TandemError.self) {
            try CertificateAuthority(
                certificate: .bytes(network.authority.certificatePEM, name: "ca.pem"),
                privateKey: .bytes(network.agent.privateKeyPEM, name: "agent.key")
            )
        }
        #expect(error?.message.contains("agent.key") == true)
    }

    @Test(arguments: [
        CertificateRole.agent("6F1C2D3E-0000-4000-8000-0123456789AB"), .agent("agent-1"),
        .agent(""),
        .controller("a b"), .controller("c1", names: ["*.example"]), .operator("anna,bert"),
        .operator("anna\u{0}"), .server(names: []), .server(names: ["a..b"]),
        .server(names: ["-a.example"]), .server(names: ["web\nexample"]),
    ])
    func refusedNames(role: CertificateRole) throws {
        #expect(throws: TandemError.self) { try network.authority.issue(role, validityDays: 1) }
    }

    @Test func endBeforeBegin() {
        let validity = CertificateValidity(
            notBefore: WallTime(milliseconds: 2000),
            notAfter: WallTime(milliseconds: 2000)
        )
        #expect(throws: TandemError.self) {
            try network.authority.issue(.operator("anna"), validity: validity)
        }
    }

    @Test func missingFileIsNamed() {
        let error = #expect(throws: TandemError.self) {
            try PeerIdentity(certificate: .file("/nowhere/agent.pem"))
        }
        #expect(error?.message.contains("/nowhere/agent.pem") == true)
        #expect(error?.code == .fileUnavailable)
    }

    @Test func openSSLVerifiesTheChain() throws {
        let folder = try TemporaryFolder()
        let ca = try folder.write("ca.pem", network.authority.certificatePEM)
        let agent = try folder.write("agent.pem", network.agent.certificatePEM)
        let controller = try folder.write("controller.pem", network.controller.certificatePEM)
        let strict = ["verify", "-x509_strict", "-CAfile", ca]
        let table: [(arguments: [String], isAccepted: Bool)] = [
            (["-purpose", "sslclient", agent], true),
            (["-purpose", "sslserver", agent], false),
            (
                ["-purpose", "sslserver", "-verify_hostname", "controller.example", controller],
                true
            ),
            (["-purpose", "sslserver", "-verify_ip", "127.0.0.1", controller], true),
            (["-purpose", "sslserver", "-verify_ip", "::1", controller], true),
            (["-purpose", "sslserver", "-verify_hostname", "other.example", controller], false),
            (["-purpose", "sslclient", controller], true),
        ]
        for (arguments, isAccepted) in table {
            let (status, text) = try openssl(strict + arguments)
            #expect((status == 0) == isAccepted, "\(arguments): \(text)")
        }
        let (_, text) = try openssl(["x509", "-in", agent, "-noout", "-text"])
        for expected in [
            "URI:urn:tandem:agent:", "TLS Web Client Authentication", "CA:FALSE",
            "ecdsa-with-SHA256", "Digital Signature", "prime256v1",
        ] {
            #expect(text.contains(expected), "\(expected) in \(text)")
        }
    }
}

/// A folder of its own, removed with its last user.
final class TemporaryFolder {
    let path: String

    init() throws {
        var template = Array("/tmp/tandem-crypto-XXXXXX".utf8CString)
        let made = try #require(mkdtemp(&template))
        path = String(cString: made)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func write(_ name: String, _ bytes: [UInt8]) throws -> String {
        let file = "\(path)/\(name)"
        try Data(bytes).write(to: URL(fileURLWithPath: file))
        return file
    }
}

/// Runs the `openssl` program to its end; answers exit status and all it printed.
func openssl(_ arguments: [String]) throws -> (status: Int32, text: String) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
    process.arguments = arguments
    let output = Pipe()
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = output
    process.standardError = output
    try process.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    return (process.terminationStatus, text)
}
