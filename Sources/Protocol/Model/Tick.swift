/// A moment on one machine's monotonic clock, in whole milliseconds.
///
/// Agents use CLOCK_BOOTTIME, the controller its own; ticks of two machines are never compared.
package struct Tick: Hashable, Comparable, Sendable, Codable {
    /// Milliseconds since that clock's zero.
    package var milliseconds: UInt64

    /// A moment.
    package init(milliseconds: UInt64) { self.milliseconds = milliseconds }

    package static func < (left: Tick, right: Tick) -> Bool {
        left.milliseconds < right.milliseconds
    }

    /// The moment that many milliseconds later.
    package static func + (tick: Tick, milliseconds: UInt64) -> Tick {
        Tick(milliseconds: tick.milliseconds &+ milliseconds)
    }

    /// Milliseconds from `earlier` to this moment; 0 when `earlier` is not earlier.
    package func since(_ earlier: Tick) -> UInt64 {
        milliseconds > earlier.milliseconds ? milliseconds - earlier.milliseconds : 0
    }
}

/// Wall time for people's eyes only: milliseconds since 1970-01-01 00:00 UTC.
///
/// Never used for a duration, a deadline or an order.
package struct WallTime: Hashable, Sendable, Codable {
    /// Milliseconds since 1970-01-01 00:00 UTC.
    package var milliseconds: UInt64

    /// A wall time.
    package init(milliseconds: UInt64) { self.milliseconds = milliseconds }
}
