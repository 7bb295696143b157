import AgentHA
import AgentPlatform
import Foundation
import TandemModel
import TandemSpawn
import Testing

/// Two servers run by real Patronis, and an etcd of one member, all on loopback.
final class PatroniPair {
    let folder: String
    let servers: [PatroniServer]
    private let etcd: ChildProcess

    init() throws {
        folder =
            FileManager.default.temporaryDirectory
            .appending(path: "tandem-pat-\(UUID().uuidString.prefix(8))").path
        try FileManager.default.createDirectory(
            atPath: folder,
            withIntermediateDirectories: true
        )
        let ports = try freePorts(6)
        let etcdURL = "http://127.0.0.1:\(ports[0])"
        let peerURL = "http://127.0.0.1:\(ports[1])"
        etcd = try ChildProcess.start(
            ChildCommand(
                "/usr/bin/etcd",
                [
                    "--data-dir", "\(folder)/etcd", "--listen-client-urls", etcdURL,
                    "--advertise-client-urls", etcdURL, "--listen-peer-urls", peerURL,
                    "--initial-advertise-peer-urls", peerURL,
                    "--initial-cluster", "default=\(peerURL)",
                ],
                standardOutput: .discarded,
                standardError: .discarded
            )
        )
        servers = [
            PatroniServer(name: "a", folder: folder, rest: ports[2], port: ports[3]),
            PatroniServer(name: "b", folder: folder, rest: ports[4], port: ports[5]),
        ]
        for server in servers { try server.write(etcd: "127.0.0.1:\(ports[0])") }
        try servers[0].own(folder)
        // The first one makes the database, the second one copies it.
        for (server, role) in zip(servers, [ServerRole.active, .standby]) {
            try server.control("start")
            try #require(
                server.waits {
                    $0.role == role && $0.replication.isCaughtUp
                },
                "\(server.name): \(server.said)"
            )
        }
        try servers[0].sql("create table rows (id bigint primary key)")
    }

    deinit {
        for server in servers.reversed() { server.end() }
        etcd.signalAll(SIGKILL)
        let end = MachineClock.monotonic() + 5000
        while etcd.tryWait() == nil, end.since(MachineClock.monotonic()) > 0 { continue }
        try? FileManager.default.removeItem(atPath: folder)
    }
}

/// One server of a ``PatroniPair``.
struct PatroniServer: Sendable {
    let name: String
    let folder: String
    let rest: UInt16
    let port: UInt16

    init(name: String, folder: String, rest: UInt16, port: UInt16) {
        self.name = name
        self.folder = "\(folder)/\(name)"
        self.rest = rest
        self.port = port
    }

    private var user: String { geteuid() == 0 ? "postgres" : NSUserName() }
    private var connection: String { "host=127.0.0.1 port=\(port) user=postgres dbname=postgres" }

    var configuration: String { "\(folder)/patroni.yml" }

    /// The end of Patroni's words, for a test that fails.
    var said: String {
        let text = (try? String(contentsOfFile: "\(folder)/log", encoding: .utf8)) ?? "no log"
        return text.split(separator: "\n").suffix(30).joined(separator: "\n")
    }

    func write(etcd: String) throws {
        try FileManager.default.createDirectory(
            atPath: folder,
            withIntermediateDirectories: true
        )
        let text = """
            scope: tandem
            name: \(name)
            restapi:
              listen: 127.0.0.1:\(rest)
              connect_address: 127.0.0.1:\(rest)
            etcd3:
              hosts: \(etcd)
            bootstrap:
              dcs:
                ttl: 10
                loop_wait: 1
                retry_timeout: 3
                postgresql:
                  use_pg_rewind: true
              initdb:
                - encoding: UTF8
                - data-checksums
            postgresql:
              listen: 127.0.0.1:\(port)
              connect_address: 127.0.0.1:\(port)
              data_dir: \(folder)/data
              bin_dir: \(PostgreSQLPair.programs)
              pgpass: \(folder)/pgpass
              authentication:
                superuser:
                  username: postgres
                replication:
                  username: postgres
              parameters:
                unix_socket_directories: \(folder)
                shared_buffers: 16MB
              pg_hba:
                - local all all trust
                - host all all 127.0.0.1/32 trust
                - host replication all 127.0.0.1/32 trust
            tags:
              nofailover: false
            """
        try Data(text.utf8).write(to: URL(filePath: configuration))
        // What systemd would do.
        let program = geteuid() == 0 ? "setpriv --reuid \(user) --regid \(user) --init-groups" : ""
        let script = """
            #!/bin/sh
            pid=$(cat \(folder)/pid 2>/dev/null)
            runs() { [ -n "$pid" ] && kill -0 "$pid" 2>/dev/null; }
            case "$1" in
            start)
                runs && exit 0
                setsid \(program) /usr/bin/patroni \(configuration) \\
                    >> \(folder)/log 2>&1 < /dev/null &
                echo $! > \(folder)/pid ;;
            stop) runs || exit 0; kill "$pid"; while runs; do sleep 0.05; done ;;
            is-active) runs ;;
            esac
            """
        try writeProgram(script, to: "\(folder)/control")
    }

    /// Starts or stops Patroni as the service system would.
    func control(_ verb: String) throws {
        let command = ChildCommand(
            "\(folder)/control",
            [verb, "patroni"],
            standardOutput: .discarded,
            standardError: .discarded
        )
        try runChild(command, timeoutMilliseconds: 30_000).check(command)
    }

    var driverEnvironment: [String] {
        [
            "TANDEM_HA_ADDRESS=127.0.0.1:\(rest)", "TANDEM_SERVER=\(name)",
            "TANDEM_SERVICE_CONTROL=\(folder)/control", "TANDEM_HA_DATA=\(folder)/data",
            "TANDEM_HA_CONFIGURATION=\(configuration)",
        ]
    }

    /// Calls the driver.
    func drive(_ words: String...) throws -> ChildResult {
        try runChild(
            ChildCommand(
                try BuiltProgram.path("tandem-ha-patroni"),
                words,
                environment: ChildCommand.plainEnvironment + driverEnvironment
            ),
            timeoutMilliseconds: 30_000
        )
    }

    /// Tells every member to keep its hands off, or no longer.
    func pause(_ verb: String) throws {
        let command = ChildCommand(
            "/usr/bin/patronictl",
            ["-c", configuration, verb, "--wait", "tandem"]
        )
        try runChild(command, timeoutMilliseconds: 30_000).check(command)
    }

    /// The id of PostgreSQL's first process.
    var processID: Int32? { PostgreSQLProcesses(data: "\(folder)/data").first }

    /// Ends Patroni, and PostgreSQL too where Patroni was about to start it.
    func end() {
        try? control("stop")
        guard let pid = processID else { return }
        kill(pid, SIGQUIT)
    }

    /// Throws, without an issue, where Patroni does not answer yet.
    func status() throws -> HAStatus {
        let result = try drive("status")
        guard result.ending.isSuccess else { throw DriverSilence(why: result.errorText) }
        return try HAStatus(answer: KeyValueFile(result.standardOutput))
    }

    /// Whether its status becomes so within 60 s: Patroni makes and copies databases at its own pace.
    func waits(_ holds: (HAStatus) -> Bool) -> Bool {
        let end = MachineClock.monotonic() + 60_000
        while end.since(MachineClock.monotonic()) > 0 {
            if let status = try? status(), holds(status) { return true }
        }
        return false
    }

    @discardableResult
    func sql(_ statement: String) throws -> String {
        let command = ChildCommand(
            "\(PostgreSQLPair.programs)/psql",
            ["-XAtqw", "-v", "ON_ERROR_STOP=1", "-d", connection, "-c", statement]
        )
        let result = try runChild(command, timeoutMilliseconds: 20_000)
        try result.check(command)
        return result.outputText.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// Hands a folder and all in it to the user that Patroni runs as.
    func own(_ folder: String) throws {
        guard geteuid() == 0 else { return }
        let command = ChildCommand("/usr/bin/chown", ["-R", "\(user):\(user)", folder])
        try runChild(command, timeoutMilliseconds: 10_000).check(command)
    }
}
