import AgentCore
import TandemModel
import Testing

/// Vouchers, given and taken.
struct VouchingTableTests {
    private let active = observation(haStatus(.active))
    private let install = Verb.install(manifest: newManifest, configuration: nil)

    private func demote(_ failover: FailoverID = id(5)) -> Verb {
        .demote(
            failover: failover,
            target: ServerName("fe-1"),
            targetNonce: id(6),
            deadManMilliseconds: 45_000
        )
    }

    private func request(_ failover: FailoverID? = nil, command: CommandID? = id(40)) -> Input {
        .message(.vouchRequest(command: command, failover: failover, nonce: id(70)))
    }

    private func isRefused(_ desk: Desk) -> Bool {
        desk.sent.contains { if case .vouchRefused(nonce: id(70), _) = $0 { true } else { false } }
    }

    // MARK: - Given

    @Test
    func aVoucherSaysWhatIsSeenAfterTheQuestion() {
        var desk = Desk(seen: active)
        desk.isAnswering = false
        desk.feed(request())
        desk.seen.ha.position = "p9"
        let step = desk.feed(.observed(desk.seen))
        let voucher = Voucher(
            command: id(40),
            failover: nil,
            nonce: id(70),
            agent: desk.agent,
            role: .active,
            isInService: true,
            software: .known(oldRelease),
            generation: 1,
            position: "p9"
        )
        #expect(step.sends.contains(.voucher(voucher)))
    }

    @Test
    func whoVouchedHoldsStillForTwelveSeconds() {
        var desk = Desk(seen: active)
        desk.feed(request())
        #expect(desk.refusal(ordering: demote(), 1) == ErrorCode.agentBusy.id)
        desk.pass(11_000)
        #expect(desk.refusal(ordering: demote(), 2) == ErrorCode.agentBusy.id)
        desk.pass(1_000)
        #expect(desk.refusal(ordering: demote(), 3) == nil)
    }

    @Test
    func aReleaseEndsIt() {
        var desk = Desk(seen: active)
        desk.feed(request())
        desk.feed(.message(.voucherRelease(nonce: id(70))))
        #expect(desk.refusal(ordering: demote()) == nil)
    }

    @Test
    func theFailoverThatItWasSignedForMayDemote() {
        var desk = Desk(seen: active)
        desk.feed(request(id(5)))
        #expect(desk.refusal(ordering: demote(id(8)), 1) == ErrorCode.agentBusy.id)
        #expect(desk.refusal(ordering: demote(id(5)), 2) == nil)
    }

    @Test
    func whoVouchedIsNotInstalled() {
        var desk = Desk()
        desk.feed(request())
        #expect(desk.refusal(ordering: install, 1, hasMate: true) == ErrorCode.agentBusy.id)
        desk.pass(12_000)
        #expect(desk.refusal(ordering: install, 2, hasMate: true) == nil)
    }

    @Test
    func whoIsInstallingDemotedOrAZombieDoesNotVouch() {
        var installing = Desk()
        installing.order(install, hasMate: true)
        installing.feed(request())
        #expect(isRefused(installing))
        var demoting = Desk(seen: active)
        demoting.order(demote())
        demoting.feed(request())
        #expect(isRefused(demoting))
        var zombie = Desk(journal: [.opened(id(1)), .zombie("broken")])
        zombie.feed(request())
        #expect(isRefused(zombie))
    }

    @Test
    func theFreshNonceReportIsGivenInEveryStateAndPromisesNothing() {
        var desk = Desk(journal: [.opened(id(1)), .zombie("broken")])
        desk.feed(request(command: nil))
        #expect(desk.sent.contains { if case .voucher = $0 { true } else { false } })
        var free = Desk(seen: active)
        free.feed(request(command: nil))
        #expect(free.refusal(ordering: demote()) == nil)
    }

    @Test
    func afterAStartEverythingIsAsIfItHadVouched() {
        var desk = Desk(
            seen: active,
            journal: [.opened(id(1)), .epoch(4)],
            isConnected: false
        )
        desk.connect()
        let command = desk.order(demote())
        #expect(desk.refusal(of: command) == nil)
        #expect(desk.machine.state.entry(command) == nil)
        desk.pass(11_000)
        #expect(desk.machine.state.entry(command) == nil)
        desk.pass(2_000)
        #expect(desk.machine.state.entry(command)?.started != nil)
    }

    @Test
    func anAgentThatNeverObeyedAnybodyHasNothingToKeep() {
        var desk = Desk(seen: active, isConnected: false)
        desk.connect()
        let command = desk.order(demote())
        #expect(desk.machine.state.entry(command)?.started != nil)
    }

    // MARK: - Taken

    @Test
    func aMatchingVoucherStartsTheInstall() throws {
        var desk = Desk()
        let command = desk.order(install, hasMate: true)
        let nonce = try #require(desk.lastNonce)
        desk.pass(9_000)
        desk.feed(.message(.voucher(desk.voucher(command, nonce))))
        #expect(desk.machine.state.entry(command)?.started != nil)
    }

    @Test(arguments: 0..<10)
    func anyOtherVoucherDoesNot(field: Int) throws {
        var desk = Desk()
        let command = desk.order(install, hasMate: true)
        let nonce = try #require(desk.lastNonce)
        var voucher = desk.voucher(command, nonce)
        switch field {
        case 0: voucher.command = id(2)
        case 1: voucher.failover = id(2)
        case 2: voucher.nonce = id(2)
        case 3: voucher.agent = id(9)
        case 4: voucher.role = .standby
        case 5: voucher.isInService = false
        case 6: voucher.software = .known(newRelease)
        case 7: voucher.generation = 2
        case 8: voucher.command = nil
        case _: break
        }
        if field == 9 {
            desk.feed(.forged(.voucher(voucher)))
        } else {
            desk.feed(.message(.voucher(voucher)))
        }
        #expect(desk.machine.state.entry(command)?.started == nil)
        desk.pass(11_000)
        let result = desk.result(of: command)
        #expect(result?.failure?.code == ErrorCode.voucherRefused.id)
        #expect(result?.failure?.message.contains("nothing was changed") == true)
        #expect(!desk.effects.contains { if case .prepareStep = $0 { true } else { false } })
    }

    @Test
    func aVoucherOlderThanTenSecondsIsNone() throws {
        var desk = Desk()
        let command = desk.order(install, hasMate: true)
        let nonce = try #require(desk.lastNonce)
        desk.now = desk.now + 10_000
        desk.feed(.message(.voucher(desk.voucher(command, nonce))))
        #expect(desk.machine.state.entry(command)?.started == nil)
    }

    /// A word that was long on its way is as old as the question, not as new as its arrival.
    @Test
    func aVoucherCountsFromItsQuestion() throws {
        var desk = Desk()
        let command = desk.order(install, hasMate: true)
        let nonce = try #require(desk.lastNonce)
        desk.isAnswering = false
        desk.now = desk.now + 9_000
        desk.feed(.message(.voucher(desk.voucher(command, nonce))))
        desk.now = desk.now + 2_000
        desk.feed(.observed(desk.seen))
        #expect(desk.machine.state.entry(command)?.started == nil)
        #expect(desk.lastNonce != nonce)
    }

    @Test
    func aVoucherBehindTheDeadlineStartsNothing() throws {
        var desk = Desk()
        let command = desk.command(install, hasMate: true)
        desk.feed(desk.envelope(command, deadline: 13_000 + 4_000))
        let nonce = try #require(desk.lastNonce)
        desk.now = desk.now + 6_000
        desk.feed(.message(.voucher(desk.voucher(command.id, nonce))))
        #expect(desk.result(of: command.id)?.failure?.code == ErrorCode.commandExpired.id)
        #expect(desk.machine.state.entry(command.id)?.started == nil)
    }

    @Test
    func aServerThatChangedWhileItWaitedStartsNothing() throws {
        var desk = Desk()
        let command = desk.order(install, hasMate: true)
        let nonce = try #require(desk.lastNonce)
        desk.seen = observation(haStatus(.standby, peer: .active, token: "2"))
        desk.feed(.message(.voucher(desk.voucher(command, nonce))))
        #expect(desk.result(of: command)?.failure?.code == ErrorCode.preconditionFailed.id)
        #expect(desk.prepared == nil)
    }

    @Test
    func aBackOutAsksForNone() {
        var desk = Desk(
            seen: observation(
                haStatus(.standby, peer: .active),
                software: .known(newRelease),
                manifest: newManifest
            )
        )
        let command = desk.order(.backOut(manifest: oldManifest, configuration: nil), hasMate: true)
        #expect(desk.machine.state.entry(command)?.started != nil)
        #expect(desk.lastNonce == nil)
    }

    @Test
    func theKeyOfTheMateIsPinnedOnce() {
        var desk = Desk()
        #expect(desk.machine.pinnedKey(of: desk.mateAgent) == [1, 1])
        let again = desk.outcome(of: .message(.clusterView(desk.view(key: [2, 2]))))
        #expect(desk.machine.pinnedKey(of: desk.mateAgent) == [1, 1])
        #expect(again.journal.isEmpty)
        let isReported = again.sent.contains { message in
            guard case .error(let word) = message else { return false }
            return word.text.hasPrefix("SECURITY")
        }
        #expect(isReported)
    }
}
