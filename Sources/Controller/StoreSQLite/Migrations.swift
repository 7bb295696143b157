import ControllerAudit
import Foundation
import GRDB
import TandemModel

/// The store's tables, one named step per change, appended to and never edited.
enum Migrations {
    static let all: DatabaseMigrator = {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("2026-11-22 first tables") { database in
            try database.execute(
                sql: """
                    CREATE TABLE meta (key TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT;
                    CREATE TABLE clusters (name TEXT PRIMARY KEY, state BLOB NOT NULL) STRICT;
                    CREATE TABLE upgrade_log (
                        id INTEGER PRIMARY KEY AUTOINCREMENT,
                        action TEXT NOT NULL,
                        step_index INTEGER NOT NULL,
                        server TEXT NOT NULL,
                        cluster TEXT NOT NULL,
                        entry BLOB NOT NULL,
                        UNIQUE (action, step_index, server)
                    ) STRICT;
                    CREATE INDEX upgrade_log_by_cluster ON upgrade_log (cluster, id);
                    CREATE TABLE audit (
                        id INTEGER PRIMARY KEY AUTOINCREMENT, entry BLOB NOT NULL) STRICT;
                    CREATE TABLE alarm_history (
                        id INTEGER PRIMARY KEY AUTOINCREMENT, entry BLOB NOT NULL) STRICT;
                    CREATE TABLE images (digest TEXT PRIMARY KEY, entry BLOB NOT NULL) STRICT;
                    """
            )
        }
        migrator.registerMigration("2026-11-23 the network's own state") { database in
            try database.execute(
                sql: """
                    CREATE TABLE network (
                        id INTEGER PRIMARY KEY CHECK (id = 1), state BLOB NOT NULL) STRICT;
                    """
            )
        }
        migrator.registerMigration("2026-11-26 people") { database in
            try database.execute(
                sql: """
                    CREATE TABLE accounts (key TEXT PRIMARY KEY, entry BLOB NOT NULL) STRICT;
                    CREATE TABLE sessions (key TEXT PRIMARY KEY, entry BLOB NOT NULL) STRICT;
                    CREATE TABLE tokens (key TEXT PRIMARY KEY, entry BLOB NOT NULL) STRICT;
                    CREATE TABLE one_time_codes (key TEXT PRIMARY KEY, entry BLOB NOT NULL) STRICT;
                    CREATE TABLE role_requests (key TEXT PRIMARY KEY, entry BLOB NOT NULL) STRICT;
                    CREATE TABLE people_notes (
                        id INTEGER PRIMARY KEY AUTOINCREMENT, entry BLOB NOT NULL) STRICT;
                    CREATE TABLE preferences (
                        person TEXT NOT NULL,
                        page TEXT NOT NULL,
                        text TEXT NOT NULL,
                        PRIMARY KEY (person, page)
                    ) STRICT;
                    """
            )
        }
        migrator.registerMigration("2026-11-26 audit chain", migrate: chainAudit)
        migrator.registerMigration("2026-11-26 idempotency") { database in
            try database.execute(
                sql: """
                    CREATE TABLE kept_requests (
                        id INTEGER PRIMARY KEY AUTOINCREMENT,
                        person TEXT NOT NULL,
                        key TEXT NOT NULL,
                        digest TEXT NOT NULL,
                        begun_at INTEGER NOT NULL,
                        answer BLOB,
                        UNIQUE (person, key)
                    ) STRICT;
                    CREATE INDEX kept_requests_by_time ON kept_requests (begun_at);
                    """
            )
        }
        migrator.registerMigration("2026-11-27 attempts") { database in
            try database.execute(
                sql: "CREATE TABLE attempts (key TEXT PRIMARY KEY, entry BLOB NOT NULL) STRICT"
            )
        }
        return migrator
    }()

    /// Old lines are chained as they stand; from then on no line can be changed or taken away.
    private static func chainAudit(_ database: Database) throws {
        try database.execute(
            sql: """
                CREATE TABLE chained (
                    id INTEGER PRIMARY KEY AUTOINCREMENT,
                    entry BLOB NOT NULL,
                    hash BLOB NOT NULL
                ) STRICT;
                CREATE TABLE audit_heads (id INTEGER PRIMARY KEY, head BLOB NOT NULL) STRICT;
                """
        )
        var hash = AuditChain.start
        var row: Int64 = 0
        let lines = try Data.fetchCursor(database, sql: "SELECT entry FROM audit ORDER BY id")
        while let line = try lines.next() {
            row += 1
            hash = AuditChain.hash(of: Array(line), after: hash)
            try database.execute(
                sql: "INSERT INTO chained (id, entry, hash) VALUES (?, ?, ?)",
                arguments: [row, line, Data(hash.bytes)]
            )
        }
        try database.execute(
            sql: """
                DROP TABLE audit;
                ALTER TABLE chained RENAME TO audit;
                """
        )
        for table in ["audit", "audit_heads"] {
            for change in ["UPDATE", "DELETE"] {
                try database.execute(
                    sql: """
                        CREATE TRIGGER \(table)_no_\(change.lowercased()) BEFORE \(change) ON \(table)
                        BEGIN SELECT RAISE(ABORT, 'the audit is only ever appended to'); END;
                        """
                )
            }
            // A replacing insert would pass by the triggers above.
            try database.execute(
                sql: """
                    CREATE TRIGGER \(table)_appends BEFORE INSERT ON \(table)
                    WHEN NEW.id <= (SELECT coalesce(max(id), 0) FROM \(table))
                    BEGIN SELECT RAISE(ABORT, 'the audit is only ever appended to'); END;
                    """
            )
        }
    }
}
