import AgentCore
import ControllerCore
import Foundation
import TandemModel
import Testing

@testable import TandemSimulation

/// What the crash points rely on: a loss on a disk is noticed, and a torn write is torn.
struct CrashPointDiskTests {
    private let disks: RealDisks
    private static let first = ClusterState(definition: Fixtures.definition(2))

    init() throws { disks = try RealDisks() }

    private func append(_ numbers: UInt64...) throws {
        for number in numbers { try disks.append([.epoch(number)], of: 0) }
    }

    private func change(_ copy: RealDisks, by change: (inout Data) -> Void) throws {
        let file = URL(filePath: copy.journalPath(0))
        var bytes = try Data(contentsOf: file)
        change(&bytes)
        try bytes.write(to: file)
    }

    /// On a thread of its own, as the disks want it; the name of what is wrong comes back.
    private static func inStore(
        _ work: @escaping @Sendable (RealDisks) throws -> [String]
    ) async throws -> [String] {
        let results = await onThreads(1) { _ in
            Result {
                let disks = try RealDisks()
                _ = try disks.openStore(first: Self.first)
                return try work(disks)
            }
        }
        return try #require(results.first).get()
    }

    private static func commit(_ epoch: UInt64) -> StoreCommit {
        var state = Self.first
        state.definition.site = SiteName("west")
        let line = AuditEntry(
            time: WallTime(milliseconds: 1),
            person: Fixtures.alice,
            cluster: nil,
            server: nil,
            what: "press accept",
            reason: ""
        )
        return StoreCommit(epoch: epoch, state: state, audit: [line], log: [], clearedAlarms: [])
    }

    @Test
    func wholeJournalIsFoundAgain() throws {
        try append(1, 2, 3)
        let copy = try disks.copy()
        #expect(try copy.openJournal(of: 0) == [.epoch(1), .epoch(2), .epoch(3)])
        #expect(copy.violations.isEmpty)
    }

    @Test
    func lostRecordIsNoticed() throws {
        try append(1, 2)
        let copy = try disks.copy()
        try change(copy) { $0 = $0.dropLast() }
        _ = try copy.openJournal(of: 0)
        #expect(copy.violations == ["journal 0 has lost what was acknowledged"])
    }

    @Test
    func recordThatNobodyWroteIsNoticed() throws {
        try append(1)
        let copy = try disks.copy()
        try append(2)
        try Data(contentsOf: URL(filePath: disks.journalPath(0)))
            .write(to: URL(filePath: copy.journalPath(0)))
        _ = try copy.openJournal(of: 0)
        #expect(copy.violations == ["journal 0 holds what nobody wrote"])
    }

    @Test
    func damageIsNoticed() throws {
        try append(1, 2)
        let copy = try disks.copy()
        try change(copy) { $0[$0.startIndex] ^= 1 }
        #expect(try copy.openJournal(of: 0) == nil)
        #expect(copy.violations.count == 1)
    }

    @Test
    func tornAppendLeavesOnlyWhatIsWholeOfIt() throws {
        try append(1)
        let copy = try disks.copy()
        try copy.tear([.epoch(2), .epoch(3), .epoch(4)], of: 0)
        #expect(try copy.openJournal(of: 0) == [.epoch(1), .epoch(2)])
        #expect(copy.violations.isEmpty)
        try copy.append([.epoch(5)], of: 0)
        let next = try copy.copy()
        #expect(try next.openJournal(of: 0) == [.epoch(1), .epoch(2), .epoch(5)])
        #expect(next.violations.isEmpty)
    }

    @Test
    func committedStateIsFoundAgainByAHigherEpoch() async throws {
        let wrong = try await Self.inStore { disks in
            try disks.commit(Self.commit(1))
            let copy = try disks.copy()
            let (epoch, state) = try copy.openStore(first: Self.first)
            #expect(epoch == 2)
            #expect(state == Self.commit(1).state)
            return copy.violations
        }
        #expect(wrong.isEmpty)
    }

    @Test
    func lostCommitIsNoticed() async throws {
        let wrong = try await Self.inStore { disks in
            let old = try disks.copy()
            try disks.commit(Self.commit(1))
            let copy = try disks.copy()
            for name in ["store.sqlite", "store.sqlite-wal"] {
                try Data(contentsOf: old.folder.appending(path: name))
                    .write(to: copy.folder.appending(path: name))
            }
            _ = try copy.openStore(first: Self.first)
            return copy.violations
        }
        #expect(wrong.count == 2)
        #expect(wrong.first == "the store holds another state than the last one")
        #expect(wrong.last == "the store holds 0 lines of audit")
    }

    @Test
    func tornCommitIsNone() async throws {
        let wrong = try await Self.inStore { disks in
            let copy = try disks.copy()
            try copy.tear(Self.commit(1))
            let file = copy.folder.appending(path: "store.sqlite-wal")
            #expect(try Data(contentsOf: file).count > 0, "a part of it was written")
            #expect(try copy.openStore(first: Self.first).state == Self.first)
            return copy.violations
        }
        #expect(wrong.isEmpty)
    }
}
