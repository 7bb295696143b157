import ControllerAudit
import ControllerStore
import TandemModel

/// A store that stands before another one and hands on what it does not itself do.
protocol WrappedStore: NetworkStore {
    var store: InMemoryStore { get }
}

extension WrappedStore {
    func open() async throws -> StoredNetwork { try await store.open() }

    func commit(_ transaction: StoreTransaction) async throws {
        try await store.commit(transaction)
    }

    func log(cluster: ClusterName?, before: UInt64?, limit: Int) async throws
        -> [StoredRow<UpgradeLogEntry>]
    {
        try await store.log(cluster: cluster, before: before, limit: limit)
    }

    func audit(before: UInt64?, limit: Int) async throws -> [StoredRow<AuditEntry>] {
        try await store.audit(before: before, limit: limit)
    }

    func alarmHistory(before: UInt64?, limit: Int) async throws -> [StoredRow<AlarmEntry>] {
        try await store.alarmHistory(before: before, limit: limit)
    }

    func checkWritable() async throws { try await store.checkWritable() }

    func auditTip() async throws -> AuditTip { try await store.auditTip() }

    func auditEntries(after row: UInt64, limit: Int) async throws -> [ChainedEntry] {
        try await store.auditEntries(after: row, limit: limit)
    }

    func addAuditHead(_ head: AuditHead) async throws { try await store.addAuditHead(head) }

    func auditHeads(after row: UInt64, limit: Int) async throws -> [AuditHead] {
        try await store.auditHeads(after: row, limit: limit)
    }

    func newestAuditHead() async throws -> AuditHead? { try await store.newestAuditHead() }

    func begin(_ request: KeptRequest, limits: KeptRequestLimits) async throws -> KeptRequest? {
        try await store.begin(request, limits: limits)
    }

    func keep(_ answer: KeptAnswer, of request: KeptRequest) async throws {
        try await store.keep(answer, of: request)
    }

    func forget(_ request: KeptRequest) async throws { try await store.forget(request) }
}
