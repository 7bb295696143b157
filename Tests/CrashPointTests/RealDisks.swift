import AgentCore
import AgentJournal
import AgentRuntime
import ControllerCore
import ControllerStore
import ControllerStoreSQLite
import Foundation
import TandemModel

@testable import ControllerRuntime
@testable import TandemSimulation

/// The journals and the store that ship, in a folder; and what was told to be durable there.
final class RealDisks: Disks {
    /// What a process was told, and must find again.
    struct Acknowledged {
        var records: [Int: [JournalRecord]] = [:]
        var state: ClusterState?
        var auditCount = 0
        var clearedAlarmCount = 0
        var logLines: Set<String> = []
    }

    private static let readLimit = 100_000

    let folder: URL
    private(set) var acknowledged = Acknowledged()
    /// What a write that was under way may have left whole in a journal.
    private var tornRecords: [Int: [JournalRecord]] = [:]
    private var journals: [Int: Journal] = [:]
    private var store: SQLiteStore?
    /// What was lost, or found without having been written.
    private(set) var violations: [String] = []

    /// A new folder; memory holds it where the system allows that, as a sync costs nothing there.
    init() throws {
        let memory = "/dev/shm"
        let isUsable = FileManager.default.isWritableFile(atPath: memory)
        let parent =
            isUsable ? URL(filePath: memory) : FileManager.default.temporaryDirectory
        folder = parent.appending(path: "tandem-crash-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
    }

    deinit {
        journals = [:]
        store = nil
        try? FileManager.default.removeItem(at: folder)
    }

    /// What `kill -9` of all processes leaves at this moment: the same bytes, nobody who holds them.
    func copy() throws -> RealDisks {
        let copy = try RealDisks()
        copy.acknowledged = acknowledged
        // SQLite's file of shared memory is no data, and the reserve is made anew.
        for name in ["store.sqlite", "store.sqlite-wal"] + journals.keys.map(journalName) {
            let bytes = try? Data(contentsOf: folder.appending(path: name))
            try bytes?.write(to: copy.folder.appending(path: name))
        }
        return copy
    }

    func fail(_ what: String) { violations.append(what) }

    // MARK: - Journals

    private func journalName(_ agent: Int) -> String { "journal-\(agent)" }

    func journalPath(_ agent: Int) -> String { folder.appending(path: journalName(agent)).path }

    func openJournal(of agent: Int) throws -> [JournalRecord]? {
        // The one before is dead, and with it what it held.
        journals[agent] = nil
        let (journal, content) = try Journal.open(journalPath(agent))
        journals[agent] = journal
        let known = acknowledged.records[agent] ?? []
        if let damage = content.damage {
            fail("journal \(agent) is damaged: \(damage)")
            return nil
        }
        let extra = content.records.dropFirst(known.count)
        if !content.records.starts(with: known) {
            fail("journal \(agent) has lost what was acknowledged")
        } else if !(tornRecords[agent] ?? []).starts(with: extra) {
            fail("journal \(agent) holds what nobody wrote")
        }
        acknowledged.records[agent] = content.records
        tornRecords[agent] = nil
        return content.records
    }

    func append(_ records: [JournalRecord], of agent: Int) throws {
        if journals[agent] == nil { _ = try openJournal(of: agent) }
        try journals[agent]?.append(records)
        acknowledged.records[agent, default: []] += records
    }

    /// Leaves the first half of the bytes of an append, as if its process had died in the middle.
    func tear(_ records: [JournalRecord], of agent: Int) throws {
        let (journal, _) = try Journal.open(journalPath(agent))
        let file = folder.appending(path: journalName(agent))
        let before = try Data(contentsOf: file).count
        try journal.append(records)
        let whole = try Data(contentsOf: file)
        try whole.prefix((before + whole.count) / 2).write(to: file)
        tornRecords[agent] = Array(records.dropLast())
    }

    // MARK: - The store

    private var storeFile: URL { folder.appending(path: "store.sqlite") }
    private var walFile: URL { folder.appending(path: "store.sqlite-wal") }

    func openStore(first: ClusterState) throws -> (epoch: UInt64, state: ClusterState) {
        store = nil
        let store = try SQLiteStore(path: storeFile.path)
        self.store = store
        let stored = try waiting { try await store.open() }
        guard let row = stored.clusters.first else {
            if acknowledged.state != nil { fail("the store has lost its cluster") }
            try commit(
                StoreCommit(
                    epoch: stored.epoch,
                    state: first,
                    audit: [],
                    log: [],
                    clearedAlarms: []
                )
            )
            return (stored.epoch, first)
        }
        let state = try StateCoding.decode(row.state, cluster: row.name)
        try compare(state, store)
        return (stored.epoch, state)
    }

    private func compare(_ state: ClusterState, _ store: SQLiteStore) throws {
        if state != acknowledged.state { fail("the store holds another state than the last one") }
        let limit = Self.readLimit
        let (audit, alarms, log) = try waiting {
            (
                try await store.audit(before: nil, limit: limit).count,
                try await store.alarmHistory(before: nil, limit: limit).count,
                try await store.log(cluster: nil, before: nil, limit: limit).map(\.item)
            )
        }
        if audit != acknowledged.auditCount { fail("the store holds \(audit) lines of audit") }
        if alarms != acknowledged.clearedAlarmCount { fail("the store holds \(alarms) old alarms") }
        if Set(log.map(Self.name)) != acknowledged.logLines { fail("lines of the log are lost") }
    }

    private static func name(_ entry: UpgradeLogEntry) -> String {
        "\(entry.action) \(entry.stepIndex) \(entry.server?.text ?? "") \(entry.result)"
    }

    func commit(_ commit: StoreCommit) throws {
        try write(commit)
        acknowledged.state = commit.state
        acknowledged.auditCount += commit.audit.count
        acknowledged.clearedAlarmCount += commit.clearedAlarms.count
        for entry in commit.log {
            // A changed line takes the place of the one before.
            let key = "\(entry.action) \(entry.stepIndex) \(entry.server?.text ?? "") "
            acknowledged.logLines = acknowledged.logLines.filter { !$0.hasPrefix(key) }
            acknowledged.logLines.insert(Self.name(entry))
        }
    }

    /// As the network loop does: one transaction with the encoded state and the new lines.
    private func write(_ commit: StoreCommit) throws {
        // In a copy a controller that has not died goes on with the same store.
        let store = try self.store ?? SQLiteStore(path: storeFile.path)
        self.store = store
        var transaction = StoreTransaction(epoch: commit.epoch)
        transaction.clusters = [
            ClusterRow(
                name: commit.state.definition.name,
                state: try StateCoding.encode(commit.state)
            )
        ]
        transaction.audit = commit.audit
        transaction.log = commit.log
        transaction.clearedAlarms = commit.clearedAlarms
        let whole = transaction
        try waiting { try await store.commit(whole) }
    }

    /// Leaves the first half of what a commit changes in the write-ahead log.
    func tear(_ commit: StoreCommit) throws {
        let other = try copy()
        other.store = try SQLiteStore(path: other.storeFile.path)
        // Opening checks the log in; the copy begins with what its own opening leaves.
        let base = try Data(contentsOf: other.storeFile)
        let before = (try? Data(contentsOf: other.walFile)) ?? Data()
        try other.write(commit)
        let after = try Data(contentsOf: other.walFile)
        let start = Self.equalByteCount(before, after)
        let cut = start + (after.count - start) / 2
        try base.write(to: storeFile)
        try (after.prefix(cut) + before.dropFirst(cut)).write(to: walFile)
    }

    /// How many bytes at the beginning are the same, in whole blocks.
    private static func equalByteCount(_ one: Data, _ other: Data) -> Int {
        let block = 512
        var start = 0
        while start < min(one.count, other.count) {
            let range = start..<min(start + block, one.count, other.count)
            guard one[range] == other[range] else { break }
            start = range.upperBound
        }
        return start
    }
}
