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
    /// Where the ports are written once they are open, for scripts that asked for port 0.
    var portsFile: String?

    private static let known: Set<String> = [
        "name", "agent-address", "api-address", "agent-certificate", "agent-key",
        "agent-authority", "api-certificate", "api-key", "api-authority", "trust-file",
        "state-folder", "heartbeat-milliseconds", "ports-file",
    ]

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
        try lines.refuseUnknown(known: Self.known)
        func text(_ key: String) throws -> String {
            guard let value = try lines.value(key), !value.isEmpty else {
                throw KeyValueFile.Problem(line: 0, "`\(key)` is missing")
            }
            return value
        }
        name = try text("name")
        agentAddress = try Self.address(try text("agent-address"), "agent-address")
        apiAddress = try Self.address(try text("api-address"), "api-address")
        agentCertificate = try text("agent-certificate")
        agentKey = try text("agent-key")
        agentAuthority = try text("agent-authority")
        apiCertificate = try text("api-certificate")
        apiKey = try text("api-key")
        apiAuthority = try text("api-authority")
        trustFile = try text("trust-file")
        stateFolder = try text("state-folder")
        portsFile = try lines.value("ports-file")
        let heartbeat = try lines.value("heartbeat-milliseconds") ?? "5000"
        guard let milliseconds = UInt32(heartbeat), (200...60_000).contains(milliseconds) else {
            throw KeyValueFile.Problem(
                line: 0,
                "`heartbeat-milliseconds` is a number from 200 to 60000"
            )
        }
        heartbeatMilliseconds = milliseconds
    }

    /// `HOST:PORT`, where an IPv6 address stands in brackets.
    private static func address(_ text: String, _ key: String) throws -> Address {
        guard let colon = text.lastIndex(of: ":"),
            let port = UInt16(text[text.index(after: colon)...])
        else { throw KeyValueFile.Problem(line: 0, "`\(key)` is HOST:PORT") }
        let host = text[..<colon].trimmingCharacters(in: ["[", "]"])
        return Address(host: host, port: Int(port))
    }
}
