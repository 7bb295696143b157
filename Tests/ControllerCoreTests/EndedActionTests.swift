@testable import ControllerCore
import TandemModel
import Testing

/// What became of an action is told by its id, of an operation or of none.
struct EndedActionTests {
    @Test
    func outsideAnOperation() throws {
        var world = World()
        world.press(.hold)
        let id = try #require(world.machine.state.action?.id)
        #expect(world.status.action?.id == id && world.status.operation == nil)
        world.run(until: { $0.machine.state.action == nil })
        #expect(world.status.endedActions?.map(\.id) == [id])
        #expect(world.status.endedActions?.last?.ending == .done)
        world.agents[1].alwaysRefuses = TandemFailure(
            code: ErrorCode.preconditionFailed.id,
            message: "not as expected",
            remedy: "look"
        )
        world.act(.release)
        let end = try #require(world.status.endedActions?.last)
        #expect(end.ending == .failed && end.failure?.message == "not as expected")
        #expect(end.result.contains("Failed at ") && end.id != id)
    }

    /// The operation closes with its last action: that action's end is still told.
    @Test
    func stoppedAndMany() {
        var world = World()
        world.agents[1].install = .hangs
        for _ in 0..<10 {
            world.press(world.buttons.contains(.startUpgrade) ? .startUpgrade : .resumeUpgrade)
            world.run(until: { $0.agents[1].isRunning("install") })
            world.press(.stop)
            world.run(until: { $0.machine.state.action == nil })
        }
        let ended = world.status.endedActions ?? []
        #expect(ended.count == 8 && ended.allSatisfy { $0.ending == .stopped })
        world.act(.close)
        #expect(world.status.endedActions?.last?.ending == .done)
        #expect(world.status.endedActions?.last?.result.hasPrefix("Close fe") == true)
    }
}
