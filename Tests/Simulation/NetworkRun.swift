import ControllerCore
import TandemModel

/// One seed of a whole network: faults and restless people first, when only safety counts; then, with the
/// faults over, every cluster to its end in one direction or the other.
package struct NetworkRun {
    /// How many clusters a run has unless somebody asks for fewer.
    package static let clusterCount = 200
    /// Seconds of faults.
    private static let chaosSeconds = 420
    /// Seconds of peace within which everything must have ended (`safety.md` 22).
    private static let peaceSeconds = 2_700

    private var world: NetworkWorld
    private var random: SeededGenerator
    private let faults: [Chaos.Fault]

    /// What strikes one cluster alone and needs no person with a new agent; deaths of the controller and
    /// jumps of its clock strike all at once.
    private static let kinds: [Chaos.Fault] = Chaos.Fault.allCases.filter {
        switch $0 {
        case .journalRot, .reboot, .controllerCrash, .longControllerCrash, .wallJump: false
        case _: true
        }
    }

    private init(seed: UInt64, clusterCount: Int, trace: Trace?) {
        random = SeededGenerator(seed: seed &* 104_729)
        world = NetworkWorld(clusterCount: clusterCount, seed: seed)
        world.trace = trace
        faults = Self.kinds
    }

    /// Plays a seed.
    package static func play(
        seed: UInt64,
        clusterCount: Int = NetworkRun.clusterCount,
        isTraced: Bool = false
    ) -> SeededRun.Report {
        let trace = isTraced ? Trace() : nil
        var run = NetworkRun(seed: seed, clusterCount: clusterCount, trace: trace)
        run.rage()
        run.heal()
        let isCalm = run.settle()
        return run.report(seed, isCalm: isCalm, trace: trace)
    }

    // MARK: - Faults

    private mutating func rage() {
        var isUp = true
        // Mostly the cmp comes first, as a network is upgraded; else everybody begins at once.
        let lead = random.next() % 4 == 0 ? 0 : 110
        for second in 0..<Self.chaosSeconds {
            strike(second)
            // Seldom and not for long: most of a run is to be work.
            if random.next() % (world.machine.state.emergencyStop == nil ? 120 : 12) == 0 {
                world.setEmergencyStop(world.machine.state.emergencyStop == nil)
            }
            // The cmp clusters have operators of their own, who change their mind now and then.
            if second % 75 == 74 { isUp = random.next() % 2 == 0 }
            if second % 2 == 0 {
                // Without Accept: a way back is what others may stand in the way of.
                let upward = Joint.upward.filter { $0 != .accept }
                world.press(world.primary, one: isUp ? upward : Joint.downward)
            }
            let open = world.joints.indices.filter {
                $0 != world.primary
                    && world.joints[$0].controller.machine.state.operation != nil
            }
            for _ in 0..<3 {
                if let index = open.randomElement(using: &random) { world.press(index, &random) }
            }
            // So many that there are never too few places, and that all can be brought to an end.
            if open.count < 60, second >= lead {
                for _ in 0..<2 { world.press(startable(), one: [.startUpgrade]) }
            }
            if second % 8 == 0 { world.press(anyCluster(), &random) }
            world.run(for: 1_000)
        }
    }

    private mutating func anyCluster() -> Int {
        Int.random(in: world.joints.indices, using: &random)
    }

    /// Any cluster; while the `cmp` is there, rather one that waited for it.
    private mutating func startable() -> Int {
        let first = world.joints[world.primary]
        let goal = Platform.Packages.release(first.setting.lineage.newManifest)
        guard first.nodes.allSatisfy({ $0.platform.packages == goal }) else { return anyCluster() }
        let bound = world.joints.indices.filter {
            !world.joints[$0].setting.lineage.minimumCMP.isEmpty
        }
        return bound.randomElement(using: &random) ?? anyCluster()
    }

    private mutating func strike(_ second: Int) {
        switch random.next() % 120 {
        case 0: world.crashController(restartAfter: .random(in: 200...5_000, using: &random))
        case 1 where second > 60:
            world.crashController(restartAfter: .random(in: 20_000...50_000, using: &random))
        case 2:
            let offset = UInt64.random(in: 0...400_000_000_000, using: &random)
            for index in world.joints.indices { world.joints[index].wallOffset = offset }
            world.milestones.count("fault: wallJump")
        case _: break
        }
        let acting = world.joints.indices.filter { world.joints[$0].isActing }
        var chaos = Chaos(faults: faults)
        for count in 0..<2 {
            let busy = count == 0 ? acting.randomElement(using: &random) : nil
            let index = busy ?? anyCluster()
            // The cmp is spared most of it: else hardly a run would see others count on it.
            if index == world.primary, random.next() % 8 != 0 { continue }
            chaos.strike(&world.joints[index], &random)
            for server in world.joints[index].nodes.indices
            where world.joints[index].nodes[server].isDown {
                let milliseconds = UInt64.random(in: 10_000...90_000, using: &random)
                world.joints[index].after(milliseconds, .powerOn(server))
            }
        }
    }

    // MARK: - Peace

    private mutating func heal() {
        world.say("HEALED")
        var chaos = Chaos(faults: [])
        for index in world.joints.indices { chaos.heal(&world.joints[index]) }
        world.run(for: 100_000)
        for index in world.joints.indices { world.joints[index].checkStoppedRest() }
        world.setEmergencyStop(false)
    }

    /// Leads every cluster to an end: the primary `cmp` upwards, the others either way, and a few more
    /// that have not begun.
    private mutating func settle() -> Bool {
        let ways = world.joints.indices.map { index in
            index == world.primary || random.next() % 2 == 0
        }
        let late = world.joints.indices.filter { $0 < 4 || $0 % 32 == 6 || $0 % 64 == 7 }
        for second in 0..<Self.peaceSeconds {
            let open = world.joints.indices.filter { isOpen($0, late, at: second) }
            if open.isEmpty, second % 5 == 0, world.joints.allSatisfy(\.isWhole) { return true }
            for index in open { lead(index, isUp: ways[index] || late.contains(index), second) }
            world.run(for: 1_000)
        }
        return false
    }

    private func isOpen(_ index: Int, _ late: [Int], at second: Int) -> Bool {
        let joint = world.joints[index]
        let state = joint.controller.machine.state
        if state.operation != nil || state.action != nil || state.failure != nil { return true }
        let goal = Platform.Packages.release(joint.setting.lineage.newManifest)
        if late.contains(index), joint.nodes.contains(where: { $0.platform.packages != goal }) {
            return true
        }
        return second % 10 == 0 && !joint.isWhole
    }

    /// What a patient person does in one cluster in one second.
    private mutating func lead(_ index: Int, isUp: Bool, _ second: Int) {
        guard !world.joints[index].isActing else { return }
        var way = isUp ? Joint.upward : Joint.downward
        if world.joints[index].controller.machine.state.operation == nil {
            // What was closed as observed is started anew; a product that is down, a person starts.
            if second > 240, second % 60 == 0 {
                for server in world.joints[index].nodes.indices {
                    world.joints[index].nodes[server].platform.mendByHand()
                }
            }
            way += [.startUpgrade]
        }
        world.press(index, one: second % 30 == 29 ? Joint.mending + way : way)
    }

    // MARK: - The verdict

    private mutating func report(
        _ seed: UInt64,
        isCalm: Bool,
        trace: Trace?
    ) -> SeededRun.Report {
        let open = world.joints.filter { !$0.isWhole }.prefix(5).map {
            "\($0.setting.name): \($0.summary)"
        }
        world.checks.look(.safety22, premise: true, holds: isCalm && open.isEmpty) {
            "no end is reached: \(open.joined(separator: "; "))"
        }
        world.run(for: 70_000)
        for index in world.joints.indices { world.joints[index].checkMixedAlarm() }
        var faults = world.checks.violations
        var counts = world.milestones.counts
        var ledger = world.checks.ledger
        for joint in world.joints {
            faults += joint.checks.violations.map { "\(joint.setting.name): \($0)" }
            counts.merge(joint.milestones.counts, uniquingKeysWith: +)
            ledger.add(joint.checks.ledger)
            world.milestones.mix(joint.milestones.hash)
        }
        return SeededRun.Report(
            seed: seed,
            faults: faults,
            hash: world.milestones.hash,
            counts: counts,
            longestOutage: world.joints.map(\.checks.longestOutage).max() ?? 0,
            ledger: ledger,
            trace: trace?.lines ?? []
        )
    }
}
