import TandemCrypto
import TandemModel

/// An authority with a server and a client of it, made once: keys cost time.
struct TestNetwork: Sendable {
    static let agentUUID = "6f1c2d3e-0000-4000-8000-0123456789ab"
    static let controllerURI = "urn:tandem:controller:c1"
    static let agentURI = "urn:tandem:agent:\(agentUUID)"

    let authority: CertificateAuthority
    let controller: IssuedCertificate
    let agent: IssuedCertificate

    static let shared = Result { try TestNetwork() }

    init() throws {
        authority = try .create(commonName: "Test network", validityDays: 30)
        controller = try authority.issue(
            .controller("c1", names: ["controller.example", "127.0.0.1", "::1"]),
            validityDays: 30
        )
        agent = try authority.issue(.agent(Self.agentUUID), validityDays: 30)
    }

    func configuration(
        _ own: IssuedCertificate?,
        protocols: [String] = ["tandem/1"],
        trusting authority: CertificateAuthority? = nil
    ) -> TLSConfiguration {
        TLSConfiguration(
            certificateChain: own.map { .bytes($0.certificatePEM, name: "certificate") },
            privateKey: own.map { .bytes($0.privateKeyPEM, name: "key") },
            authorities: .bytes((authority ?? self.authority).certificatePEM, name: "authority"),
            applicationProtocols: protocols
        )
    }

    func server(
        _ change: (inout TLSConfiguration) -> Void = { _ in }
    ) throws -> TLSContext {
        var configuration = configuration(controller)
        change(&configuration)
        return try TLSContext(.server, configuration)
    }

    func client(
        _ change: (inout TLSConfiguration) -> Void = { _ in }
    ) throws -> TLSContext {
        var configuration = configuration(agent)
        change(&configuration)
        return try TLSContext(.client, configuration)
    }
}

/// Two engines whose ciphertext is carried over by hand.
struct Pair {
    let client: TLSEngine
    let server: TLSEngine
    /// The most bytes handed over at once.
    var pieceByteCount = Int.max

    init(
        client: TLSContext,
        server: TLSContext,
        clientExpects: PeerExpectation = .anyTrusted,
        serverExpects: PeerExpectation = .anyTrusted
    ) throws {
        self.client = try TLSEngine(
            context: client,
            expecting: clientExpects,
            remoteName: "10.0.0.1:7400"
        )
        self.server = try TLSEngine(
            context: server,
            expecting: serverExpects,
            remoteName: "10.0.0.2:40000"
        )
    }

    /// Runs the handshake until neither side says anything new.
    func handshake() -> (client: TLSEngine.HandshakeProgress, server: TLSEngine.HandshakeProgress) {
        var result = (client: client.handshake(), server: server.handshake())
        while true {
            let moved = carry(client, server) { result.server = server.handshake() }
            let back = carry(server, client) { result.client = client.handshake() }
            if moved + back == 0 { return result }
        }
    }

    /// Carries what waits in `source` over to `target` in pieces, calling `step` after each.
    @discardableResult
    func carry(_ source: TLSEngine, _ target: TLSEngine, _ step: () -> Void = {}) -> Int {
        let bytes = source.takeCiphertext()
        var index = 0
        while index < bytes.count {
            let end = min(bytes.count, index + min(pieceByteCount, 16 << 10))
            let accepted = target.feed(Array(bytes[index..<end]))
            step()
            if accepted == 0 { break }
            index += accepted
        }
        return index
    }
}

extension TLSEngine {
    /// All plaintext that can be read now, and how the reading ended.
    func readAll() -> (bytes: [UInt8], end: ReadOutcome) {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16 << 10)
        while true {
            let outcome = chunk.withUnsafeMutableBytes { read(into: $0) }
            guard case .bytes(let count) = outcome else { return (bytes, outcome) }
            bytes += chunk[..<count]
        }
    }
}

extension TLSEngine.HandshakeProgress {
    var error: TandemError? { if case .failed(let error) = self { error } else { nil } }
}

extension TLSEngine.ReadOutcome {
    var error: TandemError? { if case .failed(let error) = self { error } else { nil } }
}

/// Bytes that don't repeat soon, the same in each run.
func patternBytes(_ count: Int) -> [UInt8] {
    var state: UInt64 = 0x9E37_79B9_7F4A_7C15
    return (0..<count).map { _ in
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return UInt8(truncatingIfNeeded: state >> 33)
    }
}
