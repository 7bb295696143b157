import AgentCore
import TandemModel
import Testing

/// What a command meets as it arrives, row by row in the order of `protocol.md`.
struct ReceivingTableTests {
    private let install = Verb.install(manifest: newManifest, configuration: nil)

    // MARK: - Epoch, identity, tombstones, deadlines

    @Test
    func anOlderEpochIsRefusedAndANewerOneIsJournaledFirst() {
        var desk = Desk()
        let command = desk.command(.hold)
        let old = desk.outcome(of: desk.envelope(command, epoch: 3))
        #expect(desk.refusal(of: command.id) == ErrorCode.epochRefused.id)
        #expect(old.journal.isEmpty)
        let new = desk.outcome(of: desk.envelope(command, epoch: 9))
        #expect(new.journal.first == .epoch(9))
        #expect(desk.machine.state.epoch == 9)
    }

    @Test
    func acceptanceIsDurableBeforeItIsSaid() {
        var desk = Desk()
        desk.isAnswering = false
        let command = desk.command(.hold)
        #expect(desk.feed(desk.envelope(command)).journal.isEmpty)
        let step = desk.feed(.observedRole(desk.seen))
        #expect(step.journal.first == .received(command, epoch: 4))
        #expect(step.sends.contains(.accepted(command.id, promoteNonce: nil)))
        guard case .started(command.id, _, _, _) = step.journal[1] else {
            Issue.record("not started: \(step.journal)")
            return
        }
        #expect(step.effects.contains(.driver(command.id, .hold)))
    }

    @Test
    func theSameIdIsAnsweredByItsState() {
        var desk = Desk()
        let command = desk.command(.hold)
        desk.feed(desk.envelope(command))
        let again = desk.outcome(of: desk.envelope(command))
        #expect(again.journal.isEmpty)
        #expect(again.sent == [.status(command.id, .started(isInterrupted: false))])
        desk.feed(.driverEnded(command.id, .hold, .done))
        let result = desk.result(of: command.id)
        #expect(result?.outcome == .done)
        let after = desk.outcome(of: desk.envelope(command))
        #expect(after.sent == result.map { [.finished($0)] })
        #expect(after.journal.isEmpty)
    }

    @Test(arguments: 0..<4)
    func anAlteredIdIsRefusedAndReported(field: Int) {
        var desk = Desk()
        let command = desk.command(.hold)
        desk.feed(desk.envelope(command))
        var altered = command
        switch field {
        case 0: altered.verb = .unhold
        case 1: altered.precondition?.own.generation += 1
        case 2: altered.precondition = nil
        case _: altered.planHash = digest(2)
        }
        let answer = desk.outcome(of: desk.envelope(altered))
        #expect(desk.refusal(of: command.id) == ErrorCode.commandAltered.id)
        let isReported = answer.sent.contains { message in
            guard case .error(let word) = message else { return false }
            return word.text.hasPrefix("SECURITY")
        }
        #expect(isReported)
        #expect(answer.journal.isEmpty)
    }

    @Test
    func neverSeenIsAPromise() {
        var desk = Desk()
        let command = desk.command(.hold)
        let asked = desk.outcome(of: .message(.statusQuery(command.id)))
        #expect(asked.journal == [.tombstone(command.id)])
        #expect(asked.sent == [.status(command.id, .neverSeen)])
        let late = desk.outcome(of: desk.envelope(command))
        #expect(late.journal.isEmpty)
        #expect(late.sent == [.status(command.id, .void)])
    }

    @Test
    func aQuestionOvertakesACommandThatIsLookedAt() {
        var desk = Desk()
        desk.isAnswering = false
        let command = desk.command(.hold)
        desk.feed(desk.envelope(command))
        #expect(desk.feed(.message(.statusQuery(command.id))).journal == [.tombstone(command.id)])
        let step = desk.feed(.observedRole(desk.seen))
        #expect(step.journal.isEmpty && !step.effects.contains(.driver(command.id, .hold)))
    }

    @Test
    func aVoidedIdNeverStarts() {
        var desk = Desk()
        let waiting = desk.order(install, hasMate: true)
        #expect(desk.machine.state.entry(waiting)?.life == .received)
        let void = desk.outcome(of: .message(.void(waiting)))
        #expect(void.journal == [.tombstone(waiting)])
        #expect(void.sent.contains(.status(waiting, .void)))
        let started = desk.order(.hold, 2)
        let late = desk.outcome(of: .message(.void(started)))
        #expect(late.journal.isEmpty)
        #expect(late.sent == [.status(started, .started(isInterrupted: false))])
    }

    @Test
    func aDeadlineCountsFromTheAcknowledgementItNames() {
        var desk = Desk()
        let late = desk.command(.hold, 1)
        desk.feed(desk.envelope(late, anchor: 1, deadline: 1_000))
        #expect(desk.refusal(of: late.id) == ErrorCode.commandExpired.id)
        let unknown = desk.command(.hold, 2)
        desk.feed(desk.envelope(unknown, anchor: 4_000, deadline: 1_000))
        #expect(desk.refusal(of: unknown.id) == ErrorCode.commandExpired.id)
        let early = desk.command(.hold, 3)
        desk.feed(desk.envelope(early, anchor: 3, deadline: 600_000))
        #expect(desk.refusal(of: early.id) == nil)
    }

    @Test
    func whatWasReceivedAndNotStartedWaitsForTheNextConnection() {
        var desk = Desk()
        let command = desk.command(install, hasMate: true)
        desk.feed(desk.envelope(command))
        desk.feed(.disconnected)
        desk.pass(30_000)
        #expect(desk.machine.state.entry(command.id)?.life == .received)
        desk.connect()
        let again = desk.outcome(of: desk.envelope(command))
        #expect(again.sent.contains(.accepted(command.id, promoteNonce: nil)))
        #expect(again.journal.isEmpty)
        #expect(desk.lastNonce != nil)
    }

    // MARK: - Zombie, busy, precondition

    @Test(arguments: [
        (Verb.install(manifest: newManifest, configuration: nil), true),
        (.backOut(manifest: oldManifest, configuration: nil), true),
        (.fence, true), (.hold, true), (.recover, true), (.report, true), (.collectLogs, true),
        (.check(manifest: newManifest, direction: .up), true),
        (.promote(failover: id(5), authority: .demotionProof), false),
        (.unhold, false), (.takeBack(failover: id(5)), false), (.inhibitReplication, false),
        (.allowReplication, false), (.applyConfiguration(configuration(1)), false),
        (.accept(release: oldRelease), false), (.dropImage(digest(1)), false),
    ])
    func aZombieTakesOnlyWhatLeadsOut(verb: Verb, isTaken: Bool) {
        var desk = Desk(journal: [.opened(id(1)), .epoch(4), .zombie("broken")])
        let command = desk.order(verb)
        #expect((desk.refusal(of: command) == ErrorCode.serverIsZombie.id) == !isTaken)
    }

    @Test
    func oneMutatingCommandAtATime() {
        var desk = Desk()
        desk.order(.hold, 1)
        #expect(desk.refusal(ordering: .inhibitReplication, 2) == ErrorCode.agentBusy.id)
        let check = Verb.check(manifest: newManifest, direction: .up)
        #expect(desk.refusal(ordering: check, 3) == nil)
        desk.feed(.driverEnded(id(1), .hold, .done))
        #expect(desk.refusal(ordering: .inhibitReplication, 4) == nil)
    }

    @Test(arguments: [0, 1, 2, 3])
    func aServerThatIsNotAsExpectedRefuses(field: Int) {
        var desk = Desk()
        var command = desk.command(.hold)
        switch field {
        case 0: command.precondition?.own.role = .active
        case 1: command.precondition?.own.software = .known(newRelease)
        case 2: command.precondition?.own.generation += 1
        case _: command.precondition = nil
        }
        let answer = desk.outcome(of: desk.envelope(command))
        #expect(desk.refusal(of: command.id) == ErrorCode.preconditionFailed.id)
        #expect(answer.journal.isEmpty)
    }

    @Test(arguments: [
        (Verb.install(manifest: digest(0xEE), configuration: nil), ErrorCode.imageUnknown),
        (.install(manifest: thirdManifest, configuration: nil), .releaseUnsuitable),
        (.backOut(manifest: newManifest, configuration: nil), .releaseUnsuitable),
        (.applyConfiguration(configuration(1, schema: "other")), .configurationFailed),
        (.accept(release: newRelease), .preconditionFailed),
        (.dropImage(digest(0x33)), .imageUnknown),
        (.check(manifest: digest(0xEE), direction: .up), .imageUnknown),
        (
            .demote(
                failover: id(5),
                target: ServerName("fe-1"),
                targetNonce: id(6),
                deadManMilliseconds: 45_000
            ), .preconditionFailed
        ),
    ])
    func whatCanNotBeDoneIsRefused(verb: Verb, code: ErrorCode) {
        var desk = Desk()
        let command = desk.order(verb)
        #expect(desk.refusal(of: command) == code.id)
        #expect(desk.machine.state.entry(command) == nil)
    }

    @Test
    func anActiveServerIsNotInstalledUnlessItIsAlone() {
        let active = observation(haStatus(.active))
        var desk = Desk(seen: active)
        #expect(desk.refusal(ordering: install) == ErrorCode.preconditionFailed.id)
        var alone = Desk(seen: active, hasMate: false)
        let command = alone.order(install)
        #expect(alone.refusal(of: command) == nil)
        #expect(alone.machine.state.entry(command)?.started != nil)
    }

    @Test
    func aDamagedWayBackRefusesTheStart() {
        var desk = Desk()
        desk.isAnswering = false
        let command = desk.command(install, hasMate: true)
        desk.feed(desk.envelope(command))
        let failure = TandemFailure(code: "TDM-3003", message: "fe.deb is damaged", remedy: "-")
        let step = desk.feed(.releaseVerified(oldManifest, failure))
        #expect(desk.refusal(of: command.id) == ErrorCode.wayBackMissing.id)
        #expect(desk.machine.state.alarms.active.map(\.number) == [.isoMismatch])
        #expect(step.sends.contains { if case .alarm = $0 { true } else { false } })
    }

    // MARK: - The damaged journal

    @Test
    func aDamagedJournalRefusesEverything() {
        var desk = Desk(isConnected: false, isDamaged: true)
        desk.connect()
        let raised = desk.sent.contains { message in
            guard case .alarmSnapshot(let events, _, _) = message else { return false }
            return events.map(\.number) == [.journalDamaged] && events.allSatisfy(\.isRaised)
                && events.allSatisfy { $0.text.contains("stop the agent of fe-2") }
        }
        #expect(raised)
        for (number, verb) in [Verb.hold, .report, .fence].enumerated() {
            let command = desk.order(verb, UInt64(number))
            #expect(desk.refusal(of: command) == ErrorCode.journalDamaged.id)
        }
        desk.feed(.message(.statusQuery(id(4))))
        #expect(desk.refusal(of: id(4)) == ErrorCode.journalDamaged.id)
        desk.feed(.message(.vouchRequest(command: nil, failover: nil, nonce: id(5))))
        let isRefused = desk.sent.contains { message in
            if case .vouchRefused(nonce: id(5), _) = message { true } else { false }
        }
        #expect(isRefused)
        #expect(desk.journal.isEmpty)
        #expect(desk.sent.contains { if case .report = $0 { true } else { false } })
    }
}
