@testable import ControllerCore
import TandemModel
import Testing

/// The whole procedure, forwards and back from each stop point.
struct UpgradeTests {
    @Test
    func wholeUpgrade() {
        var world = World()
        #expect(world.position == .idle)
        world.act(.startUpgrade)
        #expect(world.position == .oldNew)
        #expect(world.has(.clusterMixedVersion))
        #expect(world.has(.upgradeInProgress))
        #expect(!world.has(.noTakeover) && !world.has(.serverForcedStandby))
        #expect(
            world.status.operation?.lastResult.hasPrefix(
                "Initiate upgrade fe-2 (next) Completed Successfully at 2025-"
            ) == true
        )
        #expect(world.offer(.continueUpgrade)?.action == "Failover to new version fe (next)")
        #expect(world.offer(.startRollback)?.action == "Initiate backout fe-2 (back)")
        world.act(.continueUpgrade)
        #expect(world.position == .newOld)
        #expect(world.offer(.continueUpgrade)?.isEnabled == false)
        world.act(.reapplyConfiguration)
        #expect(world.isEnabled(.continueUpgrade))
        world.act(.continueUpgrade)
        #expect(world.position == .newNew)
        #expect(!world.has(.clusterMixedVersion))
        world.act(.accept)
        #expect(world.position == .idle)
        #expect(world.machine.state.operation == nil)
        #expect(world.machine.state.baseline == Fixtures.newRelease)
        #expect(world.machine.activeAlarms().isEmpty)
        #expect(world.agents.allSatisfy { $0.record?.isClosed == true })
        world.checkEffects()
    }
}
