@testable import ControllerCore
import TandemModel
import Testing

/// One switch stops all commanding, voids what waits, and lets a change of roles end (design rule 9).
struct EmergencyStopTests {
    /// Commands that left since the stop came on.
    private func commands(_ world: World) -> [String] {
        world.sends.compactMap { send in
            guard case .command(let envelope) = send.message else { return nil }
            return envelope.command.verb.word
        }
    }

    static let shut: [Button] = [
        .startUpgrade, .hold, .continueUpgrade, .startRollback, .resumeUpgrade,
        .reapplyConfiguration, .accept, .closeAsObserved,
    ]

    @Test(arguments: [RollbackTests.Stop.on, .no, .nn])
    func everyButtonThatBeginsIsShut(_ stop: RollbackTests.Stop) throws {
        var world = RollbackTests.world(at: stop)
        world.setEmergencyStop()
        #expect(!world.status.buttons.isEmpty)
        for offer in world.status.buttons where Self.shut.contains(offer.button) {
            #expect(!offer.isEnabled, "\(offer.button)")
            #expect(offer.whyNot.contains("set by bob: smoke"), "\(offer.button)")
        }
        world.sends = []
        let error = try #require(world.refusal(world.makePress(.startRollback)))
        #expect(error.code == .emergencyStopped)
        #expect(error.remedy.contains("tandem emergency-stop off"))
        world.seconds(60)
        #expect(commands(world).isEmpty)
        world.setEmergencyStop(false)
        #expect(world.isEnabled(.startRollback))
    }

    @Test
    func imagesAndLogsAreRefused() {
        var world = World()
        world.setEmergencyStop()
        let server = world.names[0]
        let image = world.catalogue[1].offer.image
        let inputs: [ClusterInput] = [
            .stage(image, server: nil, person: Fixtures.alice),
            .drop(image, server: server, person: Fixtures.alice),
            .collectLogs(server, person: Fixtures.alice),
        ]
        for input in inputs {
            guard case .refused(let error)? = world.feed(input).answer else {
                Issue.record("\(input) was not refused")
                continue
            }
            #expect(error.code == .emergencyStopped)
        }
    }

    /// An install ends at the next safe boundary, and nothing follows it: not even cleaning up.
    @Test
    func aRunningChangeIsStopped() {
        var world = World()
        world.agents[1].install = .hangs
        world.press(.startUpgrade)
        world.run(until: { $0.agents[1].isRunning("install") })
        world.sends = []
        world.setEmergencyStop()
        world.run(until: { $0.machine.state.action == nil })
        #expect(commands(world).isEmpty)
        #expect(world.status.operation?.lastResult.contains(" Stopped at ") == true)
        #expect(world.log.contains { $0.text.contains("emergency stop of bob stops Initiate") })
        world.setEmergencyStop(false)
        world.agents[1].install = .works
        world.act(.resumeUpgrade)
        #expect(world.position == .oldNew)
    }

    /// Its intent is durable and nothing was sent: a stop that is on when the process comes back holds it.
    @Test
    func itSurvivesARestart() {
        var world = World()
        world.agents[1].install = .hangs
        world.press(.startUpgrade)
        world.run(until: { $0.agents[1].isRunning("install") })
        world.setEmergencyStop()
        world.sends = []
        world.restart()
        world.run(until: { $0.machine.state.action == nil })
        #expect(commands(world).isEmpty)
        #expect(!world.isEnabled(.resumeUpgrade))
    }

    @Test
    func aRunningFailoverGoesOnToItsEnd() {
        var world = RollbackTests.world(at: .on)
        world.press(.continueUpgrade)
        world.run(until: { $0.machine.isFailoverUndecided })
        world.setEmergencyStop()
        world.run(until: { $0.machine.state.action == nil })
        #expect(world.position == .newOld)
        #expect(world.noneActiveSeconds <= 60)
        #expect(!world.has(.clusterNoActive))
    }

    /// Armed and connected anew: the promotion is not taken away from a failover that goes on.
    @Test
    func aFailoverIsNotVoidedAtAReconnect() {
        var world = RollbackTests.world(at: .on)
        world.press(.continueUpgrade)
        world.run(until: { $0.machine.isFailoverUndecided })
        world.setEmergencyStop()
        world.sends = []
        world.connect(0)
        world.connect(1)
        world.deliver()
        let isVoided = world.sends.contains { send -> Bool in
            switch send.message {
            case .stop, .void: true
            case _: false
            }
        }
        #expect(!isVoided)
        world.run(until: { $0.machine.state.action == nil })
        #expect(world.status.servers.count { $0.role == .active } == 1)
    }

    @Test
    func whatWaitsIsVoid() throws {
        var world = World(definition: Fixtures.definition(people: 2))
        let answer = world.feed(.press(world.makePress(.startUpgrade))).answer
        guard case .needsApproval(let id)? = answer else {
            Issue.record("it did not ask for a second person")
            return
        }
        world.setEmergencyStop()
        #expect(world.status.approvals.isEmpty)
        #expect(world.audit.contains { $0.what == "void start-upgrade" })
        world.setEmergencyStop(false)
        guard case .refused(let error)? = world.feed(.approve(id, person: Fixtures.bob)).answer
        else {
            Issue.record("a void request was approved")
            return
        }
        #expect(error.code == .unknownName)
    }

    /// What brings service back is no forward step: it works all the same (`safety.md` 4).
    @Test
    func serviceCanBeRestored() {
        var world = World()
        world.kill(0)
        world.seconds(40)
        world.setEmergencyStop()
        #expect(world.isEnabled(.restoreService))
        world.act(.restoreService, server: 1, statement: "dead")
        #expect(world.agents[1].ha.role == .active)
        #expect(world.status.waits?.contains { $0.who == "fe-1" } == true)
    }
}
