import ControllerAPI
import TandemModel
import Testing

@testable import tandem

/// Line differences, and which versions are compared.
struct DifferenceTests {
    struct Row: Sendable, CustomTestStringConvertible {
        var old: String
        var new: String
        var hunks: String
        var testDescription: String { hunks }
    }

    static let rows: [Row] = [
        Row(old: "a\nb\nc\n", new: "a\nB\nc\n", hunks: "@@ -1,3 +1,3 @@\n a\n-b\n+B\n c\n"),
        Row(old: "", new: "a\nb\n", hunks: "@@ -0,0 +1,2 @@\n+a\n+b\n"),
        Row(old: "a\n", new: "", hunks: "@@ -1,1 +0,0 @@\n-a\n"),
        Row(old: "a\n\nb", new: "a\nb", hunks: "@@ -1,3 +1,2 @@\n a\n-\n b\n"),
        Row(
            old: "1\n2\n3\n4\n5\n6\n7\n8\n9\n",
            new: "x\n2\n3\n4\n5\n6\n7\n8\ny\n",
            hunks: "@@ -1,4 +1,4 @@\n-1\n+x\n 2\n 3\n 4\n@@ -6,4 +6,4 @@\n 6\n 7\n 8\n-9\n+y\n"
        ),
        Row(
            old: "1\n2\n3\n4\n5\n6\n7\n8\n",
            new: "x\n2\n3\n4\n5\n6\n7\ny\n",
            hunks: "@@ -1,8 +1,8 @@\n-1\n+x\n 2\n 3\n 4\n 5\n 6\n 7\n-8\n+y\n"
        ),
        Row(old: "a", new: "a\n", hunks: "Only the last line's end differs.\n"),
    ]

    @Test(arguments: rows)
    func hunksAreUnified(_ row: Row) {
        let text = LineDifference.unified(row.old, row.new, names: ("old", "new"))
        #expect(text == "--- old\n+++ new\n" + row.hunks)
    }

    @Test
    func sameTextsHaveNoDifference() {
        #expect(LineDifference.unified("a\n", "a\n", names: ("old", "new")).isEmpty)
    }

    @Test
    func activeServersVersionIsComparedWithTheNewest() throws {
        let cluster = Sample.cluster(
            servers: [
                Sample.server("scef-1a", .standby, configuration: 2),
                Sample.server("scef-1b", .active, configuration: 1),
            ]
        )
        #expect(DiffConfigurations.activeNumber(cluster) == 1)
        #expect(DiffConfigurations.activeNumber(Sample.cluster()) == 0)
        let versions = [Sample.configuration(1, "a\n"), Sample.configuration(2, "b\n")]
        let difference = try DiffConfigurations.difference(of: versions, from: 1, to: nil, "scef-1")
        #expect(difference.to == 2)
        #expect(
            difference.text
                == "--- scef-1 version 1 (scef-fe-1)\n+++ scef-1 version 2 (scef-fe-1)\n"
                + "@@ -1,1 +1,1 @@\n-a\n+b\n"
        )
        let none = try DiffConfigurations.difference(of: versions, from: 0, to: 1, "scef-1")
        #expect(none.text.hasPrefix("--- scef-1 no version\n"))
        let error = failure {
            _ = try DiffConfigurations.difference(of: versions, from: 3, to: nil, "scef-1")
        }
        #expect(error?.code == .unknownName)
    }
}

/// What `watch` says of a change.
struct WatchTests {
    private func view(
        _ cluster: ClusterStatus,
        alarms: [AlarmEntry] = [],
        only: ClusterName? = nil
    ) -> WatchView {
        WatchView(network: Sample.network(cluster, alarms: alarms), only: only)
    }

    @Test
    func nothingNewIsNoLine() {
        let same = view(Sample.cluster(), alarms: [Sample.alarm(.upgradeInProgress, "scef-1")])
        #expect(WatchEvents.lines(from: same, to: same).isEmpty)
    }

    @Test
    func eachChangeIsALine() {
        let old = view(Sample.cluster(), alarms: [Sample.alarm(.serverForcedStandby, "scef-1b")])
        let cluster = Sample.cluster(
            operation: Sample.operation(action: Sample.running(step: Sample.step(1, "Check"))),
            servers: [Sample.server("scef-1a", .standby), Sample.server("scef-1b", .active)]
        )
        let new = view(cluster, alarms: [Sample.alarm(.clusterMixedVersion, "scef-1")])
        let lines = WatchEvents.lines(from: old, to: new)
        #expect(
            lines == [
                "scef-1a: standby, runs scef-fe 12.6.0",
                "scef-1b: active, in service, runs scef-fe 12.6.0",
                "scef-1: [....................] Initiate upgrade scef-1b (next) step 1/7: Check 0% "
                    + "(elapsed 0:00)",
                "alarm raised: 70501 CLUSTER_MIXED_VERSION minor scef-1: raised for a test",
                "alarm cleared: 70503 SERVER_FORCED_STANDBY minor scef-1b: raised for a test",
            ]
        )
    }

    @Test
    func percentsAreNoLineButStepsAndResultsAre() {
        func at(_ step: StepProgress) -> WatchView {
            view(Sample.cluster(operation: Sample.operation(action: Sample.running(step: step))))
        }
        let five = at(Sample.step(1, "Check", percent: 5))
        let nine = at(Sample.step(1, "Check", percent: 9, elapsed: 400))
        #expect(WatchEvents.lines(from: five, to: nine).isEmpty)
        #expect(WatchEvents.lines(from: nine, to: at(Sample.step(2, "Stop"))).count == 1)
        let done = view(
            Sample.cluster(operation: Sample.operation(lastResult: "Completed Successfully"))
        )
        #expect(WatchEvents.lines(from: nine, to: done) == ["scef-1: Completed Successfully"])
    }

    @Test
    func oneClusterIsShownWithItsOwnAlarms() {
        let alarms = [
            Sample.alarm(.supervisionLost, "scef-1a"), Sample.alarm(.supervisionLost, "cmp-1a"),
        ]
        let only = view(Sample.cluster(), alarms: alarms, only: ClusterName("scef-1"))
        #expect(only.alarms.map(\.instance) == ["scef-1a"])
        #expect(view(Sample.cluster(), only: ClusterName("cmp")).network.clusters.isEmpty)
    }

    @Test
    func pictureHoldsTableActionsAndAlarms() {
        let cluster = Sample.cluster(
            operation: Sample.operation(action: Sample.running(step: Sample.step(1, "Check")))
        )
        let text = WatchPicture.text(
            view(cluster, alarms: [Sample.alarm(.upgradeInProgress, "scef-1")])
        )
        #expect(text.hasPrefix("Controller c1, 2025-11-24 16:00:00 UTC\n"))
        #expect(text.contains("\nRunning\n  scef-1: [...................."))
        #expect(text.contains("70507"))
        // While something runs nobody is asked for the next step.
        #expect(!text.contains("Waits for a person"))
        let idle = WatchPicture.text(view(Sample.cluster()))
        #expect(idle.contains("Waits for a person\n  scef-1: Start Upgrade, if it is time.\n"))
        #expect(idle.hasSuffix("No alarm.\n"))
    }
}
