package import NIOCore
import Synchronization

/// How many connections one listener serves at once; the newest above that is refused.
///
/// Those that are served already stay: whoever fills a port must not push others out. One address gets at most
/// half of the places, so that one host alone can't keep everybody else from being heard.
package final class ConnectionLimit: Sendable {
    /// Why a connection was closed before its handshake.
    package struct Reached: Error {
        /// The most connections served at once: of all, or of one address.
        package let countMax: Int
    }

    /// How often at most refusals are told; one line for each would let strangers fill the log.
    package static let reportInterval = TimeAmount.minutes(1)

    private struct Counts {
        var open = 0
        /// Places taken, by address; no entry is 0, so that it holds no more than there are places.
        var byAddress: [String: Int] = [:]
        var untold = 0
        var toldAt: NIODeadline?
    }

    private let counts = Mutex(Counts())
    private let countMax: Int
    private var addressCountMax: Int { (countMax + 1) / 2 }
    private let report: @Sendable (_ refusedCount: Int) -> Void

    /// A limit of `countMax` connections; `report` gets the number of refusals since its last call.
    package init(countMax: Int, report: @escaping @Sendable (_ refusedCount: Int) -> Void) {
        self.countMax = countMax
        self.report = report
    }

    /// Counts a new connection until it closes, or closes it and fails with ``Reached``.
    package func admit(_ channel: any Channel, now: NIODeadline = .now()) -> EventLoopFuture<Void> {
        let address = Self.host(of: channel.remoteAddress)
        guard let limit = take(address) else {
            channel.closeFuture.whenComplete { [self] _ in give(address) }
            return channel.eventLoop.makeSucceededVoidFuture()
        }
        tellRefusal(now)
        channel.close(promise: nil)
        return channel.eventLoop.makeFailedFuture(Reached(countMax: limit))
    }

    /// Takes a place; where there is none, the limit that was reached.
    private func take(_ address: String) -> Int? {
        counts.withLock { counts in
            guard counts.open < countMax else { return countMax }
            let own = counts.byAddress[address, default: 0]
            guard own < addressCountMax else { return addressCountMax }
            counts.open += 1
            counts.byAddress[address] = own + 1
            return nil
        }
    }

    private func give(_ address: String) {
        counts.withLock { counts in
            counts.open -= 1
            let left = counts.byAddress[address, default: 1] - 1
            counts.byAddress[address] = left > 0 ? left : nil
        }
    }

    /// Whom an address belongs to: of IPv6 the network of 64 bits, as one host has all of that.
    static func host(of address: SocketAddress?) -> String {
        guard let text = address?.ipAddress, text.contains(":") else {
            return address?.ipAddress ?? ""
        }
        // An IPv4 peer of a socket for both, as ::ffff:10.0.0.1.
        if text.contains(".") { return String(text.split(separator: ":").last ?? "") }
        let halves = text.split(separator: "::", maxSplits: 1, omittingEmptySubsequences: false)
            .map { $0.split(separator: ":") }
        let zeros = max(0, 8 - halves.reduce(0) { $0 + $1.count })
        let groups = halves[0] + Array(repeating: "0", count: zeros) + halves.dropFirst().joined()
        return groups.prefix(4).joined(separator: ":")
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
