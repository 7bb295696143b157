package import ControllerStore
import Foundation
import GRDB
import TandemModel

extension SQLiteStore {
    package func begin(_ request: KeptRequest, limits: KeptRequestLimits) async throws
        -> KeptRequest?
    {
        try await storing {
            try await pool.write { database in
                let now = Int64(clamping: request.begunAt.milliseconds)
                try database.execute(
                    sql: "DELETE FROM kept_requests WHERE begun_at <= ?",
                    arguments: [now - Int64(clamping: limits.milliseconds)]
                )
                if let known = try Self.kept(request, database) { return known }
                try database.execute(
                    sql: """
                        INSERT INTO kept_requests (person, key, digest, begun_at)
                        VALUES (?, ?, ?, ?)
                        """,
                    arguments: [
                        request.person.text, request.key, request.digest.description, now,
                    ]
                )
                try Self.trim(request.person, limits, database)
                return nil
            }
        }
    }

    package func keep(_ answer: KeptAnswer, of request: KeptRequest) async throws {
        try await storing {
            try await pool.write { database in
                try database.execute(
                    sql: "UPDATE kept_requests SET answer = ? WHERE person = ? AND key = ?",
                    arguments: [try Self.encode(answer), request.person.text, request.key]
                )
            }
        }
    }

    package func forget(_ request: KeptRequest) async throws {
        try await storing {
            try await pool.write { database in
                try database.execute(
                    sql: "DELETE FROM kept_requests WHERE person = ? AND key = ?",
                    arguments: [request.person.text, request.key]
                )
            }
        }
    }

    private static func kept(_ request: KeptRequest, _ database: Database) throws -> KeptRequest? {
        let row = try Row.fetchOne(
            database,
            sql: """
                SELECT digest, begun_at, answer FROM kept_requests
                WHERE person = ? AND key = ?
                """,
            arguments: [request.person.text, request.key]
        )
        guard let row else { return nil }
        return KeptRequest(
            person: request.person,
            key: request.key,
            digest: Digest(row["digest"] as String) ?? .none,
            begunAt: WallTime(milliseconds: UInt64(clamping: row["begun_at"] as Int64)),
            answer: try (row["answer"] as Data?).map { try decode(KeptAnswer.self, $0) }
        )
    }

    /// The oldest above the counts go.
    private static func trim(
        _ person: PersonName,
        _ limits: KeptRequestLimits,
        _ database: Database
    ) throws {
        try database.execute(
            sql: """
                DELETE FROM kept_requests WHERE id IN (
                    SELECT id FROM kept_requests WHERE person = ? ORDER BY id DESC
                    LIMIT -1 OFFSET ?)
                """,
            arguments: [person.text, limits.personCount]
        )
        try database.execute(
            sql: """
                DELETE FROM kept_requests WHERE id IN (
                    SELECT id FROM kept_requests ORDER BY id DESC LIMIT -1 OFFSET ?)
                """,
            arguments: [limits.totalCount]
        )
    }
}
