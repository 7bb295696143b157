import AgentCore
import TandemModel
import Testing

/// What one connection carries, from the hello to its silence.
struct ConnectionTests {
    @Test
    func theHelloSaysWhatTheJournalHolds() {
        var desk = Desk(
            journal: [.opened(id(8)), .booted(id(77)), .epoch(4)],
            isConnected: false
        )
        let step = desk.feed(.connected)
        guard case .hello(let hello)? = step.sends.first else {
            Issue.record("no hello: \(step.sends)")
            return
        }
        #expect(hello.journal == id(8))
        #expect(hello.journalHead == UInt64(desk.journal.count))
        #expect(hello.epoch == 4)
        #expect(hello.boot == id(77))
        #expect(hello.software == .known(oldRelease))
    }

    @Test
    func anOlderControllerIsLeft() {
        var desk = Desk(journal: [.opened(id(8)), .epoch(9)], isConnected: false)
        desk.feed(.connected)
        let step = desk.feed(.message(.welcome(desk.welcome(epoch: 8))))
        #expect(step.closesConnection)
        guard case .bye(let bye)? = step.sends.first else {
            Issue.record("no bye: \(step.sends)")
            return
        }
        #expect(bye.code == ErrorCode.epochRefused.id)
        #expect(step.journal.isEmpty)
    }

    @Test
    func aNewerEpochIsDurableBeforeAnythingIsSaid() {
        var desk = Desk(journal: [.opened(id(8)), .epoch(2)], isConnected: false)
        desk.feed(.connected)
        let step = desk.feed(.message(.welcome(desk.welcome(epoch: 5))))
        #expect(step.journal.first == .epoch(5))
    }

    @Test
    func nothingIsObeyedBeforeTheWelcome() {
        var desk = Desk(isConnected: false)
        desk.feed(.connected)
        let step = desk.feed(desk.envelope(desk.command(.hold)))
        #expect(step.ignored == .early)
        #expect(step.sends.isEmpty && step.journal.isEmpty)
    }

    @Test
    func afterTheWelcomeComeAlarmsReportAndResults() throws {
        var desk = Desk()
        let command = desk.order(.hold)
        desk.feed(.disconnected)
        desk.feed(.driverEnded(command, .hold, .done))
        #expect(desk.machine.state.entry(command)?.isEnded == true)
        desk.sent = []
        desk.connect()
        let kinds = desk.sent.map(\.kind)
        let snapshot = try #require(kinds.firstIndex(of: "alarmSnapshot"))
        let report = try #require(kinds.firstIndex(of: "report"))
        let finished = try #require(kinds.firstIndex(of: "finished"))
        #expect(snapshot < report && report < finished)
        #expect(try #require(kinds.firstIndex(of: "alarm")) < snapshot)
    }

    @Test
    func aResultIsSentAgainUntilALaterHeartbeatIsAcknowledged() {
        var desk = Desk()
        desk.isAnswering = false
        desk.feed(desk.envelope(desk.command(.hold)))
        desk.feed(.observedRole(desk.seen))
        desk.feed(.driverEnded(id(1), .hold, .done))
        desk.feed(.observedRole(desk.seen))
        #expect(desk.result(of: id(1)) != nil)
        desk.feed(.disconnected)
        desk.sent = []
        desk.connect()
        #expect(desk.result(of: id(1)) != nil)
        desk.isAnswering = true
        desk.pass(6_000)
        desk.feed(.disconnected)
        desk.sent = []
        desk.connect()
        #expect(desk.result(of: id(1)) == nil)
        #expect(desk.journal.contains(.delivered(id(1))))
        desk.feed(.message(.statusQuery(id(1))))
        #expect(desk.result(of: id(1)) != nil)
    }

    @Test
    func heartbeatsComeEachPeriodAndAtOnceOnChange() {
        var desk = Desk()
        desk.pass(10_000)
        let beats = desk.sent.filter { $0.kind == "heartbeat" }.count
        #expect(beats == 2)
        desk.sent = []
        desk.seen = observation(haStatus(.active, token: "2"))
        desk.feed(.statusChanged)
        #expect(desk.sent.map(\.kind) == ["report", "heartbeat"])
        guard case .heartbeat(let beat)? = desk.sent.last else { return }
        #expect(beat.role == .active && beat.isInService && beat.generation == 2)
        desk.sent = []
        desk.feed(.statusChanged)
        #expect(desk.sent.isEmpty)
    }

    @Test
    func threeSilentPeriodsEndTheConnection() {
        var desk = Desk()
        desk.isAnswering = false
        desk.pass(11_000)
        #expect(!desk.hasClosed)
        desk.pass(6_000)
        #expect(desk.hasClosed)
    }

    @Test
    func aHandshakeWithoutAnEndIsGivenUp() {
        var desk = Desk(isConnected: false)
        desk.feed(.connected)
        desk.pass(16_000)
        #expect(desk.hasClosed)
    }

    @Test
    func theOpenOperationIsKeptAndGivenBack() {
        let operation = OperationRecord(
            operation: id(3),
            cluster: ClusterName("fe"),
            direction: .up,
            old: oldRelease,
            new: newRelease,
            isClosed: false,
            snapshot: configuration(2)
        )
        var desk = Desk()
        let kept = desk.outcome(of: .message(.operationRecord(operation)))
        #expect(kept.journal == [.operation(operation)])
        #expect(kept.sent == [.operationRecord(operation)])
        #expect(desk.outcome(of: .message(.operationRecord(operation))).journal.isEmpty)
        desk.feed(.disconnected)
        desk.sent = []
        desk.connect()
        #expect(desk.sent.contains(.operationRecord(operation)))
    }

    @Test
    func generationsCountChangesOfRoleAndTokenAlone() {
        var desk = Desk()
        #expect(desk.machine.state.generation == 1)
        for (ha, generation) in [
            (haStatus(.standby, peer: .other, position: "p7"), UInt64(1)),
            (haStatus(.unknown), 1),
            (haStatus(.standby), 1),
            (haStatus(.active, token: "2"), 2),
            (haStatus(.active, token: "3"), 3),
        ] {
            desk.seen = observation(ha)
            desk.feed(.statusChanged)
            #expect(desk.machine.state.generation == generation)
        }
    }
}

extension AgentMessage {
    /// The message's name.
    var kind: String {
        switch self {
        case .hello: "hello"
        case .heartbeat: "heartbeat"
        case .report: "report"
        case .accepted: "accepted"
        case .refused: "refused"
        case .voucherNeeded: "voucherNeeded"
        case .voucher: "voucher"
        case .vouchRefused: "vouchRefused"
        case .step: "step"
        case .finished: "finished"
        case .status: "status"
        case .alarm: "alarm"
        case .alarmSnapshot: "alarmSnapshot"
        case .chunkRequest: "chunkRequest"
        case .operationRecord: "operationRecord"
        case .logChunk: "logChunk"
        case .error: "error"
        case .bye: "bye"
        }
    }
}
