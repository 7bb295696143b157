import ControllerAudit
import ControllerStore
import TandemModel

extension NetworkController {
    package func auditExport() -> any AsyncSequence<[UInt8], any Error> & Sendable {
        AuditExport(store: store)
    }
}

/// The audit read page by page as somebody takes it: what is added meanwhile comes too.
private struct AuditExport: AsyncSequence, Sendable {
    typealias Element = [UInt8]
    typealias Failure = any Error

    /// A piece has so many lines.
    static let lineCount = 500

    let store: any NetworkStore

    struct AsyncIterator: AsyncIteratorProtocol {
        let store: any NetworkStore
        private var last: UInt64 = 0
        private var hasHeads = true

        init(store: any NetworkStore) { self.store = store }

        mutating func next() async throws -> [UInt8]? {
            try await next(isolation: #isolation)
        }

        mutating func next(
            isolation: isolated (any Actor)?
        ) async throws(any Error) -> [UInt8]? {
            if hasHeads {
                let heads = try await store.auditHeads(after: last, limit: AuditExport.lineCount)
                if let newest = heads.last {
                    last = newest.count
                    return try heads.flatMap { try AuditLine.head($0).bytes }
                }
                hasHeads = false
                last = 0
            }
            let rows = try await store.auditEntries(after: last, limit: AuditExport.lineCount)
            guard let newest = rows.last else { return nil }
            last = newest.row
            return try rows.flatMap { try AuditLine.entry($0).bytes }
        }
    }

    func makeAsyncIterator() -> AsyncIterator { AsyncIterator(store: store) }
}
