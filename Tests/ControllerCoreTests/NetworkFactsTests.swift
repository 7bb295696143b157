@testable import ControllerCore
import TandemModel
import Testing

/// What clusters know of each other, and what is refused because of it (`safety.md` 7, `details.md` 23).
struct NetworkFactsTests {
    private static let names = ["cmp", "db-1", "db-2", "fe-7", "fe-9"].map { ClusterName($0) }

    private func atWork(_ count: Int, with own: ClusterName? = nil) -> NetworkFacts {
        NetworkFacts(
            primaryCMPVersion: nil,
            hasPrimaryCMP: false,
            cmpNeeds: [],
            running: Self.names.prefix(count) + [own].compactMap { $0 }
        )
    }

    private func facts(_ worlds: World...) -> NetworkFacts {
        .observed(in: worlds.map(\.machine), at: worlds[0].now)
    }

    private func cmp() -> World {
        var definition = Fixtures.definition(kind: .cmp)
        definition.name = ClusterName("cmp")
        return World(definition: definition)
    }

    /// A cluster whose next release needs `cmp` 12.6.1, the present one 12.6.0.
    private func front(kind: ClusterKind = .scefFE) -> World {
        World(
            definition: Fixtures.definition(kind: kind, isPrimarySite: false),
            images: [
                Fixtures.image(
                    Fixtures.manifest(Fixtures.oldRelease, over: [], minimumCMP: "12.6.0"),
                    1
                ),
                Fixtures.image(
                    Fixtures.manifest(Fixtures.newRelease, over: ["12.6.0"], minimumCMP: "12.6.1"),
                    2
                ),
            ]
        )
    }

    // MARK: - Places

    @Test
    func theFifthClusterWaitsForAPlace() {
        var world = World()
        let own = world.machine.state.definition.name
        world.feed(.network(atWork(3, with: own)))
        #expect(world.isEnabled(.startUpgrade), "its own action takes no place from it")
        world.feed(.network(atWork(4)))
        let refusal = world.refusal(world.makePress(.startUpgrade))
        #expect(refusal?.code == .buttonRefused)
        #expect(
            refusal?.message
                == "4 other clusters are at work, and at most 4 may be: cmp, db-1, db-2, fe-7"
        )
        #expect(!world.isEnabled(.startUpgrade))
        world.feed(.network(atWork(5)))
        #expect(
            world.refusal(world.makePress(.startUpgrade))?.message.hasSuffix("fe-7 and 1 more")
                == true
        )
        world.feed(.network(atWork(3)))
        world.act(.startUpgrade)
        #expect(world.position == .oldNew)
    }

    /// Forward waits at each stop; the way back, a repair and what brings service back do not.
    @Test
    func onlyWhatLeadsForwardWaits() {
        var world = World()
        func expect(_ forward: Button, waitsAnd free: [Button]) {
            world.feed(.network(atWork(4)))
            #expect(!world.isEnabled(forward), "\(forward)")
            for button in free { #expect(world.isEnabled(button), "\(button)") }
            world.feed(.network(atWork(0)))
            #expect(world.isEnabled(forward), "\(forward)")
        }
        world.act(.startUpgrade)
        expect(.continueUpgrade, waitsAnd: [.startRollback])
        world.act(.continueUpgrade)
        world.feed(.network(atWork(4)))
        #expect(world.isEnabled(.reapplyConfiguration) && world.isEnabled(.startRollback))
        world.act(.reapplyConfiguration)
        expect(.continueUpgrade, waitsAnd: [.startRollback])
        world.act(.continueUpgrade)
        expect(.accept, waitsAnd: [.startRollback])
        world.act(.startRollback)
        expect(.resumeUpgrade, waitsAnd: [.continueRollback])
    }

    @Test
    func atWorkIsAnActionThatCanGoOn() {
        var world = World()
        let own = world.machine.state.definition.name
        #expect(facts(world).running.isEmpty)
        world.press(.startUpgrade)
        #expect(facts(world).running == [own])
        world.run(until: { $0.has(.noTakeover) })
        world.kill(1)
        world.seconds(5)
        #expect(facts(world).running == [own], "it may be back in a moment")
        world.seconds(30)
        #expect(world.machine.state.action != nil)
        #expect(facts(world).running.isEmpty, "it waits for a silent server")
        world.revive(1)
        #expect(facts(world).running == [own])
        world.run(until: { $0.position == .oldNew && $0.machine.state.action == nil })
        #expect(facts(world).running.isEmpty, "a stop point takes no place")
    }

    // MARK: - Ranks

    @Test
    func nothingOfALaterRankStartsBeforeTheCMPIsThere() {
        var first = cmp()
        let upgrade = CMPUpgrade(cluster: ClusterName("cmp"), release: Fixtures.newRelease)
        first.press(.startUpgrade)
        #expect(facts(first).cmpUpgrade == upgrade)
        first.run(until: { $0.machine.state.action == nil })
        for button in [Button.continueUpgrade, .reapplyConfiguration] {
            #expect(facts(first).cmpUpgrade == upgrade, "before \(button)")
            first.act(button)
        }
        var way = first
        first.act(.continueUpgrade)
        #expect(first.position == .newNew && facts(first).cmpUpgrade == nil)
        way.press(.startRollback)
        #expect(facts(way).cmpUpgrade == nil, "a way back holds nobody up")
    }

    @Test(arguments: [ClusterKind.scefFE, .cmp])
    func aClusterOfALaterRankNamesTheOneItWaitsFor(_ kind: ClusterKind) {
        var world = World(definition: Fixtures.definition(kind: kind, isPrimarySite: false))
        let upgrade = CMPUpgrade(cluster: ClusterName("cmp"), release: Fixtures.newRelease)
        var facts = atWork(0)
        facts.cmpUpgrade = upgrade
        world.feed(.network(facts))
        let refusal = world.refusal(world.makePress(.startUpgrade))
        #expect(refusal?.message.hasPrefix("cmp comes first and does not run") == true)
        #expect(refusal?.remedy == "Finish the upgrade of cmp, or roll it back.")
        world.feed(.network(atWork(0)))
        world.act(.startUpgrade)
        world.feed(.network(facts))
        #expect(world.isEnabled(.continueUpgrade), "what has started goes on")
        var primary = cmp()
        primary.feed(.network(facts))
        #expect(primary.isEnabled(.startUpgrade))
    }

    // MARK: - The CMP gate

    /// Both servers still run the new release, and yet nobody may count on it any more.
    @Test
    func aCMPOnItsWayBackCountsAsThere() {
        var world = cmp()
        for button in [
            Button.startUpgrade, .continueUpgrade, .reapplyConfiguration, .continueUpgrade,
        ] { world.act(button) }
        #expect(facts(world).primaryCMPVersion == "12.6.1")
        world.press(.startRollback)
        #expect(world.agents.allSatisfy { $0.software == .known(Fixtures.newRelease) })
        #expect(facts(world).primaryCMPVersion == "12.6.0")
    }

    @Test
    func theLowestServerOfTheCMPCounts() {
        var world = cmp()
        world.act(.startUpgrade)
        #expect(facts(world).primaryCMPVersion == "12.6.0")
        world.agents[0].software = .unknown("no staged image")
        world.agents[0].tell()
        world.deliver()
        #expect(facts(world).primaryCMPVersion == nil)
        #expect(facts(world).hasPrimaryCMP)
    }

    /// From the press on, a `cmp` that goes back would pull the ground from under it.
    @Test
    func anUpgradeUnderWayNeedsItsCMPAlready() {
        var world = front()
        let name = world.machine.state.definition.name
        #expect(facts(world).cmpNeeds == [CMPNeed(cluster: name, minimumCMP: "12.6.0")])
        world.press(.startUpgrade)
        #expect(
            facts(world).cmpNeeds
                == [CMPNeed(cluster: name, minimumCMP: "12.6.1", isUnderWay: true)]
        )
        world.run(until: { $0.position == .oldNew && $0.machine.state.action == nil })
        #expect(facts(world).cmpNeeds == [CMPNeed(cluster: name, minimumCMP: "12.6.1")])
        world.act(.startRollback)
        #expect(facts(world).cmpNeeds == [CMPNeed(cluster: name, minimumCMP: "12.6.0")])
    }

    /// A new process knows what its clusters ran before they have said anything.
    @Test
    func aRestartForgetsNoNeed() {
        var world = front()
        for button in [
            Button.startUpgrade, .continueUpgrade, .reapplyConfiguration, .continueUpgrade, .accept,
        ] { world.act(button) }
        let name = world.machine.state.definition.name
        for index in world.agents.indices { world.kill(index) }
        world.restart()
        #expect(facts(world).cmpNeeds == [CMPNeed(cluster: name, minimumCMP: "12.6.1")])
    }

    @Test
    func aCMPIsToldWhoWouldBeLeftWithoutIt() {
        var world = cmp()
        world.act(.startUpgrade)
        var facts = atWork(0)
        facts.cmpNeeds = [
            CMPNeed(cluster: ClusterName("fe"), minimumCMP: "12.6.1", isUnderWay: true)
        ]
        world.feed(.network(facts))
        let refusal = world.refusal(world.makePress(.startRollback))
        #expect(refusal?.code == .releaseUnsuitable)
        #expect(
            refusal?.message
                == "fe is being upgraded to a release that needs cmp 12.6.1, above 12.6.0"
        )
    }
}
