import Foundation
import TandemModel
import TandemSpawn
import Testing

@testable import tandem_ha_postgresql

/// Whether tests may start real HA systems: they take minutes and packages that nothing else needs.
let areHASystemsWanted = ProcessInfo.processInfo.environment["TANDEM_HA_TESTS"] == "1"

/// Two real PostgreSQL servers, the second streaming from the first, each with its driver's settings.
final class PostgreSQLPair {
    static let programs = "/usr/lib/postgresql/15/bin"
    /// What the two share beside PostgreSQL's usual configuration.
    private static let configuration = """
        listen_addresses = '127.0.0.1'
        wal_log_hints = on
        wal_keep_size = 64MB
        wal_retrieve_retry_interval = 200ms
        max_connections = 30
        shared_buffers = 16MB
        """

    let folder: String
    let first: PostgreSQLServer
    let second: PostgreSQLServer

    /// Both run; `synchronous` is what the first waits for with each commit.
    init(synchronous: String = "", more: String = "") throws {
        folder =
            FileManager.default.temporaryDirectory
            .appending(path: "tandem-pg-\(UUID().uuidString.prefix(8))").path
        try FileManager.default.createDirectory(
            atPath: folder,
            withIntermediateDirectories: true
        )
        let ports = try freePorts(2)
        first = PostgreSQLServer(name: "a", folder: folder, port: ports[0], matePort: ports[1])
        second = PostgreSQLServer(name: "b", folder: folder, port: ports[1], matePort: ports[0])
        for server in [first, second] {
            let settings = server.driverSettings + "synchronous = \(synchronous)\n" + more
            try server.write("driver.conf", settings)
            try server.write(
                "hba.conf",
                "local all all trust\nhost all all 127.0.0.1/32 trust\n"
                    + "host replication all 127.0.0.1/32 trust\n"
            )
            try server.write(
                "server.conf",
                Self.configuration + "\nport = \(server.port)\n"
                    + "data_directory = '\(server.data)'\nhba_file = '\(server.path("hba.conf"))'\n"
                    + "unix_socket_directories = '\(server.folder)'\n"
            )
        }
        try first.own(folder)
        try first.tool("initdb", ["-D", first.data, "-U", "postgres", "-A", "trust", "-N"])
        try first.start()
        try first.sql("create table rows (id bigint primary key)")
        if !synchronous.isEmpty {
            try first.sql("alter system set synchronous_standby_names = '\(synchronous)'")
        }
        try second.tool(
            "pg_basebackup",
            ["-d", first.connection, "-D", second.data, "-X", "stream", "-c", "fast"]
        )
        // The driver itself makes a standby of the copy.
        try #require(second.drive("before-start").code == 0)
        try second.start()
        if !synchronous.isEmpty { try first.sql("select pg_reload_conf()") }
        try #require(second.waits { $0.replication.isCaughtUp }, "the standby does not stream")
    }

    deinit {
        first.end()
        second.end()
        try? FileManager.default.removeItem(atPath: folder)
    }

    /// How many of the two take writes now.
    var writableCount: Int { [first, second].count { $0.isWritable } }
}

/// TCP ports of loopback that nobody listens on.
func freePorts(_ count: Int) throws -> [UInt16] {
    let sockets = (0..<count).map { _ in socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0) }
    defer { for socket in sockets { close(socket) } }
    let ports = sockets.map { socket -> UInt16 in
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        return withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                _ = bind(socket, $0, size)
                _ = getsockname(socket, $0, &size)
            }
            return UInt16(bigEndian: $0.pointee.sin_port)
        }
    }
    try #require(ports.allSatisfy { $0 > 0 })
    return ports
}
