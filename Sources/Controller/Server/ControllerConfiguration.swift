import ControllerCore
import ControllerPeople
import ControllerRuntime
import Foundation
import TandemModel

/// What a controller has to be told: the file `controller.conf`, lines of `key = value`.
struct ControllerConfiguration: Sendable {
    /// A host and a port; port 0 lets the kernel choose.
    struct Address: Sendable, Hashable {
        var host: String
        var port: Int
    }

    /// The controller's id: `urn:tandem:controller:NAME` in its certificate.
    var name: String
    var agentAddress: Address
    var apiAddress: Address
    /// Certificate, key and authority of the agents' port.
    var agentCertificate: String
    var agentKey: String
    var agentAuthority: String
    /// Certificate, key and authority of the operators' port.
    var apiCertificate: String
    var apiKey: String
    var apiAuthority: String
    /// Whose signatures on release images count.
    var trustFile: String
    /// Store, images and collected logs.
    var stateFolder: String
    var heartbeatMilliseconds: UInt32
    var limits: ClusterLimits
    var imageLimits: ImageLimits
    /// How long a proof of who somebody is counts for what moves service; 0: as long as the session.
    var sessionProofMilliseconds: UInt64
    /// `nil` where people sign in with local accounts only.
    var provider: ProviderConfiguration?
    /// Where the ports are written once they are open, for scripts that asked for port 0.
    var portsFile: String?

    private static let known: Set<String> = [
        "name", "agent-address", "api-address", "agent-certificate", "agent-key",
        "agent-authority", "api-certificate", "api-key", "api-authority", "trust-file",
        "state-folder", "heartbeat-milliseconds", "ports-file", "approval-minutes",
        "unknown-release-minutes", "mixed-version-major-hours",
        "inhibited-replication-major-hours", "image-limit-mebibytes", "free-space-mebibytes",
        "session-proof-minutes",
    ]

    /// The embedded store, in the state folder.
    var storeFile: String { "\(stateFolder)/network.sqlite" }

    /// Reads the file.
    ///
    /// - Throws: `fileUnavailable`, or `configurationInvalid` naming file, line and key.
    init(file: String) throws {
        guard let data = FileManager.default.contents(atPath: file) else {
            throw TandemError(
                .fileUnavailable,
                "the configuration file \(file) can't be read",
                remedy: "Check the path and its permissions; Deploy/config has a sample."
            )
        }
        do {
            try self.init(lines: try KeyValueFile(Array(data)))
        } catch let problem as KeyValueFile.Problem {
            throw TandemError(
                .configurationInvalid,
                "\(file): \(problem)",
                remedy: "Mend that line; Deploy/config/controller.conf explains each key."
            )
        }
    }

    private init(lines: KeyValueFile) throws {
        try lines.refuseUnknown(
            known: Self.known.union(ProviderConfiguration.keys),
            prefixes: [ProviderConfiguration.rolePrefix]
        )
        func text(_ key: String) throws -> String {
            guard let value = try lines.value(key), !value.isEmpty else {
                throw KeyValueFile.Problem(line: 0, "`\(key)` is missing")
            }
            return value
        }
        name = try text("name")
        agentAddress = try Self.address(try text("agent-address"), "agent-address", lines)
        apiAddress = try Self.address(try text("api-address"), "api-address", lines)
        agentCertificate = try text("agent-certificate")
        agentKey = try text("agent-key")
        agentAuthority = try text("agent-authority")
        apiCertificate = try text("api-certificate")
        apiKey = try text("api-key")
        apiAuthority = try text("api-authority")
        trustFile = try text("trust-file")
        stateFolder = try text("state-folder")
        portsFile = try lines.value("ports-file")
        provider = try ProviderConfiguration(lines)
        let heartbeat = try lines.value("heartbeat-milliseconds") ?? "5000"
        guard let milliseconds = UInt32(heartbeat), (200...60_000).contains(milliseconds) else {
            throw lines.problem(
                "heartbeat-milliseconds",
                "is a number from 200 to 60000, not '\(heartbeat)'"
            )
        }
        heartbeatMilliseconds = milliseconds
        sessionProofMilliseconds =
            try Self.number("session-proof-minutes", 0...480, unit: 60_000, lines)
            ?? Session.proofMilliseconds
        limits = try Self.limits(lines)
        imageLimits = try Self.imageLimits(lines)
    }

    /// A number of a line, in the unit that the program counts in; nil if there is no such line.
    private static func number(
        _ key: String,
        _ range: ClosedRange<UInt64>,
        unit: UInt64,
        _ lines: KeyValueFile
    ) throws -> UInt64? {
        guard let text = try lines.value(key) else { return nil }
        guard let number = UInt64(text), range.contains(number) else {
            throw lines.problem(
                key,
                "is a number from \(range.lowerBound) to \(range.upperBound), not '\(text)'"
            )
        }
        return number * unit
    }

    /// What images may take of the disk; mebibytes here, bytes in the library.
    private static func imageLimits(_ lines: KeyValueFile) throws -> ImageLimits {
        var limits = ImageLimits()
        let mebibyte: UInt64 = 1 << 20
        if let value = try number("image-limit-mebibytes", 1...1_048_576, unit: mebibyte, lines) {
            limits.byteCountMax = value
        }
        if let value = try number("free-space-mebibytes", 1...1_048_576, unit: mebibyte, lines) {
            limits.freeByteCountMin = value
        }
        return limits
    }

    /// The clocks that a site may set; hours and minutes here, milliseconds in the core.
    private static func limits(_ lines: KeyValueFile) throws -> ClusterLimits {
        var limits = ClusterLimits()
        let (minute, hour): (UInt64, UInt64) = (60_000, 3_600_000)
        if let value = try number("approval-minutes", 1...1440, unit: minute, lines) {
            limits.approvalMilliseconds = value
        }
        if let value = try number("unknown-release-minutes", 1...1440, unit: minute, lines) {
            limits.unknownReleaseMilliseconds = value
        }
        if let value = try number("mixed-version-major-hours", 1...8760, unit: hour, lines) {
            limits.mixedVersionMilliseconds = value
        }
        if let value = try number("inhibited-replication-major-hours", 1...8760, unit: hour, lines)
        {
            limits.inhibitedReplicationMilliseconds = value
        }
        return limits
    }

    /// `HOST:PORT`, where an IPv6 address stands in brackets.
    private static func address(
        _ text: String,
        _ key: String,
        _ lines: KeyValueFile
    ) throws -> Address {
        let colon = text.lastIndex(of: ":") ?? text.startIndex
        let host = text[..<colon].trimmingCharacters(in: ["[", "]"])
        guard !host.isEmpty, let port = UInt16(text[text.index(after: colon)...]) else {
            throw lines.problem(key, "is HOST:PORT, not '\(text)'")
        }
        return Address(host: host, port: Int(port))
    }
}

extension KeyValueFile {
    /// What is wrong with the value of a key, with its line.
    func problem(_ key: String, _ text: String) -> Problem {
        Problem(line: all(key).first?.line ?? 0, "`\(key)` \(text)")
    }
}
