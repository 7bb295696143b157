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

    /// The way out of a damaged journal: the agent is stopped, and a new one takes the slot.
    @Test
    func aSilentServerCanBeReplaced() {
        var world = world()
        #expect(world.offer(.replaceServer) == nil)
        world.kill(0)
        world.seconds(31)
        #expect(world.position == .unseen && world.isEnabled(.replaceServer))
        world.press(.replaceServer, server: 0)
        let newcomer = Fixtures.server(9)
        let server = ServerDefinition(
            name: world.names[0],
            agent: newcomer.agent,
            keyFingerprint: newcomer.keyFingerprint,
            publicKey: newcomer.publicKey
        )
        guard case .accepted? = world.feed(.enrolled(server, person: Fixtures.bob)).answer else {
            Issue.record("the new agent was refused")
            return
        }
        world.agents[0] = FakeAgent(
            server,
            release: Fixtures.oldRelease,
            staged: [],
            isActive: true
        )
        world.connect(0)
        world.deliver()
        world.seconds(2)
        #expect(world.position == .idle)
        #expect(world.offer(.replaceServer) == nil)
        #expect(world.machine.activeAlarms().isEmpty)
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
