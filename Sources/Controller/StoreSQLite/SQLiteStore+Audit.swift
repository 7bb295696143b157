package import ControllerAudit
import ControllerStore
import Foundation
import GRDB
import TandemModel

extension SQLiteStore {
    package func auditTip() async throws -> AuditTip {
        try await storing { try await pool.read { try Self.tip($0) } }
    }

    package func auditEntries(after row: UInt64, limit: Int) async throws -> [ChainedEntry] {
        try await storing {
            try await pool.read { database in
                try Row.fetchAll(
                    database,
                    sql: "SELECT id, entry, hash FROM audit WHERE id > ?1 ORDER BY id LIMIT ?2",
                    arguments: [Int64(clamping: row), limit]
                ).map { row in
                    ChainedEntry(
                        row: UInt64(clamping: row["id"] as Int64),
                        entry: Array(row["entry"] as Data),
                        hash: try Self.digest(row["hash"])
                    )
                }
            }
        }
    }

    package func addAuditHead(_ head: AuditHead) async throws {
        try await storing {
            try await pool.write { database in
                try database.execute(
                    sql: "INSERT INTO audit_heads (id, head) VALUES (?, ?)",
                    arguments: [Int64(clamping: head.count), try Self.encode(head)]
                )
            }
        }
    }

    package func auditHeads(after row: UInt64, limit: Int) async throws -> [AuditHead] {
        try await storing {
            try await pool.read { database in
                try Data.fetchAll(
                    database,
                    sql: "SELECT head FROM audit_heads WHERE id > ?1 ORDER BY id LIMIT ?2",
                    arguments: [Int64(clamping: row), limit]
                ).map { try Self.decode(AuditHead.self, $0) }
            }
        }
    }

    package func newestAuditHead() async throws -> AuditHead? {
        try await storing {
            try await pool.read { database in
                try Data.fetchOne(
                    database,
                    sql: "SELECT head FROM audit_heads ORDER BY id DESC LIMIT 1"
                ).map { try Self.decode(AuditHead.self, $0) }
            }
        }
    }

    /// Appends lines to the chain: the only way into the table.
    static func appendAudit(_ entries: [AuditEntry], _ database: Database) throws {
        guard !entries.isEmpty else { return }
        var tip = try tip(database)
        for entry in entries {
            let bytes = try AuditChain.bytes(of: entry)
            tip = AuditTip(
                count: tip.count + 1,
                hash: AuditChain.hash(of: bytes, after: tip.hash)
            )
            try database.execute(
                sql: "INSERT INTO audit (id, entry, hash) VALUES (?, ?, ?)",
                arguments: [Int64(clamping: tip.count), Data(bytes), Data(tip.hash.bytes)]
            )
        }
    }

    private static func tip(_ database: Database) throws -> AuditTip {
        let row = try Row.fetchOne(
            database,
            sql: "SELECT id, hash FROM audit ORDER BY id DESC LIMIT 1"
        )
        guard let row else { return AuditTip(count: 0, hash: AuditChain.start) }
        return AuditTip(
            count: UInt64(clamping: row["id"] as Int64),
            hash: try digest(row["hash"])
        )
    }

    private static func digest(_ data: Data) throws -> Digest {
        guard let digest = Digest(bytes: Array(data)) else {
            throw TandemError(
                .storeCorrupt,
                "a stored hash of the audit has \(data.count) bytes",
                remedy: "Export the audit and verify it; then restore a backup."
            )
        }
        return digest
    }
}
