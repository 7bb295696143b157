import AgentCore
import ControllerCore
import Foundation
import TandemModel
import Testing

/// Random faults and a restless operator against both cores: first only safety counts, then, with the
/// faults over, that an end is reached in whichever direction somebody wants.
struct ChaosSimulationTests {
    private static let seedCount =
        ProcessInfo.processInfo.environment["TANDEM_SEEDS"].flatMap(UInt64.init) ?? 40
    private static let firstSeed =
        ProcessInfo.processInfo.environment["TANDEM_SEED"].flatMap(UInt64.init) ?? 1

    @Test(arguments: firstSeed..<(firstSeed + seedCount))
    func faultsEndInOrder(seed: UInt64) {
        var random = SeededGenerator(seed: seed &* 7_919)
        var joint = Joint(
            Setting(
                hasReferee: seed % 2 == 0,
                takeover: seed % 3 == 0 ? .held : .allowed,
                replicatesAcross: seed % 5 != 0,
                seed: seed
            )
        )
        if ProcessInfo.processInfo.environment["TANDEM_TRACE"] != nil { joint.trace = Trace() }
        var chaos = Chaos()
        for _ in 0..<Int.random(in: 20...60, using: &random) {
            chaos.strike(&joint, &random)
            chaos.press(&joint, &random)
            // Half of the faults strike close together, in the middle of one failover or step.
            let isClose = Bool.random(using: &random)
            joint.run(for: UInt64.random(in: isClose ? 20...500 : 500...12_000, using: &random))
        }
        chaos.heal(&joint)
        joint.run(for: 120_000)
        let isUp = random.next() % 2 == 0
        let isClosed = joint.pursue(isUp ? Joint.upward : Joint.downward, limitSeconds: 900)
        joint.run(for: 70_000)
        joint.checkMixedAlarm()
        let manifest = joint.nodes[0].platform.installed ?? .none
        let faults = joint.faults(at: manifest)
        #expect(isClosed && faults.isEmpty, "seed \(seed): \(faults); \(joint.summary)")
        if !(isClosed && faults.isEmpty), let trace = joint.trace {
            for line in trace.lines { print(line.prefix(420)) }
        }
    }
}

/// What is done to them.
private struct Chaos {
    private enum Fault: CaseIterable {
        case crash
        case crashWithChild
        case longCrash
        case controllerCrash
        case longControllerCrash
        case breakLink
        case halfOpenLink
        case latency
        case quiet
        case reboot
        case brokenPackages
        case repairedPackages
        case blindness
        case sight
        case foreignMove
        case changedToken
    }

    mutating func strike(_ joint: inout Joint, _ random: inout SeededGenerator) {
        guard let fault = Fault.allCases.randomElement(using: &random) else { return }
        let index = Int.random(in: 0...1, using: &random)
        joint.note("FAULT \(fault) \(index)")
        switch fault {
        case .crash, .crashWithChild, .longCrash:
            joint.nodes[index].crashKillsChild = fault == .crashWithChild
            joint.crashAgent(
                index,
                restartAfter: fault == .longCrash
                    ? .random(in: 10_000...90_000, using: &random)
                    : .random(in: 200...5_000, using: &random)
            )
        case .controllerCrash:
            joint.crashController(restartAfter: .random(in: 200...5_000, using: &random))
        case .longControllerCrash:
            joint.crashController(restartAfter: .random(in: 30_000...120_000, using: &random))
        case .breakLink: joint.breakLink(index)
        case .halfOpenLink:
            joint.breakLink(
                index,
                agentNoticesAfter: .random(in: 20...20_000, using: &random),
                controllerNoticesAfter: .random(in: 20...20_000, using: &random)
            )
        case .latency: joint.latencyMax = .random(in: 50...1_500, using: &random)
        case .quiet: joint.latencyMax = 5
        case .reboot: reboot(index, &joint)
        case .brokenPackages:
            let behaviours: [PackageBehaviour] = [.preinstFails, .postinstFails]
            let manifest = Bool.random(using: &random) ? Fixtures.newManifest : Fixtures.oldManifest
            joint.nodes[index].platform.behaviours[manifest] =
                behaviours.randomElement(using: &random)
        case .repairedPackages: joint.nodes[index].platform.behaviours = [:]
        case .blindness:
            joint.hidesPeers = true
            if !joint.setting.hasReferee { joint.checks.excusesOutage = true }
        case .sight: joint.hidesPeers = false
        case .foreignMove: moveForeign(to: index, &joint)
        case .changedToken: joint.takeOverCount += 1
        }
    }

    /// Rebooting the server that serves is a fault of its own, not one of ours.
    private func reboot(_ index: Int, _ joint: inout Joint) {
        guard !joint.nodes[index].isActive, joint.nodes[1 - index].isActive else { return }
        joint.powerOff(index)
        joint.run(for: 5_000)
        joint.powerOn(index)
    }

    /// The HA system moves the role by itself, to a server that is whole and not held.
    private func moveForeign(to index: Int, _ joint: inout Joint) {
        let target = joint.nodes[index].platform
        guard joint.nodes[1 - index].isActive, !target.isHeld, target.isServiceRunning,
            !joint.nodes[index].isDown, joint.nodes[index].changesUnderWay == 0
        else { return }
        joint.nodes[1 - index].platform.isActive = false
        joint.nodes[index].platform.isActive = true
        joint.takeOverCount += 1
    }

    mutating func press(_ joint: inout Joint, _ random: inout SeededGenerator) {
        guard joint.controller.isRunning else { return }
        let wanted: Set<Button> = [
            .startUpgrade, .continueUpgrade, .resumeUpgrade, .startRollback, .continueRollback,
            .reapplyConfiguration, .tryAgain, .accept, .stop, .close, .recovered, .release,
        ]
        let offers = joint.status.buttons.filter { $0.isEnabled && wanted.contains($0.button) }
        guard let offer = offers.randomElement(using: &random) else { return }
        let index = joint.nodes.firstIndex { $0.server == offer.server }
        joint.press(offer.button, server: index, acceptsDataLoss: true)
    }

    mutating func heal(_ joint: inout Joint) {
        joint.latencyMax = 5
        joint.hidesPeers = false
        for index in joint.nodes.indices {
            joint.nodes[index].platform.behaviours = [:]
            joint.nodes[index].crashKillsChild = false
        }
    }
}
