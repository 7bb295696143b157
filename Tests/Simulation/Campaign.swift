import TandemModel

/// Many seeds, played side by side.
package struct Campaign: Sendable {
    /// What a seed is played with.
    package enum Scope: Hashable, Sendable {
        /// One cluster: ``SeededRun``.
        case cluster
        /// Hundreds under one controller: ``NetworkRun``.
        case network(clusterCount: Int)

        package func play(seed: UInt64, isTraced: Bool = false) -> SeededRun.Report {
            switch self {
            case .cluster: SeededRun.play(seed: seed, isTraced: isTraced)
            case .network(let count):
                NetworkRun.play(seed: seed, clusterCount: count, isTraced: isTraced)
            }
        }

        /// The words that choose it on the command line.
        fileprivate var words: String {
            switch self {
            case .cluster: ""
            case .network(let count): "--network --clusters \(count) "
            }
        }
    }

    /// What came of all of them.
    package struct Outcome: Sendable {
        package let reports: [SeededRun.Report]
        fileprivate let scope: Scope
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
                lines.append("  again: tandem-simulate \(scope.words)--seed \(report.seed) --trace")
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
            if withStates { lines += ledger.text(Campaign.predicates(scope)) }
            let hash = reports.reduce(UInt64(0)) { $0 &* 31 &+ $1.hash }
            let failed = reports.count { !$0.faults.isEmpty }
            let outage = reports.map(\.longestOutage).max() ?? 0
            let wanted = Campaign.mustReach(scope).count + Campaign.predicates(scope).count
            lines.append(
                "\(reports.count) seeds, \(failed) failed, \(wanted - unmet.count) of "
                    + "\(wanted) named states met, \(counts.count) kinds of events, "
                    + "longest outage \(outage) ms, hash \(String(hash, radix: 16))"
            )
            return lines.joined(separator: "\n")
        }
    }

    /// Below this many seeds nobody expects every state to be met; nor of a small network.
    private static func wholeCount(_ scope: Scope) -> UInt64 {
        switch scope {
        case .cluster: 300
        case .network(let count): count < NetworkRun.clusterCount ? .max : 4
        }
    }

    let scope: Scope
    let first: UInt64
    let count: UInt64

    package init(_ scope: Scope = .cluster, first: UInt64, count: UInt64) {
        self.scope = scope
        self.first = first
        self.count = count
    }

    /// Plays all seeds on all processors.
    package func run() async -> Outcome {
        let seeds = first..<(first + count)
        let reports = await withTaskGroup(of: SeededRun.Report.self) { group in
            var next = seeds.makeIterator()
            for _ in 0..<4 {
                if let seed = next.next() { group.addTask { scope.play(seed: seed) } }
            }
            var found: [SeededRun.Report] = []
            for await report in group {
                found.append(report)
                if let seed = next.next() { group.addTask { scope.play(seed: seed) } }
            }
            return found.sorted { $0.seed < $1.seed }
        }
        let met = reports.reduce(into: Set<String>()) { $0.formUnion($1.counts.keys) }
        var outcome = Outcome(reports: reports, scope: scope, unmet: [])
        guard count >= Self.wholeCount(scope) else { return outcome }
        let vacuous = Self.predicates(scope).filter { outcome.ledger[$0].premises == 0 }
        outcome.unmet =
            Self.mustReach(scope).filter { !met.contains($0) }
            + vacuous.map { "premise of \($0.name)" }
        return outcome
    }
}

extension Campaign {
    /// States that are hard to come by and must all be met: else the seeds prove less than they seem to.
    static func mustReach(_ scope: Scope) -> [String] {
        switch scope {
        case .cluster: events + alarms + buttons + faults + disks + stops
        case .network: network
        }
    }

    /// One cluster can show all but the network's own, which ``NetworkRun`` looks at beside all others.
    static func predicates(_ scope: Scope) -> [Predicate] {
        switch scope {
        case .cluster: Predicate.allCases.filter { ![.safety7, .safety10].contains($0) }
        // No release of the network keeps roots as snapshots.
        case .network: Predicate.allCases.filter { $0 != .safety20 }
        }
    }

    private static let network: [String] = [
        "alarm raised: 70500 SYSTEM_MIXED_VERSION", "alarm cleared: 70500 SYSTEM_MIXED_VERSION",
        "70502 was looked at", "the last place was taken", "refused: no place", "refused: rank",
        "refused: minimum cmp", "refused: cmp not known", "refused: cmp back-out, running",
        "refused: cmp back-out, under way", "started behind an open cmp upgrade",
        "the way back or a repair began beside four at work", "begins: start-upgrade",
        "begins: continue-upgrade", "begins: start-rollback", "begins: accept",
        "fault: wallJump", "fault: crash", "fault: breakLink", "fault: dyingServer",
        "emergency stop: on", "emergency stop: off", "emergency stop: in start-upgrade",
        "emergency stop: lifted, and both ways are open",
    ]

    private static let events: [String] = [
        "dead-man: moved", "dead-man: returned", "dead-man: undecided", "effect: killPromote",
        "effect: repair", "effect: attachStep", "effect: observeStep", "record: zombie",
        "record: returning", "record: tombstone", "record: fenced", "record: demoted",
        "record: inhibited", "record: attempted", "record: snapshot", "root: exchanged",
        "effect: dropSnapshots",
    ]
    private static let alarms: [String] = [
        70501, 70502, 70503, 70506, 70507, 70508, 70580, 70581, 70582, 70583, 70584,
    ].flatMap { (number: UInt32) -> [String] in
        let name = AlarmNumber(number).description
        return ["alarm raised: \(name)", "alarm cleared: \(name)"]
    }
    /// Those that chaos presses.
    private static let buttons: [String] = Button.allCases
        .filter { ![.replaceServer, .demote, .fence, .hold, .removeCluster].contains($0) }
        .map { "button: \($0.rawValue)" }
    private static let disks: [String] = [
        "disk: damage noticed", "disk: torn tail cut", "disk: unsynced record found after a crash",
        "disk: unsynced bytes lost", "disk: power cut in writing", "disk: full", "disk: failing",
        "disk: compacted", "person: agent enrolled anew",
    ]
    private static let stops: [String] = [
        "in start-upgrade", "in resume-upgrade", "in start-rollback", "in a failover",
        "a failover goes on", "service is restored under it", "on in peace",
        "lifted, and both ways are open", "lifted, and the way back is open",
    ].map { "emergency stop: \($0)" }
    private static let faults: [String] = Chaos.Fault.allCases.map { "fault: \($0.rawValue)" }
}
