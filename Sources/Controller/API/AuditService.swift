/// What the web layer asks about the audit as it is kept, beside showing it.
package protocol AuditService: Sendable {
    /// The whole audit as JSON lines, signed heads first, in pieces of bounded size.
    func auditExport() -> any AsyncSequence<[UInt8], any Error> & Sendable
}
