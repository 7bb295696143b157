import AgentCore
import Glibc
import TandemModel
import TandemSpawn
import Testing

@testable import AgentPlatform

struct RoleChangeTests {
    private let test: TestServer
    private var change: RoleChange { RoleChange(test.server) }
    private var soon: Tick { MachineClock.bootTime() + 20_000 }

    init() throws { test = try TestServer() }

    /// A driver's verb that makes this server active.
    private func makesActive(_ verb: String) throws {
        try test.folder.script(
            "driver-\(verb)",
            "printf 'role=active\\nin-service=yes\\n' > driver-status"
        )
    }

    // MARK: - Promote

    @Test
    func promotionInTimeIsDone() throws {
        #expect(change.promote(token: "t1", deadline: soon) == .done)
        #expect(test.driverCalls == ["promote t1"])
    }

    @Test
    func refusedPromotionOfAnActiveServerCounts() throws {
        try test.folder.script("driver-promote", "echo 'token is t2'; exit 1")
        #expect(
            change.promote(token: "t1", deadline: soon) == .refused("promote: token is t2")
        )
        try test.setDriver(role: "active")
        #expect(change.promote(token: "t1", deadline: soon) == .done)
    }

    @Test
    func deadlineThatIsOverDoesNothing() throws {
        let past = Tick(milliseconds: MachineClock.bootTime().milliseconds - 1)
        guard case .refused = change.promote(token: "t1", deadline: past) else {
            Issue.record("not refused")
            return
        }
        #expect(test.driverCalls.isEmpty)
    }

    @Test
    func latePromotionFencesItself() throws {
        // The clock is read again after the effect: it has gone on by then.
        let isLate = test.folder("late")
        try test.folder.script("driver-promote", ": > late")
        let change = RoleChange(
            driver: test.server.driver,
            lock: DriverLock(path: test.server.state.driverLock),
            clocks: FailoverClocks(),
            now: {
                let hasEnded = (try? Files.kind(of: isLate)) != nil
                return MachineClock.bootTime() + (hasEnded ? 60_000 : 0)
            }
        )
        guard case .failed(let words) = change.promote(token: "t1", deadline: soon) else {
            Issue.record("not failed")
            return
        }
        #expect(words.contains("fenced itself"))
        #expect(test.driverCalls == ["promote t1", "fence"])
    }

    @Test
    func hangingPromotionIsEndedAndFenced() throws {
        try test.folder.script("driver-promote", "exec sleep 300")
        let deadline = MachineClock.bootTime() + 1000
        guard case .failed = change.promote(token: "t1", deadline: deadline) else {
            Issue.record("not failed")
            return
        }
        #expect(test.driverCalls == ["promote t1", "fence"])
        try test.folder.script("driver-fence", "exit 2")
        let second = MachineClock.bootTime() + 1000
        guard case .unknown = change.promote(token: "t1", deadline: second) else {
            Issue.record("not unknown")
            return
        }
    }

    // MARK: - Demote

    private func demote(by deadline: Tick) -> DriverResult {
        change.demote(to: ServerName("b"), deadline: deadline)
    }

    @Test
    func demotionInTimeIsDone() throws {
        #expect(demote(by: soon) == .done)
        #expect(test.driverCalls.contains("demote"))
    }

    /// A restarted agent calls the demotion not moved then: whoever still waits must not begin.
    @Test
    func demotionThatGetsItsTurnTooLateDoesNothing() throws {
        let late = Tick(milliseconds: MachineClock.bootTime().milliseconds - 1)
        guard case .refused = demote(by: late) else {
            Issue.record("not refused")
            return
        }
        let lock = DriverLock(path: test.server.state.driverLock)
        let result = try lock.hold(until: soon) { demote(by: MachineClock.bootTime() + 300) }
        guard case .refused(let why) = result else {
            Issue.record("not refused")
            return
        }
        #expect(why.contains("another change"))
        #expect(!test.driverCalls.contains("demote"))
    }

    @Test
    func hangingDemotionIsEndedAtItsDeadline() throws {
        try test.folder.script("driver-demote", "exec sleep 300")
        guard case .unknown = demote(by: MachineClock.bootTime() + 1000) else {
            Issue.record("not unknown")
            return
        }
    }

    // MARK: - Take back

    @Test(
        arguments: [
            ("active", "referee", true, true, TakeBackResult.moved),
            ("active", "none", false, false, .moved),
            ("other", "none", true, false, .returned), ("other", "none", false, true, .returned),
            ("other", "referee", false, true, .returned),
            ("unseen", "referee", false, true, .returned),
            ("unseen", "none", true, false, .returned),
        ] as [(String, String, Bool, Bool, TakeBackResult)]
    )
    func ruleDecides(
        _ peer: String,
        _ exclusion: String,
        _ isVoided: Bool,
        _ isOver: Bool,
        _ expected: TakeBackResult
    ) throws {
        try test.setDriver(role: "standby", peer: peer, exclusion: exclusion)
        try makesActive("take-back")
        let result = change.takeBack(.init(isVoided: isVoided, isDeadManOver: isOver))
        #expect(result == expected)
        #expect(test.driverCalls == (expected == .moved ? [] : ["take-back"]))
    }

    @Test(arguments: [
        ("other", "none", false), ("other", "referee", false), ("unseen", "referee", false),
        ("unseen", "none", true), ("unseen", "none", false),
    ])
    func ruleWaits(_ peer: String, _ exclusion: String, _ isOver: Bool) throws {
        try test.setDriver(role: "standby", peer: peer, exclusion: exclusion)
        let result = change.takeBack(.init(isVoided: false, isDeadManOver: isOver))
        guard case .undecided = result else {
            Issue.record("\(String(describing: result))")
            return
        }
        #expect(test.driverCalls.isEmpty)
    }

    @Test
    func activeServerHasReturned() throws {
        try test.setDriver(role: "active")
        #expect(
            change.takeBack(.init(isVoided: false, isDeadManOver: false)) == .returned
        )
    }

    @Test
    func refusedTakeBackIsUndecided() throws {
        try test.folder.script("driver-take-back", "echo 'address in use'; exit 1")
        #expect(
            change.takeBack(.init(isVoided: true, isDeadManOver: true))
                == .undecided("take-back: address in use")
        )
    }

    @Test
    func silentDriverIsUndecided() throws {
        try test.folder.write("driver-status", "role=unknown?")
        guard case .undecided = change.takeBack(.init(isVoided: true, isDeadManOver: true)) else {
            Issue.record("not undecided")
            return
        }
        #expect(test.driverCalls.isEmpty)
    }

    // MARK: - Lock

    @Test
    func lockIsHeldByOneAndNotForEver() throws {
        let lock = DriverLock(path: test.folder("lock"))
        let outer = try lock.hold(until: soon) { () throws(TandemError) -> Int? in
            let past = MachineClock.bootTime()
            return try lock.hold(until: past) { 2 }
        }
        #expect(outer == .some(nil))
        #expect(try lock.hold(until: soon) { 3 } == 3)
        #expect(try test.folder.text("lock").isEmpty)
    }

    @Test
    func whatAKilledHolderLeftIsEnded() throws {
        let child = try ChildProcess.start(ChildCommand("/bin/sh", ["-c", "sleep 300 & wait"]))
        try test.folder.write("lock", "\(ProcessMark(child).text)\n")
        _ = try DriverLock(path: test.folder("lock")).hold(until: soon) { true }
        #expect(child.tryWait() == .signalled(SIGKILL))
        #expect(SessionMembers.others(ofSession: child.processID).isEmpty)
    }
}
