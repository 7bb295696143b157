import TandemModel
import TandemSpawn

/// The driver's one file of settings: `key = value` lines, described in Docs/ha-drivers.md.
struct Settings {
    static let usualPath = "/etc/tandem/ha/postgresql.conf"

    /// The data folder.
    let data: String
    /// The folder of `pg_ctl`, `psql` and the others.
    let programs: String
    /// The folder of the server's Unix socket.
    let socket: String
    let port: String
    /// The system user whose database it is; PostgreSQL's programs refuse root.
    let user: String
    /// The database role to ask and change the server by: a superuser.
    let databaseUser: String
    /// How the mate's database is reached by a role that `pg_rewind` may use.
    let mate: String
    /// How this server follows its mate: what becomes `primary_conninfo`.
    let replication: String
    /// Empty: none.
    let passwordFile: String
    /// PostgreSQL's own configuration where it does not lie in the data folder; else empty.
    let configFile: String
    /// What the server says while it starts; used only without a service.
    let log: String
    /// The unit that runs PostgreSQL; empty: `pg_ctl` starts and stops it.
    let service: String
    /// `synchronous_standby_names` of a whole pair; empty: replication is not synchronous.
    let synchronous: String
    /// Whether the driver itself stops waiting for a standby that it cuts off.
    let reducesByItself: Bool
    /// Whether `rejoin` may copy the whole database anew where `pg_rewind` can't help.
    let rebuilds: Bool
    /// So many bytes behind an active mate count as caught up: its demotion sends them.
    let caughtUpByteCount: UInt64

    private static let known: Set<String> = [
        "data", "programs", "socket", "port", "user", "database-user", "mate", "replication",
        "password-file", "config-file", "log", "service", "synchronous", "reduce-synchronous",
        "rebuild", "caught-up-bytes",
    ]

    /// Reads the file.
    init(path: String) throws(TandemError) {
        do throws(KeyValueFile.Problem) {
            let bytes: [UInt8]
            do throws(TandemError) {
                bytes = try Files.read(path, byteCountMax: KeyValueFile.byteCountMax)
            } catch {
                throw KeyValueFile.Problem(line: 0, error.message)
            }
            try self.init(KeyValueFile(bytes))
        } catch {
            throw TandemError(
                .configurationInvalid,
                "\(path): \(error)",
                remedy: "Mend the file as Docs/ha-drivers.md describes it."
            )
        }
    }

    /// Takes the values; those without a usual one must be there.
    init(_ file: KeyValueFile) throws(KeyValueFile.Problem) {
        try file.refuseUnknown(known: Self.known)
        func text(_ key: String, _ usual: String?) throws(KeyValueFile.Problem) -> String {
            if let value = try file.value(key) ?? usual { return value }
            throw KeyValueFile.Problem(line: 0, "`\(key)` is missing")
        }
        func flag(_ key: String, _ words: (yes: String, no: String)) throws(KeyValueFile.Problem)
            -> Bool
        {
            let value = try text(key, words.no)
            guard value == words.yes || value == words.no else {
                let line = file.all(key).first?.line ?? 0
                throw KeyValueFile.Problem(
                    line: line,
                    "`\(key)` is `\(words.yes)` or `\(words.no)`"
                )
            }
            return value == words.yes
        }
        data = try text("data", nil)
        programs = try text("programs", "/usr/lib/postgresql/15/bin")
        socket = try text("socket", "/var/run/postgresql")
        port = try text("port", "5432")
        user = try text("user", "postgres")
        databaseUser = try text("database-user", "postgres")
        mate = try text("mate", nil)
        replication = try text("replication", nil)
        passwordFile = try text("password-file", "")
        configFile = try text("config-file", "")
        log = try text("log", "/var/log/postgresql/tandem-start.log")
        service = try text("service", "")
        synchronous = try text("synchronous", "")
        reducesByItself = try flag("reduce-synchronous", ("automatic", "by-hand"))
        rebuilds = try flag("rebuild", ("yes", "no"))
        let bytes = try text("caught-up-bytes", "1048576")
        guard let count = UInt64(bytes), UInt16(port) != nil else {
            throw KeyValueFile.Problem(line: 0, "`port` and `caught-up-bytes` are numbers")
        }
        caughtUpByteCount = count
        for (key, path) in [("data", data), ("programs", programs), ("socket", socket)]
        where !path.hasPrefix("/") {
            throw KeyValueFile.Problem(line: 0, "`\(key)` is an absolute path")
        }
    }
}
