@testable import ControllerCore
import TandemModel
import Testing

/// What decides who serves ends by itself, whatever its agent can tell.
struct RoleChangeTests {
    /// Restore Service can't be stopped, so it ends by itself: an agent that can't tell whether its server
    /// serves goes on for ever.
    @Test
    func restoreServiceEnds() {
        var world = RollbackTests.world(at: .on)
        world.kill(0)
        world.seconds(31)
        world.agents[1].promote = .hangs
        world.act(.restoreService, server: 1, statement: "dead", limit: 90)
        #expect(world.machine.state.action == nil && world.has(.upgradeOperationFailed))
        let enabled = world.status.buttons.filter(\.isEnabled).map(\.button)
        #expect(enabled.contains(.closeAsObserved))
        // The mate is back, and serves: nothing of the attempt stands in its way.
        world.revive(0)
        world.agents[1].promote = .works
        world.seconds(10)
        #expect(world.agents.contains { $0.ha.role == .active })
    }
}
