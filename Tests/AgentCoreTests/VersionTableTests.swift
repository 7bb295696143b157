import AgentCore
import TandemModel
import Testing

/// Which welcomes an agent obeys, by the versions that its own hello offers.
struct VersionTableTests {
    struct Row: Sendable, CustomTestStringConvertible {
        var spoken: ClosedRange<UInt8>
        var chosen: UInt8
        var isObeyed: Bool
        var isDamaged = false

        var testDescription: String {
            "\(spoken) meets \(chosen)\(isDamaged ? ", journal damaged" : "")"
        }
    }

    private static let rows = [
        // Today's program, which speaks its first version alone.
        Row(spoken: 1...1, chosen: 0, isObeyed: false),
        Row(spoken: 1...1, chosen: 1, isObeyed: true),
        Row(spoken: 1...1, chosen: 2, isObeyed: false),
        // A program of version 2 at a controller that is not upgraded yet.
        Row(spoken: 1...2, chosen: 0, isObeyed: false),
        Row(spoken: 1...2, chosen: 1, isObeyed: true),
        Row(spoken: 1...2, chosen: 2, isObeyed: true),
        Row(spoken: 1...2, chosen: 3, isObeyed: false),
        // Two older versions, and those before them forgotten.
        Row(spoken: 2...4, chosen: 1, isObeyed: false),
        Row(spoken: 2...4, chosen: 2, isObeyed: true),
        Row(spoken: 2...4, chosen: 3, isObeyed: true),
        Row(spoken: 2...4, chosen: 4, isObeyed: true),
        Row(spoken: 2...4, chosen: 5, isObeyed: false),
        Row(spoken: 253...255, chosen: 255, isObeyed: true),
        Row(spoken: 253...255, chosen: 0, isObeyed: false),
        // An agent that does nothing more still shows what it sees, to whom it can talk to.
        Row(spoken: 1...2, chosen: 1, isObeyed: true, isDamaged: true),
        Row(spoken: 1...2, chosen: 3, isObeyed: false, isDamaged: true),
    ]

    @Test(arguments: rows)
    func whatTheHelloOffersIsObeyed(_ row: Row) throws {
        var limits = AgentLimits()
        limits.protocolVersions = row.spoken
        var desk = Desk(isConnected: false, isDamaged: row.isDamaged, limits: limits)
        let greeting = desk.feed(.connected)
        guard case .hello(let hello)? = greeting.sends.first else {
            Issue.record("no hello: \(greeting.sends)")
            return
        }
        #expect(hello.versionMin == row.spoken.lowerBound)
        #expect(hello.versionMax == row.spoken.upperBound)

        let step = desk.feed(.message(.welcome(desk.welcome(epoch: 5, version: row.chosen))))
        #expect(step.closesConnection != row.isObeyed)
        if row.isObeyed {
            #expect(desk.sent.contains { $0.kind == "report" })
            // The session stays open: the next heartbeat is sent.
            desk.sent = []
            desk.pass(6_000)
            #expect(desk.sent.contains { $0.kind == "heartbeat" })
        } else {
            try expectLeft(step, row)
        }
    }

    /// Nothing of a refused welcome is kept, and the bye says what was chosen and what is spoken.
    private func expectLeft(_ step: Step, _ row: Row) throws {
        #expect(step.journal.isEmpty)
        #expect(step.sends.count == 1)
        guard case .bye(let bye)? = step.sends.first else {
            Issue.record("no bye: \(step.sends)")
            return
        }
        #expect(bye.code == ErrorCode.versionRefused.id)
        let (low, high) = (row.spoken.lowerBound, row.spoken.upperBound)
        #expect(bye.text.contains("version \(row.chosen) "))
        #expect(bye.text.contains("\(low) to \(high)"))
    }
}
