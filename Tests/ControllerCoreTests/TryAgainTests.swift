@testable import ControllerCore
import TandemModel
import Testing

/// Try Again does what failed and nothing else, and asks for what the failed button asked for.
struct TryAgainTests {
    private static let refused = TandemFailure(
        code: ErrorCode.preconditionFailed.id,
        message: "not as expected",
        remedy: "look"
    )

    /// Two people for each way forward; everything else needs one.
    private func worldOfTwoPeople(_ position: Position) -> World {
        var world = World(definition: Fixtures.definition(people: 2))
        world.act(.startUpgrade)
        let rest: [Button] = [.continueUpgrade, .reapplyConfiguration, .continueUpgrade]
        for button in rest where world.position != position { world.act(button) }
        #expect(world.position == position)
        return world
    }

    private func asksForTwo(_ world: World, _ press: ButtonPress) -> Bool {
        var copy = world
        guard case .needsApproval? = copy.feed(.press(press)).answer else { return false }
        return copy.machine.state.action == nil
    }

    /// A reapply that nobody has to do fails at the last stop point: it is no way to accept.
    @Test
    func aFailedReapplyIsReapplied() {
        var world = worldOfTwoPeople(.newNew)
        let version = World.version(2)
        world.feed(
            .edit(
                ConfigurationEdit(
                    schema: "fe-1",
                    digest: version.digest,
                    document: version.document,
                    person: Fixtures.alice,
                    reason: "another port"
                )
            )
        )
        world.agents[1].alwaysRefuses = Self.refused
        world.act(.reapplyConfiguration)
        #expect(world.has(.upgradeOperationFailed))
        world.agents[1].alwaysRefuses = nil
        #expect(world.offer(.tryAgain)?.action == "Reapply configuration fe (next)")
        #expect(world.offer(.tryAgain)?.peopleNeeded == 1)
        world.act(.tryAgain)
        #expect(world.agents[1].configuration?.number == 2)
        #expect(world.machine.state.operation?.hasAcceptIntent == false)
        #expect(world.position == .newNew && !world.has(.upgradeOperationFailed))
        #expect(!world.buttons.contains(.tryAgain))
    }

    /// The new release is on the standby, and only the hold could not be ended: no failover follows.
    @Test
    func aFailedEndOfStartIsNoFailover() {
        var world = World(definition: Fixtures.definition(people: 2))
        world.press(.startUpgrade)
        world.run(until: { $0.sends.contains { $0.isCommand("install") } })
        world.agents[1].alwaysRefuses = Self.refused
        world.run(until: { $0.machine.state.action == nil })
        #expect(world.position == .oldNew && world.agents[1].isHeld)
        world.agents[1].alwaysRefuses = nil
        #expect(world.offer(.tryAgain)?.action == "Initiate upgrade fe-2 (next)")
        let sent = world.sends.count
        world.act(.tryAgain)
        #expect(world.position == .oldNew && !world.agents[1].isHeld)
        #expect(world.agents[0].ha.role == .active)
        let later = world.sends.dropFirst(sent)
        #expect(!later.contains { $0.isCommand("install") || $0.isCommand("promote") })
        #expect(world.machine.state.failure == nil)
    }

    /// What needed two people and a reason needs both again (`safety.md` 24).
    @Test
    func theFailedButtonsPolicyStays() {
        var world = worldOfTwoPeople(.oldNew)
        world.agents[1].promote = .isVoided
        world.act(.continueUpgrade)
        #expect(world.position == .oldNew && world.has(.upgradeOperationFailed))
        world.agents[1].promote = .works
        #expect(world.offer(.tryAgain)?.action == "Failover to new version fe (next)")
        #expect(world.offer(.tryAgain)?.peopleNeeded == 2)
        var press = world.makePress(.tryAgain)
        #expect(asksForTwo(world, press))
        press.reason = ""
        #expect(world.refusal(press)?.message == "the reason is missing")
        world.act(.tryAgain)
        #expect(world.position == .newOld)
    }

    /// A retry that fails again is still what failed first.
    @Test
    func aRetryKeepsThePolicy() {
        var world = worldOfTwoPeople(.oldNew)
        world.agents[1].promote = .isVoided
        world.act(.continueUpgrade)
        world.act(.tryAgain)
        #expect(world.has(.upgradeOperationFailed))
        #expect(world.offer(.tryAgain)?.peopleNeeded == 2)
        #expect(world.offer(.tryAgain)?.action == "Failover to new version fe (next)")
    }

    /// A broken standby on the way up is installed by as many people as its Start needed; the way back
    /// needs one.
    @Test
    func aBrokenStandby() {
        var world = World(definition: Fixtures.definition(people: 2))
        world.agents[1].install = .failsHalf
        world.act(.startUpgrade)
        #expect(world.position == .standbyBroken)
        #expect(world.offer(.tryAgain)?.peopleNeeded == 2)
        world.agents[1].backOut = .failsHalf
        world.act(.startRollback)
        #expect(world.position == .standbyBroken)
        #expect(world.offer(.tryAgain)?.action == "Initiate backout fe-2 (next)")
        #expect(world.offer(.tryAgain)?.peopleNeeded == 1)
    }

    /// Turned round since: what failed on the way up is not tried again on the way back.
    @Test
    func theOtherDirectionIsNotTriedAgain() {
        var world = worldOfTwoPeople(.oldNew)
        world.agents[1].promote = .isVoided
        world.act(.continueUpgrade)
        world.press(.startRollback)
        world.press(.stop)
        world.run(until: { $0.machine.state.action == nil })
        #expect(world.machine.state.operation?.direction == .back)
        #expect(world.machine.state.failure != nil && !world.buttons.contains(.tryAgain))
    }
}
