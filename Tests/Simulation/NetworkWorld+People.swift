import ControllerCore
import TandemModel

/// Operators all over the network, who know nothing of each other.
extension NetworkWorld {
    /// Does something of a person's in one cluster, and looks at what began.
    private mutating func act(_ index: Int, _ work: (inout Joint) -> Void) {
        guard isControllerRunning else { return }
        // The runtime's loop does so before each request.
        shareFacts(at: tick, wall: wall)
        noteRefusals(index)
        let before = joints[index].controller.machine.state.action?.id
        work(&joints[index])
        guard let action = joints[index].controller.machine.state.action, action.id != before
        else { return }
        say("BEGINS \(action.button.rawValue) in \(joints[index].setting.name)")
        milestones.count("begins: \(action.button.rawValue)")
        watchPlaces(action.button, in: index)
        if action.button == .startUpgrade { watchRank(index) }
        let others = surelyAtWork(beside: index)
        if !action.button.isForward, others.count >= 4 {
            milestones.count("the way back or a repair began beside four at work")
        }
    }

    /// Presses the emergency stop of the whole network, or lifts it; all of it is one commit.
    mutating func setEmergencyStop(_ isOn: Bool) {
        guard isControllerRunning, isOn != (machine.state.emergencyStop != nil) else { return }
        say(isOn ? "EMERGENCY STOP" : "EMERGENCY STOP OFF")
        let stop = EmergencyStop(person: Fixtures.bob, since: wall, reason: "smoke")
        machine.setEmergencyStop(isOn ? stop : nil)
        store()
        milestones.count("emergency stop: \(isOn ? "on" : "off")")
        for index in joints.indices { joints[index].obey(machine.state.emergencyStop) }
    }

    /// Presses whatever is offered.
    mutating func press(_ index: Int, _ random: inout SeededGenerator) {
        var chaos = Chaos(faults: [])
        act(index) { chaos.press(&$0, &random) }
    }

    /// Presses what leads one way, if anything does.
    mutating func press(_ index: Int, one buttons: [Button]) {
        act(index) { joint in
            guard !joint.isActing, let offer = joint.next(of: buttons) else { return }
            joint.press(
                offer.button,
                server: joint.nodes.firstIndex { $0.server == offer.server },
                statement: "fenced",
                acceptsDataLoss: true
            )
        }
    }

    /// What is greyed because of other clusters must be so because of them.
    private mutating func noteRefusals(_ index: Int) {
        let first = joints[primary].controller.machine.state.operation
        let openCount = joints.indices.count {
            $0 != index && joints[$0].controller.machine.state.action != nil
        }
        for offer in joints[index].status.buttons where !offer.isEnabled {
            if offer.whyNot.contains("other clusters are at work") {
                milestones.count("refused: no place")
                let isFull = openCount >= 4 && offer.button.isForward
                checks.look(.safety7, premise: true, holds: isFull) {
                    "\(offer.button) waits for a place beside \(openCount)"
                }
            } else if offer.whyNot.contains("comes first and does not run") {
                milestones.count("refused: rank")
                let isRight = index != primary && first?.direction == .up
                checks.look(.safety7, premise: true, holds: isRight) {
                    "\(offer.button) waits for a cmp that is not on its way"
                }
            } else if offer.whyNot.contains(", the primary cmp cluster runs") {
                milestones.count("refused: minimum cmp")
            } else if offer.whyNot.contains("a release that needs cmp") {
                let isUnderWay = offer.whyNot.contains("is being upgraded to")
                milestones.count("refused: cmp back-out, \(isUnderWay ? "under way" : "running")")
            } else if offer.whyNot.contains("primary cmp cluster runs is not known") {
                milestones.count("refused: cmp not known")
            }
        }
    }
}
