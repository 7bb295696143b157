/// What the web layer asks about the audit as it is kept, beside showing it.
package protocol AuditService: Sendable {
    /// The whole audit as JSON lines, in pieces of bounded size: each with the signed heads of its
    /// rows, then the rows.
    func auditExport() -> any AsyncSequence<[UInt8], any Error> & Sendable

    /// One piece of it: the rows behind `row`, at most `limit` of them, fewer where they are long. None
    /// are left where it ends with a head, or is empty.
    func auditExport(after row: UInt64, limit: Int) async throws -> [UInt8]
}
