import TandemModel
import TandemSpawn
import Testing

@testable import AgentPlatform

/// The executables of `Deploy/checks.d`, each against what it may find.
struct ShippedChecksTests {
    struct Row: CustomTestStringConvertible {
        var check: String
        var facts: [String: String]
        var level: CheckResult.Level
        var text: String

        var testDescription: String { "\(check): \(facts)" }
    }

    private static let folder =
        #filePath.split(separator: "/").dropLast(3).map { "/\($0)" }.joined()
        + "/Deploy/checks.d"

    /// A standby in sync whose mate serves.
    private static let sound = [
        "SERVER": "fe-2", "ROLE": "standby", "PEER_ROLE": "active", "MATE": "fe-1",
        "MATE_ROLE": "active", "MATE_CONNECTED": "yes", "CAUGHT_UP": "yes", "INHIBITED": "no",
        "LAG_BYTES": "0", "LAG_SECONDS": "0", "CLOCK_AHEAD_MS": "12", "ALARMS": "",
    ]

    static let rows: [Row] = [
        Row(check: "pre-upgrade/replication", facts: [:], level: .ok, text: "in sync with fe-1"),
        Row(
            check: "pre-upgrade/replication",
            facts: ["CAUGHT_UP": "no", "LAG_BYTES": "4096", "LAG_SECONDS": "3"],
            level: .critical,
            text: "4096 bytes and 3 s behind fe-1"
        ),
        Row(
            check: "pre-upgrade/replication",
            facts: ["CAUGHT_UP": "no", "INHIBITED": "yes"],
            level: .warning,
            text: "held back by Tandem"
        ),
        Row(
            check: "pre-upgrade/replication",
            facts: ["CAUGHT_UP": "no", "PEER_ROLE": "unseen"],
            level: .warning,
            text: "nobody serves"
        ),
        Row(
            check: "pre-upgrade/replication",
            facts: ["CAUGHT_UP": "no", "MATE": "", "ROLE": "standby"],
            level: .ok,
            text: "nothing is replicated"
        ),
        Row(check: "pre-upgrade/roles", facts: [:], level: .ok, text: "fe-1 is active"),
        Row(check: "pre-upgrade/roles", facts: ["MATE": ""], level: .ok, text: "no mate"),
        Row(
            check: "pre-upgrade/roles",
            facts: ["ROLE": "active"],
            level: .critical,
            text: "two are active"
        ),
        Row(
            check: "pre-upgrade/roles",
            facts: ["MATE_ROLE": "standby"],
            level: .warning,
            text: "nobody serves"
        ),
        Row(
            check: "pre-upgrade/roles",
            facts: ["MATE_CONNECTED": "no"],
            level: .warning,
            text: "fe-1 is silent"
        ),
        Row(
            check: "pre-upgrade/roles",
            facts: ["PEER_ROLE": "other"],
            level: .critical,
            text: "the HA system here says it is not"
        ),
        Row(
            check: "pre-upgrade/roles",
            facts: ["ROLE": "active", "MATE_ROLE": "standby"],
            level: .critical,
            text: "the HA system here says it is"
        ),
        Row(
            check: "pre-upgrade/roles",
            facts: ["ROLE": "active", "MATE_ROLE": "standby", "PEER_ROLE": "other"],
            level: .ok,
            text: "fe-1 is standby"
        ),
        Row(check: "pre-upgrade/clock-skew", facts: [:], level: .ok, text: "12 ms behind"),
        Row(
            check: "pre-upgrade/clock-skew",
            facts: ["CLOCK_AHEAD_MS": "-2500"],
            level: .warning,
            text: "2500 ms ahead of"
        ),
        Row(
            check: "pre-upgrade/clock-skew",
            facts: ["CLOCK_AHEAD_MS": "90000"],
            level: .critical,
            text: "mend NTP"
        ),
        Row(
            check: "pre-upgrade/clock-skew",
            facts: ["CLOCK_AHEAD_MS": ""],
            level: .unknown,
            text: "check again"
        ),
        Row(check: "pre-upgrade/alarms", facts: [:], level: .ok, text: "no alarm"),
        Row(
            check: "pre-upgrade/alarms",
            facts: ["ALARMS": "70503 SERVER_FORCED_STANDBY minor held after a critical fault"],
            level: .warning,
            text: "raised here: 70503 SERVER_FORCED_STANDBY minor"
        ),
        Row(
            check: "pre-upgrade/alarms",
            facts: ["ALARMS": "70505 ISO_MISMATCH minor x\n70508 SERVER_IS_ZOMBIE critical dead"],
            level: .critical,
            text: "70505 ISO_MISMATCH minor, 70508 SERVER_IS_ZOMBIE critical"
        ),
        Row(
            check: "post-upgrade/alarms",
            facts: ["ALARMS": "70503 SERVER_FORCED_STANDBY minor held"],
            level: .ok,
            text: "no critical alarm"
        ),
        Row(
            check: "post-upgrade/alarms",
            facts: ["ALARMS": "70580 CLUSTER_NO_ACTIVE critical gone"],
            level: .critical,
            text: "70580"
        ),
        Row(
            check: "health/disk-space",
            facts: ["ROOT": "/nowhere"],
            level: .unknown,
            text: "df says nothing"
        ),
    ]

    @Test(arguments: rows)
    func row(_ row: Row) throws {
        let facts = Self.sound.merging(row.facts) { $1 }
        let end = try runChild(
            ChildCommand(
                "\(Self.folder)/\(row.check)",
                environment: ChildCommand.plainEnvironment + facts.map { "TANDEM_\($0)=\($1)" }
            ),
            timeoutMilliseconds: 10_000
        )
        let answer = PluginAnswer(ending: end.ending, output: end.standardOutput)
        #expect(answer.level == row.level, "\(answer)")
        #expect(answer.text.contains(row.text), "\(answer)")
    }

    /// The file system itself decides here: only that it answers in words is certain.
    @Test
    func diskSpaceTellsWhatIsFree() throws {
        let end = try runChild(
            ChildCommand(
                "\(Self.folder)/health/disk-space",
                environment: ChildCommand.plainEnvironment + ["TANDEM_ROOT=/"]
            ),
            timeoutMilliseconds: 10_000
        )
        let answer = PluginAnswer(ending: end.ending, output: end.standardOutput)
        #expect(answer.level != .unknown && answer.text.contains("KiB are free"))
    }
}
