import AgentCore
import AgentJournal
import Glibc
import TandemModel
import TandemSpawn
import TandemWire
import Testing

@testable import AgentRuntime

struct JournalTests {
    private let folder: TemporaryFolder
    private var path: String { folder("journal") }

    init() throws { folder = try TemporaryFolder() }

    private func bytes() throws -> [UInt8] { try Files.read(path, byteCountMax: 1 << 22) }

    private func records() throws -> [JournalRecord] { try Journal.open(path).content.records }

    @Test
    func recordsOfEveryKindReadBack() throws {
        let all = SampleRecords.all
        let (journal, content) = try Journal.open(path)
        #expect(content.records.isEmpty)
        #expect(content.damage == nil)
        for record in all { try journal.append([record]) }
        try journal.append(all)
        #expect(try records() == all + all)
    }

    @Test
    func everyKindIsInTheSamples() throws {
        let numbers = try SampleRecords.all.map { try $0.wireBytes()[0] }
        #expect(Set(numbers) == Set(Array(1...30) + [128]))
    }

    @Test
    func cutAtEachByteLeavesWhatWasWhole() throws {
        let all = Array(SampleRecords.all.prefix(12))
        let (journal, _) = try Journal.open(path)
        var ends = [0]
        for record in all {
            try journal.append([record])
            ends.append(try bytes().count)
        }
        let whole = try bytes()
        for cut in 0...whole.count {
            try Files.replace(path, with: Array(whole[..<cut]))
            let (reopened, content) = try Journal.open(path)
            let expected = ends.filter { $0 <= cut }.count - 1
            #expect(content.damage == nil, "cut at \(cut)")
            #expect(content.records == Array(all[..<expected]), "cut at \(cut)")
            // What comes next stands behind the last whole record.
            try reopened.append([.epoch(9)])
            #expect(try records() == Array(all[..<expected]) + [.epoch(9)], "cut at \(cut)")
        }
    }

    @Test
    func flipOfEachByteIsNoticed() throws {
        let all = Array(SampleRecords.all.prefix(12))
        let (journal, _) = try Journal.open(path)
        var lastStart = 0
        for record in all {
            lastStart = try bytes().count
            try journal.append([record])
        }
        let whole = try bytes()
        for index in whole.indices {
            var changed = whole
            changed[index] ^= UInt8(1 << (index % 8))
            try Files.replace(path, with: changed)
            let content = try Journal.open(path).content
            if index < lastStart {
                #expect(content.damage != nil, "byte \(index)")
                #expect(content.records.isEmpty, "byte \(index)")
                #expect(try bytes() == changed, "byte \(index)")
            } else {
                let isDropped = content.records == Array(all.dropLast())
                #expect(content.damage != nil || isDropped, "byte \(index)")
            }
        }
    }

    @Test
    func zerosBehindTheEndAreNoDamage() throws {
        let (journal, _) = try Journal.open(path)
        try journal.append([.epoch(1)])
        try Files.replace(path, with: try bytes() + [UInt8](repeating: 0, count: 5000))
        #expect(try records() == [.epoch(1)])
    }

    @Test
    func recordMovedToAnotherPlaceIsDamage() throws {
        let (journal, _) = try Journal.open(path)
        try journal.append([.epoch(1)])
        let one = try bytes()
        try journal.append([.epoch(2)])
        let both = try bytes()
        try Files.replace(path, with: both + one)
        #expect(try Journal.open(path).content.damage != nil)
        try Files.replace(path, with: Array(both[one.count...]) + one)
        #expect(try Journal.open(path).content.damage != nil)
    }

    @Test
    func compactionKeepsWhatItIsGiven() throws {
        let (journal, _) = try Journal.open(path)
        for number in 0..<2000 { try journal.append([.epoch(UInt64(number))]) }
        #expect(!journal.wantsCompaction)
        let large = [UInt8](repeating: 7, count: 1000)
        for _ in 0..<300 {
            try journal.append([.matePinned(AgentID(high: 1, low: 1), publicKey: large)])
        }
        #expect(journal.wantsCompaction)
        #expect(try journal.compact([.epoch(1999), .compacted(head: 2300)]) == nil)
        #expect(!journal.wantsCompaction)
        try journal.append([.held(true)])
        #expect(try records() == [.epoch(1999), .compacted(head: 2300), .held(true)])
    }

    /// The new file is in its place, and a power cut could still bring the old one back: no further promise.
    @Test
    func compactionThatCanNotBeMadeSureEndsTheAgent() throws {
        var syncCount = 0
        let (journal, _) = try Journal.open(path) { directory throws(TandemError) in
            syncCount += 1
            guard syncCount == 1 else {
                throw TandemError(.diskFull, "no sync of \(directory)", remedy: "-")
            }
        }
        try journal.append([.epoch(1)])
        #expect(throws: TandemError.self) { try journal.compact([.epoch(2)]) }
        #expect(try records() == [.epoch(2)])
    }

    /// Nothing has changed: the old file goes on, and what is noted in it is found again.
    @Test
    func compactionThatFailsBeforeItsRenameGoesOnInTheOldFile() throws {
        let (journal, _) = try Journal.open(path)
        try journal.append([.epoch(1)])
        let aside = folder("aside")
        try Files.rename(path, to: aside)
        try Files.createDirectory(path)
        #expect(try journal.compact([.epoch(2)]) != nil)
        try journal.append([.epoch(3)])
        #expect(rmdir(path) == 0)
        try Files.rename(aside, to: path)
        #expect(try records() == [.epoch(1), .epoch(3)])
        let left = try Files.list(Files.parent(of: path)).filter { $0 != "journal" }
        #expect(left == ["journal.reserve"])
    }

    @Test
    func secondAgentIsRefused() throws {
        let lock = try StateLock(folder("lock"))
        let error = #expect(throws: TandemError.self) { try StateLock(folder("lock")) }
        #expect(error?.code == .agentBusy)
        withExtendedLifetime(lock) {}
    }

    @Test
    func everyTruncationOfARecordIsRefused() throws {
        for record in SampleRecords.all {
            let bytes = try record.wireBytes()
            #expect(try JournalRecord(wireBytes: bytes) == record)
            for count in 0..<bytes.count {
                #expect(throws: WireError.self) {
                    try JournalRecord(wireBytes: Array(bytes[..<count]))
                }
            }
        }
    }
}
