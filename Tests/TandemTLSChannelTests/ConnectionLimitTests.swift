import NIOCore
import NIOEmbedded
import Synchronization
@testable import TandemTLSChannel
import Testing

/// Who is refused, and how often that is told.
@Suite struct ConnectionLimitTests {
    private let told = Counts()

    private final class Counts: Sendable {
        private let values = Mutex<[Int]>([])
        var all: [Int] { values.withLock(\.self) }
        func add(_ count: Int) { values.withLock { $0.append(count) } }
    }

    private func limit(_ countMax: Int) -> ConnectionLimit {
        let told = told
        return ConnectionLimit(countMax: countMax) { told.add($0) }
    }

    private func channel(from address: String = "127.0.0.1") throws -> EmbeddedChannel {
        let channel = EmbeddedChannel()
        let remote = try SocketAddress(ipAddress: address, port: 1)
        try channel.connect(to: remote).wait()
        channel.remoteAddress = remote
        return channel
    }

    @Test func theNewestIsClosedAndAPlaceLeftIsGivenAgain() throws {
        let limit = limit(2)
        let first = try channel()
        let second = try channel(from: "127.0.0.2")
        try limit.admit(first).wait()
        try limit.admit(second).wait()
        let third = try channel()
        #expect(throws: ConnectionLimit.Reached.self) { try limit.admit(third).wait() }
        #expect(!third.isActive)
        #expect(first.isActive && second.isActive)
        // A refused connection that closes gives no place back: it had none.
        let fourth = try channel()
        #expect(throws: ConnectionLimit.Reached.self) { try limit.admit(fourth).wait() }
        try first.close().wait()
        first.embeddedEventLoop.run()
        let fifth = try channel()
        try limit.admit(fifth).wait()
        #expect(fifth.isActive)
    }

    @Test func oneAddressTakesHalfOfThePlaces() throws {
        let limit = limit(5)
        let own = try (0..<3).map { _ in try channel(from: "10.0.0.1") }
        for one in own { try limit.admit(one).wait() }
        let another = try channel(from: "10.0.0.1")
        #expect(throws: ConnectionLimit.Reached.self) { try limit.admit(another).wait() }
        try limit.admit(channel(from: "10.0.0.2")).wait()
        try own[0].close().wait()
        own[0].embeddedEventLoop.run()
        try limit.admit(channel(from: "10.0.0.1")).wait()
        let late = try channel(from: "10.0.0.1")
        #expect(throws: ConnectionLimit.Reached.self) { try limit.admit(late).wait() }
    }

    @Test(arguments: [
        ("10.0.0.1", "10.0.0.2", false), ("10.0.0.1", "10.0.0.1", true),
        ("2001:db8::1", "2001:db8::ffff:1", true), ("2001:db8::1", "2001:db8:0:1::1", false),
        ("::1", "::2", true), ("::1", "1::", false), ("1:2:3:4:5:6:7:8", "1:2:3:4::", true),
        ("::ffff:10.0.0.1", "::ffff:10.0.0.2", false), ("::ffff:10.0.0.1", "10.0.0.1", true),
    ])
    func aHostIsAnAddressOrANetworkOf64Bits(_ one: String, _ other: String, _ isSame: Bool) throws {
        let hosts = try [one, other].map {
            ConnectionLimit.host(of: try SocketAddress(ipAddress: $0, port: 1))
        }
        #expect((hosts[0] == hosts[1]) == isSame)
    }

    @Test func refusalsAreToldOnceAMinuteWithTheirNumber() throws {
        let limit = limit(0)
        let start = NIODeadline.uptimeNanoseconds(7_000_000_000)
        for second in [0, 1, 30, 59, 60, 61, 120, 500] {
            let late = try channel()
            let now = start + .seconds(Int64(second))
            #expect(throws: ConnectionLimit.Reached.self) {
                try limit.admit(late, now: now).wait()
            }
        }
        #expect(told.all == [1, 4, 2, 1])
    }
}
