@testable import ControllerCore
import TandemModel
import Testing

/// An action that fails: what was changed, what stands, what leads on.
struct FailureTests {
    private func failed(_ script: FakeAgent.InstallScript) -> World {
        var world = World()
        world.agents[1].install = script
        world.act(.startUpgrade)
        #expect(world.has(.upgradeOperationFailed))
        #expect(world.status.operation?.failure?.diagnostic == "postinst: boom")
        #expect(world.status.operation?.lastResult.contains("(next) Failed at ") == true)
        return world
    }

    @Test
    func unchangedMayBeClosed() {
        var world = failed(.failsUnchanged)
        #expect(world.position == .oldOld)
        #expect(!world.agents[1].isHeld, "the hold is not needed any more")
        #expect(world.isEnabled(.tryAgain) && world.isEnabled(.close))
        #expect(!world.buttons.contains(.startRollback))
        world.act(.close)
        #expect(world.machine.state.operation == nil && world.machine.state.failure == nil)
        #expect(world.machine.activeAlarms().isEmpty)
    }

    @Test
    func tryAgainSucceeds() {
        var world = failed(.failsUnchanged)
        world.agents[1].install = .works
        world.act(.tryAgain)
        #expect(world.position == .oldNew)
        #expect(!world.has(.upgradeOperationFailed))
    }

    @Test
    func halfInstalledGoesOnOrBack() {
        var world = failed(.failsHalf)
        #expect(world.position == .standbyBroken)
        #expect(world.agents[1].isHeld, "nobody may take over with half a release")
        #expect(
            world.machine.activeAlarms().contains { alarm in
                alarm.number == .clusterMixedVersion && alarm.text.contains("fe-2 half-installed")
            }
        )
        var back = world
        world.agents[1].install = .works
        world.act(.tryAgain)
        #expect(world.position == .oldNew)
        back.act(.startRollback)
        #expect(back.position == .oldOld)
        back.act(.continueRollback)
        RollbackTests.checkRolledBack(back)
    }

    @Test
    func zombieAndItsMate() {
        var world = failed(.becomesZombie)
        #expect(world.position == .standbyBroken)
        #expect(world.has(.serverIsZombie))
        #expect(world.status.servers[1].operation == "Zombie")
        #expect(world.agents[0].ha.role == .active && world.agents[0].ha.isInService)
        #expect(world.isEnabled(.tryAgain) && world.isEnabled(.recovered))
        #expect(world.isEnabled(.startRollback) && world.isEnabled(.goOnSingle))
        var recovered = world
        world.agents[1].install = .works
        world.act(.tryAgain)
        #expect(world.position == .oldNew && !world.has(.serverIsZombie))
        recovered.agents[1].software = .known(Fixtures.oldRelease)
        recovered.agents[1].tell()
        recovered.deliver()
        recovered.act(.recovered)
        #expect(recovered.position == .oldOld && !recovered.has(.serverIsZombie))
    }

    @Test
    func criticalCheckChangesNothing() {
        var world = World()
        world.agents[1].checks = [
            CheckResult(name: "disk", level: .critical, text: "2 MB left", remedy: "Make room.")
        ]
        world.act(.startUpgrade)
        #expect(world.position == .oldOld)
        #expect(world.status.operation?.failure?.message.contains("disk") == true)
        #expect(world.status.operation?.failure?.remedy == "Make room.")
        #expect(!world.sends.contains { $0.isCommand("install") || $0.isCommand("hold") })
        #expect(world.isEnabled(.close) && world.isEnabled(.tryAgain))
    }

    @Test
    func warningsGoIntoTheLog() {
        var world = World()
        world.agents[1].checks = [CheckResult(name: "skew", level: .warning, text: "2 s")]
        world.act(.startUpgrade)
        #expect(world.position == .oldNew)
        #expect(world.log.contains { $0.text == "check fe-2" && $0.detail == "skew warning: 2 s" })
    }

    /// Safety 16: a result is a claim; what the server reports is what counts.
    @Test
    func aResultThatNobodySeesIsNoSuccess() {
        var world = World()
        world.agents[1].install = .claims
        world.act(.startUpgrade)
        #expect(world.machine.state.failure?.code == ErrorCode.stateIndeterminate.id)
        #expect(world.position == .oldOld && world.has(.upgradeOperationFailed))
        #expect(world.machine.state.operation?.hasChanged == false)
    }

    @Test
    func refusedCommandChangesNothing() {
        var world = World()
        world.agents[1].refusesNext = TandemFailure(
            code: ErrorCode.preconditionFailed.id,
            message: "not as expected",
            remedy: "look"
        )
        world.act(.startUpgrade)
        #expect(world.position == .oldOld && world.has(.upgradeOperationFailed))
        #expect(world.isEnabled(.close))
    }

    /// What an agent is busy with ends by itself within seconds: the same instruction goes out again.
    @Test
    func busyAgentIsAskedAgain() {
        var world = World()
        world.agents[1].refusesNext = TandemFailure(
            code: ErrorCode.agentBusy.id,
            message: "the agent of fe-2 has just begun anew",
            remedy: "try again then"
        )
        world.act(.startUpgrade)
        #expect(world.position == .oldNew && world.machine.state.failure == nil)
    }

    /// An expired command never began: the same instruction goes out again under a new id.
    @Test
    func expiredIsIssuedAnew() {
        var world = World()
        world.agents[1].refusesNext = TandemFailure(
            code: ErrorCode.commandExpired.id,
            message: "too late",
            remedy: "again"
        )
        world.act(.startUpgrade)
        #expect(world.position == .oldNew && world.machine.state.failure == nil)
    }

    /// The last server's upgrade fails: go on or back from there.
    @Test
    func remainingServerFails() {
        var world = RollbackTests.world(at: .no)
        world.agents[0].install = .failsHalf
        world.act(.continueUpgrade)
        #expect(world.position == .standbyBroken)
        #expect(world.agents[1].ha.role == .active)
        world.act(.startRollback)
        #expect(world.position == .newOld)
        RollbackTests.rollBack(&world)
        RollbackTests.checkRolledBack(world)
    }

    /// A standby that fails its health check is reinstalled before anybody fails over to it.
    @Test
    func unfitStandbyIsReinstalled() {
        var world = RollbackTests.world(at: .no)
        world.agents[0].health = .failing("no answer")
        world.agents[0].tell()
        world.deliver()
        #expect(world.offer(.startRollback)?.action == "Initiate backout fe-1 (back)")
        world.act(.startRollback)
        #expect(world.position == .newOld)
        world.agents[0].health = .healthy
        world.agents[0].tell()
        world.deliver()
        RollbackTests.rollBack(&world)
        RollbackTests.checkRolledBack(world)
    }

    @Test
    func stopEndsAtASafeBoundary() {
        var world = World()
        world.press(.startUpgrade)
        world.run(until: { $0.agents[1].run.map { $0.ticksLeft < 3 } ?? false })
        world.run(until: { world in world.sends.contains { $0.isCommand("install") } })
        world.press(.stop)
        world.run(until: { $0.machine.state.action == nil })
        #expect(!world.has(.upgradeOperationFailed))
        #expect(world.status.operation?.lastResult.contains("(next) Stopped at ") == true)
        #expect(world.position == .oldOld && !world.agents[1].isHeld)
        #expect(world.isEnabled(.resumeUpgrade) && world.isEnabled(.close))
    }

    @Test
    func journalLostMeansOnlyObservationDecides() {
        var world = World()
        world.press(.startUpgrade)
        world.run(until: { world in world.sends.contains { $0.isCommand("install") } })
        world.agents[1].journal = JournalID(high: 99, low: 99)
        world.agents[1].entries = [:]
        world.agents[1].run = nil
        world.agents[1].software = .known(Fixtures.newRelease)
        world.connect(1)
        world.deliver()
        world.run(until: { $0.machine.state.action == nil })
        #expect(world.position == .oldNew, "what is seen decides")
        #expect(world.machine.state.failure?.code == ErrorCode.stateIndeterminate.id)
        #expect(world.isEnabled(.continueUpgrade) && world.isEnabled(.startRollback))
    }
}

extension Send {
    func isCommand(_ word: String) -> Bool {
        if case .command(let envelope) = message { return envelope.command.verb.word == word }
        return false
    }
}
