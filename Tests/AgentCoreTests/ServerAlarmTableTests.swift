import AgentCore
import TandemModel
import Testing

/// The alarms that an agent raises of its own server, and what clears them.
struct ServerAlarmTableTests {
    private static func staged(_ byte: UInt8, _ manifest: Digest, _ release: ReleaseID)
        -> JournalRecord
    {
        .staged(
            StagedImage(
                image: digest(byte),
                manifest: manifest,
                release: release,
                isVerified: true
            )
        )
    }

    private let shelf = [staged(1, oldManifest, oldRelease), staged(2, newManifest, newRelease)]
    private let failure = TandemFailure(
        code: "TDM-3003",
        message: "packages/fe.deb: it was changed since it was staged",
        remedy: "stage it again"
    )

    private func alarms(_ desk: Desk) -> [AlarmNumber] {
        desk.machine.state.alarms.active.map(\.number)
    }

    private func isVerified(_ desk: Desk, _ manifest: Digest) -> Bool? {
        for message in desk.sent.reversed() {
            guard case .report(let report) = message else { continue }
            return report.images.first { $0.manifest == manifest }?.isVerified
        }
        return nil
    }

    @Test
    func aDamagedImageIsNamedAndCountsNoMore() {
        var desk = Desk(journal: shelf)
        desk.feed(.releaseVerified(newManifest, failure))
        #expect(alarms(desk) == [.isoMismatch])
        #expect(desk.machine.state.alarms.active.first?.text.contains("fe.deb") == true)
        #expect(isVerified(desk, newManifest) == false)
        #expect(isVerified(desk, oldManifest) == true)
        desk.feed(.releaseVerified(newManifest, nil))
        #expect(alarms(desk).isEmpty)
        #expect(isVerified(desk, newManifest) == true)
    }

    /// A reading that ends after its image was dropped says nothing of what is left.
    @Test
    func whatIsNotOnTheShelfRaisesNothing() {
        var desk = Desk(journal: shelf)
        desk.feed(.releaseVerified(thirdManifest, failure))
        #expect(alarms(desk).isEmpty)
    }

    /// A new process has forgotten what was found, and not yet looked everywhere.
    @Test
    func aRestartKeepsTheAlarmUntilEverythingWasRead() {
        var first = Desk(journal: shelf)
        first.feed(.releaseVerified(newManifest, failure))
        var second = Desk(journal: first.journal)
        #expect(alarms(second) == [.isoMismatch])
        second.feed(.releaseVerified(oldManifest, nil))
        #expect(alarms(second) == [.isoMismatch])
        second.feed(.releaseVerified(newManifest, nil))
        #expect(alarms(second).isEmpty)
    }

    @Test
    func aHoldStandsUntilItIsReleased() {
        var desk = Desk()
        let hold = desk.order(.hold)
        desk.seen.ha.isHeld = true
        desk.feed(.driverEnded(hold, .hold, .done))
        #expect(desk.result(of: hold)?.outcome == .done)
        #expect(desk.result(of: hold)?.post.role == .forcedStandby)
        #expect(alarms(desk).contains(.serverForcedStandby))

        var after = Desk(seen: desk.seen, journal: desk.journal)
        #expect(alarms(after).contains(.serverForcedStandby))
        let release = after.order(.unhold, 2)
        after.seen.ha.isHeld = false
        after.feed(.driverEnded(release, .unhold, .done))
        #expect(after.result(of: release)?.outcome == .done)
        #expect(after.result(of: release)?.post.role == .standby)
        #expect(!alarms(after).contains(.serverForcedStandby))
    }

    /// After a boot the HA system may have forgotten: it is told again, and nothing is cleared.
    @Test
    func aForgottenHoldIsToldAgain() {
        var desk = Desk()
        let hold = desk.order(.hold)
        desk.feed(.driverEnded(hold, .hold, .done))
        let after = Desk(journal: desk.journal, isConnected: false)
        #expect(after.machine.state.isHeld)
        #expect(after.effects.contains(.driver(nil, .hold)))
        #expect(alarms(after).contains(.serverForcedStandby))
    }

    @Test(arguments: [89_500, -89_500] as [Int64])
    func theControllersClockIsCompared(_ ahead: Int64) {
        var desk = Desk(isConnected: false)
        #expect(desk.machine.facts.controllerAhead == nil)
        desk.connect()
        desk.isAnswering = false
        let count = desk.sent.count
        func hasBeaten() -> Bool {
            desk.sent[count...].contains { if case .heartbeat = $0 { true } else { false } }
        }
        while !hasBeaten(), desk.sent.count < count + 100 { desk.pass(1_000) }
        func answer(_ ahead: Int64) {
            let theirs = UInt64(Int64(desk.now.milliseconds) + ahead)
            desk.feed(
                .message(.heartbeatAck(sequence: 1, time: WallTime(milliseconds: theirs)))
            )
        }
        answer(ahead)
        #expect(desk.machine.facts.controllerAhead == ahead)
        // One that was long on its way says nothing.
        desk.now = desk.now + 1_001
        answer(5)
        #expect(desk.machine.facts.controllerAhead == ahead)
    }
}
