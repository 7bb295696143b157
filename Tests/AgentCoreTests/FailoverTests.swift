import AgentCore
import TandemModel
import Testing

/// Failovers between two machines, and what each clock of `details.md` 10 does.
struct FailoverTests {
    private func isOneActive(_ harness: Harness, _ index: Int) -> Bool {
        harness.nodes.map(\.world.role).enumerated().allSatisfy { ($1 == .active) == ($0 == index) }
    }

    @Test
    func theRoleMoves() throws {
        var harness = Harness()
        harness.checksEveryFold = true
        let commands = harness.failOver(to: 1)
        harness.run(for: 10_000)
        #expect(harness.director.results[commands.promote]?.outcome == .done)
        let demoted = try #require(harness.director.results[commands.demote])
        #expect(demoted.outcome == .done)
        #expect(demoted.proof?.nonce == harness.director.promoteNonces[commands.promote])
        #expect(demoted.proof?.position == "p")
        #expect(isOneActive(harness, 1))
        #expect(!harness.hadTwoActive)
        #expect(harness.longestWithoutActive < 5_000)
        #expect(harness.nodes[0].machine.state.demotion == nil)
        #expect(harness.nodes[0].guards.isEmpty)
        let generations = harness.nodes.map(\.machine.state.generation)
        #expect(generations == [2, 2])
    }

    @Test
    func aHeldTargetIsUnheldAsPartOfIt() {
        var harness = Harness()
        harness.order(.hold, on: 1, hasMate: false)
        harness.run(for: 3_000)
        #expect(harness.nodes[1].alarms == [.serverForcedStandby, .noTakeover])
        #expect(harness.director.reports[1]?.role == .forcedStandby)
        let commands = harness.failOver(to: 1)
        harness.run(for: 10_000)
        #expect(harness.director.results[commands.promote]?.outcome == .done)
        #expect(!harness.nodes[1].machine.state.isHeld)
        #expect(harness.nodes[1].alarms.isEmpty)
    }

    @Test
    func aPromotionThatFailsIsFencedVoidedAndTakenBack() throws {
        var harness = Harness()
        harness.nodes[1].world.driverResults["promote"] = .failed("no quorum")
        let commands = harness.failOver(to: 1)
        harness.run(for: 10_000)
        let promoted = try #require(harness.director.results[commands.promote])
        #expect(promoted.failure?.code == ErrorCode.failoverVoided.id)
        #expect(promoted.failure?.diagnostic == "no quorum")
        #expect(promoted.voided != nil)
        #expect(isOneActive(harness, 0))
        #expect(harness.longestWithoutActive < 8_000)
        #expect(harness.nodes[1].machine.state.isFenced)
    }

    @Test
    func aRefusedDemotionLeavesEverythingAsItWas() throws {
        var harness = Harness()
        harness.nodes[0].world.driverResults["demote"] = .refused("clients")
        let commands = harness.failOver(to: 1)
        harness.run(for: 25_000)
        let demoted = try #require(harness.director.results[commands.demote])
        #expect(demoted.failure?.code == ErrorCode.driverFailed.id)
        #expect(demoted.failure?.message.contains("still active") == true)
        #expect(demoted.proof == nil)
        let promoted = try #require(harness.director.results[commands.promote])
        #expect(promoted.voided != nil)
        #expect(isOneActive(harness, 0))
        #expect(harness.longestWithoutActive == 0)
        #expect(!harness.nodes[1].machine.state.isFenced)
    }

    @Test
    func aLostProofIsMadeGoodByTheVoidedWord() throws {
        var harness = Harness()
        let commands = harness.failOver(to: 1)
        let isDemoted = harness.run(upTo: 5_000) { $0.nodes[0].world.role != .active }
        #expect(isDemoted)
        harness.disconnect(1, for: 20_000)
        harness.run(for: 40_000)
        #expect(harness.director.results[commands.promote]?.voided != nil)
        #expect(isOneActive(harness, 0))
        #expect(harness.longestWithoutActive < 45_000)
    }

    @Test
    func withoutAnyControllerTheDeadManTakesTheRoleBack() {
        var harness = Harness()
        _ = harness.failOver(to: 1)
        let isDemoted = harness.run(upTo: 5_000) { $0.nodes[0].world.role != .active }
        #expect(isDemoted)
        harness.isNetworkUp = false
        for index in 0...1 { harness.disconnect(index) }
        harness.run(for: 60_000)
        #expect(isOneActive(harness, 0))
        #expect(harness.longestWithoutActive >= 44_000)
        #expect(harness.longestWithoutActive <= 60_000)
    }

    @Test
    func aDeadAgentIsReplacedByItsGuard() {
        var harness = Harness()
        _ = harness.failOver(to: 1)
        let isDemoted = harness.run(upTo: 5_000) { $0.nodes[0].world.role != .active }
        #expect(isDemoted)
        harness.disconnect(1, for: 200_000)
        harness.crash(0, restartAfter: 80_000)
        harness.run(for: 60_000)
        #expect(isOneActive(harness, 0))
        harness.run(for: 60_000)
        #expect(isOneActive(harness, 0))
        #expect(harness.nodes[0].machine.state.demotion == nil)
    }

    @Test
    func anotherBootStartsTheDeadManAnew() throws {
        var harness = Harness()
        _ = harness.failOver(to: 1)
        let isDemoted = harness.run(upTo: 5_000) { $0.nodes[0].world.role != .active }
        #expect(isDemoted)
        harness.disconnect(1, for: 300_000)
        harness.run(for: 30_000)
        harness.reboot(0)
        harness.run(for: 20_000)
        #expect(harness.nodes[0].world.role == .standby)
        let demotion = try #require(harness.nodes[0].machine.state.demotion)
        #expect(demotion.boot == harness.nodes[0].world.boot)
        harness.run(for: 40_000)
        #expect(isOneActive(harness, 0))
    }

    @Test
    func anUndecidedTakeBackAsksForEverAndRaisesNoActive() {
        var harness = Harness(roles: [.active, .standby])
        _ = harness.failOver(to: 1)
        let isDemoted = harness.run(upTo: 5_000) { $0.nodes[0].world.role != .active }
        #expect(isDemoted)
        // The mate falls out of sight: without a referee that proves nothing.
        harness.nodes[0].world.driverResults = [:]
        harness.hidesPeers = true
        harness.crash(1, restartAfter: 10_000_000)
        harness.run(for: 120_000)
        #expect(harness.nodes[0].world.role == .standby)
        #expect(harness.nodes[0].alarms.contains(.clusterNoActive))
        harness.hidesPeers = false
        harness.run(for: 5_000)
        #expect(isOneActive(harness, 0))
        #expect(harness.nodes[0].alarms.isEmpty)
    }

    // MARK: - On the table

    private func armed(_ desk: inout Desk) -> (command: CommandID, nonce: Nonce?) {
        let command = desk.order(.promote(failover: id(5), authority: .demotionProof))
        return (command, desk.lastNonce)
    }

    private func proof(_ desk: Desk, nonce: Nonce?, failover: FailoverID = id(5)) -> DemotionProof {
        DemotionProof(
            failover: failover,
            nonce: nonce ?? id(0),
            agent: desk.mateAgent,
            generation: 3,
            position: "p1"
        )
    }

    @Test(arguments: 0..<4)
    func onlyTheProofThatWasAskedForCounts(field: Int) {
        var desk = Desk(seen: observation(haStatus(.standby)))
        let (command, nonce) = armed(&desk)
        var word = proof(desk, nonce: nonce)
        switch field {
        case 0: word.failover = id(6)
        case 1: word.nonce = id(1)
        case 2: word.agent = id(3)
        case _: break
        }
        if field == 3 {
            desk.feed(.forged(.proof(word)))
        } else {
            desk.feed(.message(.proof(word)))
        }
        #expect(desk.machine.state.entry(command)?.life == .received)
        #expect(!desk.effects.contains { if case .driver = $0 { true } else { false } })
    }

    @Test
    func anActivePeerVetoesUntilItIsGone() {
        var desk = Desk()
        let (command, nonce) = armed(&desk)
        desk.feed(.message(.proof(proof(desk, nonce: nonce))))
        desk.pass(3_000)
        #expect(desk.machine.state.entry(command)?.life == .received)
        desk.seen.ha.peerRole = .other
        desk.pass(1_000)
        let call = DriverCall.promote(
            token: "1",
            failover: id(5),
            deadline: desk.now + 20_000
        )
        #expect(desk.effects.last == .driver(command, call))
        desk.seen = observation(haStatus(.active, token: "2"))
        desk.feed(.driverEnded(command, call, .done))
        #expect(desk.result(of: command)?.outcome == .done)
    }

    @Test
    func anUnreplayedPositionVetoes() {
        let lagging = haStatus(.standby, position: "p0", isCaughtUp: false)
        var desk = Desk(seen: observation(lagging))
        let (command, nonce) = armed(&desk)
        desk.feed(.message(.proof(proof(desk, nonce: nonce))))
        desk.pass(14_000)
        #expect(desk.machine.state.entry(command)?.life == .received)
        desk.pass(2_000)
        let result = desk.result(of: command)
        #expect(result?.failure?.code == ErrorCode.failoverVoided.id)
        #expect(result?.failure?.message.contains("p0") == true)
        #expect(result?.voided == VoidedFailover(failover: id(5), agent: desk.agent))
    }

    /// Only a server to which we ourselves hold replication back has nothing to wait for.
    @Test(arguments: [(true, true, true), (true, false, false), (false, true, false)])
    func withReplicationHeldBackByUsNoPositionIsWaitedFor(
        isHeldBackByUs: Bool,
        isShown: Bool,
        isPromoted: Bool
    ) {
        var behind = haStatus(.standby, position: "p0", isCaughtUp: false)
        behind.replication.isInhibited = isShown
        var desk = Desk(
            seen: observation(behind),
            journal: [
                .opened(id(1)), .booted(id(77)), .epoch(4), .inhibited(isHeldBackByUs),
            ]
        )
        let (command, nonce) = armed(&desk)
        desk.feed(.message(.proof(proof(desk, nonce: nonce))))
        desk.pass(3_000)
        let isCalled = desk.effects.contains {
            if case .driver(command, .promote) = $0 { true } else { false }
        }
        #expect(isCalled == isPromoted)
    }

    /// The proof came in time and the look behind it did not: the mate may be back by then.
    @Test
    func aProofThatIsWeighedTooLatePromotesNobody() {
        var desk = Desk(seen: observation(haStatus(.standby)))
        let (command, nonce) = armed(&desk)
        desk.isAnswering = false
        desk.feed(.message(.proof(proof(desk, nonce: nonce))))
        desk.now = desk.now + 15_000
        desk.feed(.observed(desk.seen))
        desk.feed(.observed(desk.seen))
        #expect(!desk.effects.contains { if case .driver = $0 { true } else { false } })
        #expect(desk.result(of: command)?.voided?.failover == id(5))
    }

    @Test
    func aTargetThatFellIllIsNotPromoted() {
        var desk = Desk(seen: observation(haStatus(.standby)))
        let (command, nonce) = armed(&desk)
        desk.seen.health = .failing("no licence")
        desk.feed(.message(.proof(proof(desk, nonce: nonce))))
        desk.pass(16_000)
        #expect(!desk.effects.contains { if case .driver = $0 { true } else { false } })
        #expect(desk.result(of: command)?.failure?.message.contains("no licence") == true)
    }

    @Test
    func aTargetThatIsActiveAlreadyCountsAsPromoted() {
        var desk = Desk(seen: observation(haStatus(.standby)))
        let (command, nonce) = armed(&desk)
        desk.seen = observation(haStatus(.active, token: "2"))
        desk.feed(.message(.proof(proof(desk, nonce: nonce))))
        #expect(desk.result(of: command)?.outcome == .done)
        #expect(!desk.effects.contains { if case .driver = $0 { true } else { false } })
    }

    @Test
    func aDriverThatNeverAnswersIsKilledAndFenced() {
        var desk = Desk(seen: observation(haStatus(.standby)))
        let (command, nonce) = armed(&desk)
        desk.feed(.message(.proof(proof(desk, nonce: nonce))))
        desk.pass(24_000)
        #expect(!desk.effects.contains(.killPromote))
        desk.pass(2_000)
        #expect(desk.effects.suffix(2) == [.killPromote, .driver(command, .fence)])
        desk.feed(.driverEnded(command, .fence, .done))
        #expect(desk.result(of: command)?.voided != nil)
        #expect(desk.machine.state.isFenced && desk.machine.state.isHeld)
    }

    @Test(arguments: [false, true])
    func aPromotionIsNeverRunAgain(isStarted: Bool) {
        var desk = Desk(seen: observation(haStatus(.standby)))
        let (command, nonce) = armed(&desk)
        if isStarted { desk.feed(.message(.proof(proof(desk, nonce: nonce)))) }
        var restarted = Desk(seen: desk.seen, journal: desk.journal, isConnected: false)
        if isStarted {
            #expect(restarted.effects.contains(.killPromote))
            #expect(restarted.effects.contains(.driver(command, .fence)))
            restarted.feed(.driverEnded(command, .fence, .done))
        }
        let isCalled = restarted.effects.contains { effect in
            if case .driver(_, .promote) = effect { true } else { false }
        }
        #expect(!isCalled)
        restarted.connect()
        #expect(restarted.result(of: command)?.failure?.code == ErrorCode.failoverVoided.id)
        #expect(restarted.result(of: command)?.voided?.failover == id(5))
        #expect(restarted.machine.state.isFenced == isStarted)
        restarted.feed(.message(.proof(proof(desk, nonce: nonce))))
        #expect(restarted.machine.state.openCommands.isEmpty)
    }

    @Test
    func voidedIsNeverSignedWhileActive() {
        var desk = Desk(seen: observation(haStatus(.standby)))
        let (command, nonce) = armed(&desk)
        desk.feed(.message(.proof(proof(desk, nonce: nonce))))
        desk.pass(26_000)
        desk.seen = observation(haStatus(.active, token: "2"))
        desk.feed(.driverEnded(command, .fence, .failed("stuck")))
        desk.pass(1_000)
        desk.feed(.driverEnded(command, .fence, .failed("stuck")))
        #expect(desk.result(of: command) == nil)
        desk.pass(1_000)
        desk.seen = observation(haStatus(.standby, token: "3"))
        desk.feed(.driverEnded(command, .fence, .done))
        #expect(desk.result(of: command)?.voided != nil)
    }

    @Test
    func restoreServiceNeedsNoProofButAFreePeer() {
        let authority = PromotionAuthority.mateDeclaredDead(
            by: PersonName("ann"),
            at: WallTime(milliseconds: 1)
        )
        let verb = Verb.promote(failover: id(5), authority: authority)
        var vetoed = Desk()
        #expect(vetoed.refusal(ordering: verb) == ErrorCode.preconditionFailed.id)
        var desk = Desk(seen: observation(haStatus(.standby, peer: .unseen)))
        let command = desk.order(verb)
        #expect(desk.sent.contains(.accepted(command, promoteNonce: nil)))
        #expect(
            desk.effects.contains {
                if case .driver(command, .promote) = $0 { true } else { false }
            }
        )
    }

    @Test
    func aVoidedArmingIsSignedSo() {
        var desk = Desk(seen: observation(haStatus(.standby)))
        let (command, _) = armed(&desk)
        desk.feed(.message(.void(command)))
        #expect(desk.result(of: command)?.voided != nil)
        #expect(desk.machine.state.tombstones.isEmpty)
    }

    // MARK: - A demotion on the table

    private func demoting(_ desk: inout Desk) -> CommandID {
        desk.order(
            .demote(
                failover: id(5),
                target: ServerName("fe-1"),
                targetNonce: id(6),
                deadManMilliseconds: 45_000
            )
        )
    }

    private func call(by deadline: Tick) -> DriverCall {
        .demote(failover: id(5), target: ServerName("fe-1"), deadline: deadline)
    }

    private let call = DriverCall.demote(
        failover: id(5),
        target: ServerName("fe-1"),
        deadline: Tick(milliseconds: 0)
    )

    @Test
    func theDeadManIsDurableAndArmedBeforeTheRoleIsTouched() {
        var desk = Desk(seen: observation(haStatus(.active)))
        desk.isAnswering = false
        desk.feed(desk.envelope(desk.command(.report, 2)))
        let demote = Verb.demote(
            failover: id(5),
            target: ServerName("fe-1"),
            targetNonce: id(6),
            deadManMilliseconds: 45_000
        )
        desk.feed(.observed(desk.seen))
        desk.feed(desk.envelope(desk.command(demote)))
        let step = desk.feed(.observedRole(desk.seen))
        let kinds = step.journal.map { record in
            switch record {
            case .received: "received"
            case .started: "started"
            case .demoted: "demoted"
            case _: "other"
            }
        }
        #expect(kinds == ["received", "started", "demoted"])
        let deadline = desk.now + 45_000
        #expect(
            step.effects == [
                .armDeadMan(id(5), deadline: deadline, boot: id(77)),
                .driver(id(1), call(by: desk.now + 8_000)),
            ]
        )
    }

    @Test(arguments: [DriverResult.done, .failed("late"), .unknown("late")])
    func aDriverThatMayStillBeAtItIsWaitedFor(result: DriverResult) {
        var desk = Desk(seen: observation(haStatus(.active)))
        let command = demoting(&desk)
        desk.feed(.driverEnded(command, call, result))
        desk.pass(6_000)
        #expect(desk.result(of: command) == nil)
        desk.seen = observation(haStatus(.standby, token: "2", position: "p4"))
        desk.pass(1_000)
        #expect(desk.result(of: command)?.outcome == .done)
        let proof = desk.result(of: command)?.proof
        #expect(
            proof
                == DemotionProof(
                    failover: id(5),
                    nonce: id(6),
                    agent: desk.agent,
                    generation: 2,
                    position: "p4"
                )
        )
        #expect(desk.machine.state.demotion != nil)
    }

    /// A worker of the agent before the restart may wait for the driver until its deadline.
    @Test
    func afterARestartNothingIsFinalBeforeTheOldCallsDeadline() {
        var desk = Desk(seen: observation(haStatus(.active)))
        let command = demoting(&desk)
        desk.feed(.driverEnded(command, call, .unknown("the agent restarted meanwhile")))
        desk.pass(8_000)
        #expect(desk.result(of: command) == nil)
        #expect(desk.machine.state.demotion != nil)
        #expect(!desk.effects.contains(.disarmDeadMan(id(5))))
    }

    @Test
    func pastItsLimitAnActiveServerWasNotMoved() {
        var desk = Desk(seen: observation(haStatus(.active)))
        let command = demoting(&desk)
        desk.feed(.driverEnded(command, call, .unknown("late")))
        desk.pass(10_000)
        #expect(desk.result(of: command)?.failure?.code == ErrorCode.driverFailed.id)
        #expect(desk.machine.state.demotion == nil)
        #expect(desk.effects.last == .disarmDeadMan(id(5)))
    }

    @Test
    func aRoleThatNobodyKnowsIsNeitherProofNorEnd() {
        var desk = Desk(seen: observation(haStatus(.active)))
        let command = demoting(&desk)
        desk.seen = observation(.unknown)
        desk.feed(.driverEnded(command, call, .done))
        desk.pass(10_000)
        #expect(desk.result(of: command)?.failure != nil)
        #expect(desk.result(of: command)?.proof == nil)
        #expect(desk.machine.state.demotion != nil)
        desk.pass(45_000)
        let takeBack = DriverCall.takeBack(failover: id(5), isVoided: false)
        #expect(desk.effects.contains(.driver(nil, takeBack)))
    }

    @Test
    func theProofOutlivesARestart() {
        var desk = Desk(seen: observation(haStatus(.active)))
        let command = demoting(&desk)
        desk.seen = observation(haStatus(.standby, token: "2"))
        desk.feed(.driverEnded(command, call, .done))
        let proof = desk.result(of: command)?.proof
        #expect(proof != nil)
        var restarted = Desk(seen: desk.seen, journal: desk.journal)
        #expect(restarted.result(of: command) == nil)
        restarted.feed(.message(.statusQuery(command)))
        #expect(restarted.result(of: command)?.proof == proof)
        #expect(restarted.machine.state.demotion != nil)
    }

    @Test(arguments: [false, true])
    func aTakeBackIsRefusedUntilTheRuleAllowsIt(isVoided: Bool) {
        var desk = Desk(seen: observation(haStatus(.active)))
        let demoted = demoting(&desk)
        desk.seen = observation(haStatus(.standby, token: "2"))
        desk.feed(.driverEnded(demoted, call, .done))
        let early = desk.order(.takeBack(failover: id(5)), 2)
        #expect(desk.result(of: early)?.failure?.code == ErrorCode.preconditionFailed.id)
        if isVoided {
            desk.feed(.message(.voided(VoidedFailover(failover: id(5), agent: desk.mateAgent))))
            let takeBack = DriverCall.takeBack(failover: id(5), isVoided: true)
            #expect(desk.effects.last == .driver(nil, takeBack))
        } else {
            desk.pass(46_000)
        }
        let later = desk.order(.takeBack(failover: id(5)), 3)
        desk.seen = observation(haStatus(.active, token: "3"))
        desk.feed(.tookBack(id(5), .returned))
        #expect(desk.result(of: later)?.outcome == .done)
        #expect(desk.machine.state.demotion == nil)
    }

    @Test
    func aStrangersVoidedWordIsNothing() {
        var desk = Desk(seen: observation(haStatus(.active)))
        let demoted = demoting(&desk)
        desk.seen = observation(haStatus(.standby, token: "2"))
        desk.feed(.driverEnded(demoted, call, .done))
        desk.effects = []
        desk.feed(.message(.voided(VoidedFailover(failover: id(5), agent: id(9)))))
        desk.feed(.message(.voided(VoidedFailover(failover: id(6), agent: desk.mateAgent))))
        desk.feed(.forged(.voided(VoidedFailover(failover: id(5), agent: desk.mateAgent))))
        #expect(!desk.effects.contains { if case .driver = $0 { true } else { false } })
    }

    @Test
    func aTargetThatFencedItselfLateStillGivesTheRoleBack() {
        var desk = Desk(seen: observation(haStatus(.active)))
        let demoted = demoting(&desk)
        desk.seen = observation(haStatus(.standby, peer: .active, token: "2"))
        desk.feed(.driverEnded(demoted, call, .done))
        desk.pass(6_000)
        #expect(desk.machine.state.demotion == nil)
        desk.seen.ha.peerRole = .other
        desk.feed(.message(.voided(VoidedFailover(failover: id(5), agent: desk.mateAgent))))
        let takeBack = DriverCall.takeBack(failover: id(5), isVoided: true)
        #expect(desk.effects.last == .driver(nil, takeBack))
    }
}
