package import ControllerAudit
import Synchronization
import TandemModel

extension InMemoryStore {
    package func auditTip() async throws -> AuditTip { contents.withLock { $0.tip } }

    package func auditEntries(after row: UInt64, limit: Int) async throws -> [ChainedEntry] {
        contents.withLock { Array($0.chain.filter { $0.row > row }.prefix(limit)) }
    }

    package func addAuditHead(_ head: AuditHead) async throws {
        try contents.withLock { contents in
            guard head.count > contents.heads.last?.count ?? 0 else {
                throw TandemError(
                    .storeUnavailable,
                    "the audit has a head for row \(head.count) already",
                    remedy: "Sign the next one when there are more rows."
                )
            }
            contents.heads.append(head)
        }
    }

    package func auditHeads(after row: UInt64, limit: Int) async throws -> [AuditHead] {
        contents.withLock { Array($0.heads.filter { $0.count > row }.prefix(limit)) }
    }

    package func newestAuditHead() async throws -> AuditHead? {
        contents.withLock { $0.heads.last }
    }
}

extension InMemoryStore.Contents {
    var tip: AuditTip {
        AuditTip(count: UInt64(chain.count), hash: chain.last?.hash ?? AuditChain.start)
    }

    mutating func chain(_ entry: [UInt8]) {
        let hash = AuditChain.hash(of: entry, after: tip.hash)
        chain.append(ChainedEntry(row: tip.count + 1, entry: entry, hash: hash))
    }
}
