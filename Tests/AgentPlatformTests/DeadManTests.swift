import AgentCore
import Glibc
import TandemModel
import TandemSpawn
import Testing

@testable import AgentPlatform

struct DeadManTests {
    private let test: TestServer
    private let failover = FailoverID(high: 7, low: 8)
    private var state: StateFolder { test.server.state }

    init() throws { test = try TestServer() }

    private func arm(processID: Int32 = getpid()) throws -> DeadMan {
        let boot = try MachineClock.bootID()
        let deadline = MachineClock.bootTime() + 300
        try ArmedDeadMan(
            failover: failover,
            deadline: deadline,
            boot: boot,
            process: ProcessMark(processID: processID, startTicks: 5)
        ).write(in: state)
        return DeadMan(test.server, failover: failover, deadline: deadline, boot: boot)
    }

    @Test
    func roleIsTakenBackAfterTheDeadline() throws {
        try test.folder.script(
            "driver-take-back",
            "printf 'role=active\\nin-service=yes\\n' > driver-status"
        )
        let began = MachineClock.bootTime()
        try arm().run()
        #expect(MachineClock.bootTime().since(began) >= 300)
        #expect(test.driverCalls == ["take-back"])
        #expect(ArmedDeadMan.outcome(failover, in: state) == TakeBackOutcome(.returned))
    }

    @Test
    func disarmedGuardDoesNothing() throws {
        let guardian = try arm()
        try ArmedDeadMan.remove(failover, in: state)
        try guardian.run()
        #expect(test.driverCalls.isEmpty)
        #expect(ArmedDeadMan.outcome(failover, in: state) == nil)
    }

    @Test
    func anothersFileArmsNotThisOne() throws {
        try arm(processID: 1).run()
        #expect(test.driverCalls.isEmpty)
    }

    @Test
    func undecidedIsAskedAgainUntilItIsSettled() throws {
        // The mate is unseen at the first look and active at the next.
        try test.folder.script(
            "ha/test",
            """
            cd "$TANDEM_HA_FOLDER" || exit 2
            peer=unseen
            [ ! -e asked ] || peer=active
            : > asked
            printf 'role=standby\\nin-service=no\\npeer-role=%s\\n' $peer
            """
        )
        try arm().run()
        #expect(ArmedDeadMan.outcome(failover, in: state) == TakeBackOutcome(.moved))
    }

    @Test
    func deadlineOfAnotherBootIsRefused() throws {
        let guardian = DeadMan(
            test.server,
            failover: failover,
            deadline: Tick(milliseconds: 0),
            boot: BootID(high: 1, low: 1)
        )
        #expect(throws: TandemError.self) { try guardian.run() }
    }

    @Test
    func armedFileReadsBack() throws {
        _ = try arm(processID: getpid())
        let armed = try #require(ArmedDeadMan.read(failover, in: state))
        #expect(armed.process.processID == getpid())
        #expect(try !armed.process.isAlive())
        #expect(try ProcessMark.own().isAlive())
        #expect(ArmedDeadMan.read(FailoverID(high: 1, low: 1), in: state) == nil)
    }

    @Test(arguments: [TakeBackResult.moved, .returned, .undecided("two\nlines")])
    func outcomesReadBack(_ result: TakeBackResult) {
        let text = TakeBackOutcome(result).text
        #expect(TakeBackOutcome(text: text)?.text == text)
        #expect(TakeBackOutcome(text: "") == nil)
    }
}
