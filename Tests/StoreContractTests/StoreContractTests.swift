import ControllerStore
import ControllerStoreSQLite
import Foundation
import GRDB
import TandemModel
import Testing

/// A store to hold against the contract, with a way to open the same contents again.
struct StoreRig: Sendable, CustomTestStringConvertible {
    let name: String
    let make: @Sendable () throws -> (store: any NetworkStore, again: () throws -> any NetworkStore)
    var testDescription: String { name }

    static let all = [
        StoreRig(name: "in memory") {
            let store = InMemoryStore()
            return (store, { store })
        },
        StoreRig(name: "SQLite") {
            let path = FileManager.default.temporaryDirectory
                .appending(path: "tandem-store-\(UUID().uuidString).sqlite").path
            return (try SQLiteStore(path: path), { try SQLiteStore(path: path) })
        },
    ]
}

@Suite struct StoreContractTests {
    private let cluster = ClusterName("scef-fe-a")

    private func line(_ result: String, step: UInt16 = 0) -> UpgradeLogEntry {
        UpgradeLogEntry(
            action: ActionID(high: 1, low: 2),
            operation: nil,
            stepIndex: step,
            text: "Upgrade",
            cluster: cluster,
            server: nil,
            startedAt: WallTime(milliseconds: 1),
            endedAt: nil,
            durationMilliseconds: 0,
            result: result,
            detail: "",
            person: PersonName("ada"),
            isAutomatic: false
        )
    }

    @Test(arguments: StoreRig.all)
    func everyOpeningReignsHigher(_ rig: StoreRig) async throws {
        let (store, again) = try rig.make()
        let first = try await store.open()
        let second = try await again().open()
        #expect(second.epoch == first.epoch + 1)
    }

    @Test(arguments: StoreRig.all)
    func anOldEpochCanWriteNothing(_ rig: StoreRig) async throws {
        let (store, again) = try rig.make()
        let old = try await store.open().epoch
        _ = try await again().open()
        var transaction = StoreTransaction(epoch: old)
        transaction.clusters = [ClusterRow(name: cluster, state: [1])]
        let stale = transaction
        let error = await #expect(throws: TandemError.self) { try await store.commit(stale) }
        #expect(error?.code == .storeFenced)
        #expect(try await again().open().clusters.isEmpty)
    }

    @Test(arguments: StoreRig.all)
    func whatIsCommittedComesBack(_ rig: StoreRig) async throws {
        let (store, again) = try rig.make()
        var transaction = StoreTransaction(epoch: try await store.open().epoch)
        transaction.clusters = [
            ClusterRow(name: ClusterName("b"), state: [2]),
            ClusterRow(name: ClusterName("a"), state: [1, 0, 255]),
        ]
        let image = ImageRow(
            offer: ImageOffer(
                image: .none,
                byteCount: 9,
                manifest: .none,
                release: ReleaseID(product: "cmp", version: "12.6.0")
            ),
            addedAt: WallTime(milliseconds: 5),
            addedBy: PersonName("ada")
        )
        transaction.addedImages = [image]
        transaction.network = [7]
        try await store.commit(transaction)
        try await store.commit(StoreTransaction(epoch: transaction.epoch))
        let found = try await again().open()
        #expect(found.clusters.map(\.name.text) == ["a", "b"])
        #expect(found.clusters.first?.state == [1, 0, 255])
        #expect(found.images == [image])
        #expect(found.network == [7])
    }

    @Test(arguments: StoreRig.all)
    func aLogLineIsChangedInPlace(_ rig: StoreRig) async throws {
        let (store, _) = try rig.make()
        let epoch = try await store.open().epoch
        for result in ["running", "done"] {
            var transaction = StoreTransaction(epoch: epoch)
            transaction.log = [line(result), line(result, step: 1)]
            try await store.commit(transaction)
        }
        let rows = try await store.log(cluster: cluster, before: nil, limit: 10)
        #expect(rows.map(\.item.result) == ["done", "done"])
        #expect(rows.map(\.item.stepIndex) == [1, 0])
        let older = try await store.log(cluster: cluster, before: rows[0].row, limit: 10)
        #expect(older.map(\.item.stepIndex) == [0])
        let foreign = try await store.log(cluster: ClusterName("x"), before: nil, limit: 10)
        #expect(foreign.isEmpty)
    }

    @Test(arguments: StoreRig.all)
    func auditAndAlarmsAreNewestFirst(_ rig: StoreRig) async throws {
        let (store, _) = try rig.make()
        let epoch = try await store.open().epoch
        for number in 1...3 {
            var transaction = StoreTransaction(epoch: epoch)
            transaction.audit = [
                AuditEntry(
                    time: WallTime(milliseconds: 1),
                    person: PersonName("ada"),
                    cluster: nil,
                    server: nil,
                    what: "press \(number)",
                    reason: ""
                )
            ]
            transaction.clearedAlarms = [
                AlarmEntry(
                    number: .clusterMixedVersion,
                    severity: .minor,
                    instance: "c\(number)",
                    text: "",
                    raisedAt: WallTime(milliseconds: 1),
                    clearedAt: WallTime(milliseconds: 2),
                    isExpected: true,
                    isStale: false
                )
            ]
            try await store.commit(transaction)
        }
        let rows = try await store.audit(before: nil, limit: 2)
        #expect(rows.map(\.item.what) == ["press 3", "press 2"])
        let rest = try await store.audit(before: rows[1].row, limit: 2)
        #expect(rest.map(\.item.what) == ["press 1"])
        let history = try await store.alarmHistory(before: nil, limit: 2)
        #expect(history.map(\.item.instance) == ["c3", "c2"])
        let older = try await store.alarmHistory(before: history[1].row, limit: 2)
        #expect(older.map(\.item.instance) == ["c1"])
        try await store.checkWritable()
    }

    @Test func aBrokenFileIsNamed() throws {
        let path = FileManager.default.temporaryDirectory
            .appending(path: "tandem-broken-\(UUID().uuidString).sqlite").path
        try Data("this is no database, by far; it is only some text".utf8)
            .write(to: URL(filePath: path))
        defer { try? FileManager.default.removeItem(atPath: path) }
        let error = #expect(throws: TandemError.self) { _ = try SQLiteStore(path: path) }
        #expect(error?.code == .storeCorrupt)
        #expect(error?.message.contains(path) == true)
    }

    /// A controller that was rolled back must not write into tables it does not know.
    @Test func aNewerStoreIsRefused() async throws {
        let path = FileManager.default.temporaryDirectory
            .appending(path: "tandem-newer-\(UUID().uuidString).sqlite").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        try await DatabaseQueue(path: path).write { database in
            try database.execute(
                sql: """
                    CREATE TABLE grdb_migrations (identifier TEXT NOT NULL PRIMARY KEY);
                    INSERT INTO grdb_migrations VALUES ('2030-01-01 from the future');
                    """
            )
        }
        let error = #expect(throws: TandemError.self) { _ = try SQLiteStore(path: path) }
        #expect(error?.code == .storeCorrupt)
        #expect(error?.message.contains("newer") == true)
    }

    @Test func aLockedStoreSaysSo() async throws {
        let path = FileManager.default.temporaryDirectory
            .appending(path: "tandem-locked-\(UUID().uuidString).sqlite").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        var configuration = Configuration()
        configuration.allowsUnsafeTransactions = true
        let other = try DatabaseQueue(path: path, configuration: configuration)
        try await other.writeWithoutTransaction { try $0.execute(sql: "BEGIN EXCLUSIVE") }
        let error = #expect(throws: TandemError.self) {
            _ = try SQLiteStore(path: path, busySeconds: 0.1)
        }
        #expect(error?.code == .storeUnavailable)
        #expect(error?.message.contains("locked") == true)
        try await other.writeWithoutTransaction { try $0.execute(sql: "ROLLBACK") }
    }
}
