@testable import ControllerCore
import TandemModel
import Testing

/// 70500: servers of the network run different releases of one product (`safety.md` 10).
struct NetworkMachineTests {
    /// Two clusters of one product, observed by one network machine after each step.
    private struct Network {
        var worlds: [World]
        var machine = NetworkMachine(state: NetworkState())
        var changes: [AlarmChange] = []

        init(_ count: Int = 2) {
            worlds = (0..<count).map { _ in World() }
            look()
        }

        mutating func look() {
            let before = machine.state
            let step = machine.look(
                at: worlds.map(\.machine),
                now: worlds[0].now,
                wall: worlds[0].wall
            )
            #expect(step.writes == (machine.state != before))
            changes += step.alarms
        }

        /// As a new process finds it: what was stored, and nothing observed.
        mutating func restart() {
            for index in worlds.indices { worlds[index].restart() }
            machine = NetworkMachine(state: machine.state)
        }

        var alarm: AlarmEntry? { machine.activeAlarms().first }
    }

    @Test
    func lockedOutSignInsAreToldAcrossARestart() {
        var network = Network()
        network.machine.setLockedOut([PersonName("ada"), PersonName("bob")])
        network.look()
        #expect(network.machine.activeAlarms().map(\.instance) == ["ada", "bob"])
        #expect(network.alarm?.number == .signInLockedOut)
        let raised = network.changes
        network.restart()
        network.look()
        network.machine.setLockedOut([PersonName("ada"), PersonName("bob")])
        network.look()
        #expect(network.changes == raised, "a restart clears and raises nothing")
        network.machine.setLockedOut([PersonName("bob")])
        network.look()
        #expect(network.changes.last?.isRaised == false)
        #expect(network.changes.last?.entry.instance == "ada")
        #expect(network.machine.activeAlarms().map(\.instance) == ["bob"])
    }

    @Test
    func raisedAndClearedAcrossClusters() {
        var network = Network()
        #expect(network.alarm == nil)
        for button in [Button.startUpgrade, .continueUpgrade, .reapplyConfiguration] {
            network.worlds[0].act(button)
        }
        network.look()
        #expect(network.alarm?.number == .systemMixedVersion)
        #expect(network.alarm?.instance == "scef-fe")
        #expect(network.alarm?.severity == .minor)
        #expect(network.alarm?.text == "12.6.0 on fe-1, fe-1, fe-2; 12.6.1 on fe-2")
        network.worlds[0].act(.continueUpgrade)
        network.look()
        #expect(network.alarm?.text == "12.6.0 on fe-1, fe-2; 12.6.1 on fe-1, fe-2")
        for button in [
            Button.startUpgrade, .continueUpgrade, .reapplyConfiguration, .continueUpgrade,
        ] { network.worlds[1].act(button) }
        network.look()
        #expect(network.alarm == nil)
        #expect(network.changes.last?.isRaised == false)
        #expect(network.changes.last?.entry.clearedAt != nil)
    }

    /// While packages change, a server counts as what it was: the change has not happened yet.
    @Test
    func tellsNothingOfAnUnfinishedChange() {
        var network = Network()
        network.worlds[0].press(.startUpgrade)
        network.worlds[0].run(until: { $0.has(.noTakeover) })
        network.look()
        #expect(network.alarm == nil)
        network.worlds[0].run(until: { $0.position == .oldNew })
        network.look()
        #expect(network.alarm != nil)
    }

    @Test
    func expectedWhileAnActionMovesTheProduct() {
        var network = Network()
        network.worlds[0].act(.startUpgrade)
        network.look()
        #expect(network.alarm?.isExpected == false, "a stop point: nothing is at work")
        network.worlds[0].press(.continueUpgrade)
        network.look()
        #expect(network.alarm?.isExpected == true)
    }

    /// Silence clears nothing, and neither does a new process that has heard nobody yet.
    @Test
    func silenceAndRestartKeepIt() {
        var network = Network()
        network.worlds[0].act(.startUpgrade)
        network.look()
        let raisedAt = network.alarm?.raisedAt
        for world in network.worlds.indices {
            for agent in network.worlds[world].agents.indices { network.worlds[world].kill(agent) }
            network.worlds[world].seconds(40)
        }
        network.look()
        #expect(network.alarm?.isStale == true)
        network.changes = []
        network.restart()
        network.look()
        #expect(network.alarm?.raisedAt == raisedAt && network.alarm?.isStale == true)
        #expect(network.changes.isEmpty)
    }

    /// "Different" needs releases that are known.
    @Test
    func unknownIsNoOtherRelease() {
        var network = Network()
        network.worlds[1].agents[0].software = .unknown("no staged image")
        network.worlds[1].agents[0].tell()
        network.worlds[1].deliver()
        network.worlds[1].seconds(700)
        network.look()
        #expect(network.alarm == nil)
    }

    @Test
    func manyServersAreCounted() {
        var network = Network(4)
        network.worlds[0].act(.startUpgrade)
        network.look()
        #expect(
            network.alarm?.text == "12.6.0 on fe-1, fe-1, fe-2, fe-1 and 3 more; 12.6.1 on fe-2"
        )
    }
}
