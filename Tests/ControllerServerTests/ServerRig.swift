import Foundation
import TandemCrypto
import TandemModel
import TandemSpawn

/// What a controller needs to start, in a folder of its own, to be spoilt by a test.
final class ServerRig: Sendable {
    /// What one run left behind.
    struct Run: Sendable {
        var exit: Int32?
        var error: String
        var output = ""
    }

    /// Beside the test program: SwiftPM builds both into one folder.
    static let program: String = {
        let tests = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
        return tests.deletingLastPathComponent().appending(path: "tandem-controller").path
    }()

    let folder: URL

    /// Certificates of both ports, a trust file, a configuration that works.
    init(validity: CertificateValidity = .days(90)) throws {
        folder = FileManager.default.temporaryDirectory
            .appending(path: "tandem-server-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let agents = try CertificateAuthority.create(commonName: "agents", validityDays: 90)
        let people = try CertificateAuthority.create(commonName: "people", validityDays: 90)
        let controller = try agents.issue(
            .controller("c1", names: ["127.0.0.1"]),
            validity: validity
        )
        let api = try people.issue(.server(names: ["127.0.0.1"]), validityDays: 90)
        for (name, own, authority) in [
            ("agent", controller, agents), ("api", api, people),
        ] {
            try write("\(name).pem", own.certificatePEM)
            try write("\(name).key", own.privateKeyPEM)
            try write("\(name)-ca.pem", authority.certificatePEM)
        }
        let signer = try Ed25519.PrivateKey.generate()
        let key = Data(signer.publicKey.rawBytes).base64EncodedString()
        try write("trust", Array("version 1\nthreshold 1\nkey \(key)\n".utf8))
        try write("controller.conf", Array(configuration.utf8))
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    private var configuration: String {
        var lines = [
            "name = c1", "agent-address = 127.0.0.1:0", "api-address = 127.0.0.1:0",
            "trust-file = \(path("trust"))", "state-folder = \(path("state"))",
            "ports-file = \(path("ports"))",
        ]
        for name in ["agent", "api"] {
            lines += [
                "\(name)-certificate = \(path("\(name).pem"))",
                "\(name)-key = \(path("\(name).key"))",
                "\(name)-authority = \(path("\(name)-ca.pem"))",
            ]
        }
        return lines.joined(separator: "\n") + "\n"
    }

    func path(_ name: String) -> String { folder.appending(path: name).path }

    func write(_ name: String, _ bytes: [UInt8]) throws {
        let url = folder.appending(path: name)
        try FileManager.default.createDirectory(
            at: url.deletingLastPathComponent(),
            withIntermediateDirectories: true
        )
        try Data(bytes).write(to: url)
    }

    /// Sets a key of the configuration; `nil` takes its line away, a new key comes last.
    func set(_ key: String, _ value: String?) throws {
        let old = try String(contentsOf: folder.appending(path: "controller.conf"), encoding: .utf8)
        var lines = old.split(separator: "\n").map(String.init)
        let index = lines.firstIndex { $0.hasPrefix("\(key) = ") }
        if let index { lines.remove(at: index) }
        if let value { lines.insert("\(key) = \(value)", at: index ?? lines.endIndex) }
        try write("controller.conf", Array((lines.joined(separator: "\n") + "\n").utf8))
    }

    /// Runs the controller until it ends by itself, at most 60 s; `wrapper` comes before it.
    func run(_ arguments: [String] = [], below wrapper: [String] = []) async throws -> Run {
        let own = [Self.program, "run", "--config", path("controller.conf")] + arguments
        return try await Self.wait(for: wrapper + own)
    }

    /// Runs `tandem-controller people`.
    func people(_ arguments: String...) async throws -> Run {
        let words = [Self.program, "people"] + arguments
        return try await Self.wait(for: words + ["--config", path("controller.conf")])
    }

    private static func wait(for words: [String]) async throws -> Run {
        try await withCheckedThrowingContinuation { continuation in
            // A thread of its own: a child that is waited for must not hold one of the few that
            // all tests share.
            Thread.detachNewThread {
                continuation.resume(with: Result { try runAndWait(words) })
            }
        }
    }

    private static func runAndWait(_ words: [String]) throws -> Run {
        let command = ChildCommand(
            words[0],
            Array(words.dropFirst()),
            environment: ChildCommand.plainEnvironment
        )
        let result = try runChild(
            command,
            timeoutMilliseconds: 60_000,
            outputByteCountMax: 1 << 20
        )
        var exit: Int32?
        if case .exited(let code) = result.ending { exit = code }
        return Run(exit: exit, error: result.errorText, output: result.outputText)
    }
}
