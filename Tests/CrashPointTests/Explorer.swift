import Foundation
import TandemModel

@testable import TandemSimulation

/// Which points are died at.
struct Selection: Sendable {
    /// Draws the points; `nil`: all.
    var seed: UInt64?
    /// One in so many is taken.
    var divisor: UInt64 = 3

    /// TANDEM_CRASH_POINTS: `all`, or `SEED/N`, one in N as this seed draws them; N is 3 and the seed 1 where nothing
    /// is said.
    static func asked() -> Selection {
        let word = ProcessInfo.processInfo.environment["TANDEM_CRASH_POINTS"] ?? "1"
        let parts = word.split(separator: "/").map { UInt64($0) ?? 0 }
        return Selection(
            seed: word == "all" ? nil : parts.first ?? 1,
            divisor: max(1, parts.dropFirst().first ?? 3)
        )
    }

    func holds(_ number: Int) -> Bool {
        guard let seed else { return true }
        var generator = SeededGenerator(seed: seed &* 1_000_003 &+ UInt64(number))
        return generator.next() % divisor == 0
    }

    var text: String { seed.map { "one in \(divisor) of them, seed \($0)" } ?? "all of them" }
}

/// Walks through one fault-free run and, at each point of it, lets the process die in a copy of the
/// world; the copy then goes on to its end.
final class Explorer {
    /// What was found.
    struct Report: Sendable {
        var counts: [CrashPoint.Kind: Int] = [:]
        var deaths = 0
        var tornWrites = 0
        var withChildren = 0
        var findings: [String] = []

        mutating func add(_ other: Report) {
            deaths += other.deaths
            tornWrites += other.tornWrites
            withChildren += other.withChildren
            findings += other.findings
        }
    }

    private let buttons: [Button]
    private let manifest: Digest
    private let selection: Selection
    /// This one of so many takes every so-manieth point.
    private let shard: Int
    private let shardCount: Int
    private var number = 0
    private(set) var report = Report()

    init(
        _ buttons: [Button],
        to manifest: Digest,
        _ selection: Selection,
        shard: Int,
        of shardCount: Int
    ) {
        self.buttons = buttons
        self.manifest = manifest
        self.selection = selection
        self.shard = shard
        self.shardCount = shardCount
    }

    /// Pursues the buttons' end from a start on, and from each crash point on the way there.
    func explore(from start: Joint) {
        var whole = start
        whole.onCrashPoint = { [self] joint, point in visit(point, joint) }
        let isClosed = whole.pursue(buttons)
        judge(whole, isClosed, "the run without a fault")
    }

    private func visit(_ point: CrashPoint, _ joint: Joint) {
        if point.side == .before {
            number += 1
            report.counts[point.kind, default: 0] += 1
        }
        guard number % shardCount == shard, selection.holds(number) else { return }
        die(.alone, at: point, joint)
        guard point.side == .before else { return }
        if point.commit != nil || !point.records.isEmpty { die(.inWriting, at: point, joint) }
        if case .agent(let index) = point.process, !joint.nodes[index].children.isEmpty {
            die(.withChildren, at: point, joint)
        }
    }

    /// How a process dies.
    private enum Death: String {
        case alone
        /// Half of the bytes are written.
        case inWriting = "in writing"
        /// A step's child dies too, and leaves its work half done.
        case withChildren = "with its children"
    }

    private func die(_ death: Death, at point: CrashPoint, _ joint: Joint) {
        let name =
            "point \(number), \(point.side.rawValue) \(point.kind.rawValue) of \(point.process), "
            + death.rawValue
        guard let disks = joint.disks as? RealDisks else { return }
        report.deaths += 1
        do {
            let left = try disks.copy()
            var world = joint.copied(with: left)
            switch death {
            case .alone: break
            case .inWriting:
                report.tornWrites += 1
                try tear(point, left)
            case .withChildren:
                report.withChildren += 1
            }
            world.kill(point.process, withChildren: death == .withChildren)
            let isClosed = world.pursue(buttons)
            world.run(for: 15_000)
            judge(world, isClosed, name)
        } catch {
            report.findings.append("\(name): \(error)")
        }
    }

    private func tear(_ point: CrashPoint, _ disks: RealDisks) throws {
        if let commit = point.commit { try disks.tear(commit) }
        if case .agent(let index) = point.process { try disks.tear(point.records, of: index) }
    }

    private func judge(_ world: Joint, _ isClosed: Bool, _ name: String) {
        var wrong = world.faults(at: manifest)
        if !isClosed { wrong.append("no end is reached") }
        if let disks = world.disks as? RealDisks { wrong += disks.violations }
        guard !wrong.isEmpty else { return }
        report.findings.append("\(name): \(wrong.joined(separator: "; ")); \(world.summary)")
    }
}
