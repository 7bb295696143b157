package import NIOCore
import Synchronization

/// How many connections one listener serves at once; the newest above that is refused.
///
/// Those that are served already stay: whoever fills a port must not push others out.
package final class ConnectionLimit: Sendable {
    /// Why a connection was closed before its handshake.
    package struct Reached: Error {
        /// The most connections served at once.
        package let countMax: Int
    }

    /// How often at most refusals are told; one line for each would let strangers fill the log.
    package static let reportInterval = TimeAmount.minutes(1)

    private struct Counts {
        var open = 0
        var untold = 0
        var toldAt: NIODeadline?
    }

    private let counts = Mutex(Counts())
    private let countMax: Int
    private let report: @Sendable (_ refusedCount: Int) -> Void

    /// A limit of `countMax` connections; `report` gets the number of refusals since its last call.
    package init(countMax: Int, report: @escaping @Sendable (_ refusedCount: Int) -> Void) {
        self.countMax = countMax
        self.report = report
    }

    /// Counts a new connection until it closes, or closes it and fails with ``Reached``.
    package func admit(_ channel: any Channel, now: NIODeadline = .now()) -> EventLoopFuture<Void> {
        let isAdmitted = counts.withLock { counts in
            guard counts.open < countMax else { return false }
            counts.open += 1
            return true
        }
        guard isAdmitted else {
            tellRefusal(now)
            channel.close(promise: nil)
            return channel.eventLoop.makeFailedFuture(Reached(countMax: countMax))
        }
        channel.closeFuture.whenComplete { [self] _ in counts.withLock { $0.open -= 1 } }
        return channel.eventLoop.makeSucceededVoidFuture()
    }

    private func tellRefusal(_ now: NIODeadline) {
        let refusedCount = counts.withLock { counts -> Int? in
            counts.untold += 1
            if let toldAt = counts.toldAt, now - toldAt < Self.reportInterval { return nil }
            defer { counts.untold = 0 }
            counts.toldAt = now
            return counts.untold
        }
        if let refusedCount { report(refusedCount) }
    }
}
