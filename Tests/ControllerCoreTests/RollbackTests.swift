@testable import ControllerCore
import TandemModel
import Testing

/// Safety 19: from every stop point, rollback run to the end gives what was before.
struct RollbackTests {
    /// How far up before turning back.
    enum Stop: String, CaseIterable, Sendable { case on, noOpen = "no, reapply open", no, nn }

    static func world(at stop: Stop, takeover: TakeoverWhileMixed = .allowed) -> World {
        var world = World(
            images: [
                Fixtures.image(
                    Fixtures.manifest(Fixtures.oldRelease, over: ["12.5.0"], takeover: takeover),
                    1
                ),
                Fixtures.image(
                    Fixtures.manifest(Fixtures.newRelease, over: ["12.6.0"], takeover: takeover),
                    2
                ),
            ]
        )
        world.act(.startUpgrade)
        if stop == .on { return world }
        world.act(.continueUpgrade)
        if stop == .noOpen { return world }
        world.act(.reapplyConfiguration)
        if stop == .no { return world }
        world.act(.continueUpgrade)
        return world
    }

    static func rollBack(_ world: inout World) {
        if world.machine.state.operation?.direction == .up { world.act(.startRollback) }
        for _ in 0..<8 where world.machine.state.operation != nil {
            #expect(world.isEnabled(.resumeUpgrade), "at \(world.position)")
            world.act(.continueRollback)
        }
    }

    static func checkRolledBack(_ world: World) {
        #expect(world.machine.state.operation == nil)
        #expect(world.machine.state.closedRecords.count == 1)
        #expect(world.machine.state.baseline == Fixtures.oldRelease)
        for agent in world.agents {
            #expect(agent.software == .known(Fixtures.oldRelease))
            #expect(!agent.isHeld && !agent.isInhibited)
            #expect(agent.configuration?.digest == World.version(1).digest)
        }
        #expect(world.agents.filter { $0.ha.role == .active }.count == 1)
        #expect(world.machine.activeAlarms().isEmpty)
        world.checkEffects()
    }

    @Test(arguments: Stop.allCases, [TakeoverWhileMixed.allowed, .held])
    func rollbackFromEachStop(_ stop: Stop, _ takeover: TakeoverWhileMixed) {
        var world = Self.world(at: stop, takeover: takeover)
        Self.rollBack(&world)
        Self.checkRolledBack(world)
    }

    @Test(arguments: Stop.allCases)
    func turnedTwice(_ stop: Stop) {
        var world = Self.world(at: stop)
        world.act(.startRollback)
        world.act(.resumeUpgrade)
        #expect(world.machine.state.operation?.direction == .up)
        for _ in 0..<10 where world.position != .newNew {
            if world.machine.openReapply(in: world.machine.observed(at: world.now)) != nil {
                world.act(.reapplyConfiguration)
            } else {
                world.act(world.isEnabled(.continueUpgrade) ? .continueUpgrade : .resumeUpgrade)
            }
        }
        world.act(.accept)
        #expect(world.machine.state.operation == nil)
        #expect(world.agents.allSatisfy { $0.software == .known(Fixtures.newRelease) })
        #expect(world.machine.activeAlarms().isEmpty)
    }

    @Test
    func wordsOfTheWayBack() {
        var world = Self.world(at: .no)
        #expect(world.offer(.startRollback)?.action == "Failover to old version fe (back)")
        #expect(world.offer(.continueUpgrade)?.action == "Initiate upgrade fe-1 (next)")
        world.act(.startRollback)
        #expect(world.position == .oldNew)
        #expect(world.offer(.continueRollback)?.action == "Initiate backout fe-2 (next)")
        #expect(world.offer(.resumeUpgrade)?.action == "Failover to new version fe (back)")
    }

    /// What changes while the last part waits for data: the rollback is not called complete over it.
    @Test
    func whatDiffersFromStartKeepsItOpen() {
        let rows: [(String, (inout FakeAgent) -> Void, (inout FakeAgent) -> Void)] = [
            ("the packages of fe-1 differ", { $0.packageMark = 1 }, { $0.packageMark = 0 }),
            (
                "the configuration of fe-1 is not the one at Start",
                { $0.configuration = World.version(2).applied },
                { $0.configuration = World.version(1).applied }
            ),
            (
                "fe-1 runs",
                { $0.software = .known(Fixtures.newRelease) },
                { $0.software = .known(Fixtures.oldRelease) }
            ),
        ]
        for (words, change, mend) in rows {
            var world = Self.world(at: .on)
            world.act(.startRollback)
            func tell(_ index: Int, _ change: (inout FakeAgent) -> Void) {
                change(&world.agents[index])
                world.agents[index].tell()
                world.deliver()
            }
            tell(1) { $0.ha.replication.isCaughtUp = false }
            world.press(.continueRollback)
            tell(0, change)
            tell(1) { $0.ha.replication.isCaughtUp = true }
            #expect(world.machine.state.failure?.code == ErrorCode.verifyFailed.id, "\(words)")
            #expect(world.machine.state.failure?.message.contains(words) == true, "\(words)")
            #expect(world.machine.state.operation != nil && world.isEnabled(.closeAsObserved))
            tell(0, mend)
            world.act(.continueRollback)
            Self.checkRolledBack(world)
        }
    }

    /// `takeover-while-mixed: held`: the standby stays held at the stop, and NO_TAKEOVER says so.
    @Test
    func heldWhileMixed() {
        var world = Self.world(at: .on, takeover: .held)
        #expect(world.agents[1].isHeld)
        let alarm = world.machine.activeAlarms().first { $0.number == .noTakeover }
        #expect(alarm?.severity == .major && alarm?.isExpected == false)
        #expect(alarm?.text.hasPrefix("NO TAKEOVER since ") == true)
        #expect(world.offer(.release, 1)?.isEnabled == false)
        world.act(.continueUpgrade)
        #expect(!world.agents[1].isHeld && world.agents[0].isHeld)
        world.act(.reapplyConfiguration)
        world.act(.continueUpgrade)
        #expect(world.agents.allSatisfy { !$0.isHeld })
        #expect(!world.has(.noTakeover))
    }

    /// Releases whose replication does not work together are kept apart while mixed (70502).
    @Test
    func replicationIsInhibitedWhileMixed() {
        var world = World(
            images: [
                Fixtures.image(
                    Fixtures.manifest(
                        Fixtures.oldRelease,
                        over: ["12.5.0"],
                        replicatesData: true
                    ),
                    1
                ),
                Fixtures.image(
                    Fixtures.manifest(
                        Fixtures.newRelease,
                        over: ["12.6.0"],
                        replicatesData: true
                    ),
                    2
                ),
            ]
        )
        world.act(.startUpgrade)
        #expect(world.agents[1].isInhibited && world.has(.clusterReplicationInhibited))
        #expect(world.has(.noTakeover))
        let refusal = world.refusal(world.makePress(.continueUpgrade))
        #expect(refusal?.message.contains("will be lost") == true)
        world.act(.continueUpgrade, acceptsDataLoss: true)
        #expect(world.agents[0].isInhibited && !world.agents[1].isInhibited)
        world.act(.reapplyConfiguration)
        world.act(.continueUpgrade)
        #expect(world.position == .newNew)
        #expect(world.agents.allSatisfy { !$0.isInhibited })
        #expect(!world.has(.clusterReplicationInhibited))
    }
}
