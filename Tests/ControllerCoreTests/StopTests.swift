@testable import ControllerCore
import TandemModel
import Testing

/// Stop ends an action wherever nothing is torn, and reaches agents that were away when it came.
struct StopTests {
    private func isStopped(_ world: World) -> Bool {
        world.status.operation?.lastResult.contains(" Stopped at ") == true
    }

    /// Data that never comes would keep Accept open for ever.
    @Test
    func waitingForData() {
        var world = RollbackTests.world(at: .nn)
        world.agents[0].ha.replication.isCaughtUp = false
        world.agents[0].tell()
        world.deliver()
        world.press(.accept)
        world.seconds(5)
        #expect(world.status.operation?.action?.waitsFor.contains("to catch up") == true)
        world.press(.stop)
        #expect(world.machine.state.action == nil && isStopped(world))
        #expect(world.machine.state.operation?.hasAcceptIntent == false)
        #expect(world.isEnabled(.startRollback) && !world.has(.upgradeOperationFailed))
    }

    /// The agent runs it, and did not hear the stop: it is told at its return.
    @Test
    func goneWhileItRuns() {
        var world = World()
        world.agents[1].install = .hangs
        world.press(.startUpgrade)
        world.run(until: { $0.agents[1].isRunning("install") })
        world.disconnect(1)
        world.press(.stop)
        world.seconds(1)
        world.connect(1)
        world.deliver()
        world.run(until: { $0.machine.state.action == nil })
        #expect(isStopped(world) && world.position == .oldOld)
    }

    /// Received and not begun: it is voided at the agent's return, not sent again.
    @Test
    func goneBeforeItBegan() throws {
        var world = World()
        world.agents[1].install = .hangs
        world.press(.startUpgrade)
        world.run(until: { $0.agents[1].isRunning("install") })
        let id = try #require(world.agents[1].run?.id)
        world.agents[1].entries[id]?.life = .received
        world.disconnect(1)
        world.press(.stop)
        world.sends = []
        world.connect(1)
        world.deliver()
        world.run(until: { $0.machine.state.action == nil })
        #expect(isStopped(world) && world.position == .oldOld)
        #expect(!world.sends.contains { $0.isCommand("install") })
        #expect(world.agents[1].tombstones.contains(id))
    }
}

extension FakeAgent {
    func isRunning(_ word: String) -> Bool {
        guard let run, let entry = entries[run.id] else { return false }
        return entry.command.verb.word == word && entry.life == .started
    }
}
