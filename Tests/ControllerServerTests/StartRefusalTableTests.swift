import Foundation
import Glibc
import TandemCrypto
import TandemModel
import Testing

/// A way in which a controller can't start, and what it has to say about it.
struct StartRefusal: Sendable, CustomTestStringConvertible {
    let name: String
    let code: ErrorCode
    /// Words that its one error line must hold.
    let words: [String]
    let spoil: @Sendable (ServerRig) throws -> Void

    init(
        _ name: String,
        _ code: ErrorCode,
        _ words: [String],
        _ spoil: @escaping @Sendable (ServerRig) throws -> Void
    ) {
        self.name = name
        self.code = code
        self.words = words
        self.spoil = spoil
    }

    var testDescription: String { name }

    static let configuration = [
        StartRefusal("a line that is none", .configurationInvalid, ["line 13", "key = value"]) {
            rig in
            let url = rig.folder.appending(path: "controller.conf")
            let text = try String(contentsOf: url, encoding: .utf8)
            try rig.write("controller.conf", Array("\(text)nonsense\n".utf8))
        },
        StartRefusal("an unknown key", .configurationInvalid, ["line 13", "`colour`"]) {
            try $0.set("colour", "red")
        },
        StartRefusal("a missing key", .configurationInvalid, ["`name` is missing"]) {
            try $0.set("name", nil)
        },
        StartRefusal("no address", .configurationInvalid, ["line 3", "HOST:PORT", "'localhost'"]) {
            try $0.set("api-address", "localhost")
        },
        StartRefusal("no host", .configurationInvalid, ["line 2", "HOST:PORT"]) {
            try $0.set("agent-address", ":7443")
        },
        StartRefusal("no number", .configurationInvalid, ["line 13", "200 to 60000", "'soon'"]) {
            try $0.set("heartbeat-milliseconds", "soon")
        },
        StartRefusal("too long", .configurationInvalid, ["line 13", "1 to 1440", "'0'"]) {
            try $0.set("approval-minutes", "0")
        },
        StartRefusal("no room", .configurationInvalid, ["line 13", "1 to 1048576", "'-1'"]) {
            try $0.set("free-space-mebibytes", "-1")
        },
        StartRefusal("no file at all", .fileUnavailable, ["controller.conf", "can't be read"]) {
            try FileManager.default.removeItem(atPath: $0.path("controller.conf"))
        },
    ]

    static let identity = [
        StartRefusal("another name", .tlsConfiguration, ["urn:tandem:controller:c1", "other"]) {
            try $0.set("name", "other")
        },
        StartRefusal("no key file", .fileUnavailable, ["nowhere.key"]) {
            try $0.set("agent-key", $0.path("nowhere.key"))
        },
        StartRefusal("a damaged key", .tlsConfiguration, ["agent.key", "no readable private key"]) {
            try $0.write("agent.key", Array("no key".utf8))
        },
        StartRefusal("the key of another", .tlsConfiguration, ["does not belong"]) {
            try $0.set("agent-key", $0.path("api.key"))
        },
        StartRefusal("a damaged certificate", .tlsConfiguration, ["no readable certificate"]) {
            try $0.write("api.pem", Array("-----BEGIN CERTIFICATE-----\nAA\n".utf8))
        },
        StartRefusal("no trust file", .fileUnavailable, ["trust"]) {
            try FileManager.default.removeItem(atPath: $0.path("trust"))
        },
    ]

    static let store = [
        StartRefusal("a store that is text", .storeCorrupt, ["network.sqlite", "no store"]) {
            try $0.write("state/network.sqlite", Array("some text, and no database".utf8))
        },
        StartRefusal("a folder that can't be", .fileUnavailable, ["can't be made", "trust/state"]) {
            try $0.set("state-folder", "\($0.path("trust"))/state")
        },
    ]
}

@Suite(.timeLimit(.minutes(2))) struct StartRefusalTableTests {
    @Test(arguments: StartRefusal.configuration + StartRefusal.identity + StartRefusal.store)
    func isRefusedWithCodeAndRemedy(_ refusal: StartRefusal) async throws {
        let rig = try ServerRig()
        try refusal.spoil(rig)
        try await expect(refusal.code, refusal.words, try await rig.run())
    }

    @Test
    func anExpiredCertificateIsRefused() async throws {
        let rig = try ServerRig(
            validity: CertificateValidity(
                notBefore: WallTime(milliseconds: 1_000_000_000),
                notAfter: WallTime(milliseconds: 1_700_000_000_000)
            )
        )
        let words = ["agent.pem", "expired at 2023-11-14T22:13:20Z", "clock"]
        try await expect(.tlsConfiguration, words, try await rig.run())
    }

    /// The store's epoch would end the first one at its next write; so the second may not begin.
    @Test
    func aSecondControllerIsRefused() async throws {
        let rig = try ServerRig()
        try rig.write("state/lock", [])
        let file = open(rig.path("state/lock"), O_RDWR | O_CLOEXEC)
        defer { close(file) }
        #expect(flock(file, LOCK_EX | LOCK_NB) == 0)
        try await expect(.storeInUse, ["another tandem-controller"], try await rig.run())
        #expect(!FileManager.default.fileExists(atPath: rig.path("state/network.sqlite")))
    }

    @Test(arguments: ["agent-address", "api-address"])
    func aTakenPortIsRefused(_ key: String) async throws {
        let rig = try ServerRig()
        let (socket, port) = try listeningSocket()
        defer { close(socket) }
        try rig.set(key, "127.0.0.1:\(port)")
        let words = ["127.0.0.1:\(port)", "can't be opened", "Address already in use"]
        try await expect(.unreachable, words, try await rig.run())
    }

    @Test
    func aFullDiskIsRefused() async throws {
        let rig = try ServerRig()
        try rig.write("state/x", [])
        let script = """
            mount -t tmpfs -o size=96k tmpfs \(rig.path("state")) || exit 77
            dd if=/dev/zero of=\(rig.path("state"))/fill bs=1k count=90 2>/dev/null
            exec "$@"
            """
        let run = try await rig.run(below: [
            "/usr/bin/unshare", "-rm", "/bin/sh", "-c", script, "sh",
        ])
        // Where nobody may mount, there is nothing to be seen here.
        guard run.exit != 77, !run.error.contains("unshare") else { return }
        try await expect(.diskFull, ["network.sqlite", "full"], run)
    }

    @Test
    func wrongUsageEndsWithTwo() async throws {
        let rig = try ServerRig()
        let run = try await rig.run(["--colour", "red"])
        #expect(run.exit == 2)
        #expect(run.error.contains("--colour"))
    }

    private func expect(_ code: ErrorCode, _ words: [String], _ run: ServerRig.Run) async throws {
        #expect(run.exit == 1, "\(run.error)")
        let line = try #require(
            run.error.split(separator: "\n").last { $0.hasPrefix("tandem-controller: ") },
            "\(run.error)"
        )
        #expect(line.hasPrefix("tandem-controller: \(code.id): "), "\(run.error)")
        for word in words { #expect(line.contains(word), "\(line)") }
        // What to do stands in the last sentence.
        #expect(line.hasSuffix(".") && line.contains(". "), "\(line)")
    }

    /// A port of this machine that somebody listens on.
    private func listeningSocket() throws -> (descriptor: Int32, port: UInt16) {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let result = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                bind(descriptor, pointer, length) == 0 && listen(descriptor, 1) == 0
                    && getsockname(descriptor, pointer, &length) == 0
            }
        }
        try #require(result)
        return (descriptor, UInt16(bigEndian: address.sin_port))
    }
}
