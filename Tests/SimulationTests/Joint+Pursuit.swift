import AgentCore
import ControllerCore
import TandemModel

/// An operator who wants one thing and presses, each second, whatever leads there.
extension Joint {
    static let upward: [Button] = [
        .startUpgrade, .reapplyConfiguration, .continueUpgrade, .resumeUpgrade, .tryAgain, .accept,
    ]
    static let downward: [Button] = [.continueRollback, .startRollback, .tryAgain, .close]

    /// - Returns: whether the operation was closed within the time.
    mutating func pursue(_ buttons: [Button], limitSeconds: Int = 600) -> Bool {
        for _ in 0..<limitSeconds {
            if isClosed { return true }
            if !isActing, let button = next(of: buttons) { press(button, acceptsDataLoss: true) }
            run(for: 1_000)
        }
        return isClosed
    }

    private var isClosed: Bool {
        let state = controller.machine.state
        return controller.isRunning && state.action == nil && state.operation == nil
            && !state.closedRecords.isEmpty
    }

    private func next(of buttons: [Button]) -> Button? {
        guard controller.isRunning else { return nil }
        let status = status
        return buttons.first { button in
            guard status.buttons.contains(where: { $0.button == button && $0.isEnabled }) else {
                return false
            }
            // Offered in other places too; wanted where Continue waits for it.
            guard button == .reapplyConfiguration else { return true }
            let isWaiting = status.buttons.contains { other in
                (other.button == .continueUpgrade || other.button == .accept) && !other.isEnabled
                    && other.whyNot.contains("Reapply")
            }
            return isWaiting
        }
    }
}
