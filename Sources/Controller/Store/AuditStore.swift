package import ControllerAudit

/// Where the audit is kept: appended to by ``NetworkStore/commit(_:)`` and never changed.
package protocol AuditStore: Sendable {
    /// How far the chain goes.
    func auditTip() async throws -> AuditTip

    /// Entries above row `row`, oldest first.
    func auditEntries(after row: UInt64, limit: Int) async throws -> [ChainedEntry]

    /// Keeps a signed head; one per row, and each above those before.
    func addAuditHead(_ head: AuditHead) async throws

    /// Signed heads above row `row`, oldest first.
    func auditHeads(after row: UInt64, limit: Int) async throws -> [AuditHead]

    /// The newest signed head.
    func newestAuditHead() async throws -> AuditHead?
}
