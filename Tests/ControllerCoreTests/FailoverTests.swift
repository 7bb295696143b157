@testable import ControllerCore
import TandemModel
import Testing

/// Safety 3 and 8: a failover ends moved, not moved, returned or none active, within its bound.
struct FailoverTests {
    private func atOn() -> World { RollbackTests.world(at: .on) }

    @Test
    func movesInOrder() {
        var world = atOn()
        world.sends = []
        world.act(.continueUpgrade)
        #expect(world.position == .newOld && world.noneActiveSeconds <= 2)
        let words = world.sends.compactMap { send -> String? in
            switch send.message {
            case .command(let envelope): "\(envelope.command.verb.word) \(send.server)"
            case .proof: "proof \(send.server)"
            case _: nil
            }
        }
        #expect(words == ["promote fe-2", "demote fe-1", "proof fe-2"])
        #expect(!world.has(.clusterNoActive))
    }

    @Test
    func voidedPromotionReturns() {
        var world = atOn()
        world.agents[1].promote = .isVoided
        world.act(.continueUpgrade)
        #expect(world.position == .oldNew)
        #expect(world.status.operation?.failure?.message.hasPrefix("returned: ") == true)
        #expect(world.agents[0].ha.role == .active && world.noneActiveSeconds < 10)
        #expect(world.machine.state.operation?.haveRolesMoved == true)
        world.agents[1].promote = .works
        world.act(.tryAgain)
        #expect(world.position == .newOld)
    }

    @Test
    func refusedPromotionMovesNothing() {
        var world = atOn()
        world.agents[1].refusesNext = TandemFailure(
            code: ErrorCode.preconditionFailed.id,
            message: "unfit",
            remedy: "look"
        )
        world.act(.continueUpgrade)
        #expect(world.position == .oldNew && world.agents[0].ha.role == .active)
        #expect(world.status.operation?.failure?.message.hasPrefix("not moved: ") == true)
        #expect(!world.sends.contains { $0.isCommand("demote") })
    }

    /// A word given to its mate holds a server still for seconds: nobody should have to press again.
    @Test
    func busyServerIsWaitedFor() {
        var world = atOn()
        world.agents[0].refusesNext = Self.busy
        world.press(.continueUpgrade)
        world.run(until: { $0.status.operation?.action?.waitsFor.contains("holds still") == true })
        #expect(world.agents[1].run == nil, "the target is not armed meanwhile")
        world.run(until: { $0.machine.state.action == nil })
        #expect(world.position == .newOld && world.status.operation?.failure == nil)
        let ids = Set(
            world.sends.compactMap { send -> FailoverID? in
                guard case .command(let envelope) = send.message,
                    case .promote(let failover, _) = envelope.command.verb
                else { return nil }
                return failover
            }
        )
        #expect(ids.count == 2, "a failover that was given up is never used again")
    }

    @Test
    func busyServerIsNotWaitedForWithoutEnd() {
        var world = atOn()
        world.agents[0].alwaysRefuses = Self.busy
        world.act(.continueUpgrade)
        #expect(world.position == .oldNew && world.agents[0].ha.role == .active)
        let message = world.status.operation?.failure?.message ?? ""
        #expect(message.hasPrefix("not moved: ") && message.contains("holds still"))
        world.agents[0].alwaysRefuses = nil
        world.act(.tryAgain)
        #expect(world.position == .newOld)
    }

    /// What was so at the press may not be so any more when the busy one is asked again (safety 5).
    @Test
    func aTargetThatFallsIllMeanwhileIsNotTakenAgain() {
        var world = atOn()
        world.agents[0].refusesNext = Self.busy
        world.press(.continueUpgrade)
        world.agents[1].health = .failing("no answer")
        world.agents[1].tell()
        world.run(until: { $0.machine.state.action == nil })
        #expect(world.position == .oldNew && world.agents[0].ha.role == .active)
        let message = world.status.operation?.failure?.message ?? ""
        #expect(message == "not moved: fe-2 is not healthy: no answer")
        #expect(world.sends.filter { $0.isCommand("promote") }.count == 1, "it was not armed again")
    }

    private static let busy = TandemFailure(
        code: ErrorCode.agentBusy.id,
        message: "fe-1 vouched for its mate and holds still for 9 s more",
        remedy: "try again then"
    )

    @Test
    func refusedDemotionMovesNothing() {
        var world = atOn()
        world.agents[0].refusesNext = TandemFailure(
            code: ErrorCode.preconditionFailed.id,
            message: "not so",
            remedy: "look"
        )
        world.act(.continueUpgrade)
        #expect(world.position == .oldNew && world.agents[0].ha.role == .active)
        #expect(world.status.operation?.failure?.message.hasPrefix("not moved: ") == true)
        #expect(world.agents[1].run == nil, "the target is not armed any more")
    }

    /// Undecided is a state: shown, waited for, and left by the dead-man rule.
    @Test
    func targetDiesAfterTheDemotion() {
        var world = atOn()
        world.press(.continueUpgrade)
        world.run(until: { $0.agents[0].ha.role == .standby })
        world.kill(1)
        #expect(world.position == .failoverUndecided)
        #expect(world.offer(.restoreService, 0)?.isEnabled == false)
        world.run(until: { $0.machine.state.action == nil })
        #expect(world.agents[0].ha.role == .active)
        #expect(world.noneActiveSeconds <= 60)
        #expect(world.position == .standbySilent)
        // The open promotion is buried at the next hello, before anything else.
        world.revive(1)
        world.seconds(3)
        #expect(world.machine.state.servers[1].tombstones.isEmpty)
        #expect(world.position == .oldNew)
        world.act(.tryAgain)
        #expect(world.position == .newOld)
    }

    @Test
    func bothDieAndNobodyIsActive() {
        var world = atOn()
        world.press(.continueUpgrade)
        world.run(until: { $0.agents[0].ha.role == .standby })
        world.kill(1)
        world.kill(0)
        world.agents[0].demotedSeconds = nil
        world.run(until: { $0.machine.state.action == nil })
        #expect(world.position == .unseen)
        #expect(world.status.operation?.failure?.message.contains("no server is active") == true)
        world.revive(0)
        world.seconds(5)
        #expect(world.position == .activeSilent && world.has(.clusterNoActive))
        world.act(.restoreService, server: 0, statement: "dead")
        #expect(world.position == .standbySilent && world.agents[0].ha.role == .active)
        #expect(!world.has(.clusterNoActive))
    }

    /// The controller dies in the middle and comes back much later.
    @Test
    func controllerDiesUndecided() {
        var world = atOn()
        world.press(.continueUpgrade)
        world.run(until: { $0.agents[0].ha.role == .standby })
        world.restart()
        world.run(until: { $0.machine.state.action == nil })
        let active = world.agents.filter { $0.ha.role == .active }
        #expect(active.count == 1)
        #expect(world.position == .oldNew || world.position == .newOld)
    }

    @Test
    func anIllTargetGetsNoTraffic() {
        var world = atOn()
        world.agents[1].health = .failing("no licence")
        world.agents[1].tell()
        world.deliver()
        let press = world.makePress(.continueUpgrade)
        #expect(world.refusal(press)?.message.contains("no licence") == true)
    }

    @Test
    func dataThatIsMissingNeedsAName() {
        var world = atOn()
        world.agents[1].ha.replication = ReplicationState(
            isCaughtUp: false,
            lagBytes: 500,
            lagMilliseconds: 9_000
        )
        world.agents[1].tell()
        world.deliver()
        #expect(world.refusal(world.makePress(.continueUpgrade))?.code == .buttonRefused)
        #expect(world.offer(.continueUpgrade)?.warnings.first?.contains("500 bytes") == true)
        #expect(
            world.refusal(world.makePress(.continueUpgrade, acceptsDataLoss: true)) == nil
        )
    }

    @Test
    func stopIsRefusedInAFailover() {
        var world = atOn()
        world.press(.continueUpgrade)
        #expect(world.offer(.stop)?.isEnabled == false)
        #expect(world.refusal(world.makePress(.stop))?.code == .buttonRefused)
    }

    @Test
    func restoreWaitsForTheDeadMan() {
        var world = atOn()
        world.press(.continueUpgrade)
        world.run(until: { $0.agents[0].ha.role == .standby })
        let start = world.now
        world.kill(0)
        world.agents[1].run = nil
        world.agents[1].entries = [:]
        world.run(90, until: { $0.isEnabled(.restoreService) })
        #expect(world.now.since(start) >= 45_000)
    }

    /// A new process does not know when the demotion was: it waits a whole dead-man from its start.
    @Test
    func restoreWaitsForTheDeadManAfterARestart() {
        var world = atOn()
        world.press(.continueUpgrade)
        world.run(until: { $0.agents[0].ha.role == .standby })
        world.kill(0)
        world.kill(1)
        world.agents[0].demotedSeconds = nil
        world.run(until: { $0.machine.state.action == nil })
        #expect(world.machine.state.demotion == nil, "that is long enough ago")
        world.machine.state.demotion = FailoverID(high: 1, low: 1)
        world.stored = World.encode(world.machine.state)
        world.restart()
        world.revive(0)
        world.seconds(35)
        #expect(world.position == .activeSilent)
        #expect(world.offer(.restoreService, 0)?.whyNot.contains("for another 1") == true)
        world.seconds(11)
        #expect(world.isEnabled(.restoreService))
    }

    /// The HA system moves the role by itself: derived anew, noted, prompts void.
    @Test
    func rolesMoveWithoutUs() {
        var world = atOn()
        let press = world.makePress(.continueUpgrade)
        world.agents[0].setRole(.standby)
        world.agents[1].setRole(.active)
        for index in [0, 1] { world.agents[index].tell() }
        world.deliver()
        #expect(world.position == .newOld)
        #expect(world.log.contains { $0.text.hasPrefix("roles moved, not by Tandem") })
        let refusal = world.refusal(press)
        #expect(refusal?.code == .seenChanged)
        #expect(refusal?.message.contains("was: fe-1: active") == true)
        #expect(world.machine.state.operation?.haveRolesMoved == true)
        RollbackTests.rollBack(&world)
        RollbackTests.checkRolledBack(world)
    }

    @Test
    func twoActiveAllowsDemoteAndFenceAlone() {
        var world = atOn()
        world.agents[1].setRole(.active)
        world.agents[1].tell()
        world.deliver()
        world.seconds(5)
        #expect(world.position == .twoActive && world.has(.clusterTwoActive))
        #expect(Set(world.buttons) == [.demote, .fence])
        world.act(.demote, server: 1)
        #expect(world.position == .oldNew)
        world.seconds(5)
        #expect(!world.has(.clusterTwoActive))
    }
}
