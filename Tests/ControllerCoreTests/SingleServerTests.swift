@testable import ControllerCore
import TandemModel
import Testing

/// A one-server cluster: the prompt says that service stops, and it ends serving.
struct SingleServerTests {
    private func world() -> World { World(definition: Fixtures.definition(servers: 1)) }

    @Test
    func upgradeAndAccept() {
        var world = world()
        #expect(
            world.offer(.startUpgrade)?.warnings.contains { $0.contains("service stops") } == true
        )
        #expect(world.offer(.startUpgrade)?.action == "Initiate upgrade fe-1 (next)")
        world.act(.startUpgrade)
        #expect(world.position == .singleNew)
        #expect(world.isEnabled(.accept) && world.isEnabled(.startRollback))
        world.act(.accept)
        #expect(world.position == .idle && world.machine.state.operation == nil)
        #expect(world.machine.activeAlarms().isEmpty)
    }

    @Test
    func rollBack() {
        var world = world()
        world.act(.startUpgrade)
        world.act(.startRollback)
        #expect(world.position == .singleOld)
        world.act(.continueRollback)
        RollbackTests.checkRolledBack(world)
    }

    @Test
    func halfInstalled() {
        var world = world()
        world.agents[0].install = .failsHalf
        world.act(.startUpgrade)
        #expect(world.position == .singleBroken)
        #expect(world.isEnabled(.tryAgain) && world.isEnabled(.startRollback))
        world.agents[0].install = .works
        world.act(.tryAgain)
        #expect(world.position == .singleNew)
    }

    @Test
    func afterTheUpgradeItDoesNotServe() {
        var world = world()
        world.act(.startUpgrade)
        world.agents[0].setRole(.outOfService)
        world.agents[0].tell()
        world.deliver()
        world.seconds(5)
        #expect(world.position == .noneActive && world.has(.clusterNoActive))
        world.act(.restoreService)
        #expect(world.position == .singleNew && !world.has(.clusterNoActive))
    }

    @Test
    func acceptWaitsForTheConfiguration() {
        var world = world()
        world.act(.startUpgrade)
        world.agents[0].configuration?.digest = Fixtures.digest(200)
        world.agents[0].tell()
        world.deliver()
        #expect(!world.isEnabled(.accept))
        world.act(.reapplyConfiguration)
        #expect(world.isEnabled(.accept))
    }
}
