import AgentCore
import TandemModel
import Testing

/// The fold of the journal and its compaction.
struct AgentStateTests {
    private let pre = Desk().report
    private let failure = TandemFailure(code: "TDM-4002", message: "m", remedy: "r")

    private func command(_ number: UInt64, _ verb: Verb = .hold) -> Command {
        Command(id: id(number), verb: verb, precondition: nil, planHash: .none)
    }

    private func result(_ number: UInt64) -> CommandResult {
        CommandResult(command: id(number), outcome: .done, post: pre, durationMilliseconds: number)
    }

    private func alarm(_ sequence: UInt32, isRaised: Bool, boot: UInt64 = 7) -> JournalRecord {
        .alarm(
            AlarmEvent(
                number: .serverForcedStandby,
                instance: "fe-2",
                severity: .minor,
                isRaised: isRaised,
                text: "t",
                time: WallTime(milliseconds: 1),
                sequence: sequence,
                boot: id(boot)
            )
        )
    }

    /// Every kind of record, in an order that a real journal could have.
    private var everything: [JournalRecord] {
        let install = command(1, .install(manifest: newManifest, configuration: configuration(3)))
        let child = ChildIdentity(pid: 9, startTime: 8, record: "r")
        let image = StagedImage(
            image: digest(1),
            manifest: newManifest,
            release: newRelease,
            isVerified: true
        )
        return [
            .opened(id(1)), .booted(id(7)), .epoch(3), .generation(1, role: .standby, token: "a"),
            .matePinned(id(4), publicKey: [4]), .matePinned(id(5), publicKey: [5]),
            .staged(image), .releases(current: oldManifest, previous: nil),
            .received(command(8), epoch: 3), .tombstone(id(8)), .tombstone(id(9)),
            .received(install, epoch: 3), .attempted(newManifest),
            .route(id(1), source: oldManifest, fallback: oldManifest),
            .started(id(1), boot: id(7), at: Tick(milliseconds: 5), pre: pre),
            .stepStarted(id(1), index: 1, isReturn: false),
            .stepChild(id(1), index: 1, child: child), .stepDone(id(1), index: 1, isReturn: false),
            .stepStarted(id(1), index: 2, isReturn: false), .returning(id(1), failure),
            .stepDone(id(1), index: 1, isReturn: true),
            .stepStarted(id(1), index: 2, isReturn: true),
            .stepChild(id(1), index: 2, child: child), alarm(1, isRaised: true), .booted(id(8)),
            .alarmsDelivered(boot: id(7), sequence: 1), alarm(1, isRaised: false, boot: 8),
            alarm(2, isRaised: true, boot: 8), .zombie("z"),
            .received(command(2), epoch: 3), .ended(result(2)), .delivered(id(2)),
            .ended(result(1)),
            .received(command(3, .report), epoch: 3), .held(true), .fenced(true), .inhibited(true),
            .demoted(
                id(6),
                target: ServerName("fe-1"),
                boot: id(8),
                at: Tick(milliseconds: 9),
                deadManMilliseconds: 45_000
            ),
            .configured(AppliedConfiguration(number: 3, schema: "s", digest: digest(3))),
            .operation(
                OperationRecord(
                    operation: id(3),
                    cluster: ClusterName("c"),
                    direction: .up,
                    old: oldRelease,
                    new: newRelease,
                    isClosed: false,
                    snapshot: nil
                )
            ),
            .dropped(digest(1)), .zombie(nil), .demotionClosed(id(6), outcome: "moved"),
            .held(false), .fenced(false), .inhibited(false), .attempted(nil),
            .alarmsDelivered(boot: id(8), sequence: 2),
        ]
    }

    @Test
    func everyPrefixCompactsToItself() {
        var state = AgentState()
        for (index, record) in everything.enumerated() {
            state.fold(record)
            #expect(state.head == UInt64(index) + 1)
            var again = AgentState()
            for compacted in state.compacted { again.fold(compacted) }
            #expect(again == state, "after \(index): \(record)")
            var third = AgentState()
            for compacted in again.compacted { third.fold(compacted) }
            #expect(third == state)
        }
        #expect(state.compacted.count < everything.count)
    }

    @Test
    func aCompactedJournalGoesOnLikeTheWhole() {
        let cut = everything.count / 2
        var whole = AgentState()
        for record in everything[..<cut] { whole.fold(record) }
        var short = AgentState()
        for record in whole.compacted { short.fold(record) }
        for record in everything[cut...] {
            whole.fold(record)
            short.fold(record)
        }
        #expect(whole == short)
    }

    @Test
    func resultsAreBoundedAndForgottenIdsAreBuried() {
        var state = AgentState()
        for number in 1...100 {
            state.fold(.received(command(UInt64(number)), epoch: 1))
            state.fold(.ended(result(UInt64(number))))
        }
        #expect(state.commands.count == 64)
        #expect(state.tombstones.first == id(1))
        #expect(state.tombstones.count == 36)
        for number in 101...140 {
            state.fold(.received(command(UInt64(number), .report), epoch: 1))
            state.fold(.ended(result(UInt64(number))))
        }
        let quiet = state.commands.filter { !$0.command.verb.isMutating }
        #expect(quiet.count == 16)
        #expect(state.commands.count == 64)
    }

    @Test
    func aResultKeepsNoDocument() {
        var state = AgentState()
        let verb = Verb.applyConfiguration(configuration(4))
        state.fold(.received(command(1, verb), epoch: 1))
        #expect(state.entry(id(1))?.command.verb == verb)
        state.fold(.ended(result(1)))
        guard case .applyConfiguration(let kept)? = state.entry(id(1))?.command.verb else {
            Issue.record("gone")
            return
        }
        #expect(kept.document.isEmpty && kept.digest == digest(4))
    }

    @Test
    func aVoidedCommandIsGoneAndAnEndedOneIsNot() {
        var state = AgentState()
        state.fold(.received(command(1), epoch: 1))
        state.fold(.tombstone(id(1)))
        #expect(state.commands.isEmpty && state.tombstones == [id(1)])
        state.fold(.received(command(2), epoch: 1))
        state.fold(.ended(result(2)))
        state.fold(.tombstone(id(2)))
        #expect(state.entry(id(2))?.isEnded == true)
    }

    @Test
    func theEpochNeverFalls() {
        var state = AgentState()
        state.fold(.epoch(9))
        state.fold(.epoch(4))
        #expect(state.epoch == 9)
    }

    @Test
    func alarmSequencesHaveNoGapsOverRestartsOfTheSameBoot() {
        var desk = Desk(journal: [.opened(id(1)), .epoch(4)])
        for number in UInt64(1)...6 {
            let verb: Verb = number.isMultiple(of: 2) ? .allowReplication : .inhibitReplication
            let call: DriverCall =
                number.isMultiple(of: 2) ? .allowReplication : .inhibitReplication
            let command = desk.order(verb, number)
            desk.feed(.driverEnded(command, call, .done))
            if number == 3 {
                desk.seen.ha.replication.isInhibited = true
                desk = Desk(seen: desk.seen, journal: desk.journal)
            }
            desk.seen.ha.replication.isInhibited = !number.isMultiple(of: 2)
        }
        let events = desk.journal.compactMap { record -> AlarmEvent? in
            if case .alarm(let event) = record { event } else { nil }
        }
        #expect(events.map(\.sequence) == Array(1...UInt32(events.count)))
        for number in [AlarmNumber.clusterReplicationInhibited, .noTakeover] {
            let own = events.filter { $0.number == number }.map(\.isRaised)
            #expect(own == [true, false, true, false, true, false], "\(number)")
        }
    }
}

extension Desk {
    /// The newest report sent; made anew for tests that only need one.
    var report: ServerReport {
        var copy = self
        copy.sent = []
        copy.order(.report, 900)
        for message in copy.sent {
            if case .report(let report) = message { return report }
        }
        return ServerReport(
            sequence: 0,
            ha: .unknown,
            role: .unknown,
            generation: 0,
            isHeld: false,
            software: .blank,
            packageDigest: .none,
            previous: nil,
            isWayBackVerified: false,
            images: [],
            configuration: nil,
            health: .unknown,
            zombie: nil,
            openCommands: []
        )
    }
}
