package import ControllerPeople
package import ControllerStore
import Foundation
import GRDB
package import TandemModel

extension SQLiteStore: PeopleStore {
    package func people() async throws -> PeopleBook {
        try await storing { try await pool.read { try PeopleTables.read($0) } }
    }

    package func changePeople<Value: Sendable>(
        _ change: @escaping @Sendable (inout PeopleBook) throws -> Value
    ) async throws -> Value {
        try await storing {
            try await pool.write { database in
                let before = try PeopleTables.read(database)
                var after = before
                let value = try change(&after)
                try PeopleTables.write(from: before, to: after, database)
                return value
            }
        }
    }

    package func account(_ name: PersonName) async throws -> Account? {
        try await storing {
            try await pool.read { try PeopleTables.accounts.entry(name.text, $0) }
        }
    }

    package func session(_ digest: Digest) async throws -> (Session, Account?)? {
        try await storing {
            try await pool.read { database in
                let session = try PeopleTables.sessions.entry(digest.description, database)
                guard let session else { return nil }
                return (session, try PeopleTables.accounts.entry(session.person.text, database))
            }
        }
    }

    package func token(_ digest: Digest) async throws -> (APIToken, Account?)? {
        try await storing {
            try await pool.read { database in
                let token = try PeopleTables.tokens.entry(digest.description, database)
                guard let token else { return nil }
                return (token, try PeopleTables.accounts.entry(token.person.text, database))
            }
        }
    }

    package func noteSeen(session digest: Digest, at now: WallTime) async throws {
        try await storing {
            try await pool.write { database in
                let table = PeopleTables.sessions
                guard var session = try table.entry(digest.description, database) else { return }
                session.seenAt = now
                try table.set(session, digest.description, database)
            }
        }
    }

    package func noteUse(token digest: Digest, at now: WallTime) async throws {
        try await storing {
            try await pool.write { database in
                let table = PeopleTables.tokens
                guard var token = try table.entry(digest.description, database) else { return }
                token.usedAt = now
                try table.set(token, digest.description, database)
            }
        }
    }

    package func attempts() async throws -> AttemptLedger {
        try await storing { try await pool.read { try PeopleTables.attempts($0) } }
    }

    package func peopleNotes(limit: Int) async throws -> [StoredRow<AuditEntry>] {
        try await storing {
            try await pool.read { database in
                try Row.fetchAll(
                    database,
                    sql: "SELECT id, entry FROM people_notes ORDER BY id LIMIT ?",
                    arguments: [limit]
                ).map(Self.storedRow)
            }
        }
    }

    package func dropPeopleNotes(upTo row: UInt64) async throws {
        try await storing {
            try await pool.write { database in
                try database.execute(
                    sql: "DELETE FROM people_notes WHERE id <= ?",
                    arguments: [Int64(clamping: row)]
                )
            }
        }
    }

    package func preferences(of person: PersonName, page: String) async throws -> String? {
        try await storing {
            try await pool.read { database in
                try String.fetchOne(
                    database,
                    sql: "SELECT text FROM preferences WHERE person = ? AND page = ?",
                    arguments: [person.text, page]
                )
            }
        }
    }

    package func setPreferences(
        _ text: String,
        of person: PersonName,
        page: String
    ) async throws {
        try await storing {
            try await pool.write { database in
                try database.execute(
                    sql: """
                        INSERT INTO preferences (person, page, text) VALUES (?, ?, ?)
                        ON CONFLICT (person, page) DO UPDATE SET text = excluded.text
                        """,
                    arguments: [person.text, page, text]
                )
            }
        }
    }
}

/// The tables of a book.
private enum PeopleTables {
    static let accounts = KeyedTable<Account>(name: "accounts")
    static let sessions = KeyedTable<Session>(name: "sessions")
    static let tokens = KeyedTable<APIToken>(name: "tokens")
    static let codes = KeyedTable<OneTimeCode>(name: "one_time_codes")
    static let requests = KeyedTable<RoleRequest>(name: "role_requests")
    private static let records = KeyedTable<AttemptRecord>(name: "attempts")

    static func read(_ database: Database) throws -> PeopleBook {
        var book = PeopleBook()
        for account in try accounts.all(database) { book.accounts[account.name] = account }
        for session in try sessions.all(database) { book.sessions[session.digest] = session }
        for token in try tokens.all(database) { book.tokens[token.digest] = token }
        for code in try codes.all(database) { book.codes[code.digest] = code }
        for request in try requests.all(database) { book.requests[request.id] = request }
        book.attempts = try attempts(database)
        return book
    }

    static func attempts(_ database: Database) throws -> AttemptLedger {
        var ledger = AttemptLedger()
        for record in try records.all(database) { ledger.records[record.key] = record }
        return ledger
    }

    /// Only what differs: a sign-in writes one row, however many people there are.
    static func write(from old: PeopleBook, to new: PeopleBook, _ database: Database) throws {
        try accounts.write(from: old.accounts, to: new.accounts, database)
        try sessions.write(from: old.sessions, to: new.sessions, database)
        try tokens.write(from: old.tokens, to: new.tokens, database)
        try codes.write(from: old.codes, to: new.codes, database)
        try requests.write(from: old.requests, to: new.requests, database)
        try records.write(from: old.attempts.records, to: new.attempts.records, database)
        for note in new.notes {
            try database.execute(
                sql: "INSERT INTO people_notes (entry) VALUES (?)",
                arguments: [try SQLiteStore.encode(note)]
            )
        }
    }
}

/// A table of JSON entries, each under its key.
private struct KeyedTable<Entry: Codable & Sendable & Hashable>: Sendable {
    let name: String

    func all(_ database: Database) throws -> [Entry] {
        try Data.fetchAll(database, sql: "SELECT entry FROM \(name)")
            .map { try SQLiteStore.decode(Entry.self, $0) }
    }

    func entry(_ key: String, _ database: Database) throws -> Entry? {
        try Data.fetchOne(
            database,
            sql: "SELECT entry FROM \(name) WHERE key = ?",
            arguments: [key]
        ).map { try SQLiteStore.decode(Entry.self, $0) }
    }

    func set(_ entry: Entry, _ key: String, _ database: Database) throws {
        try database.execute(
            sql: """
                INSERT INTO \(name) (key, entry) VALUES (?, ?)
                ON CONFLICT (key) DO UPDATE SET entry = excluded.entry
                """,
            arguments: [key, try SQLiteStore.encode(entry)]
        )
    }

    func write<Key: Hashable & CustomStringConvertible>(
        from old: [Key: Entry],
        to new: [Key: Entry],
        _ database: Database
    ) throws {
        for key in old.keys where new[key] == nil {
            try database.execute(
                sql: "DELETE FROM \(name) WHERE key = ?",
                arguments: [key.description]
            )
        }
        for (key, entry) in new where old[key] != entry {
            try set(entry, key.description, database)
        }
    }
}
