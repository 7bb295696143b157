import Glibc
import TandemModel
import TandemSpawn

/// When this call of a driver must be over: the agent ends it a moment later.
package struct CallDeadline: Hashable, Sendable {
    /// So long before the agent's limit a driver gives up: its reason is still heard.
    static let marginMilliseconds: UInt64 = 500
    /// Between two looks.
    private static let napMilliseconds: Int32 = 20

    /// On CLOCK_MONOTONIC.
    private let end: Tick

    /// In so many milliseconds from now.
    package init(milliseconds: UInt64) { end = MachineClock.monotonic() + milliseconds }

    /// Of the call that this process is: `TANDEM_LIMIT_MS`; `usual` where nobody says it.
    package static func ofThisCall(usual: UInt64) -> CallDeadline {
        let limit = driverSetting("TANDEM_LIMIT_MS").flatMap(UInt64.init) ?? usual
        return CallDeadline(milliseconds: limit - min(limit / 4, marginMilliseconds))
    }

    /// Milliseconds that are left.
    package var left: UInt64 { end.since(MachineClock.monotonic()) }

    /// The sooner of this one and one in so many milliseconds.
    package func within(milliseconds: UInt64) -> CallDeadline {
        CallDeadline(milliseconds: min(milliseconds, left))
    }

    /// Looks again and again; whether it became so in time.
    package func waits<Problem: Error>(
        until holds: () throws(Problem) -> Bool
    ) throws(Problem) -> Bool {
        while try !holds() {
            let left = left
            guard left > 0 else { return false }
            _ = poll(nil, 0, min(Self.napMilliseconds, Int32(clamping: left)))
        }
        return true
    }
}

/// Whether all those processes end in time.
package func haveEnded(_ processes: [Int32], within deadline: CallDeadline) -> Bool {
    deadline.waits {
        processes.allSatisfy { ProcessEntry.read($0).map(\.hasEnded) ?? true }
    }
}
