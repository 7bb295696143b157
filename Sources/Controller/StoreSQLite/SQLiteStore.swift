package import ControllerStore
import Foundation
import GRDB
package import TandemModel

/// The embedded store: one SQLite file, WAL, `synchronous=FULL` (asserted, not hoped for).
package final class SQLiteStore: NetworkStore {
    let pool: DatabasePool

    /// Opens or makes the file; another writer is waited for so long.
    ///
    /// - Throws: `storeUnavailable` or `diskFull` naming the path; `storeCorrupt` when it is damaged, no
    ///   store of ours, or was written by a newer program.
    package init(path: String, busySeconds: Double = 5) throws {
        var configuration = Configuration()
        configuration.busyMode = .timeout(busySeconds)
        configuration.prepareDatabase { database in
            try database.execute(sql: "PRAGMA foreign_keys = ON")
        }
        do {
            pool = try DatabasePool(path: path, configuration: configuration)
            // The pool sets NORMAL as it turns WAL on: a power cut would then lose the last commits.
            try pool.writeWithoutTransaction { database in
                try database.execute(sql: "PRAGMA synchronous = FULL")
            }
            try Self.refuseNewer(pool, path)
            try Migrations.all.migrate(pool)
        } catch {
            throw openingError(error, path)
        }
        try assertDurability(path)
    }

    /// A newer program's tables mean things that this one would break without noticing.
    private static func refuseNewer(_ pool: DatabasePool, _ path: String) throws {
        guard try pool.read(Migrations.all.hasBeenSuperseded) else { return }
        throw TandemError(
            .storeCorrupt,
            "the store \(path) was written by a newer Tandem",
            remedy: "Run that version, or restore the backup made before it was installed."
        )
    }

    private func assertDurability(_ path: String) throws {
        let settings = try storing {
            try pool.writeWithoutTransaction { database in
                (
                    try String.fetchOne(database, sql: "PRAGMA journal_mode"),
                    try Int.fetchOne(database, sql: "PRAGMA synchronous")
                )
            }
        }
        guard settings.0 == "wal", settings.1 == 2 else {
            throw TandemError(
                .storeUnavailable,
                "the store \(path) does not keep writes safely",
                remedy: "Put it on a local file system that supports SQLite's WAL mode.",
                cause: "journal_mode \(settings.0 ?? "?"), synchronous \(settings.1 ?? -1)"
            )
        }
    }

    package func open() async throws -> StoredNetwork {
        try await storing {
            try await pool.write { database in
                let epoch = try Self.epoch(database) + 1
                try Self.setEpoch(epoch, database)
                let clusters = try Row.fetchAll(
                    database,
                    sql: "SELECT name, state FROM clusters ORDER BY name"
                ).map { row in
                    ClusterRow(name: ClusterName(row["name"]), state: Array(row["state"] as Data))
                }
                let images = try Row.fetchAll(
                    database,
                    sql: "SELECT entry FROM images ORDER BY rowid"
                ).map { try Self.decode(ImageRow.self, $0["entry"]) }
                let network = try Data.fetchOne(database, sql: "SELECT state FROM network")
                return StoredNetwork(
                    epoch: epoch,
                    clusters: clusters,
                    images: images,
                    network: network.map(Array.init)
                )
            }
        }
    }

    package func commit(_ transaction: StoreTransaction) async throws {
        try await storing {
            try await pool.write { database in
                let newest = try Self.epoch(database)
                guard newest == transaction.epoch else {
                    throw TandemError.storeFenced(mine: transaction.epoch, newest: newest)
                }
                if let next = transaction.nextEpoch {
                    try Self.setEpoch(max(newest, next), database)
                }
                try Self.writeClusters(transaction, database)
                try Self.writeLists(transaction, database)
                try Self.writeImages(transaction, database)
            }
        }
    }

    package func log(cluster: ClusterName?, before: UInt64?, limit: Int) async throws
        -> [StoredRow<UpgradeLogEntry>]
    {
        try await storing {
            try await pool.read { database in
                try Row.fetchAll(
                    database,
                    sql: """
                        SELECT id, entry FROM upgrade_log
                        WHERE (?1 IS NULL OR cluster = ?1) AND id < ?2
                        ORDER BY id DESC LIMIT ?3
                        """,
                    arguments: [cluster?.text, Self.bound(before), limit]
                ).map(Self.storedRow)
            }
        }
    }

    package func audit(before: UInt64?, limit: Int) async throws -> [StoredRow<AuditEntry>] {
        try await storing {
            try await pool.read { database in
                try Row.fetchAll(
                    database,
                    sql: "SELECT id, entry FROM audit WHERE id < ?1 ORDER BY id DESC LIMIT ?2",
                    arguments: [Self.bound(before), limit]
                ).map(Self.storedRow)
            }
        }
    }

    package func alarmHistory(before: UInt64?, limit: Int) async throws
        -> [StoredRow<AlarmEntry>]
    {
        try await storing {
            try await pool.read { database in
                try Row.fetchAll(
                    database,
                    sql: """
                        SELECT id, entry FROM alarm_history WHERE id < ?1
                        ORDER BY id DESC LIMIT ?2
                        """,
                    arguments: [Self.bound(before), limit]
                ).map(Self.storedRow)
            }
        }
    }

    package func checkWritable() async throws {
        try await storing {
            try await pool.write { database in
                try database.execute(
                    sql: """
                        INSERT INTO meta (key, value) VALUES ('write-check', 1)
                        ON CONFLICT (key) DO UPDATE SET value = 1 - value
                        """
                )
            }
        }
    }
}

// MARK: - Rows

extension SQLiteStore {
    private static func writeClusters(_ transaction: StoreTransaction, _ database: Database) throws
    {
        for row in transaction.clusters {
            try database.execute(
                sql: """
                    INSERT INTO clusters (name, state) VALUES (?, ?)
                    ON CONFLICT (name) DO UPDATE SET state = excluded.state
                    """,
                arguments: [row.name.text, Data(row.state)]
            )
        }
        if let network = transaction.network {
            try database.execute(
                sql: """
                    INSERT INTO network (id, state) VALUES (1, ?)
                    ON CONFLICT (id) DO UPDATE SET state = excluded.state
                    """,
                arguments: [Data(network)]
            )
        }
        for name in transaction.removedClusters {
            try database.execute(
                sql: "DELETE FROM clusters WHERE name = ?",
                arguments: [name.text]
            )
        }
    }

    private static func writeLists(_ transaction: StoreTransaction, _ database: Database) throws {
        try appendAudit(transaction.audit, database)
        for entry in transaction.log {
            try database.execute(
                sql: """
                    INSERT INTO upgrade_log (action, step_index, server, cluster, entry)
                    VALUES (?, ?, ?, ?, ?)
                    ON CONFLICT (action, step_index, server) DO UPDATE SET entry = excluded.entry
                    """,
                arguments: [
                    entry.action.description, Int(entry.stepIndex), entry.server?.text ?? "",
                    entry.cluster.text, try encode(entry),
                ]
            )
        }
        for entry in transaction.clearedAlarms {
            try database.execute(
                sql: "INSERT INTO alarm_history (entry) VALUES (?)",
                arguments: [try encode(entry)]
            )
        }
    }

    private static func writeImages(_ transaction: StoreTransaction, _ database: Database) throws {
        for row in transaction.addedImages {
            try database.execute(
                sql: """
                    INSERT INTO images (digest, entry) VALUES (?, ?)
                    ON CONFLICT (digest) DO UPDATE SET entry = excluded.entry
                    """,
                arguments: [row.offer.image.description, try encode(row)]
            )
        }
        for digest in transaction.removedImages {
            try database.execute(
                sql: "DELETE FROM images WHERE digest = ?",
                arguments: [digest.description]
            )
        }
    }

    private static func epoch(_ database: Database) throws -> UInt64 {
        let value = try Int64.fetchOne(
            database,
            sql: "SELECT value FROM meta WHERE key = 'epoch'"
        )
        return UInt64(clamping: value ?? 0)
    }

    private static func setEpoch(_ epoch: UInt64, _ database: Database) throws {
        try database.execute(
            sql: """
                INSERT INTO meta (key, value) VALUES ('epoch', ?)
                ON CONFLICT (key) DO UPDATE SET value = excluded.value
                """,
            arguments: [Int64(clamping: epoch)]
        )
    }

    static func bound(_ before: UInt64?) -> Int64 {
        before.map { Int64(clamping: $0) } ?? .max
    }

    static func storedRow<Item: Decodable & Sendable & Hashable>(_ row: Row) throws
        -> StoredRow<Item>
    {
        StoredRow(row: UInt64(row["id"] as Int64), item: try decode(Item.self, row["entry"]))
    }

    static func encode(_ value: some Encodable) throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        return try encoder.encode(value)
    }

    static func decode<Value: Decodable>(_ type: Value.Type, _ data: Data) throws -> Value {
        do {
            return try JSONDecoder().decode(type, from: data)
        } catch {
            throw TandemError(
                .storeCorrupt,
                "a stored \(type) can't be read",
                remedy: "Run the version of Tandem that wrote it, or restore a backup.",
                cause: "\(error)"
            )
        }
    }
}

// MARK: - Errors

/// Runs a piece of store work; whatever SQLite says becomes an error with a remedy.
private func storing<Value>(_ work: () throws -> Value) throws -> Value {
    do { return try work() } catch { throw storeError(error) }
}

func storing<Value>(
    isolation: isolated (any Actor)? = #isolation,
    _ work: () async throws -> Value
) async throws -> Value {
    do { return try await work() } catch { throw storeError(error) }
}

/// Why a store can't be opened, by what SQLite says.
private func openingError(_ error: any Error, _ path: String) -> TandemError {
    if let error = error as? TandemError { return error }
    let remedy: String
    var code = ErrorCode.storeUnavailable
    var what = "can't be opened"
    switch (error as? DatabaseError)?.resultCode {
    case .some(.SQLITE_NOTADB):
        code = .storeCorrupt
        what = "is no store of Tandem's"
        remedy = "Move the file away, then restore a backup of it."
    case .some(.SQLITE_CORRUPT):
        code = .storeCorrupt
        what = "is damaged"
        remedy = "Restore a backup: agents keep what is under way, and report it again."
    case .some(.SQLITE_BUSY), .some(.SQLITE_LOCKED):
        what = "is locked by another program"
        remedy = "End that program (`fuser -v \(path)` names it), then start again."
    case .some(.SQLITE_READONLY), .some(.SQLITE_PERM), .some(.SQLITE_CANTOPEN):
        what = "can't be written"
        remedy = "Let the controller's user own the file and its folder."
    case .some(.SQLITE_FULL):
        code = .diskFull
        what = "can't be opened: its disk is full"
        remedy = "Free space on the disk that holds it; nothing was lost."
    case _: remedy = "Check that the folder exists, is writable and has space left."
    }
    return TandemError(code, "the store \(path) \(what)", remedy: remedy, cause: "\(error)")
}

private func storeError(_ error: any Error) -> any Error {
    if error is TandemError { return error }
    if let error = error as? DatabaseError, error.resultCode == .SQLITE_FULL {
        return TandemError(
            .diskFull,
            "the controller's store has no space left to write",
            remedy: "Free space on the disk that holds it; nothing was lost.",
            cause: "\(error)"
        )
    }
    return TandemError(
        .storeUnavailable,
        "the controller's store can't be read or written",
        remedy: "Check the disk that holds it; nothing was sent that is not stored.",
        cause: "\(error)"
    )
}
