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

    /// - Returns: whether the operation was closed within the time.
    mutating func pursue(_ buttons: [Button], limitSeconds: Int = 600) -> Bool {
        for _ in 0..<limitSeconds {
            if isClosed(buttons) { return true }
            if !isActing, let offer = next(of: buttons) {
                press(
                    offer.button,
                    server: nodes.firstIndex { $0.server == offer.server },
                    acceptsDataLoss: true
                )
            }
            run(for: 1_000)
        }
        return isClosed(buttons)
    }

    private func isClosed(_ buttons: [Button]) -> Bool {
        let state = controller.machine.state
        return controller.isRunning && state.action == nil && state.operation == nil
            && state.failure == nil
            && (!state.closedRecords.isEmpty || !buttons.contains(.startUpgrade))
    }

    private func next(of buttons: [Button]) -> ButtonOffer? {
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
        let wanted = isFailedAtRest ? [Button.reapplyConfiguration] : buttons
        for button in wanted where button != .reapplyConfiguration || isReapplyWanted {
            if let offer = offers.first(where: { $0.button == button && $0.isEnabled }) {
                return offer
            }
        }
        return nil
    }
}
