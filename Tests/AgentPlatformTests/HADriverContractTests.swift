import AgentCore
import TandemModel
import TandemSpawn
import Testing

@testable import AgentPlatform

/// What the agent makes of a driver's answers and exits.
struct HADriverContractTests {
    private func read(_ text: String) throws -> HAStatus {
        try HAStatus(answer: KeyValueFile(Array(text.utf8)))
    }

    @Test
    func fullAnswerIsTaken() throws {
        let status = try read(
            """
            role=active
            in-service=yes
            peer-role=other
            caught-up=no
            lag-bytes=4096
            lag-seconds=1.5
            exclusion=referee
            switchover=atomic
            token=17
            position=0/3000060
            held=yes
            replication-inhibited=yes
            colour=blue
            """
        )
        #expect(
            status
                == HAStatus(
                    role: .active,
                    isInService: true,
                    peerRole: .other,
                    replication: ReplicationState(
                        isCaughtUp: false,
                        lagBytes: 4096,
                        lagMilliseconds: 1500,
                        isInhibited: true
                    ),
                    exclusion: .referee,
                    switchover: .atomic,
                    token: "17",
                    position: "0/3000060",
                    isHeld: true
                )
        )
    }

    @Test
    func whatIsMissingPromisesLeast() throws {
        let status = try read("role=standby\nin-service=no\n")
        #expect(status.peerRole == .unseen)
        #expect(!status.replication.isCaughtUp)
        #expect(status.exclusion == .none)
        #expect(status.switchover == .twoStep)
        #expect(status.token == "")
    }

    @Test(arguments: [
        "", "in-service=yes", "role=active", "role=master\nin-service=yes",
        "role=forced-standby\nin-service=no", "role=active\nin-service=1",
        "role=active\nin-service=yes\npeer-role=dead", "role=active\nin-service=yes\nlag-bytes=-1",
        "role=active\nin-service=yes\nlag-seconds=x", "role=active\nrole=active\nin-service=yes",
        "role=active\nin-service=yes\nexclusion=hope", "role active",
        "role=active\nin-service=yes\ntoken=\(String(repeating: "x", count: 256))",
    ])
    func nonsenseIsNoAnswer(_ text: String) {
        #expect(throws: KeyValueFile.Problem.self) { try read(text) }
        let (status, problem) = HADriver.status(ending: .exited(0), output: Array(text.utf8))
        #expect(status == .unknown)
        #expect(problem?.isEmpty == false)
    }

    @Test(arguments: [
        (0, DriverResult.done), (1, .refused("hold: why not")), (2, .failed("hold: why not")),
        (3, .unknown("hold: why not")), (9, .unknown("hold: why not")),
    ])
    func exitCodesMeanWhatTheContractSays(_ code: Int, _ expected: DriverResult) throws {
        let test = try TestServer()
        try test.folder.script("driver-hold", "echo 'why not' >&2; exit \(code)")
        #expect(test.server.driver.call(.hold, limitMilliseconds: 10_000) == expected)
        #expect(test.driverCalls == ["hold"])
    }

    @Test
    func verbsAreCalledAsWritten() throws {
        let test = try TestServer()
        let verbs: [HADriver.Verb] = [
            .promote(token: "t 1"), .demote(to: nil), .demote(to: ServerName("b")), .takeBack,
            .fence, .hold, .unhold, .inhibitReplication, .allowReplication,
        ]
        for verb in verbs {
            #expect(test.server.driver.call(verb, limitMilliseconds: 10_000) == .done)
        }
        #expect(
            test.driverCalls == [
                "promote t 1", "demote", "demote --to b", "take-back", "fence", "hold", "unhold",
                "inhibit-replication", "allow-replication",
            ]
        )
    }

    @Test
    func callThatHangsIsUnknownAndEnded() throws {
        let test = try TestServer()
        try test.folder.script("driver-fence", "sleep 300 & echo $! > pid; wait")
        guard case .unknown = test.server.driver.call(.fence, limitMilliseconds: 1500) else {
            Issue.record("not unknown")
            return
        }
        let pid = try #require(Int32(try test.folder.text("pid").dropLast()))
        #expect(ProcessEntry.read(pid).map(\.hasEnded) ?? true)
    }

    @Test
    func missingDriverRefusesAndIsUnknown() throws {
        let driver = HADriver(
            .init(name: "none", directory: "/nonexistent", options: []),
            environment: []
        )
        #expect(driver.status().status == .unknown)
        guard case .refused = driver.call(.fence, limitMilliseconds: 1000) else {
            Issue.record("not refused")
            return
        }
    }

    @Test
    func killedStatusIsUnknown() throws {
        let test = try TestServer()
        try test.folder.write("driver-status", "")
        #expect(test.server.driver.status().status == .unknown)
        #expect(HADriver.status(ending: .signalled(9), output: []).status == .unknown)
        #expect(HADriver.status(ending: .exited(3), output: []).status == .unknown)
    }
}
