/// When to try again: each round of addresses waits longer, at random, until a controller has said
/// welcome.
package struct Backoff: Hashable, Sendable {
    /// The wait after the first round.
    package static let firstMilliseconds: UInt64 = 500
    /// No wait is longer.
    package static let longestMilliseconds: UInt64 = 30_000

    private let addressCount: Int
    /// Failed attempts since the last welcome.
    private(set) var failureCount = 0

    /// For so many addresses, at least one.
    package init(addressCount: Int) { self.addressCount = max(1, addressCount) }

    /// Which address is to be tried now.
    package var addressIndex: Int { failureCount % addressCount }

    /// A controller has said welcome.
    package mutating func succeeded() { failureCount %= addressCount }

    /// An attempt has failed, or its connection has ended.
    ///
    /// - Returns: milliseconds to wait before the next one: within a round up to half a second, so
    ///   that not all agents come at once; after it half to all of a time that doubles from round to
    ///   round.
    package mutating func failed(using generator: inout some RandomNumberGenerator) -> UInt64 {
        failureCount += 1
        guard failureCount % addressCount == 0 else {
            return UInt64.random(in: 0...Self.firstMilliseconds, using: &generator)
        }
        let round = failureCount / addressCount - 1
        let doubled = Self.firstMilliseconds << UInt64(min(round, 10))
        let longest = min(doubled, Self.longestMilliseconds)
        return UInt64.random(in: (longest / 2)...longest, using: &generator)
    }
}
