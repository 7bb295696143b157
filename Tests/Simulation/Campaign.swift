import TandemModel

/// Many seeds, played side by side.
package struct Campaign: Sendable {
    /// What came of all of them.
    package struct Outcome: Sendable {
        package let reports: [SeededRun.Report]
        /// Named states that must be met somewhere and were not.
        package fileprivate(set) var unmet: [String]

        /// How often each predicate was looked at in all of them.
        var ledger: Ledger {
            reports.reduce(into: Ledger()) { $0.add($1.ledger) }
        }

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
            if withStates { lines += ledger.text(Campaign.predicates) }
            let hash = reports.reduce(UInt64(0)) { $0 &* 31 &+ $1.hash }
            let failed = reports.count { !$0.faults.isEmpty }
            let outage = reports.map(\.longestOutage).max() ?? 0
            lines.append(
                "\(reports.count) seeds, \(failed) failed, \(Campaign.wantedCount - unmet.count) of "
                    + "\(Campaign.wantedCount) named states met, \(counts.count) kinds of events, "
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
        var outcome = Outcome(reports: reports, unmet: [])
        guard count >= Self.wholeCount else { return outcome }
        let vacuous = Self.predicates.filter { outcome.ledger[$0].premises == 0 }
        outcome.unmet =
            Self.mustReach.filter { !met.contains($0) } + vacuous.map { "premise of \($0.name)" }
        return outcome
    }
}

extension Campaign {
    /// States that are hard to come by and must all be met: else the seeds prove less than they seem to.
    static let mustReach: [String] = events + alarms + buttons + faults + disks

    /// Those that one cluster can show; the network's own are looked at in ``NetworkRun``.
    static let predicates = Predicate.allCases.filter { ![.safety7, .safety10].contains($0) }

    private static let wantedCount = mustReach.count + predicates.count

    private static let events: [String] = [
        "dead-man: moved", "dead-man: returned", "dead-man: undecided", "effect: killPromote",
        "effect: repair", "effect: attachStep", "effect: observeStep", "record: zombie",
        "record: returning", "record: tombstone", "record: fenced", "record: demoted",
        "record: inhibited", "record: attempted",
    ]
    private static let alarms: [String] = [
        70501, 70502, 70503, 70506, 70507, 70508, 70580, 70581, 70582, 70583, 70584,
    ].flatMap { (number: UInt32) -> [String] in
        let name = AlarmNumber(number).description
        return ["alarm raised: \(name)", "alarm cleared: \(name)"]
    }
    /// Those that chaos presses.
    private static let buttons: [String] = Button.allCases
        .filter { ![.replaceServer, .demote, .fence, .hold].contains($0) }
        .map { "button: \($0.rawValue)" }
    private static let disks: [String] = [
        "disk: damage noticed", "disk: torn tail cut", "disk: unsynced record found after a crash",
        "disk: unsynced bytes lost", "disk: power cut in writing", "disk: full", "disk: failing",
        "disk: compacted", "person: agent enrolled anew",
    ]
    private static let faults: [String] = Chaos.Fault.allCases.map { "fault: \($0.rawValue)" }
}
