import AgentCore
import TandemModel
import Testing

/// Holds, fences, configuration, accept, recover, and the commands that run beside.
struct PlainCommandTests {
    @Test(arguments: [
        (Verb.hold, DriverCall.hold, [JournalRecord.held(true)]),
        (.fence, .fence, [.held(true), .fenced(true)]),
        (.inhibitReplication, .inhibitReplication, [.inhibited(true)]),
    ])
    func aRoleVerbIsJournaledOnceTheDriverHasDoneIt(
        verb: Verb,
        call: DriverCall,
        records: [JournalRecord]
    ) {
        var desk = Desk()
        let command = desk.order(verb)
        #expect(desk.effects.last == .driver(command, call))
        let done = desk.outcome(of: .driverEnded(command, call, .done))
        #expect(Array(done.journal.prefix(records.count)) == records)
        #expect(desk.result(of: command)?.outcome == .done)
    }

    @Test(arguments: [
        DriverResult.refused("no"), .failed("no"), .unknown("no"),
    ])
    func aDriverThatDoesNotDoItFailsTheCommand(result: DriverResult) {
        var desk = Desk()
        let command = desk.order(.hold)
        desk.feed(.driverEnded(command, .hold, result))
        #expect(desk.result(of: command)?.failure?.code == ErrorCode.driverFailed.id)
        #expect(desk.result(of: command)?.failure?.diagnostic == "no")
        #expect(!desk.machine.state.isHeld)
    }

    @Test
    func aFencedServerThatIsStillActiveIsNotFenced() {
        var desk = Desk(seen: observation(haStatus(.active)))
        let command = desk.order(.fence)
        desk.feed(.driverEnded(command, .fence, .done))
        #expect(desk.result(of: command)?.failure?.code == ErrorCode.driverFailed.id)
    }

    @Test
    func aFenceEndsAnOpenDemotion() {
        var desk = Desk(
            seen: observation(haStatus(.standby)),
            journal: [
                .opened(id(1)), .booted(id(77)), .epoch(4),
                .demoted(
                    id(5),
                    target: ServerName("fe-1"),
                    boot: id(77),
                    at: Tick(milliseconds: 499_000),
                    deadManMilliseconds: 45_000
                ),
            ]
        )
        desk.order(.fence)
        #expect(desk.machine.state.demotion == nil)
        #expect(desk.effects.contains(.disarmDeadMan(id(5))))
    }

    @Test(arguments: [
        Verb.install(manifest: newManifest, configuration: nil), .inhibitReplication,
        .promote(failover: id(9), authority: .demotionProof), .accept(release: oldRelease),
    ])
    func anUnsettledDemotionRefusesWhatTheDeadManCouldTear(verb: Verb) {
        var desk = Desk(
            seen: observation(haStatus(.standby)),
            journal: [
                .opened(id(1)), .booted(id(77)), .epoch(4),
                .demoted(
                    id(5),
                    target: ServerName("fe-1"),
                    boot: id(77),
                    at: Tick(milliseconds: 499_000),
                    deadManMilliseconds: 45_000
                ),
            ]
        )
        #expect(desk.refusal(ordering: verb) == ErrorCode.agentBusy.id)
    }

    // MARK: - Holds over time

    private let held: [JournalRecord] = [
        .opened(id(1)), .booted(id(77)), .epoch(4), .held(true),
    ]

    @Test
    func aHoldThatTheHASystemForgotIsMadeAgain() {
        var desk = Desk(journal: held, isConnected: false)
        #expect(desk.effects.contains(.driver(nil, .hold)))
        desk.effects = []
        desk.feed(.driverEnded(nil, .hold, .failed("later")))
        desk.pass(4_000)
        #expect(!desk.effects.contains(.driver(nil, .hold)))
        desk.pass(7_000)
        #expect(desk.effects.contains(.driver(nil, .hold)))
    }

    @Test
    func aFencedServerThatComesUpActiveIsFencedAgain() {
        let desk = Desk(
            seen: observation(haStatus(.active)),
            journal: held + [.fenced(true)],
            isConnected: false
        )
        #expect(desk.effects.contains(.driver(nil, .fence)))
    }

    private struct Lapse: CustomStringConvertible {
        var name: String
        var ha = haStatus(.standby, peer: .other, isHeld: true)
        var software = SoftwareState.known(oldRelease)
        var health = Health.healthy
        var more: [JournalRecord] = []
        var isConnected = false
        var lapses: Bool
        var description: String { name }
    }

    private static let lapses: [Lapse] = [
        Lapse(name: "other", lapses: true),
        Lapse(
            name: "active peer",
            ha: haStatus(.standby, peer: .active, isHeld: true),
            lapses: false
        ),
        Lapse(
            name: "unseen, no referee",
            ha: haStatus(.standby, peer: .unseen, isHeld: true),
            lapses: false
        ),
        Lapse(
            name: "unseen, referee",
            ha: haStatus(.standby, peer: .unseen, exclusion: .referee, isHeld: true),
            lapses: true
        ),
        Lapse(name: "release unknown", software: .unknown("?"), lapses: false),
        Lapse(name: "ill", health: .failing("no answer"), lapses: false),
        Lapse(name: "health unknown", health: .unknown, lapses: false),
        Lapse(name: "fenced", more: [.fenced(true)], lapses: false),
        Lapse(name: "zombie", more: [.zombie("broken")], lapses: false),
        Lapse(name: "connected", isConnected: true, lapses: false),
    ]

    @Test(arguments: lapses.indices)
    func aHoldLapsesByTheRuleAlone(row: Int) {
        let lapse = Self.lapses[row]
        var desk = Desk(
            seen: observation(lapse.ha, software: lapse.software, health: lapse.health),
            journal: held + lapse.more,
            isConnected: lapse.isConnected
        )
        if !lapse.isConnected {
            desk.pass(58_000)
            #expect(!desk.effects.contains(.driver(nil, .unhold)))
        }
        desk.pass(70_000)
        #expect(desk.effects.contains(.driver(nil, .unhold)) == lapse.lapses, "\(lapse)")
        guard lapse.lapses else { return }
        desk.feed(.driverEnded(nil, .unhold, .done))
        #expect(!desk.machine.state.isHeld)
    }

    // MARK: - Configuration, accept, recover

    @Test
    func aConfigurationIsProvenByItsDigest() {
        var desk = Desk(seen: observation(haStatus(.active)))
        let version = configuration(6)
        let command = desk.order(.applyConfiguration(version))
        desk.seen.configurationDigest = digest(6)
        let done = desk.outcome(of: .configurationApplied(command, version, nil))
        #expect(
            done.journal.first
                == .configured(
                    AppliedConfiguration(
                        number: 6,
                        schema: "fe-1",
                        digest: digest(6)
                    )
                )
        )
        #expect(desk.result(of: command)?.outcome == .done)
        #expect(desk.result(of: command)?.post.configuration?.number == 6)
        let kept = desk.machine.state.entry(command)?.command.verb
        guard case .applyConfiguration(let stored)? = kept else { return }
        #expect(stored.document.isEmpty)
    }

    @Test
    func aConfigurationThatIsNotThereAfterwardsFails() {
        var desk = Desk(seen: observation(haStatus(.active)))
        let command = desk.order(.applyConfiguration(configuration(6)))
        desk.feed(.configurationApplied(command, configuration(6), nil))
        #expect(desk.result(of: command)?.failure?.code == ErrorCode.configurationFailed.id)
        #expect(desk.machine.state.configured == nil)
    }

    @Test
    func acceptGivesTheWayBackUp() {
        var desk = Desk(
            journal: [
                .opened(id(1)), .epoch(4), .releases(current: oldManifest, previous: newManifest),
            ]
        )
        #expect(desk.machine.state.previous == newManifest)
        let command = desk.order(.accept(release: oldRelease))
        #expect(desk.result(of: command)?.outcome == .done)
        #expect(desk.machine.state.previous == nil)
        #expect(desk.machine.state.current == oldManifest)
    }

    @Test
    func aPersonsWordEndsAZombieUnlessPackagesAreInPieces() {
        let journal: [JournalRecord] = [.opened(id(1)), .epoch(4), .zombie("broken")]
        var desk = Desk(journal: journal)
        #expect(desk.machine.state.alarms.active.map(\.number) == [.serverIsZombie])
        let command = desk.order(.recover)
        #expect(desk.effects.contains(.verifyRelease(oldManifest)))
        #expect(desk.result(of: command)?.outcome == .done)
        #expect(desk.machine.state.zombie == nil)
        #expect(desk.machine.state.alarms.active.isEmpty)
        var broken = Desk(
            seen: observation(haStatus(.standby), software: .halfInstalled("fe"), manifest: nil),
            journal: journal
        )
        let refused = broken.order(.recover)
        #expect(broken.result(of: refused)?.failure?.code == ErrorCode.stateIndeterminate.id)
        #expect(broken.machine.state.zombie != nil)
    }

    // MARK: - Beside

    @Test(arguments: [
        (CheckResult.Level.ok, true), (.warning, true), (.unknown, false), (.critical, false),
    ])
    func checksFailOnCriticalAndUnknown(level: CheckResult.Level, isDone: Bool) {
        var desk = Desk()
        let command = desk.order(.check(manifest: newManifest, direction: .up))
        let results = [
            CheckResult(name: "clock", level: .ok, text: "fine"),
            CheckResult(name: "disk", level: level, text: "90 %", remedy: "make room"),
        ]
        desk.feed(.checked(command, results))
        let result = desk.result(of: command)
        #expect((result?.outcome == .done) == isDone)
        #expect(result?.checks == results)
        guard !isDone else { return }
        #expect(result?.failure?.code == ErrorCode.checkFailed.id)
        #expect(result?.failure?.remedy == "make room")
    }

    @Test
    func aReportIsAFreshThoroughLook() {
        var desk = Desk()
        desk.isAnswering = false
        let command = desk.command(.report)
        let step = desk.feed(desk.envelope(command))
        #expect(step.effects.contains(.observe(isThorough: true)))
        desk.feed(.observed(desk.seen))
        #expect(desk.result(of: command.id)?.outcome == .done)
    }

    @Test
    func logsEndAsTheyEnd() {
        var desk = Desk()
        let command = desk.order(.collectLogs)
        #expect(desk.effects.last == .collectLogs(command))
        desk.feed(.logsCollected(command, nil))
        #expect(desk.result(of: command)?.outcome == .done)
    }

    @Test
    func whatTheWayBackNeedsIsNotDropped() {
        func image(_ byte: UInt8, _ manifest: Digest, _ release: ReleaseID) -> JournalRecord {
            .staged(
                StagedImage(
                    image: digest(byte),
                    manifest: manifest,
                    release: release,
                    isVerified: true
                )
            )
        }
        var desk = Desk(
            seen: observation(
                haStatus(.standby, peer: .active),
                software: .known(newRelease),
                manifest: newManifest
            ),
            journal: [
                .opened(id(1)), .epoch(4), image(1, oldManifest, oldRelease),
                image(2, newManifest, newRelease), image(3, thirdManifest, thirdRelease),
                .releases(current: newManifest, previous: oldManifest),
            ]
        )
        #expect(desk.refusal(ordering: .dropImage(digest(1)), 1) == ErrorCode.imageNeeded.id)
        #expect(desk.refusal(ordering: .dropImage(digest(2)), 2) == ErrorCode.imageNeeded.id)
        let command = desk.order(.dropImage(digest(3)), 3)
        #expect(desk.effects.last == .dropImage(digest(3), keep: [oldManifest, newManifest]))
        let done = desk.outcome(of: .imageDropped(digest(3), nil))
        #expect(done.journal.first == .dropped(digest(3)))
        #expect(desk.result(of: command)?.outcome == .done)
        let missing = Verb.check(manifest: thirdManifest, direction: .up)
        #expect(desk.refusal(ordering: missing, 4) == ErrorCode.imageUnknown.id)
        desk.order(.accept(release: newRelease), 5)
        #expect(desk.refusal(ordering: .dropImage(digest(1)), 6) == nil)
    }

    @Test
    func theWayBackIsVerifiedBeforeItIsClaimed() {
        var desk = Desk(isConnected: false)
        desk.isAnswering = false
        desk.connect()
        #expect(desk.effects.contains(.verifyRelease(oldManifest)))
        func isClaimed() -> Bool? {
            for message in desk.sent.reversed() {
                if case .report(let report) = message { return report.isWayBackVerified }
            }
            return nil
        }
        #expect(isClaimed() == true)
        let failure = TandemFailure(code: "TDM-3003", message: "fe.deb is damaged", remedy: "-")
        desk.feed(.releaseVerified(oldManifest, failure))
        #expect(isClaimed() == false)
        #expect(desk.machine.state.alarms.active.map(\.number) == [.isoMismatch])
        desk.feed(.releaseVerified(oldManifest, nil))
        #expect(isClaimed() == true)
        #expect(desk.machine.state.alarms.active.isEmpty)
    }
}
