import GRDB

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
        return migrator
    }()
}
