import Foundation
import Synchronization
import TandemModel
import TandemSpawn
import Testing

/// A client that writes row after row to whichever server takes writes, and notes each receipt.
///
/// One connection for each row: what counts is the first moment at which anybody can write again.
final class RowWriter: Sendable {
    private struct Log {
        var acknowledged: [(id: Int, at: Tick)] = []
        var isStopped = false
        /// Receipts before this one were looked at.
        var lookedAt = 0
    }

    private let log = Mutex(Log())
    private let receipt = DispatchSemaphore(value: 0)
    private let end = DispatchSemaphore(value: 0)
    private let connection: String

    convenience init(_ pair: PostgreSQLPair) { self.init(pair.first.port, pair.second.port) }

    init(_ first: UInt16, _ second: UInt16) {
        connection =
            "host=127.0.0.1,127.0.0.1 port=\(first),\(second) user=postgres "
            + "dbname=postgres target_session_attrs=read-write connect_timeout=2"
        Thread.detachNewThread { self.work() }
    }

    private func work() {
        var id = 0
        while !log.withLock({ $0.isStopped }) {
            id += 1
            let result = try? runChild(
                ChildCommand(
                    "\(PostgreSQLPair.programs)/psql",
                    ["-Xqw", "-d", connection, "-c", "insert into rows values (\(id))"]
                ),
                timeoutMilliseconds: 10_000
            )
            guard let result, result.ending.isSuccess, !result.isTimedOut else { continue }
            log.withLock { $0.acknowledged.append((id, MachineClock.monotonic())) }
            receipt.signal()
        }
        end.signal()
    }

    /// Waits until that many more rows are acknowledged, at most 30 s each.
    func awaitRows(_ count: Int) throws {
        while receipt.wait(timeout: .now()) == .success { continue }
        for _ in 0..<count {
            try #require(receipt.wait(timeout: .now() + 30) == .success, "nobody takes writes")
        }
    }

    /// Ends the writing; the ids of all rows that were acknowledged.
    func stop() -> [Int] {
        log.withLock { $0.isStopped = true }
        end.wait()
        return log.withLock { $0.acknowledged.map(\.id) }
    }

    /// The longest time without a receipt since the last call, in milliseconds.
    func takeLongestGap() -> UInt64 {
        log.withLock { log in
            let times = log.acknowledged[max(0, log.lookedAt - 1)...].map(\.at)
            log.lookedAt = log.acknowledged.count
            return zip(times.dropFirst(), times).map { $0.since($1) }.max() ?? 0
        }
    }
}
