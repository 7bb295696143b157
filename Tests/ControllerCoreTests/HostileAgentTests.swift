@testable import ControllerCore
import TandemModel
import Testing

/// What one enrolled agent may make its controller keep: a bounded part, and of itself only (safety 28, 32).
struct HostileAgentTests {
    private static let agent = 1

    @Test(arguments: ["fe-1", "elsewhere", "", "Fe-2"])
    func speaksOfItsServerAndClusterOnly(instance: String) {
        var world = World()
        world.agents[Self.agent].alarm(.serverIsZombie, isRaised: true, instance: instance)
        world.deliver()
        #expect(!world.has(.serverIsZombie))
        // Nor by the list that opens a connection.
        world.connect(Self.agent)
        world.deliver()
        #expect(!world.has(.serverIsZombie))
    }

    @Test
    func alarmsThatNobodyKnowsAreNotKept() {
        var world = World()
        let before = world.machine.state.alarms.count
        for number in 1...1000 {
            world.agents[Self.agent].alarm(AlarmNumber(UInt32(number)), isRaised: true)
        }
        world.agents[Self.agent].alarm(.isoMismatch, isRaised: true)
        world.deliver()
        #expect(world.machine.state.alarms.count == before + 1)
        #expect(world.has(.isoMismatch))
    }

    @Test
    func fewOfItsUnknownCommandsAreBuriedAtOnce() throws {
        var world = World()
        let name = world.names[Self.agent]
        for round in 0..<40 {
            var report = world.agents[Self.agent].report
            report.sequence = UInt32(1000 + round)
            report.openCommands = (0..<64).map { CommandID(high: 77, low: UInt64(round * 64 + $0)) }
            world.feed(.message(name, .report(report)))
        }
        #expect(world.machine.state[name].tombstones.count == 64)
    }

    @Test
    func itsErrorsFillNoAudit() {
        var world = World()
        let before = world.audit.count
        for _ in 0..<1000 {
            let bye = Bye(code: ErrorCode.protocolViolation.id, text: "no")
            world.feed(.message(world.names[Self.agent], .error(bye)))
        }
        #expect(world.audit.count == before + 16)
    }

    @Test
    func recordWithAnImpossibleConfigurationIsNotTakenOver() {
        var world = World()
        var snapshot = World.version(2)
        snapshot.number = .max
        let record = OperationRecord(
            operation: OperationID(high: 8, low: 8),
            cluster: world.machine.state.definition.name,
            direction: .up,
            old: Fixtures.oldRelease,
            new: Fixtures.newRelease,
            isClosed: false,
            snapshot: snapshot
        )
        world.feed(.message(world.names[Self.agent], .operationRecord(record)))
        #expect(world.machine.state.operation == nil)
        #expect(world.machine.state.configurationCount == 1)
    }

    /// A mate that can't give its word lets the target ask for days.
    @Test
    func askedWordsAreForgottenInTheEnd() throws {
        var world = World()
        world.agents[Self.agent].install = .hangs
        world.press(.startUpgrade)
        world.run(until: { $0.sends.contains { $0.isCommand("install") } })
        let id = try #require(world.machine.state.commands.last { $0.isOpen }?.command.id)
        for number in 0..<1000 {
            let nonce = Nonce(high: 6, low: UInt64(number))
            world.feed(
                .message(world.names[Self.agent], .voucherNeeded(id, failover: nil, nonce: nonce))
            )
        }
        #expect(world.machine.live.relays.count <= 32)
    }

    /// The same boot, a new journal: its alarms count from one again.
    @Test
    func alarmsOfANewJournalAreTaken() {
        var world = World()
        world.agents[Self.agent].alarmSequence = 5
        world.agents[Self.agent].alarm(.isoMismatch, isRaised: true)
        world.deliver()
        world.disconnect(Self.agent)
        world.agents[Self.agent].journal = JournalID(high: 2, low: 99)
        world.agents[Self.agent].alarmSequence = 0
        world.connect(Self.agent)
        world.deliver()
        #expect(world.has(.isoMismatch))
        world.agents[Self.agent].alarm(.isoMismatch, isRaised: false)
        world.deliver()
        #expect(!world.has(.isoMismatch))
    }
}
