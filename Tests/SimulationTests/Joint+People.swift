import AgentCore
import ControllerCore
import TandemModel
import Testing

/// The operator.
extension Joint {
    var status: ClusterStatus { controller.machine.status(at: tick, wall: wall) }
    var position: Position { status.position }
    var isActing: Bool { controller.machine.state.action != nil }

    func isEnabled(_ button: Button) -> Bool {
        status.buttons.contains { $0.button == button && $0.isEnabled }
    }

    func whyNot(_ button: Button) -> String {
        status.buttons.first { $0.button == button }?.whyNot ?? "not offered"
    }

    @discardableResult
    mutating func press(
        _ button: Button,
        server: Int? = nil,
        statement: String = "",
        acceptsDataLoss: Bool = false
    ) -> TandemError? {
        let press = ButtonPress(
            button: button,
            server: server.map { nodes[$0].server },
            release: button == .startUpgrade ? Fixtures.newRelease : nil,
            statement: statement,
            person: Fixtures.alice,
            reason: "ticket 1",
            seen: status.seen,
            acknowledgesNotices: true,
            acceptsDataLoss: acceptsDataLoss
        )
        note("PRESS \(button)")
        switch feed(.press(press)).answer {
        case .refused(let error):
            note("REFUSED \(error)")
            return error
        case .needsApproval(let id):
            guard case .refused(let error) = feed(.approve(id, person: Fixtures.bob)).answer else {
                return nil
            }
            return error
        case .accepted, nil: return nil
        }
    }

    /// Presses, runs until the action has ended, and lets what was seen settle.
    mutating func act(
        _ button: Button,
        server: Int? = nil,
        statement: String = "",
        acceptsDataLoss: Bool = false,
        limitSeconds: UInt64 = 150,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let refusal = press(
            button,
            server: server,
            statement: statement,
            acceptsDataLoss: acceptsDataLoss
        )
        #expect(refusal == nil, "\(button.label)", sourceLocation: sourceLocation)
        let hasEnded = run(upTo: limitSeconds * 1_000) { !$0.isActing }
        #expect(
            hasEnded,
            "\(button.label) never ended: \(status.nextStep)",
            sourceLocation: sourceLocation
        )
        run(for: 6_000)
        checkMixedAlarm()
    }

    var failure: TandemFailure? { controller.machine.state.failure }

    var lastResult: String { status.operation?.lastResult ?? "" }

    func expectPosition(
        _ expected: Position,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        #expect(position == expected, "\(lastResult)", sourceLocation: sourceLocation)
    }

    /// The end of everything: one release, one active server, nothing held, nothing raised.
    func expectEnd(_ manifest: Digest, sourceLocation: SourceLocation = #_sourceLocation) {
        let state = controller.machine.state
        #expect(state.operation == nil, "\(lastResult)", sourceLocation: sourceLocation)
        #expect(state.action == nil && state.failure == nil, sourceLocation: sourceLocation)
        #expect(state.commands.isEmpty, sourceLocation: sourceLocation)
        for node in nodes {
            #expect(
                node.platform.packages == .release(manifest),
                "\(node.server)",
                sourceLocation: sourceLocation
            )
            #expect(!node.platform.isHeld && !node.platform.isInhibited, "\(node.server)")
            #expect(node.machine.state.openCommands.isEmpty, "\(node.server)")
            #expect(node.machine.state.demotion == nil, "\(node.server)")
            #expect(node.machine.state.operation?.isClosed == true, "\(node.server)")
            if setting.hasConfiguration {
                #expect(
                    node.platform.configuration == Fixtures.configuration.digest,
                    "\(node.server)"
                )
            }
        }
        #expect(nodes.filter(\.isServing).count == 1, sourceLocation: sourceLocation)
        #expect(controller.machine.activeAlarms().isEmpty, sourceLocation: sourceLocation)
        expectClean(sourceLocation: sourceLocation)
    }
}
