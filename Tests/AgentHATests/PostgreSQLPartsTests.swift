import AgentHA
import Foundation
import TandemModel
import Testing

@testable import tandem_ha_postgresql

@Suite struct PostgreSQLPartsTests {
    static let needed = "data = /d\nmate = host=m\nreplication = host=m user=r\n"

    private func settings(_ text: String) throws -> Settings {
        try Settings(KeyValueFile(Array(text.utf8)))
    }

    @Test func whatIsNotSaidIsTheUsual() throws {
        let settings = try settings(Self.needed)
        #expect(settings.port == "5432")
        #expect(settings.programs == "/usr/lib/postgresql/15/bin")
        #expect(!settings.reducesByItself && !settings.rebuilds)
        #expect(settings.caughtUpByteCount == 1_048_576)
        #expect(try self.settings(Self.needed + "rebuild = yes").rebuilds)
    }

    @Test(arguments: [
        "", "data = /d\nmate = host=m", needed + "colour = blue", needed + "rebuild = maybe",
        needed + "reduce-synchronous = yes", needed + "port = many", needed + "port = 70000",
        needed + "caught-up-bytes = -1", needed + "socket = here", needed + "data = /e",
    ])
    func settingsOfAnotherFormAreRefused(_ text: String) {
        #expect(throws: KeyValueFile.Problem.self) { _ = try settings(text) }
    }

    @Test(arguments: [
        ("0/0", UInt64(0)), ("0/3000060", 0x300_0060), ("2A/FFFFFFFF", 0x2a_ffff_ffff),
    ])
    func positionsAreReadAndWritten(text: String, byte: UInt64) throws {
        let position = try #require(WALPosition(text))
        #expect(position.byte == byte)
        #expect(position.text == text)
    }

    @Test(arguments: ["", "0", "/", "0/", "0/1/2", "0/123456789", "x/1", "-1/0"])
    func whatIsNoPositionIsNot(_ text: String) { #expect(WALPosition(text) == nil) }

    @Test func lagIsNeverNegative() throws {
        let (low, high) = (try #require(WALPosition("0/10")), try #require(WALPosition("1/0")))
        #expect(low.lag(behind: high) == 0x1_0000_0000 - 0x10)
        #expect(high.lag(behind: low) == 0)
    }

    @Test func theNewestTimelineIsFound() {
        #expect(newestTimeline(in: []) == 0)
        #expect(newestTimeline(in: ["000000010000000000000003", "archive_status"]) == 1)
        #expect(
            newestTimeline(in: ["000000010000000000000003", "0000000B.history", "x.history"]) == 11
        )
        #expect(newestTimeline(in: ["000000090000000000000003.partial"]) == 0)
    }

    private static let row = "t|0/3000060|0/3000100|t|1500|3|t|ANY 1 (a|b)"

    @Test func anAnswerIsRead() throws {
        let look = try #require(DatabaseLook(Self.row + "\n"))
        #expect(look.isInRecovery && look.isStreaming && look.isFollowing)
        #expect(look.position.lag(behind: look.known) == 0xa0)
        #expect(look.replayAge == 1500)
        #expect(look.timeline == 3)
        #expect(look.synchronous == "ANY 1 (a|b)")
    }

    @Test(arguments: [
        "", "\n", "t|0/1|0/1|t|1|1|f", "x|0/1|0/1|t|1|1|f|", "t|0/1|0/1|t|-1|1|f|",
        "t||0/1|t|1|1|f|",
        "t|0/1|0/1|t|1|-1|f|", "t|0/1|0/1|t|1|1|x|",
    ])
    func anAnswerOfAnotherFormIsNone(_ text: String) { #expect(DatabaseLook(text) == nil) }

    private static let cases: [(own: String, mate: String?, caughtUp: Bool, lag: UInt64)] = [
        // An active mate still writes: near is enough, but only where it streams.
        ("t|0/10|0/10|t|9|2|t|", "f|0/20|0/20|f|0|2|t|", true, 0x10),
        ("t|0/10|0/10|f|9|2|t|", "f|0/10|0/10|f|0|2|t|", false, 0),
        ("t|0/10|0/10|t|9|2|t|", "f|0/200000|0/200000|f|0|2|t|", false, 0x1f_fff0),
        // Refused by a mate whose log its own has left: it calls itself streaming for a moment.
        ("t|0/10|0/10|t|9|1|t|", "f|0/10|0/10|f|0|2|t|", false, 0),
        // One that stopped has written its last: nothing may be missing.
        ("t|0/20|0/20|f|9|2|t|", "t|0/20|0/20|f|0|2|t|", true, 0),
        ("t|0/10|0/20|t|9|2|t|", "t|0/10|0/10|f|0|2|t|", false, 0x10),
        ("t|0/10|0/10|t|9|2|t|", "t|0/11|0/11|f|0|2|t|", false, 1),
        // Nobody knows what one that is not seen has written.
        ("t|0/20|0/20|f|9|2|t|", nil, false, 0),
        ("f|0/20|0/20|f|0|2|t|", nil, true, 0),
    ]

    @Test(arguments: cases)
    func caughtUpMeansThatNothingIsLost(
        row: (own: String, mate: String?, caughtUp: Bool, lag: UInt64)
    ) throws {
        let driver = PostgreSQLDriver(
            settings: try settings(Self.needed),
            control: "/bin/false",
            folder: "/nonexistent",
            deadline: CallDeadline(milliseconds: 8000)
        )
        let state = driver.replication(
            try #require(DatabaseLook(row.own)),
            mate: row.mate.flatMap { DatabaseLook($0) },
            isInhibited: false
        )
        #expect(state.isCaughtUp == row.caughtUp)
        #expect(state.lagBytes == row.lag)
        #expect((state.lagMilliseconds > 0) == (row.lag > 0))
    }

    private static func control(_ state: String, _ checkpoint: Int, _ recovered: Int) -> String {
        """
        pg_control version number:            1300
        Database cluster state:               \(state)
        Latest checkpoint's TimeLineID:       \(checkpoint)
        Latest checkpoint's PrevTimeLineID:   1
        Minimum recovery ending location:     0/3000000
        Min recovery ending loc's timeline:   \(recovered)

        """
    }

    @Test(arguments: [
        ("in production", 2, 0, UInt32(2), true), ("shut down", 3, 0, 3, true),
        ("in archive recovery", 2, 3, 3, false), ("shut down in recovery", 2, 2, 2, false),
    ])
    func theControlFileIsRead(
        state: String,
        checkpoint: Int,
        recovered: Int,
        timeline: UInt32,
        wasPrimary: Bool
    ) throws {
        let data = try #require(ControlData(Self.control(state, checkpoint, recovered)))
        #expect(data.timeline == timeline && data.wasPrimary == wasPrimary)
    }

    @Test(arguments: ["", "nonsense", "Database cluster state: shut down\n"])
    func aControlFileOfAnotherFormIsNone(_ text: String) { #expect(ControlData(text) == nil) }

    private static let histories: [(String, Int, String, UInt32, String, Bool)] = [
        // Who stands by and followed: there is nothing to rewind.
        ("in archive recovery", 2, "1\t0/30\tno reason\n", 2, "1\t0/30\tany\n", false),
        ("in archive recovery", 1, "", 1, "", false),
        // Both were promoted, each from elsewhere.
        ("in archive recovery", 2, "1\t0/30\tx\n", 2, "1\t0/40\tx\n", true),
        ("in production", 2, "1\t0/30\tx\n", 2, "", true),
        // One timeline that both wrote to.
        ("in production", 1, "", 1, "", true), ("shut down", 1, "", 1, "", true),
        // pg_rewind looks for the fork itself.
        ("in production", 1, "", 2, "1\t0/30\tx\n", false),
        ("in production", 3, "1\t0/30\tx\n2\t0/50\tx\n", 2, "1\t0/40\tx\n", false),
    ]

    @Test(arguments: histories)
    func equalTimelinesAreNotTakenForEqualLogs(
        row: (String, Int, String, UInt32, String, Bool)
    ) throws {
        let obstacle = obstacleToRewind(
            own: try #require(ControlData(Self.control(row.0, row.1, 0))),
            ownHistory: row.2,
            mateTimeline: row.3,
            mateHistory: row.4
        )
        #expect((obstacle != nil) == row.5, "\(obstacle ?? "none")")
    }

    @Test func historyFilesAreNamedAsPostgreSQLDoes() {
        #expect(historyName(of: 2) == "00000002.history")
        #expect(historyName(of: 0xab_cdef) == "00ABCDEF.history")
    }

    @Test func valuesAreQuoted() {
        #expect(quoted("a'b\\c") == "'a\\'b\\\\c'")
        #expect(literal("a'b") == "'a''b'")
    }

    @Test func aSettingIsWrittenOnceForAServerThatIsDown() throws {
        let folder = FileManager.default.temporaryDirectory
            .appending(path: "tandem-standby-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appending(path: "postgresql.auto.conf")
        try Data("# hands off\nprimary_conninfo = 'old'\nwork_mem = '1MB'\n".utf8).write(to: file)
        let standby = StandbyFiles(data: folder.path)
        try standby.set("primary_conninfo", "host='x'")
        try standby.set("primary_conninfo", "host='x'")
        let text = try String(contentsOf: file, encoding: .utf8)
        #expect(try standby.isFollowing)
        #expect(text == "# hands off\nwork_mem = '1MB'\nprimary_conninfo = 'host=''x'''\n")
        try standby.lay()
        try standby.lay()
        #expect(FileManager.default.fileExists(atPath: folder.path + "/standby.signal"))
        try standby.lift()
        #expect(!FileManager.default.fileExists(atPath: folder.path + "/standby.signal"))
    }
}
