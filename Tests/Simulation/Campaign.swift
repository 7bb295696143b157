import TandemModel

/// Many seeds, played side by side.
package struct Campaign: Sendable {
    /// What came of all of them.
    package struct Outcome: Sendable {
        package let reports: [SeededRun.Report]
        /// Named states that must be met somewhere and were not.
        package let unmet: [String]

        package var isGood: Bool { unmet.isEmpty && reports.allSatisfy(\.faults.isEmpty) }

        /// For people: what was found, how to see it again, and the counts.
        package func text(withStates: Bool) -> String {
            var lines: [String] = []
            for report in reports where !report.faults.isEmpty {
                lines.append("FAILED seed \(report.seed): \(report.faults.joined(separator: "; "))")
                lines.append("  again: tandem-simulate --seed \(report.seed) --trace")
            }
            for name in unmet { lines.append("NEVER MET: \(name)") }
            let counts = reports.reduce(into: [String: Int]()) { sum, report in
                sum.merge(report.counts, uniquingKeysWith: +)
            }
            if withStates {
                for (name, count) in counts.sorted(by: { $0.key < $1.key }) {
                    lines.append("  \(count) \(name)")
                }
            }
            let hash = reports.reduce(UInt64(0)) { $0 &* 31 &+ $1.hash }
            let failed = reports.count { !$0.faults.isEmpty }
            let outage = reports.map(\.longestOutage).max() ?? 0
            lines.append(
                "\(reports.count) seeds, \(failed) failed, \(Campaign.mustReach.count - unmet.count) of "
                    + "\(Campaign.mustReach.count) named states met, \(counts.count) kinds of events, "
                    + "longest outage \(outage) ms, hash \(String(hash, radix: 16))"
            )
            return lines.joined(separator: "\n")
        }
    }

    /// Below this many seeds nobody expects every state to be met.
    static let wholeCount: UInt64 = 300

    let first: UInt64
    let count: UInt64

    package init(first: UInt64, count: UInt64) {
        self.first = first
        self.count = count
    }

    /// Plays all seeds on all processors.
    package func run() async -> Outcome {
        let seeds = first..<(first + count)
        let reports = await withTaskGroup(of: SeededRun.Report.self) { group in
            var next = seeds.makeIterator()
            for _ in 0..<4 {
                if let seed = next.next() { group.addTask { SeededRun.play(seed: seed) } }
            }
            var found: [SeededRun.Report] = []
            for await report in group {
                found.append(report)
                if let seed = next.next() { group.addTask { SeededRun.play(seed: seed) } }
            }
            return found.sorted { $0.seed < $1.seed }
        }
        let met = reports.reduce(into: Set<String>()) { $0.formUnion($1.counts.keys) }
        let unmet = count < Self.wholeCount ? [] : Self.mustReach.filter { !met.contains($0) }
        return Outcome(reports: reports, unmet: unmet)
    }
}

extension Campaign {
    /// States that are hard to come by and must all be met: else the seeds prove less than they seem to.
    static let mustReach: [String] = events + alarms + buttons + faults

    private static let events: [String] = [
        "dead-man: moved", "dead-man: returned", "dead-man: undecided", "effect: killPromote",
        "effect: repair", "effect: attachStep", "effect: observeStep", "record: zombie",
        "record: returning", "record: tombstone", "record: fenced", "record: demoted",
        "record: inhibited", "record: attempted",
    ]
    private static let alarms: [String] = [
        70501, 70502, 70503, 70506, 70507, 70508, 70580, 70581, 70582, 70583,
    ].flatMap { (number: UInt32) -> [String] in
        let name = AlarmNumber(number).description
        return ["alarm raised: \(name)", "alarm cleared: \(name)"]
    }
    /// Those that chaos presses.
    private static let buttons: [String] = Button.allCases
        .filter { ![.replaceServer, .demote, .fence, .hold].contains($0) }
        .map { "button: \($0.rawValue)" }
    private static let faults: [String] = Chaos.Fault.allCases.map { "fault: \($0.rawValue)" }
}
