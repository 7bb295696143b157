import NIOCore
import NIOEmbedded
import Synchronization
import TandemTLSChannel
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

    private func channel() throws -> EmbeddedChannel {
        let channel = EmbeddedChannel()
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
        return channel
    }

    @Test func theNewestIsClosedAndAPlaceLeftIsGivenAgain() throws {
        let limit = limit(2)
        let first = try channel()
        let second = try channel()
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
