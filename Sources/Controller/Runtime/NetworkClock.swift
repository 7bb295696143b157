package import TandemModel

/// The controller's monotonic clock: ticks from 1 ms at its start.
package struct NetworkClock: Sendable {
    private let started = ContinuousClock.now

    /// A clock that starts now.
    package init() {}

    /// Milliseconds since the start, never 0.
    package var now: Tick {
        let (seconds, attoseconds) = (ContinuousClock.now - started).components
        let milliseconds =
            UInt64(clamping: seconds) * 1000
            + UInt64(clamping: attoseconds / 1_000_000_000_000_000)
        return Tick(milliseconds: milliseconds + 1)
    }
}
