import ControllerAPI
import ControllerAudit
import ControllerStore
import TandemModel

extension NetworkController {
    package func auditExport() -> any AsyncSequence<[UInt8], any Error> & Sendable {
        AuditExport(store: store)
    }

    package func auditExport(after row: UInt64, limit: Int) async throws -> [UInt8] {
        try await AuditPiece(of: store, after: row, limit: limit).bytes
    }
}

/// Some rows of the audit with the signed heads that stand for them.
struct AuditPiece {
    var bytes: [UInt8] = []
    /// The newest of its rows; `nil` where there was none to come.
    var last: UInt64?

    /// Reads it; it ends behind the row that makes it as long as `byteCount`.
    ///
    /// Heads are read before rows: one without its row is a row that is missing, never one that came
    /// in between.
    init(
        of store: any NetworkStore,
        after row: UInt64,
        limit: Int,
        byteCount: Int = 4 << 20
    ) async throws {
        let heads = try await store.auditHeads(after: row, limit: limit)
        let rows = try await store.auditEntries(after: row, limit: limit)
        var entries: [UInt8] = []
        for entry in rows where entries.count < byteCount {
            entries += try AuditLine.entry(entry).bytes
            last = entry.row
        }
        // Behind the newest row stand only heads of rows that were cut off.
        let newest = last ?? .max
        for head in heads where head.count <= newest { bytes += try AuditLine.head(head).bytes }
        bytes += entries
    }
}

/// The audit read piece by piece as somebody takes it: what is added meanwhile comes too.
private struct AuditExport: AsyncSequence, Sendable {
    typealias Element = [UInt8]
    typealias Failure = any Error

    let store: any NetworkStore

    struct AsyncIterator: AsyncIteratorProtocol {
        let store: any NetworkStore
        private var last: UInt64? = 0

        init(store: any NetworkStore) { self.store = store }

        mutating func next() async throws -> [UInt8]? {
            try await next(isolation: #isolation)
        }

        mutating func next(
            isolation: isolated (any Actor)?
        ) async throws(any Error) -> [UInt8]? {
            guard let after = last else { return nil }
            let piece = try await AuditPiece(
                of: store,
                after: after,
                limit: Stretch.limits.upperBound
            )
            last = piece.last
            return piece.bytes.isEmpty ? nil : piece.bytes
        }
    }

    func makeAsyncIterator() -> AsyncIterator { AsyncIterator(store: store) }
}
