import AgentCore
import ControllerCore
import TandemModel

/// An operator who wants one thing and presses, each second, whatever leads there.
extension Joint {
    static let upward: [Button] = [
        .startUpgrade, .reapplyConfiguration, .continueUpgrade, .resumeUpgrade, .tryAgain, .accept,
        .release, .restoreService,
    ]
    static let downward: [Button] = [
        .continueRollback, .startRollback, .tryAgain, .close, .release, .restoreService, .accept,
    ]

    /// Pressed wherever they are offered: first of all somebody has to serve, and nobody may be held.
    static let mending: [Button] = [.restoreService, .recovered, .release, .demote]

    /// - Returns: whether the operation was closed within the time.
    mutating func pursue(_ buttons: [Button], limitSeconds: Int = 600) -> Bool {
        for second in 0..<limitSeconds {
            if isClosed(buttons) { return true }
            // A person gives the HA system, the agents and their timers a while.
            let isPatient = second % 30 != 29
            if !isActing, let offer = next(of: isPatient ? buttons : Self.mending + buttons) {
                press(
                    offer.button,
                    server: nodes.firstIndex { $0.server == offer.server },
                    statement: "fenced",
                    acceptsDataLoss: true
                )
            }
            run(for: 1_000)
        }
        return isClosed(buttons)
    }

    /// - Returns: whether the cluster was whole within the time: closed, one release, one that serves,
    ///   nothing held, no alarm.
    mutating func restore(_ buttons: [Button], limitSeconds: Int) -> Bool {
        for minute in 0..<(limitSeconds / 60) {
            // Where no operation is open, a product that is down is for a person to start.
            if minute > 3, !isActing {
                for index in nodes.indices { nodes[index].platform.mendByHand() }
            }
            if pursue(buttons, limitSeconds: 60), isWhole { return true }
            if !isActing, let offer = next(of: Self.mending + [.startUpgrade]) {
                press(
                    offer.button,
                    server: nodes.firstIndex { $0.server == offer.server },
                    statement: "fenced",
                    acceptsDataLoss: true
                )
            }
            run(for: 10_000)
        }
        return isWhole
    }

    var isWhole: Bool { faults(at: nodes[0].platform.installed ?? .none).isEmpty }

    func isClosed(_ buttons: [Button]) -> Bool {
        let state = controller.machine.state
        return controller.isRunning && state.action == nil && state.operation == nil
            && state.failure == nil
            && (!state.closedRecords.isEmpty || !buttons.contains(.startUpgrade))
    }

    func next(of buttons: [Button]) -> ButtonOffer? {
        guard controller.isRunning else { return nil }
        let offers = status.buttons
        // Offered in other places too; wanted where Continue waits for it.
        let isFailedAtRest =
            controller.machine.state.operation == nil && failure != nil
        let isReapplyWanted =
            isFailedAtRest
            || offers.contains { offer in
                !offer.isEnabled && offer.whyNot.contains("Reapply")
            }
        let wanted = (isFailedAtRest ? [Button.reapplyConfiguration] : []) + buttons
        for button in wanted where button != .reapplyConfiguration || isReapplyWanted {
            if let offer = offers.first(where: { $0.button == button && $0.isEnabled }) {
                return offer
            }
        }
        return nil
    }
}
