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

    /// No position offers it (`ButtonTable`), and the gate behind the buttons holds by itself.
    @Test
    func theActiveServerIsNotUpgraded() {
        let world = RollbackTests.world(at: .on)
        func refusal(_ index: Int) -> TandemError? {
            world.machine.intentRefusal(
                of: .upgrade(world.names[index]),
                release: nil,
                in: world.machine.observed(at: world.now),
                at: world.now
            )
        }
        #expect(refusal(0)?.message == "fe-1 is active")
        #expect(refusal(1) == nil)
    }

    /// Roles move between the press and the command: the server that serves now is left alone.
    @Test
    func aServerThatHasBecomeActiveIsNotUpgraded() {
        var world = World()
        world.press(.startUpgrade)
        world.run(until: { $0.machine.state.commands.last?.command.verb.word == "hold" })
        for (index, role) in [ServerRole.standby, .active].enumerated() {
            world.agents[index].setRole(role)
            world.agents[index].tell()
        }
        world.run(until: { $0.machine.state.action == nil })
        let message = world.machine.state.failure?.message
        #expect(message == "fe-2 has become active; nothing was changed")
        #expect(!world.sends.contains { $0.isCommand("install") })
    }
}
