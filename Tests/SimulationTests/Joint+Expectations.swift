import AgentCore
import ControllerCore
import TandemModel
import Testing

@testable import TandemSimulation

/// What a test expects of a run.
extension Joint {
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

    func expectClean(sourceLocation: SourceLocation = #_sourceLocation) {
        #expect(checks.violations.isEmpty, sourceLocation: sourceLocation)
    }
}
