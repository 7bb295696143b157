@testable import ControllerCore
import TandemModel
import Testing

/// A cluster is forgotten by two people, and never while anything of it is under way.
struct RemovalTests {
    private func asked(_ world: inout World, reason: String = "moved") -> Answer? {
        var press = world.makePress(.removeCluster)
        press.reason = reason
        return world.feed(.press(press)).answer
    }

    @Test
    func twoPeopleRemoveIt() {
        var world = World()
        guard case .needsApproval(let id)? = asked(&world) else {
            Issue.record("no second person was asked for")
            return
        }
        guard case .refused? = world.feed(.approve(id, person: Fixtures.alice)).answer else {
            Issue.record("one person removed it")
            return
        }
        let step = world.feed(.approve(id, person: Fixtures.bob))
        #expect(step.removesCluster && step.answer == .accepted(nil))
        #expect(world.audit.contains { $0.what.hasPrefix("removed cluster") })
    }

    @Test
    func somethingIsUnderWay() {
        var world = World()
        guard case .needsApproval(let id)? = asked(&world) else { return }
        #expect(!world.buttons.contains(.removeCluster), "it is no part of an upgrade")
        world.agents[1].install = .hangs
        world.press(.startUpgrade)
        guard case .refused? = world.feed(.approve(id, person: Fixtures.bob)).answer,
            case .refused(let running)? = asked(&world)
        else {
            Issue.record("it was removed in an action")
            return
        }
        #expect(running.message.contains("is running"))
        world.run(until: { $0.agents[1].isRunning("install") })
        world.press(.stop)
        world.run(until: { $0.machine.state.action == nil })
        guard case .refused(let open)? = asked(&world) else {
            Issue.record("it was removed in an operation")
            return
        }
        #expect(open.message.contains("is open"))
    }

    @Test
    func itNeedsAReason() {
        var world = World()
        guard case .refused(let error)? = asked(&world, reason: "") else {
            Issue.record("no reason was needed")
            return
        }
        #expect(error.message == "the reason is missing")
    }
}
