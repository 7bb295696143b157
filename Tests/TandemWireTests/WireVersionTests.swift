import TandemModel
import TandemWire
import Testing

@Suite struct WireVersionTableTests {
    struct Row: Sendable {
        let agent: ClosedRange<UInt8>
        let controller: ClosedRange<UInt8>
        /// `nil`: refused.
        let version: UInt8?
    }

    static let rows = [
        Row(agent: 1...1, controller: 1...1, version: 1),
        // The controller is upgraded first: old agents meet a new controller.
        Row(agent: 1...3, controller: 2...4, version: 3),
        Row(agent: 1...2, controller: 2...4, version: 2),
        Row(agent: 1...1, controller: 2...4, version: nil),
        // The controller was rolled back: the agents are newer.
        Row(agent: 2...4, controller: 1...3, version: 3),
        Row(agent: 3...5, controller: 1...2, version: nil),
        Row(agent: 254...255, controller: 253...255, version: 255),
    ]

    @Test(arguments: rows)
    func highestCommonVersionIsTaken(_ row: Row) {
        let server = ServerName("scef-1a")
        guard let version = row.version else {
            let error = #expect(throws: TandemError.self) {
                try WireVersion.negotiate(agent: row.agent, of: server, controller: row.controller)
            }
            #expect(error?.code == .versionRefused)
            for bound in [
                row.agent.lowerBound, row.agent.upperBound, row.controller.lowerBound,
                row.controller.upperBound,
            ] {
                #expect(error?.message.contains("\(bound)") == true, "both ranges are named")
            }
            let isAgentOlder = row.agent.upperBound < row.controller.lowerBound
            #expect(
                error?.remedy.hasPrefix(
                    isAgentOlder ? "Install a tandem-agent" : "Upgrade the controller"
                ) == true
            )
            return
        }
        #expect(throws: Never.self) {
            let chosen = try WireVersion.negotiate(
                agent: row.agent,
                of: server,
                controller: row.controller
            )
            #expect(chosen == version)
        }
    }

    @Test func twoOlderVersionsAreSpoken() {
        #expect(WireVersion.spoken(by: 1) == 1...1)
        #expect(WireVersion.spoken(by: 2) == 1...2)
        #expect(WireVersion.spoken(by: 3) == 1...3)
        #expect(WireVersion.spoken(by: 4) == 2...4)
        #expect(WireVersion.spoken(by: 255) == 253...255)
        #expect(WireVersion.spoken.upperBound == WireVersion.current)
    }
}
