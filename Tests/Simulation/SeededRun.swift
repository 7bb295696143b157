import ControllerCore
import TandemModel

/// One seed: random faults first, when only safety counts; then, with the faults over, an end in
/// whichever direction somebody wants.
package struct SeededRun {
    /// What came of it.
    package struct Report: Sendable {
        package let seed: UInt64
        /// What is wrong, in words; empty: nothing.
        package let faults: [String]
        /// FNV-1a over all events: the same seed gives the same hash.
        package let hash: UInt64
        /// How often each named state was met.
        package let counts: [String: Int]
        /// Milliseconds for which nobody served at most, but for deaths of the serving server.
        package let longestOutage: UInt64
        /// How often each predicate was looked at.
        let ledger: Ledger
        /// What happened, line by line; empty unless asked for.
        package let trace: [String]
    }

    /// Plays a seed.
    ///
    /// - Parameter isTraced: whether each event is noted in words, which takes time.
    package static func play(seed: UInt64, isTraced: Bool = false) -> Report {
        var random = SeededGenerator(seed: seed &* 7_919)
        var joint = Joint(setting(seed, &random))
        let trace = Trace()
        if isTraced { joint.trace = trace }
        var chaos = Chaos(&random)
        // Of the others each keeps what it met before there was one.
        let hasEmergencies = seed % 3 == 2 && !joint.setting.keepsRoots
        for _ in 0..<Int.random(in: 20...60, using: &random) {
            chaos.strike(&joint, &random)
            chaos.press(&joint, &random)
            if hasEmergencies { chaos.pressEmergencyStop(&joint, &random) }
            // Half of the faults strike close together, in the middle of one failover or step.
            let isClose = Bool.random(using: &random)
            joint.run(for: UInt64.random(in: isClose ? 20...500 : 500...12_000, using: &random))
        }
        joint.note("HEALED")
        chaos.heal(&joint)
        if joint.isEmergencyStopped {
            joint.run(for: 120_000)
            joint.checkStoppedRest()
            joint.setEmergencyStop(false)
        }
        joint.replaceRotten()
        joint.run(for: 120_000)
        let isUp = random.next() % 2 == 0
        let isClosed = joint.restore(isUp ? Joint.upward : Joint.downward, limitSeconds: 1_200)
        joint.run(for: 70_000)
        joint.checkMixedAlarm()
        let summary = joint.summary
        joint.checks.look(.safety22, premise: true, holds: isClosed) {
            "no end is reached: \(summary)"
        }
        let faults = joint.faults(at: joint.nodes[0].platform.installed ?? .none)
        return Report(
            seed: seed,
            faults: faults,
            hash: joint.milestones.hash,
            counts: joint.milestones.counts,
            longestOutage: joint.checks.longestOutage,
            ledger: joint.checks.ledger,
            trace: trace.lines
        )
    }

    private static func setting(_ seed: UInt64, _ random: inout SeededGenerator) -> Setting {
        var setting = Setting(
            serverCount: seed % 8 == 7 ? 1 : 2,
            hasReferee: seed % 2 == 0,
            takeover: seed % 3 == 0 ? .held : .allowed,
            replicatesAcross: seed % 5 != 0,
            seed: seed
        )
        if seed % 5 == 1 { setting.upgradeSteps = Fixtures.keepingSteps }
        if seed % 4 == 0 {
            setting.driftsPerMille = (0..<2).map { _ in Int64.random(in: -10...10, using: &random) }
        }
        return setting
    }
}
