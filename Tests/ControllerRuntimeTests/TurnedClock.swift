import Synchronization

/// A clock that stands still until its test turns it.
///
/// One sleeper at a time: the service that the test is about.
final class TurnedClock: Clock {
    struct Instant: InstantProtocol {
        var offset = Duration.zero

        func advanced(by duration: Duration) -> Instant { Instant(offset: offset + duration) }
        func duration(to other: Instant) -> Duration { other.offset - offset }
        static func < (left: Instant, right: Instant) -> Bool { left.offset < right.offset }
    }

    private struct Sleeper {
        var until: Instant
        var wake: CheckedContinuation<Void, any Error>
    }

    private struct State {
        var now = Instant()
        var sleeper: Sleeper?
        var isCancelled = false
    }

    let minimumResolution = Duration.zero
    private let state = Mutex(State())

    var now: Instant { state.withLock { $0.now } }

    func sleep(until deadline: Instant, tolerance: Duration?) async throws {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { wake in
                let isOver = state.withLock { state in
                    guard !state.isCancelled else { return true }
                    state.sleeper = Sleeper(until: deadline, wake: wake)
                    return false
                }
                if isOver { wake.resume(throwing: CancellationError()) }
            }
        } onCancel: {
            let sleeper = state.withLock { state in
                state.isCancelled = true
                return state.sleeper.take()
            }
            sleeper?.wake.resume(throwing: CancellationError())
        }
    }

    /// Lets time pass once somebody sleeps; returns when whoever that woke sleeps again.
    func turn(by duration: Duration) async {
        await somebodySleeps()
        let due = state.withLock { state -> Sleeper? in
            state.now = state.now.advanced(by: duration)
            guard let sleeper = state.sleeper, sleeper.until <= state.now else { return nil }
            state.sleeper = nil
            return sleeper
        }
        due?.wake.resume()
        await somebodySleeps()
    }

    private func somebodySleeps() async {
        while state.withLock({ $0.sleeper == nil }) { await Task.yield() }
    }
}
