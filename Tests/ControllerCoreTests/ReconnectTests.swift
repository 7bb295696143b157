@testable import ControllerCore
import TandemModel
import Testing

/// A new connection is asked after all that is open there, and nothing new is sent before its answer
/// (safety 15, 17).
struct ReconnectTests {
    private let standby = 1

    /// Hands over what the standby says, but for what it says of commands: that is returned.
    private func deliverAllButAnswers(_ world: inout World) -> [AgentMessage] {
        var answers: [AgentMessage] = []
        while !world.agents[standby].outbox.isEmpty {
            let message = world.agents[standby].outbox.removeFirst()
            switch message {
            case .status, .finished: answers.append(message)
            case _: world.feed(.message(world.names[standby], message))
            }
        }
        return answers
    }

    private func commands(to index: Int, in world: World) -> [String] {
        world.sends.compactMap { send in
            guard send.server == world.names[index], case .command(let envelope) = send.message
            else { return nil }
            return envelope.command.verb.word
        }
    }

    /// No action waits for an image that a person pushes: only the gate stands before the next one.
    @Test
    func noActionBeginsBesideAnUnknownEnd() {
        var world = World()
        let image = world.catalogue[1].offer.image
        world.feed(.stage(image, server: world.names[standby], person: Fixtures.alice))
        world.connect(standby)
        let answers = deliverAllButAnswers(&world)
        let refusal = world.refusal(world.makePress(.startUpgrade))
        #expect(refusal?.message.hasSuffix("on fe-2 is being asked") == true)
        #expect(!world.isEnabled(.startUpgrade))
        for answer in answers { world.feed(.message(world.names[standby], answer)) }
        #expect(world.refusal(world.makePress(.startUpgrade)) == nil)
    }

    /// What a person gave up may run all the same: it is buried before anything else begins.
    @Test
    func nothingIsSentBeforeTheBurial() {
        var world = World()
        world.agents[standby].install = .hangs
        world.press(.startUpgrade)
        world.run(until: { $0.sends.contains { $0.isCommand("install") } })
        world.kill(standby)
        world.run(until: { $0.isEnabled(.declareOutcome) })
        world.press(.declareOutcome, server: standby, statement: "failed")
        world.seconds(1)
        world.sends = []
        world.agents[standby].isDead = false
        world.agents[standby].install = .works
        world.connect(standby)
        let answers = deliverAllButAnswers(&world)
        world.press(.tryAgain)
        #expect(world.status.operation?.action?.waitsFor == "fe-2 to be ready")
        #expect(commands(to: standby, in: world).isEmpty)
        for answer in answers { world.feed(.message(world.names[standby], answer)) }
        world.run(until: { $0.machine.state.action == nil })
        #expect(commands(to: standby, in: world).first == "check")
        #expect(world.machine.state.servers[standby].tombstones.isEmpty)
        #expect(world.position == .oldNew)
    }

    /// What a server said in an earlier connection is memory: it shows no goal (safety 16).
    @Test
    func anEarlierConnectionShowsNoGoal() {
        var world = World()
        let server = world.names[standby]
        let offer = world.catalogue[0].offer
        let goal = ReleaseGoal(
            release: offer.release,
            manifest: offer.manifest,
            configuration: nil
        )
        let instructions: [Instruction] = [
            .stage(server, offer), .unhold(server), .allowReplication(server),
            .install(server, goal), .recover(server), .fence(server),
        ]
        for instruction in instructions {
            #expect(world.machine.isConfirmed(instruction, at: world.now), "\(instruction)")
        }
        world.disconnect(standby)
        for instruction in instructions {
            #expect(!world.machine.isConfirmed(instruction, at: world.now), "\(instruction)")
            #expect(!world.machine.isSkipped(instruction), "\(instruction)")
        }
    }

    /// Sent, and lost on its way: the agent never saw it and will not speak of it by itself.
    @Test
    func aCommandThatNeverArrivedIsAskedAfter() {
        var world = World()
        world.press(.startUpgrade)
        guard let open = world.machine.state.commands.first(where: \.isOpen)?.command.id,
            let index = world.agents.firstIndex(where: { $0.entries[open] != nil })
        else {
            Issue.record("nothing was sent")
            return
        }
        world.agents[index].entries[open] = nil
        world.agents[index].run = nil
        world.connect(index)
        world.deliver()
        let asked = world.sends.filter { $0.message == .statusQuery(open) }
        #expect(asked.map(\.server) == [world.names[index]], "once, and only there")
        world.run(until: { $0.machine.state.action == nil })
        #expect(world.position == .oldNew && world.machine.state.failure == nil)
    }
}
