@testable import ControllerCore
import TandemModel
import Testing

struct AlarmTests {
    private func changes(_ world: World, _ number: AlarmNumber) -> [Bool] {
        world.alarmChanges.filter { $0.entry.number == number }.map(\.isRaised)
    }

    /// Safety 9: 70501 is raised after the first server and cleared after the second, both ways.
    @Test
    func mixedVersionBothWays() {
        var world = RollbackTests.world(at: .nn)
        #expect(!world.has(.clusterMixedVersion))
        world.act(.startRollback)
        #expect(world.position == .newOld && world.has(.clusterMixedVersion))
        RollbackTests.rollBack(&world)
        #expect(!world.has(.clusterMixedVersion))
        #expect(!world.has(.upgradeInProgress))
    }

    @Test
    func expectedWhileTheActionRuns() {
        var world = World()
        world.press(.startUpgrade)
        world.run(until: { $0.has(.noTakeover) })
        for number in [AlarmNumber.noTakeover, .serverForcedStandby] {
            let alarm = world.machine.activeAlarms().first { $0.number == number }
            #expect(alarm?.isExpected == true)
        }
        world.run(until: { $0.machine.state.action == nil })
        world.seconds(1)
        #expect(world.machine.activeAlarms().allSatisfy { !$0.isExpected })
    }

    @Test
    func severitiesOfTheTable() {
        var world = World()
        world.agents[1].install = .becomesZombie
        world.act(.startUpgrade)
        world.kill(0)
        world.seconds(20)
        let severities = Dictionary(
            world.machine.activeAlarms().map { ($0.number, $0.severity) },
            uniquingKeysWith: { first, _ in first }
        )
        let expected: [AlarmNumber: AlarmSeverity] = [
            .clusterMixedVersion: .minor, .serverForcedStandby: .minor,
            .upgradeOperationFailed: .major, .upgradeInProgress: .minor,
            .serverIsZombie: .critical, .supervisionLost: .major, .clusterNoActive: .critical,
            .noTakeover: .major,
        ]
        #expect(severities == expected)
    }

    @Test
    func supervisionIsLostAfterItsLimit() {
        var world = World()
        world.kill(1)
        world.seconds(14)
        #expect(!world.has(.supervisionLost))
        world.seconds(2)
        #expect(world.has(.supervisionLost))
        let alarm = world.machine.activeAlarms().first { $0.number == .supervisionLost }
        #expect(alarm?.severity == .minor && alarm?.instance == "fe-2")
        world.revive(1)
        world.seconds(1)
        #expect(!world.has(.supervisionLost))
    }

    /// Silence is never a zombie: it keeps all other alarms and marks them stale.
    @Test
    func silenceKeepsAndMarks() {
        var world = RollbackTests.world(at: .on)
        world.agents[1].alarm(.isoMismatch, isRaised: true)
        world.deliver()
        world.kill(1)
        world.seconds(20)
        #expect(world.has(.clusterMixedVersion) && world.has(.isoMismatch))
        let entry = world.machine.activeAlarms().first { $0.number == .isoMismatch }
        #expect(entry?.isStale == true && entry?.clearedAt == nil)
        #expect(!world.has(.serverIsZombie))
        #expect(world.status.servers[1].isStale)
        world.seconds(600)
        #expect(world.has(.supervisionLost) && !world.has(.serverIsZombie))
        #expect(!world.status.servers[1].isZombie)
        world.revive(1)
        world.seconds(1)
        #expect(world.machine.activeAlarms().first { $0.number == .isoMismatch }?.isStale == false)
    }

    /// One entry is the OR of its sources: it clears when no source holds it.
    @Test
    func sourcesAreMerged() {
        var world = World()
        world.agents[0].alarm(.clusterNoActive, isRaised: true, instance: "fe")
        world.agents[1].alarm(.clusterNoActive, isRaised: true, instance: "fe")
        world.deliver()
        #expect(world.machine.activeAlarms().filter { $0.number == .clusterNoActive }.count == 1)
        world.agents[0].alarm(.clusterNoActive, isRaised: false, instance: "fe")
        world.deliver()
        #expect(world.has(.clusterNoActive))
        world.agents[1].alarm(.clusterNoActive, isRaised: false, instance: "fe")
        world.deliver()
        #expect(!world.has(.clusterNoActive))
    }

    @Test
    func doublesAreAcknowledgedAndIgnored() {
        var world = World()
        world.agents[1].alarm(.isoMismatch, isRaised: true)
        guard let event = world.agents[1].heldAlarms.first else { return }
        world.deliver()
        world.agents[1].alarm(.isoMismatch, isRaised: false)
        world.deliver()
        let step = world.feed(.message(world.names[1], .alarm(event)))
        #expect(!world.has(.isoMismatch), "an old raise does not come back")
        #expect(step.ignored == .stale && !step.writes)
        #expect(
            step.sends.contains(
                Send(world.names[1], .alarmAck(boot: event.boot, sequence: event.sequence))
            )
        )
    }

    /// The acknowledgement follows the durable record: it is in the step that writes it.
    @Test
    func acknowledgedOnlyWhenDurable() {
        var world = World()
        world.agents[1].alarm(.isoMismatch, isRaised: true)
        let message = world.agents[1].outbox.removeLast()
        let step = world.feed(.message(world.names[1], message))
        #expect(step.writes)
        #expect(step.alarms.map(\.isRaised) == [true])
        #expect(step.sends.contains { if case .alarmAck = $0.message { true } else { false } })
    }

    @Test
    func snapshotReplacesTheSource() {
        var world = World()
        world.agents[1].alarm(.isoMismatch, isRaised: true)
        world.deliver()
        world.agents[1].heldAlarms = []
        world.connect(1)
        world.deliver()
        #expect(!world.has(.isoMismatch))
    }

    /// Safety 11: per alarm, raises and clears alternate.
    @Test
    func raisesAndClearsAlternate() {
        var world = RollbackTests.world(at: .nn)
        RollbackTests.rollBack(&world)
        for number in [AlarmNumber.clusterMixedVersion, .upgradeInProgress, .noTakeover] {
            let all = changes(world, number)
            #expect(!all.isEmpty && all.last == false, "\(number)")
            // A raise may be told again when its words change; a clear only once.
            for (one, next) in zip(all, all.dropFirst()) { #expect(one || next, "\(number)") }
        }
    }

    @Test
    func nobodyActiveIsCriticalAfterAMoment() {
        var world = World()
        world.agents[0].setRole(.standby)
        world.agents[0].tell()
        world.deliver()
        #expect(!world.has(.clusterNoActive))
        world.seconds(4)
        #expect(world.has(.clusterNoActive))
        world.agents[1].setRole(.active)
        world.agents[1].tell()
        world.deliver()
        world.seconds(1)
        #expect(!world.has(.clusterNoActive))
    }

    /// A restart of the controller neither raises nor clears anything by itself.
    @Test
    func restartKeepsAlarms() {
        var world = RollbackTests.world(at: .on)
        let before = world.machine.activeAlarms()
        world.alarmChanges = []
        world.restart()
        #expect(world.machine.activeAlarms() == before)
        #expect(world.alarmChanges.isEmpty)
    }

    /// A release that is not known is no other release: it counts as mixed only beyond its limit.
    @Test
    func unknownReleaseIsMixedBeyondItsLimit() {
        var limits = ClusterLimits()
        limits.unknownReleaseMilliseconds = 30_000
        var world = World(limits: limits)
        for index in world.agents.indices {
            world.agents[index].software = .unknown("no staged image")
            world.agents[index].tell()
        }
        world.deliver()
        world.seconds(29)
        #expect(!world.has(.clusterMixedVersion), "what is not known yet is not mixed")
        world.seconds(2)
        let alarm = world.machine.activeAlarms().first { $0.number == .clusterMixedVersion }
        #expect(
            alarm?.text
                == "release unknown on fe-1 and fe-2: stage the image of what they run"
        )
        world.agents[0].software = .known(Fixtures.oldRelease)
        world.agents[0].tell()
        world.deliver()
        world.seconds(1)
        #expect(
            world.machine.activeAlarms().first { $0.number == .clusterMixedVersion }?.text
                == "release unknown on fe-2: stage the image of what it runs"
        )
        world.agents[1].software = .known(Fixtures.oldRelease)
        world.agents[1].tell()
        world.deliver()
        world.seconds(1)
        #expect(!world.has(.clusterMixedVersion))
    }

    /// Blank and half-installed servers are known not to run their mate's release.
    @Test(arguments: [SoftwareState.blank, .halfInstalled("fe")])
    func brokenIsMixedAtOnce(_ software: SoftwareState) {
        var world = World()
        world.agents[1].software = software
        world.agents[1].tell()
        world.deliver()
        world.seconds(1)
        #expect(world.has(.clusterMixedVersion))
    }

    /// Minor at first; major after the limit, for good, whatever the wall clock does.
    @Test
    func mixedVersionTurnsMajor() {
        var limits = ClusterLimits()
        limits.mixedVersionMilliseconds = 60_000
        var world = World(limits: limits)
        world.act(.startUpgrade)
        func severity(_ world: World) -> AlarmSeverity? {
            world.machine.activeAlarms().first { $0.number == .clusterMixedVersion }?.severity
        }
        #expect(severity(world) == .minor)
        world.seconds(61)
        #expect(severity(world) == .major)
        world.wall = WallTime(milliseconds: world.wall.milliseconds - 3_600_000)
        world.restart()
        world.seconds(1)
        #expect(severity(world) == .major)
    }

    @Test
    func heldReplicationTurnsMajor() {
        var limits = ClusterLimits()
        limits.inhibitedReplicationMilliseconds = 20_000
        var world = World(limits: limits)
        world.agents[1].isInhibited = true
        world.agents[1].tell()
        world.deliver()
        world.seconds(1)
        func severity(_ world: World) -> AlarmSeverity? {
            world.machine.activeAlarms()
                .first { $0.number == .clusterReplicationInhibited }?.severity
        }
        #expect(severity(world) == .minor)
        world.seconds(21)
        #expect(severity(world) == .major)
    }
}
