import AgentPlatform
import Foundation
import TandemModel
import TandemSpawn
import Testing

/// A driver that did not say what is so.
struct DriverSilence: Error {
    let why: String
}

/// One server of a ``PostgreSQLPair`` and its driver, as the agent calls it.
struct PostgreSQLServer: Sendable {
    /// How a driver's call ended.
    struct Call: Sendable {
        let code: Int32?
        let error: String
        let milliseconds: UInt64
    }

    /// PostgreSQL's programs refuse root.
    static let user = "postgres"

    let folder: String
    let port: UInt16
    let matePort: UInt16

    init(name: String, folder: String, port: UInt16, matePort: UInt16) {
        self.folder = "\(folder)/\(name)"
        self.port = port
        self.matePort = matePort
    }

    var data: String { path("data") }
    var connection: String { Self.connection(port) }

    private static func connection(_ port: UInt16) -> String {
        "host=127.0.0.1 port=\(port) user=postgres"
    }

    func path(_ name: String) -> String { "\(folder)/\(name)" }

    func write(_ name: String, _ text: String) throws {
        try FileManager.default.createDirectory(
            atPath: folder,
            withIntermediateDirectories: true
        )
        try Data(text.utf8).write(to: URL(filePath: path(name)))
    }

    var driverSettings: String {
        """
        data = \(data)
        programs = \(PostgreSQLPair.programs)
        socket = \(folder)
        port = \(port)
        mate = \(Self.connection(matePort))
        replication = \(Self.connection(matePort))
        config-file = \(path("server.conf"))
        log = \(path("log"))

        """
    }

    // MARK: - The driver

    /// Calls a verb.
    @discardableResult
    func drive(_ words: String...) throws -> Call {
        let start = MachineClock.monotonic()
        let result = try runChild(
            ChildCommand(
                try BuiltProgram.path("tandem-ha-postgresql"),
                words,
                environment: ChildCommand.plainEnvironment + driverEnvironment
            ),
            timeoutMilliseconds: 60_000
        )
        var code: Int32?
        if case .exited(let number) = result.ending, !result.isTimedOut { code = number }
        let time = MachineClock.monotonic().since(start)
        return Call(code: code, error: result.errorText, milliseconds: time)
    }

    var driverEnvironment: [String] {
        ["TANDEM_HA_SETTINGS=\(path("driver.conf"))", "TANDEM_HA_STATE=\(path("state"))"]
    }

    /// What its driver says, read by the agent's own code.
    func status() throws -> HAStatus {
        let result = try runChild(
            ChildCommand(
                try BuiltProgram.path("tandem-ha-postgresql"),
                ["status"],
                environment: ChildCommand.plainEnvironment + driverEnvironment
            ),
            timeoutMilliseconds: 10_000
        )
        guard result.ending.isSuccess else { throw DriverSilence(why: result.errorText) }
        return try HAStatus(answer: KeyValueFile(result.standardOutput))
    }

    /// Whether its status becomes so within 20 s.
    func waits(_ holds: (HAStatus) -> Bool) -> Bool {
        let end = MachineClock.monotonic() + 20_000
        while end.since(MachineClock.monotonic()) > 0 {
            if let status = try? status(), holds(status) { return true }
        }
        return false
    }

    // MARK: - The database

    /// Runs a statement over the socket and answers what it printed.
    @discardableResult
    func sql(_ statement: String) throws -> String {
        let command = ChildCommand(
            "\(PostgreSQLPair.programs)/psql",
            [
                "-XAtqw", "-v", "ON_ERROR_STOP=1", "-d", "\(connection) dbname=postgres", "-c",
                statement,
            ]
        )
        let result = try runChild(command, timeoutMilliseconds: 20_000)
        try result.check(command)
        return result.outputText.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// A program that ends with 0 while this server takes writes, past its driver; answers its path.
    func writeProbe() throws -> String {
        let question = "select pg_is_in_recovery()"
        try writeProgram(
            """
            #!/bin/sh
            [ "$(\(PostgreSQLPair.programs)/psql -XAtqw \\
                -d '\(connection) dbname=postgres' -c '\(question)')" = f ]
            """,
            to: path("serves")
        )
        return path("serves")
    }

    var isWritable: Bool { (try? sql("select pg_is_in_recovery()")) == "f" }

    /// The end of PostgreSQL's log, for a test that fails.
    var said: String {
        let text = (try? String(contentsOfFile: path("log"), encoding: .utf8)) ?? "no log"
        return text.split(separator: "\n").suffix(30).joined(separator: "\n")
    }

    func start() throws {
        try tool(
            "pg_ctl",
            [
                "start", "-s", "-w", "-D", data, "-l", path("log"), "-o",
                "-c config_file=\(path("server.conf"))",
            ]
        )
    }

    /// Stops it without the driver: `fast`, or `immediate`, which is a crash.
    func stop(_ mode: String) throws { try tool("pg_ctl", ["stop", "-s", "-D", data, "-m", mode]) }

    /// The id of its first process; `nil` when none is noted.
    var processID: Int32? {
        guard let text = try? String(contentsOfFile: "\(data)/postmaster.pid", encoding: .utf8)
        else { return nil }
        return text.split(separator: "\n").first.flatMap { Int32($0) }
    }

    /// Ends it at the end of a test, also where it is frozen.
    func end() {
        guard let pid = processID else { return }
        kill(pid, SIGCONT)
        try? stop("immediate")
    }

    /// Runs one of PostgreSQL's programs as its user.
    func tool(_ name: String, _ arguments: [String]) throws {
        let program = "\(PostgreSQLPair.programs)/\(name)"
        let command =
            geteuid() == 0
            ? ChildCommand(
                "/usr/bin/setpriv",
                ["--reuid", Self.user, "--regid", Self.user, "--init-groups", program] + arguments
            ) : ChildCommand(program, arguments)
        let result = try runChild(command, timeoutMilliseconds: 60_000)
        try result.check(command)
    }

    /// Hands a folder and all in it to PostgreSQL's user.
    func own(_ folder: String) throws {
        guard geteuid() == 0 else { return }
        let command = ChildCommand("/usr/bin/chown", ["-R", "\(Self.user):\(Self.user)", folder])
        try runChild(command, timeoutMilliseconds: 10_000).check(command)
    }
}
