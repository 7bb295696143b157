import AgentHA
import AgentPlatform
import TandemModel
import Testing

@Suite struct DriverContractTests {
    @Test(
        arguments: [
            (["status"], .status), (["promote"], .promote(token: "")),
            (["promote", "t-7"], .promote(token: "t-7")), (["demote"], .demote(to: nil)),
            (["demote", "--to", "cmp-2"], .demote(to: "cmp-2")), (["take-back"], .takeBack),
            (["fence"], .fence),
            (["hold"], .hold), (["unhold"], .unhold),
            (["inhibit-replication"], .inhibitReplication),
            (["allow-replication"], .allowReplication),
        ] as [([String], DriverRequest)]
    )
    func everyVerbIsRead(_ arguments: [String], _ request: DriverRequest) throws {
        #expect(try DriverRequest(arguments: arguments) == request)
    }

    @Test(arguments: [
        [], ["statuss"], ["status", "now"], ["demote", "cmp-2"], ["promote", "a", "b"],
        ["rm", "-rf"],
    ])
    func whatIsNoVerbIsRefused(_ arguments: [String]) {
        let error = #expect(throws: TandemError.self) {
            _ = try DriverRequest(arguments: arguments)
        }
        #expect(error?.code == .usage)
    }

    /// Half a second before the agent ends it, or a quarter of a very short time.
    @Test(arguments: [(UInt64(8000), UInt64(7500)), (400, 300), (0, 0)])
    func aDriverGivesUpBeforeItIsEnded(limit: UInt64, most: UInt64) {
        let left = CallDeadline.ofThisCall(usual: limit).left
        #expect(left <= most && left + 250 >= most)
    }

    @Test func waitingLooksAtLeastOnceAndEndsInTime() {
        var looks = 0
        func look(_ answer: Bool) -> Bool {
            looks += 1
            return answer
        }
        #expect(CallDeadline(milliseconds: 0).waits { look(true) })
        #expect(!CallDeadline(milliseconds: 30).waits { look(false) })
        #expect(looks >= 2)
        #expect(CallDeadline(milliseconds: 60_000).within(milliseconds: 5).left <= 5)
    }

    @Test func exitCodesAreThoseOfTheContract() {
        let ends: [DriverEnd] = [.done, .refused("r"), .failed("f"), .unknown("u")]
        #expect(ends.map(\.exitCode) == [0, 1, 2, 3])
        #expect(ends.map(\.text) == ["", "r", "f", "u"])
    }

    @Test func theAgentReadsWhatADriverWrites() throws {
        let status = HAStatus(
            role: .active,
            isInService: true,
            peerRole: .other,
            replication: ReplicationState(
                isCaughtUp: false,
                lagBytes: 12,
                lagMilliseconds: 3000,
                isInhibited: true
            ),
            exclusion: .referee,
            switchover: .twoStep,
            token: "7.cmp-1",
            position: "0/16B",
            isHeld: true
        )
        let text = status.answerLines.joined(separator: "\n")
        let answer = try HAStatus(answer: try KeyValueFile(Array(text.utf8)))
        #expect(answer == status)
    }
}
