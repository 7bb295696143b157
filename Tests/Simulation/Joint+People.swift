import AgentCore
import ControllerCore
package import TandemModel

/// The operator.
extension Joint {
    package var status: ClusterStatus { controller.machine.status(at: tick, wall: wall) }
    package var position: Position { status.position }
    package var isActing: Bool { controller.machine.state.action != nil }

    package func isEnabled(_ button: Button) -> Bool {
        status.buttons.contains { $0.button == button && $0.isEnabled }
    }

    package func whyNot(_ button: Button) -> String {
        status.buttons.first { $0.button == button }?.whyNot ?? "not offered"
    }

    @discardableResult
    package mutating func press(
        _ button: Button,
        server: Int? = nil,
        statement: String = "",
        acceptsDataLoss: Bool = false
    ) -> TandemError? {
        let press = ButtonPress(
            button: button,
            server: server.map { nodes[$0].server },
            release: button == .startUpgrade ? setting.lineage.new : nil,
            statement: statement,
            person: Fixtures.alice,
            reason: "ticket 1",
            seen: status.seen,
            acknowledgesNotices: true,
            acceptsDataLoss: acceptsDataLoss
        )
        note("PRESS \(button)")
        if button == .recovered, let server { nodes[server].platform.mendByHand() }
        if [.goOnSingle, .declareOutcome, .restoreService].contains(button) {
            for node in nodes where node.isDown { checks.declaredGone.insert(node.server) }
        }
        checks.evidence.decide()
        switch feed(.press(press)).answer {
        case .refused(let error):
            note("REFUSED \(error)")
            return error
        case .needsApproval(let id):
            if case .refused(let error) = feed(.approve(id, person: Fixtures.bob)).answer {
                return error
            }
        case .accepted, nil: break
        }
        if button == .declareOutcome, let server { checks.evidence.declare(nodes[server].server) }
        return nil
    }

    package var failure: TandemFailure? { controller.machine.state.failure }

    package var lastResult: String { status.operation?.lastResult ?? "" }
}
