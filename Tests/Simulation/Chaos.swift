import AgentCore
import ControllerCore
import TandemModel

/// What is done to a cluster: random faults, and a restless operator.
struct Chaos {
    enum Fault: String, CaseIterable {
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
        case slowPackages
        case repairedPackages
        case fullDisk
        case illRelease
        case blindness
        case sight
        case foreignMove
        case changedToken
        case doubledMessages
        case crashInWriting
        case journalFails
        case journalFull
        case journalRot
        case powerCutInWriting
        case dyingServer
        case returningServer
        case wallJump
        case pause
    }

    /// The faults of this run; a few kinds at a time let each have its say.
    let faults: [Fault]

    init(_ random: inout SeededGenerator) {
        faults = Fault.allCases.filter { _ in random.next() % 3 != 0 }
    }

    init(faults: [Fault]) { self.faults = faults }

    mutating func strike(_ joint: inout Joint, _ random: inout SeededGenerator) {
        guard let fault = faults.randomElement(using: &random) else { return }
        let index = Int.random(in: joint.nodes.indices, using: &random)
        joint.note("FAULT \(fault) at \(joint.nodes[index].server)")
        joint.count("fault: \(fault)")
        switch fault {
        case .journalFails, .journalFull, .journalRot, .crashInWriting, .powerCutInWriting:
            strikeDisk(fault, index, &joint, &random)
        case .crash, .crashWithChild, .longCrash, .pause:
            strikeAgent(fault, index, &joint, &random)
        case .controllerCrash:
            joint.crashController(restartAfter: .random(in: 200...5_000, using: &random))
        case .longControllerCrash:
            joint.crashController(restartAfter: .random(in: 30_000...120_000, using: &random))
        case .breakLink, .halfOpenLink, .latency, .quiet, .doubledMessages:
            strikeNetwork(fault, index, &joint, &random)
        case .brokenPackages, .slowPackages, .repairedPackages, .fullDisk, .illRelease:
            strikePackages(fault, index, &joint, &random)
        case .reboot, .blindness, .sight, .foreignMove, .changedToken, .dyingServer,
            .returningServer:
            strikeServer(fault, index, &joint)
        case .wallJump:
            joint.wallOffset = .random(in: 0...400_000_000_000, using: &random)
        }
    }

    private func strikeAgent(
        _ fault: Fault,
        _ index: Int,
        _ joint: inout Joint,
        _ random: inout SeededGenerator
    ) {
        if fault == .pause {
            joint.pauseAgent(index, for: .random(in: 200...6_000, using: &random))
            return
        }
        joint.nodes[index].crashKillsChild = fault == .crashWithChild
        joint.crashAgent(
            index,
            restartAfter: fault == .longCrash
                ? .random(in: 10_000...90_000, using: &random)
                : .random(in: 200...5_000, using: &random)
        )
    }

    private func strikeDisk(
        _ fault: Fault,
        _ index: Int,
        _ joint: inout Joint,
        _ random: inout SeededGenerator
    ) {
        switch fault {
        case .journalFails, .journalFull:
            if fault == .journalFails {
                joint.nodes[index].disk.isFailing = true
            } else {
                joint.nodes[index].disk.room = .random(in: 0...4_000, using: &random)
            }
            joint.after(.random(in: 2_000...60_000, using: &random), .mendDisk(index))
        case .journalRot:
            // One fault at a time: two agents that remember nothing are more than people can mend.
            guard joint.nodes.allSatisfy({ !$0.disk.isRotten }), random.next() % 4 == 0 else {
                return
            }
            guard joint.nodes[index].disk.rot(using: &random) else { return }
            if Bool.random(using: &random) { joint.crashAgent(index) }
        case _:
            joint.nodes[index].cutsPower = fault == .powerCutInWriting
            joint.nodes[index].crashAt =
                joint.nodes[index].points + .random(in: 1...12, using: &random)
        }
    }

    private func strikeNetwork(
        _ fault: Fault,
        _ index: Int,
        _ joint: inout Joint,
        _ random: inout SeededGenerator
    ) {
        switch fault {
        case .halfOpenLink:
            joint.breakLink(
                index,
                agentNoticesAfter: .random(in: 20...20_000, using: &random),
                controllerNoticesAfter: .random(in: 20...20_000, using: &random)
            )
        case .latency: joint.latencyMax = .random(in: 50...1_500, using: &random)
        case .quiet: joint.latencyMax = 5
        case .doubledMessages: joint.doublesMessages.toggle()
        case _: joint.breakLink(index)
        }
    }

    private func strikePackages(
        _ fault: Fault,
        _ index: Int,
        _ joint: inout Joint,
        _ random: inout SeededGenerator
    ) {
        switch fault {
        case .brokenPackages:
            joint.nodes[index].platform.isBootLoaderDeaf = random.next() % 3 == 0
            let behaviours: [PackageBehaviour] = [.preinstFails, .postinstFails]
            let lineage = joint.setting.lineage
            let manifest =
                Bool.random(using: &random) ? lineage.newManifest : lineage.oldManifest
            joint.nodes[index].platform.behaviours[manifest] =
                behaviours.randomElement(using: &random)
            // Ruined so that no package leads back: then the old root has to.
            guard joint.setting.keepsRoots, random.next() % 2 == 0 else { return }
            for manifest in [lineage.newManifest, lineage.oldManifest] {
                joint.nodes[index].platform.behaviours[manifest] = .postinstFails
            }
        case .slowPackages:
            joint.nodes[index].platform.stepMilliseconds = .random(in: 900...25_000, using: &random)
        case .fullDisk: joint.nodes[index].platform.failing.insert(.check)
        case .illRelease: joint.nodes[index].platform.isIll = true
        case _: joint.nodes[index].platform.mend()
        }
    }

    private func strikeServer(_ fault: Fault, _ index: Int, _ joint: inout Joint) {
        switch fault {
        case .reboot: reboot(index, &joint)
        case .blindness:
            joint.hidesPeers = true
            if !joint.setting.hasReferee { joint.checks.excusesOutage = true }
        case .sight: joint.hidesPeers = false
        case .foreignMove: moveForeign(to: index, &joint)
        case .changedToken: joint.takeOverCount += 1
        case .dyingServer:
            guard joint.nodes.allSatisfy({ !$0.isDown }) else { return }
            joint.checks.excusesOutage = true
            joint.powerOff(index)
        case _:
            for index in joint.nodes.indices {
                if joint.nodes[index].isDown { joint.powerOn(index) }
                joint.nodes[index].disk.mend()
            }
        }
    }

    /// Rebooting the server that serves is a fault of its own, not one of ours.
    private func reboot(_ index: Int, _ joint: inout Joint) {
        guard joint.nodes.count > 1, !joint.nodes[index].isActive, !joint.nodes[index].isDown,
            joint.nodes[1 - index].isActive
        else { return }
        joint.powerOff(index)
        joint.run(for: 5_000)
        joint.powerOn(index)
    }

    /// The HA system moves the role by itself, to a server that is whole and not held.
    private func moveForeign(to index: Int, _ joint: inout Joint) {
        let target = joint.nodes[index].platform
        guard joint.nodes.count > 1, joint.nodes[1 - index].isActive, !target.isHeld,
            target.isServiceRunning, !joint.nodes[index].isDown,
            joint.nodes[index].changesUnderWay == 0
        else { return }
        joint.nodes[1 - index].platform.isActive = false
        joint.nodes[index].platform.isActive = true
        joint.takeOverCount += 1
    }

    /// Somebody sees smoke, and somebody that it was none.
    func pressEmergencyStop(_ joint: inout Joint, _ random: inout SeededGenerator) {
        // Most likely when it hurts: while nobody knows who serves, or something runs.
        let isMoving = joint.position == .failoverUndecided
        let chance: UInt64 = joint.isEmergencyStopped || joint.isActing ? 4 : 12
        guard random.next() % (isMoving ? 2 : chance) == 0 else { return }
        joint.setEmergencyStop(!joint.isEmergencyStopped)
    }

    mutating func press(_ joint: inout Joint, _ random: inout SeededGenerator) {
        guard joint.controller.isRunning else { return }
        joint.checkStoppedButtons()
        let isDead = joint.nodes.contains(where: \.isDown)
        var wanted: Set<Button> = [
            .startUpgrade, .continueUpgrade, .resumeUpgrade, .startRollback, .continueRollback,
            .reapplyConfiguration, .tryAgain, .accept, .stop, .close, .recovered, .release,
            .declareOutcome,
        ]
        // A person says that a server is dead only when it is.
        if isDead { wanted.formUnion([.restoreService, .goOnSingle]) }
        if random.next() % 16 == 0 { wanted.insert(.closeAsObserved) }
        let offers = joint.status.buttons.filter { $0.isEnabled && wanted.contains($0.button) }
        guard let offer = offers.randomElement(using: &random) else { return }
        joint.count("button: \(offer.button.rawValue)")
        let refusal = joint.press(
            offer.button,
            server: joint.nodes.firstIndex { $0.server == offer.server },
            statement: offer.button == .declareOutcome ? "failed" : isDead ? "dead" : "",
            acceptsDataLoss: true
        )
        // What the press itself settles first, such as an alarm that falls due, is told and not obeyed.
        let isSeen = refusal?.code != .seenChanged
        joint.checks.look(.safety12, premise: isSeen, holds: refusal == nil) {
            "\(offer.button) is offered and refused: \(refusal?.message ?? "")"
        }
    }

    mutating func heal(_ joint: inout Joint) {
        joint.latencyMax = 5
        joint.hidesPeers = false
        joint.doublesMessages = false
        for index in joint.nodes.indices {
            if joint.nodes[index].isDown { joint.powerOn(index) }
            joint.nodes[index].platform.mend()
            joint.nodes[index].crashKillsChild = false
            joint.nodes[index].disk.mend()
            joint.nodes[index].crashAt = nil
            joint.nodes[index].cutsPower = false
        }
    }
}
