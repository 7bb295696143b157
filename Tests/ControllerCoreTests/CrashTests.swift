@testable import ControllerCore
import TandemModel
import Testing

/// The controller dies after each of its inputs, at three moments of each, and goes on from its store
/// (safety 13, 14, 16, 17): exactly once in effect, and the operation ends or stands at a stop point.
struct CrashTests {
    private static func press(_ world: inout World, _ button: Button) {
        let press = world.makePress(button, acceptsDataLoss: false)
        world.feed(.press(press))
        world.deliver()
    }

    static let upward: [Button] = [
        .startUpgrade, .reapplyConfiguration, .continueUpgrade, .resumeUpgrade, .accept, .tryAgain,
    ]
    static let downward: [Button] = [
        .startRollback, .continueRollback, .close, .tryAgain,
    ]

    @Test(arguments: CrashPoint.Moment.allCases)
    func upgradeSurvivesEveryCrash(_ moment: CrashPoint.Moment) {
        var whole = World()
        let first = whole.inputCount
        Self.run(up: &whole)
        check(whole, release: Fixtures.newRelease, "no crash")
        #expect(whole.eventful.count > 40)
        for input in whole.eventful where input > first {
            var world = World()
            world.crash = CrashPoint(input: input, moment: moment)
            Self.run(up: &world)
            check(world, release: Fixtures.newRelease, "input \(input)")
        }
    }

    @Test(arguments: CrashPoint.Moment.allCases)
    func rollbackSurvivesEveryCrash(_ moment: CrashPoint.Moment) {
        var start = World()
        start.act(.startUpgrade)
        start.act(.continueUpgrade)
        start.act(.reapplyConfiguration)
        start.act(.continueUpgrade)
        #expect(start.position == .newNew)
        var whole = start
        Self.run(back: &whole)
        check(whole, release: Fixtures.oldRelease, "no crash")
        for input in whole.eventful where input > start.inputCount {
            var world = start
            world.crash = CrashPoint(input: input, moment: moment)
            Self.run(back: &world)
            check(world, release: Fixtures.oldRelease, "input \(input)")
        }
    }

    static func run(up world: inout World) { drive(&world, upward) }
    static func run(back world: inout World) { drive(&world, downward) }

    /// Presses each second whatever of the list leads on, until nothing is open.
    private static func drive(_ world: inout World, _ buttons: [Button]) {
        for _ in 0..<600 {
            let state = world.machine.state
            if state.action == nil {
                if state.operation == nil, !state.closedRecords.isEmpty { return }
                if let button = next(world, buttons) { press(&world, button) }
            }
            world.second()
        }
    }

    private static func next(_ world: World, _ buttons: [Button]) -> Button? {
        let cluster = world.machine.observed(at: world.now)
        return buttons.first { button in
            guard world.isEnabled(button) else { return false }
            guard button == .reapplyConfiguration else { return true }
            return world.machine.openReapply(in: cluster) != nil
        }
    }

    private func check(_ world: World, release: ReleaseID, _ what: String) {
        let state = world.machine.state
        #expect(state.operation == nil, "\(what): still open at \(world.position)")
        #expect(state.failure == nil && state.action == nil && state.commands.isEmpty, "\(what)")
        for agent in world.agents {
            #expect(agent.software == .known(release), "\(what): \(agent.name)")
            #expect(!agent.isHeld && !agent.isInhibited, "\(what): \(agent.name)")
            #expect(agent.configuration?.digest == World.version(1).digest, "\(what)")
            #expect(agent.record?.isClosed == true, "\(what): \(agent.name) holds an open record")
        }
        #expect(world.agents.filter { $0.ha.role == .active }.count == 1, "\(what)")
        #expect(world.machine.activeAlarms().isEmpty, "\(what): \(world.machine.activeAlarms())")
        world.checkEffects()
    }
}
