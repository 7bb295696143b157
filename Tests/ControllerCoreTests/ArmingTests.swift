@testable import ControllerCore
import TandemModel
import Testing

/// The active server gives its role up only to a target that is armed and has time left (safety 3, 4).
struct ArmingTests {
    private func pressed() -> World {
        var world = RollbackTests.world(at: .on)
        world.sends = []
        world.feed(.press(world.makePress(.continueUpgrade)))
        return world
    }

    private func words(_ world: World) -> [String] {
        world.sends.compactMap { send in
            switch send.message {
            case .command(let envelope): envelope.command.verb.word
            case .void: "void"
            case _: nil
            }
        }
    }

    /// Its word is on its way: it is neither taken for said nor given up.
    @Test
    func theTargetsWordIsWaitedFor() {
        var world = pressed()
        for _ in 0..<3 {
            world.now = world.now + 1_000
            world.feed(.tick)
        }
        #expect(words(world) == ["promote"])
        world.run(until: { $0.machine.state.action == nil })
        #expect(world.position == .newOld && words(world) == ["promote", "demote"])
    }

    /// Armed while the active server could not be told: later its time would run out in between.
    @Test(arguments: ["late", "unknown"])
    func whatIsLeftMustHoldTheDemotion(_ since: String) {
        var world = pressed()
        world.disconnect(0)
        world.deliver()
        #expect(world.machine.live.armedAt != nil && words(world) == ["promote"])
        if since == "late" {
            world.seconds(6)
            world.connect(0)
            world.deliver()
        } else {
            // A new process does not know since when.
            world.restart()
        }
        world.run(until: { $0.machine.state.action == nil })
        #expect(!words(world).contains("demote") && world.noneActiveSeconds == 0)
        #expect(world.position == .oldNew)
        #expect(world.status.operation?.failure?.message.hasPrefix("not moved: ") == true)
        world.act(.tryAgain)
        #expect(world.position == .newOld)
    }
}
