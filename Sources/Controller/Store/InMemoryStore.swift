import ControllerAudit
package import ControllerPeople
import Synchronization
package import TandemModel

/// A store that forgets all when the process ends: for tests and simulation.
package final class InMemoryStore: NetworkStore {
    struct Contents {
        var epoch: UInt64 = 0
        var clusters: [ClusterName: ClusterRow] = [:]
        var images: [ImageRow] = []
        var network: [UInt8]?
        var log: [StoredRow<UpgradeLogEntry>] = []
        var audit: [StoredRow<AuditEntry>] = []
        var chain: [ChainedEntry] = []
        var heads: [AuditHead] = []
        var requests: [KeptRequest] = []
        var alarms: [AlarmEntry] = []
        var people = PeopleBook()
        var notes: [StoredRow<AuditEntry>] = []
        var noteCount: UInt64 = 0
        var preferences: [PersonName: [String: String]] = [:]
    }

    let contents = Mutex(Contents())

    /// An empty store.
    package init() {}

    package func open() async throws -> StoredNetwork {
        contents.withLock { contents in
            contents.epoch += 1
            return StoredNetwork(
                epoch: contents.epoch,
                clusters: contents.clusters.values.sorted { $0.name < $1.name },
                images: contents.images,
                network: contents.network
            )
        }
    }

    package func commit(_ transaction: StoreTransaction) async throws {
        try contents.withLock { contents in
            guard transaction.epoch == contents.epoch else {
                throw TandemError.storeFenced(mine: transaction.epoch, newest: contents.epoch)
            }
            let entries = try transaction.audit.map { try AuditChain.bytes(of: $0) }
            if let next = transaction.nextEpoch { contents.epoch = max(contents.epoch, next) }
            for row in transaction.clusters { contents.clusters[row.name] = row }
            for name in transaction.removedClusters { contents.clusters[name] = nil }
            contents.network = transaction.network ?? contents.network
            for entry in transaction.audit {
                contents.audit.append(
                    StoredRow(row: UInt64(contents.audit.count + 1), item: entry)
                )
            }
            for entry in entries { contents.chain(entry) }
            for entry in transaction.log { contents.upsert(entry) }
            contents.alarms.append(contentsOf: transaction.clearedAlarms)
            contents.images.removeAll { row in
                transaction.removedImages.contains(row.offer.image)
                    || transaction.addedImages.contains { $0.offer.image == row.offer.image }
            }
            contents.images.append(contentsOf: transaction.addedImages)
        }
    }

    package func log(cluster: ClusterName?, before: UInt64?, limit: Int) async throws
        -> [StoredRow<UpgradeLogEntry>]
    {
        contents.withLock { contents in
            let rows = contents.log.reversed().filter { line in
                (cluster == nil || line.item.cluster == cluster)
                    && before.map { line.row < $0 } ?? true
            }
            return Array(rows.prefix(limit))
        }
    }

    package func audit(before: UInt64?, limit: Int) async throws -> [StoredRow<AuditEntry>] {
        contents.withLock { contents in
            let rows = contents.audit.reversed().filter { line in
                before.map { line.row < $0 } ?? true
            }
            return Array(rows.prefix(limit))
        }
    }

    package func alarmHistory(before: UInt64?, limit: Int) async throws
        -> [StoredRow<AlarmEntry>]
    {
        contents.withLock { contents in
            let rows = contents.alarms.enumerated().reversed().map {
                StoredRow(row: UInt64($0.offset + 1), item: $0.element)
            }
            return Array(rows.filter { line in before.map { line.row < $0 } ?? true }.prefix(limit))
        }
    }

    package func checkWritable() async throws {}
}

extension InMemoryStore.Contents {
    fileprivate mutating func upsert(_ entry: UpgradeLogEntry) {
        let known = log.firstIndex { line in
            line.item.action == entry.action && line.item.stepIndex == entry.stepIndex
                && line.item.server == entry.server
        }
        if let known {
            log[known].item = entry
        } else {
            log.append(StoredRow(row: UInt64(log.count + 1), item: entry))
        }
    }
}

// MARK: - People

extension InMemoryStore: PeopleStore {
    package func people() async throws -> PeopleBook { contents.withLock { $0.people } }

    package func changePeople<Value: Sendable>(
        _ change: @Sendable (inout PeopleBook) throws -> Value
    ) async throws -> Value {
        try contents.withLock { contents in
            var book = contents.people
            let value = try change(&book)
            for note in book.notes {
                contents.noteCount += 1
                contents.notes.append(StoredRow(row: contents.noteCount, item: note))
            }
            book.notes = []
            contents.people = book
            return value
        }
    }

    package func account(_ name: PersonName) async throws -> Account? {
        contents.withLock { $0.people.accounts[name] }
    }

    package func session(_ digest: Digest) async throws -> (Session, Account?)? {
        contents.withLock { contents in
            contents.people.sessions[digest].map { ($0, contents.people.accounts[$0.person]) }
        }
    }

    package func token(_ digest: Digest) async throws -> (APIToken, Account?)? {
        contents.withLock { contents in
            contents.people.tokens[digest].map { ($0, contents.people.accounts[$0.person]) }
        }
    }

    package func noteSeen(session digest: Digest, at now: WallTime) async throws {
        contents.withLock { $0.people.sessions[digest]?.seenAt = now }
    }

    package func noteUse(token digest: Digest, at now: WallTime) async throws {
        contents.withLock { $0.people.tokens[digest]?.usedAt = now }
    }

    package func attempts() async throws -> AttemptLedger {
        contents.withLock { $0.people.attempts }
    }

    package func peopleNotes(limit: Int) async throws -> [StoredRow<AuditEntry>] {
        contents.withLock { Array($0.notes.prefix(limit)) }
    }

    package func dropPeopleNotes(upTo row: UInt64) async throws {
        contents.withLock { $0.notes.removeAll { $0.row <= row } }
    }

    package func preferences(of person: PersonName, page: String) async throws -> String? {
        contents.withLock { $0.preferences[person]?[page] }
    }

    package func setPreferences(
        _ text: String,
        of person: PersonName,
        page: String
    ) async throws {
        contents.withLock { $0.preferences[person, default: [:]][page] = text }
    }
}
