@testable import ControllerCore
import TandemModel
import Testing

/// Who owns an operation, who sees to an alarm, what was read, what waits and how long things take.
struct ChargeTests {
    private func refusal(_ input: ClusterInput, in world: inout World) -> TandemError? {
        guard case .refused(let error)? = world.feed(input).answer else { return nil }
        return error
    }

    // MARK: - Hand-over

    @Test
    func anOperationIsTakenOver() throws {
        var world = RollbackTests.world(at: .on)
        #expect(refusal(.takeOver(person: Fixtures.alice, reason: "x"), in: &world) != nil)
        #expect(refusal(.takeOver(person: Fixtures.bob, reason: ""), in: &world) != nil)
        #expect(refusal(.takeOver(person: Fixtures.bob, reason: "my shift"), in: &world) == nil)
        let operation = try #require(world.status.operation)
        #expect(operation.owner == Fixtures.bob && operation.takenOverFrom == Fixtures.alice)
        let time = world.wall.clockText
        #expect(operation.ownerText == "owned by bob since \(time) UTC, taken over from alice")
        #expect(world.audit.last?.what == "take over from alice")
        #expect(world.log.last?.text == "bob took the operation over from alice: my shift")
        // No button depends on the owner.
        world.act(.continueUpgrade)
        #expect(world.position == .newOld)
        world.restart()
        #expect(world.status.operation?.owner == Fixtures.bob)
    }

    @Test
    func nothingOpenIsNotTakenOver() {
        var world = World()
        #expect(refusal(.takeOver(person: Fixtures.bob, reason: "x"), in: &world) != nil)
    }

    // MARK: - Alarms

    private func acknowledge(
        _ number: AlarmNumber,
        note: String = "watching it",
        in world: inout World
    ) -> TandemError? {
        let word = Acknowledgement(person: Fixtures.bob, at: world.wall, note: note)
        return refusal(.acknowledge(number, instance: "fe", word), in: &world)
    }

    /// It clears nothing, unblocks nothing, outlives a restart, and is gone with the alarm.
    @Test
    func anAlarmIsAcknowledged() throws {
        var world = RollbackTests.world(at: .on)
        #expect(acknowledge(.clusterNoActive, in: &world)?.code == .unknownName)
        #expect(acknowledge(.clusterMixedVersion, note: "", in: &world) != nil)
        let seen = world.status.seen
        #expect(acknowledge(.clusterMixedVersion, in: &world) == nil)
        #expect(world.status.seen == seen)
        world.seconds(3)
        world.restart()
        world.seconds(3)
        func entry() -> AlarmEntry? {
            world.machine.activeAlarms().first { $0.number == .clusterMixedVersion }
        }
        #expect(entry()?.acknowledgedBy == Fixtures.bob)
        #expect(entry()?.acknowledgeNote == "watching it")
        world.act(.startRollback)
        #expect(entry() == nil)
        world.act(.resumeUpgrade)
        #expect(entry() != nil && entry()?.acknowledgedBy == nil)
    }

    @Test
    func whatBlocksStillBlocks() {
        var world = RollbackTests.world(at: .on)
        world.agents[1].zombie = "broken"
        world.agents[1].tell()
        world.deliver()
        world.seconds(1)
        let word = Acknowledgement(person: Fixtures.bob, at: world.wall, note: "known")
        let input = ClusterInput.acknowledge(.serverIsZombie, instance: "fe-2", word)
        #expect(refusal(input, in: &world) == nil)
        #expect(world.has(.serverIsZombie))
        #expect(!world.isEnabled(.continueUpgrade))
        #expect(world.machine.blockingAlarms().contains { $0.number == .serverIsZombie })
    }

    // MARK: - Notices

    @Test
    func eachNoticeIsAcknowledgedByName() throws {
        let notices = ["Drains slowly.", "Needs a new licence."]
        let image = Fixtures.image(
            Fixtures.manifest(Fixtures.newRelease, over: ["12.6.0"], notices: notices),
            2
        )
        let old = Fixtures.image(Fixtures.manifest(Fixtures.oldRelease, over: ["12.5.0"]), 1)
        var world = World(images: [old, image])
        var press = world.makePress(.startUpgrade)
        press.acknowledgedNotices = [notices[0]]
        let error = try #require(world.refusal(press))
        #expect(error.message.contains(notices[1]) && !error.message.contains(notices[0]))
        press.acknowledgedNotices = nil
        press.acknowledgesNotices = false
        #expect(world.refusal(press)?.message.contains("Drains slowly.; Needs") == true)
        press.acknowledgedNotices = notices
        #expect(world.refusal(press) == nil)
        world.feed(.press(press))
        let read = world.audit.filter { $0.what == "acknowledge notice" }.map(\.reason)
        #expect(read == notices)
    }

    /// An older command line only says that all were read; the audit names them all the same.
    @Test
    func theOldMarkStandsForAll() {
        let image = Fixtures.image(
            Fixtures.manifest(Fixtures.newRelease, over: ["12.6.0"], notices: ["Drains slowly."]),
            2
        )
        let old = Fixtures.image(Fixtures.manifest(Fixtures.oldRelease, over: ["12.5.0"]), 1)
        var world = World(images: [old, image])
        world.press(.startUpgrade)
        #expect(world.audit.contains { $0.reason == "Drains slowly." })
    }

    // MARK: - What waits

    @Test
    func aStopPointWaitsSinceItsLastActionsEnd() throws {
        var world = RollbackTests.world(at: .on)
        let end = try #require(world.machine.state.operation?.restingSince)
        world.seconds(60)
        let waits = try #require(world.status.waits)
        #expect(waits.count == 1)
        #expect(waits[0].who == "an operator" && waits[0].since == end)
        #expect(waits[0].unblockedBy.contains("Continue Upgrade or Start Rollback"))
    }

    @Test
    func approvalsAndSilentServersWait() throws {
        var world = World(definition: Fixtures.definition(people: 2))
        world.feed(.press(world.makePress(.startUpgrade)))
        let asked = try #require(world.status.waits?.first)
        #expect(asked.since == world.wall && asked.unblockedBy.contains("other than alice"))
        let gone = world.wall
        world.kill(1)
        world.seconds(40)
        let silent = try #require(world.status.waits?.first { $0.who == "fe-2" })
        let since = try #require(silent.since?.milliseconds)
        #expect(since <= gone.milliseconds && since + 10_000 > gone.milliseconds)
    }

    @Test
    func anActionSaysWhatItWaitsFor() throws {
        var world = RollbackTests.world(at: .nn)
        world.agents[0].ha.replication.isCaughtUp = false
        world.agents[0].tell()
        world.deliver()
        world.press(.accept)
        world.seconds(5)
        let wait = try #require(world.status.waits?.first)
        #expect(wait.what.contains("to catch up") && wait.since != nil)
        #expect(wait.unblockedBy.contains("Stop"))
    }

    // MARK: - Measured times

    @Test
    func aBookIsBoundedAndTellsTheMedian() {
        var book = DurationBook()
        let key = DurationKey(release: "fe 1", kind: "cmp", what: "install")
        #expect(book.median(key) == nil)
        for time in 1...100 {
            book.note(DurationSample(key: key, milliseconds: UInt64(time)))
        }
        #expect(book.median(key) == 91)
        for number in 0..<1000 {
            let other = DurationKey(release: "fe \(number)", kind: "cmp", what: "stop")
            book.note(DurationSample(key: other, milliseconds: 1))
        }
        #expect(book.lines.count == DurationBook.lineCountMax && book.median(key) == nil)
    }

    /// What was measured once tells what is left the next time, for the action and for its step.
    @Test
    func whatIsLeftIsToldByWhatWasMeasured() throws {
        var world = World()
        world.press(.startUpgrade)
        let began = world.now
        var book = DurationBook()
        for what in ["action upgrade", "part 1", "part 2", "part 3"] {
            let key = DurationKey(
                release: Fixtures.newRelease.description,
                kind: "scef-fe",
                what: what
            )
            book.note(DurationSample(key: key, milliseconds: 90_000))
        }
        world.feed(.durations(book))
        world.run(until: { $0.machine.live[$0.names[1]].progress != nil })
        let action = try #require(world.status.action)
        let elapsed = world.now.since(began)
        #expect(action.elapsedMilliseconds == elapsed)
        #expect(action.aboutLeftMilliseconds == 90_000 - elapsed)
        #expect(world.status.servers[1].operation.contains("about 1:"))
    }

    @Test
    func anEndedActionIsMeasured() {
        var world = World()
        world.press(.startUpgrade)
        let began = world.now
        world.run(until: { $0.machine.state.action == nil })
        let upgrade = world.durations.first { $0.key.what == "action upgrade" }
        #expect(upgrade?.milliseconds == world.now.since(began))
        #expect(upgrade?.key.release == Fixtures.newRelease.description)
        #expect(world.durations.contains { $0.key.what == "part 1" })
    }
}
