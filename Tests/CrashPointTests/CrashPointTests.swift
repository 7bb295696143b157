import ControllerCore
import Foundation
import TandemModel
import Testing

@testable import TandemSimulation

/// Each process dies at each of its crash points in one upgrade and one rollback, with the journal and the
/// store that ship; what comes after it finds all that was acknowledged, and everything ends well.
struct CrashPointTests {
    private static let shardCount = 4

    @Test
    func everyPointIsSurvived() async throws {
        let selection = Selection.asked()
        let count = Self.shardCount
        let reports = await onThreads(count) { shard in
            Result { try Self.explore(selection, shard: shard, of: count) }
        }
        var whole = try #require(try reports.first?.get())
        for report in reports.dropFirst() {
            let other = try report.get()
            #expect(other.counts == whole.counts, "the same run has other points")
            whole.add(other)
        }
        for finding in whole.findings.sorted() { Issue.record("\(finding)") }
        let kinds = CrashPoint.Kind.allCases.map { "\(whole.counts[$0] ?? 0) \($0.rawValue)" }
        let points = whole.counts.values.reduce(0, +)
        for kind in CrashPoint.Kind.allCases { #expect(whole.counts[kind] ?? 0 > 20) }
        print(
            "\(points) crash points: \(kinds.joined(separator: ", ")); tried \(selection.text): "
                + "\(whole.deaths) deaths, \(whole.tornWrites) in the middle of a write, "
                + "\(whole.withChildren) with a step's child"
        )
    }

    private static func explore(
        _ selection: Selection,
        shard: Int,
        of count: Int
    ) throws -> Explorer.Report {
        let upward = Explorer(
            Joint.upward,
            to: Fixtures.newManifest,
            selection,
            shard: shard,
            of: count
        )
        upward.explore(from: Joint(disks: try RealDisks()))
        let downward = Explorer(
            Joint.downward,
            to: Fixtures.oldManifest,
            selection,
            shard: shard,
            of: count
        )
        downward.explore(from: try upgraded())
        var report = upward.report
        report.counts.merge(downward.report.counts, uniquingKeysWith: +)
        report.add(downward.report)
        return report
    }

    /// Both servers run the new release, and nobody has accepted it yet.
    private static func upgraded() throws -> Joint {
        var joint = Joint(disks: try RealDisks())
        let way: [Button] = [
            .startUpgrade, .continueUpgrade, .reapplyConfiguration, .continueUpgrade,
        ]
        for button in way {
            #expect(joint.press(button) == nil, "\(button.label)")
            #expect(joint.run(upTo: 150_000) { !$0.isActing }, "\(button.label)")
            joint.run(for: 6_000)
        }
        return joint
    }
}
