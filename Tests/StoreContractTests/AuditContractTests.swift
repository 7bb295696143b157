import ControllerAudit
import ControllerStore
import ControllerStoreSQLite
import Foundation
import GRDB
import TandemCrypto
import TandemModel
import Testing

@Suite struct AuditContractTests {
    private static func entry(_ number: Int) -> AuditEntry {
        AuditEntry(
            time: WallTime(milliseconds: UInt64(number)),
            person: PersonName("ada"),
            cluster: ClusterName("cmp-a"),
            server: nil,
            what: "press \(number)",
            reason: "ticket \"\(number)\" / ü",
            address: number.isMultiple(of: 2) ? "192.0.2.7" : nil,
            means: number.isMultiple(of: 2) ? "certificate" : nil
        )
    }

    private static func commit(_ numbers: ClosedRange<Int>, to store: any NetworkStore)
        async throws
    {
        var transaction = StoreTransaction(epoch: try await store.open().epoch)
        transaction.audit = numbers.map(entry)
        try await store.commit(transaction)
    }

    private static func lines(_ store: any NetworkStore) async throws -> [AuditLine] {
        try await store.auditHeads(after: 0, limit: 1000).map { .head($0) }
            + store.auditEntries(after: 0, limit: 1000).map { .entry($0) }
    }

    private static func verify(_ lines: [AuditLine], _ key: Ed25519.PrivateKey)
        throws(TandemError) -> AuditVerifier.Result
    {
        var verifier = AuditVerifier(key: key.publicKey)
        for (index, line) in lines.enumerated() {
            // By way of its bytes: what is exported must be what is kept.
            let bytes = (try? line.bytes) ?? []
            try verifier.take(try AuditLine(bytes, line: index + 1))
        }
        return try verifier.finish()
    }

    @Test(arguments: StoreRig.all)
    func everyLineIsChainedToTheOneBefore(_ rig: StoreRig) async throws {
        let (store, again) = try rig.make()
        #expect(try await store.auditTip() == AuditTip(count: 0, hash: AuditChain.start))
        try await Self.commit(1...3, to: store)
        try await Self.commit(4...5, to: try again())
        let kept = try await store.auditEntries(after: 0, limit: 10)
        #expect(kept.map(\.row) == [1, 2, 3, 4, 5])
        var hash = AuditChain.start
        for (number, line) in zip(1..., kept) {
            #expect(try line.entry == AuditChain.bytes(of: Self.entry(number)))
            hash = AuditChain.hash(of: line.entry, after: hash)
            #expect(line.hash == hash)
        }
        #expect(try await store.auditTip() == AuditTip(count: 5, hash: hash))
        #expect(try await store.auditEntries(after: 3, limit: 1).map(\.row) == [4])
        #expect(try await store.audit(before: nil, limit: 2).map(\.item) == [5, 4].map(Self.entry))
    }

    @Test(arguments: StoreRig.all)
    func whatIsNotCommittedIsNotChained(_ rig: StoreRig) async throws {
        let (store, again) = try rig.make()
        try await Self.commit(1...2, to: store)
        let tip = try await store.auditTip()
        var stale = StoreTransaction(epoch: try await store.open().epoch)
        stale.audit = [Self.entry(3)]
        _ = try await again().open()
        let late = stale
        await #expect(throws: TandemError.self) { try await store.commit(late) }
        #expect(try await store.auditTip() == tip)
    }

    @Test(arguments: StoreRig.all)
    func headsRiseAndCoverTheirRows(_ rig: StoreRig) async throws {
        let (store, again) = try rig.make()
        let key = try Ed25519.PrivateKey.generate()
        #expect(try await store.newestAuditHead() == nil)
        var heads: [AuditHead] = []
        for numbers in [1...4, 5...9] {
            try await Self.commit(numbers, to: store)
            let time = WallTime(milliseconds: 7)
            let head = try AuditHead(try await store.auditTip(), at: time, by: key)
            try await store.addAuditHead(head)
            await #expect(throws: TandemError.self) { try await store.addAuditHead(head) }
            heads.append(head)
        }
        try await Self.commit(10...11, to: store)
        #expect(try await again().auditHeads(after: 0, limit: 9) == heads)
        #expect(try await store.auditHeads(after: 4, limit: 9) == [heads[1]])
        #expect(try await store.newestAuditHead() == heads[1])
        let result = try Self.verify(try await Self.lines(store), key)
        #expect(result.tip == (try await store.auditTip()))
        #expect(result.headCount == 2 && result.unsignedCount == 2)
        let other = try Ed25519.PrivateKey.generate()
        let lines = try await Self.lines(store)
        let error = #expect(throws: TandemError.self) { try Self.verify(lines, other) }
        #expect(error?.code == .auditBroken)
    }

    // MARK: - SQLite's own

    private static func file() -> String {
        FileManager.default.temporaryDirectory
            .appending(path: "tandem-audit-\(UUID().uuidString).sqlite").path
    }

    @Test(arguments: [
        "UPDATE audit SET entry = x'00' WHERE id = 2", "DELETE FROM audit WHERE id = 3",
        "DELETE FROM audit", "INSERT OR REPLACE INTO audit (id, entry, hash) VALUES (2, x'', x'')",
        "DELETE FROM audit_heads", "UPDATE audit_heads SET head = x'00'",
        "INSERT OR REPLACE INTO audit_heads (id, head) VALUES (3, x'')",
    ])
    func theFileRefusesChanges(_ change: String) async throws {
        let path = Self.file()
        defer { try? FileManager.default.removeItem(atPath: path) }
        let store = try SQLiteStore(path: path)
        try await Self.commit(1...3, to: store)
        let key = try Ed25519.PrivateKey.generate()
        let time = WallTime(milliseconds: 1)
        try await store.addAuditHead(try AuditHead(try await store.auditTip(), at: time, by: key))
        let before = try await Self.lines(store)
        let hand = try DatabaseQueue(path: path)
        await #expect(throws: DatabaseError.self) {
            try await hand.write { try $0.execute(sql: change) }
        }
        #expect(try await Self.lines(store) == before)
    }

    /// Who owns the file can take the triggers away; the chain tells.
    @Test(arguments: [
        "UPDATE audit SET entry = CAST(replace(CAST(entry AS TEXT), 'ada', 'eve') AS BLOB) WHERE id = 2",
        "DELETE FROM audit WHERE id = 2", "DELETE FROM audit WHERE id = 4",
        "UPDATE audit SET entry = (SELECT entry FROM audit WHERE id = 1) WHERE id = 3",
        "DELETE FROM audit_heads",
    ])
    func whatIsChangedInTheFileIsFound(_ change: String) async throws {
        let path = Self.file()
        defer { try? FileManager.default.removeItem(atPath: path) }
        let key = try Ed25519.PrivateKey.generate()
        do {
            let store = try SQLiteStore(path: path)
            try await Self.commit(1...4, to: store)
            let time = WallTime(milliseconds: 1)
            let head = try AuditHead(try await store.auditTip(), at: time, by: key)
            try await store.addAuditHead(head)
            _ = try Self.verify(try await Self.lines(store), key)
        }
        try await DatabaseQueue(path: path).write { database in
            for name in try String.fetchAll(
                database,
                sql: "SELECT name FROM sqlite_master WHERE type = 'trigger'"
            ) { try database.execute(sql: "DROP TRIGGER \(name)") }
            try database.execute(sql: change)
        }
        let lines = try await Self.lines(try SQLiteStore(path: path))
        let error = #expect(throws: TandemError.self) { try Self.verify(lines, key) }
        #expect(error?.code == .auditBroken)
    }

    /// A store of before the chain: its lines are chained as they stand.
    @Test func oldLinesAreChainedAsTheyStand() async throws {
        let path = Self.file()
        defer { try? FileManager.default.removeItem(atPath: path) }
        let old = [
            #"{"person":"ada","reason":"","time":{"milliseconds":5},"what":"press accept"}"#,
            #"{"reason":"r","person":"bob","time":{"milliseconds":6},"what":"command install"}"#,
        ]
        try await DatabaseQueue(path: path).write { database in
            try database.execute(
                sql: """
                    CREATE TABLE grdb_migrations (identifier TEXT NOT NULL PRIMARY KEY);
                    INSERT INTO grdb_migrations VALUES
                        ('2026-11-22 first tables'), ('2026-11-23 the network''s own state');
                    CREATE TABLE meta (key TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT;
                    CREATE TABLE clusters (name TEXT PRIMARY KEY, state BLOB NOT NULL) STRICT;
                    CREATE TABLE images (digest TEXT PRIMARY KEY, entry BLOB NOT NULL) STRICT;
                    CREATE TABLE network (
                        id INTEGER PRIMARY KEY CHECK (id = 1), state BLOB NOT NULL) STRICT;
                    CREATE TABLE audit (
                        id INTEGER PRIMARY KEY AUTOINCREMENT, entry BLOB NOT NULL) STRICT;
                    """
            )
            for line in old {
                try database.execute(
                    sql: "INSERT INTO audit (entry) VALUES (?)",
                    arguments: [Data(line.utf8)]
                )
            }
        }
        let store = try SQLiteStore(path: path)
        try await Self.commit(3...3, to: store)
        let kept = try await store.auditEntries(after: 0, limit: 10)
        #expect(kept.prefix(2).map(\.entry) == old.map { Array($0.utf8) })
        #expect(kept.map(\.row) == [1, 2, 3])
        #expect(try await store.audit(before: 3, limit: 1).first?.item.person.text == "bob")
        let key = try Ed25519.PrivateKey.generate()
        let time = WallTime(milliseconds: 1)
        try await store.addAuditHead(try AuditHead(try await store.auditTip(), at: time, by: key))
        #expect(try Self.verify(try await Self.lines(store), key).unsignedCount == 0)
    }
}
