import AgentCore
import AgentPlatform
import Glibc
import TandemModel
import TandemSpawn

/// Follows a dead-man's guard, whether this process armed it or the one before.
final class DeadManWatch: LoopSource {
    private static let lookMilliseconds: UInt64 = 1000

    private let failover: FailoverID
    private let mark: ProcessMark
    private let child: ChildProcess?
    private let state: StateFolder
    private let onResult: (TakeBackResult) -> Void
    private var told: TakeBackResult?
    private var lookAt: Tick
    var isFinished = false

    let waits: [PollWait] = []
    var wakeAt: Tick? { lookAt }

    init(
        _ failover: FailoverID,
        _ mark: ProcessMark,
        child: ChildProcess?,
        state: StateFolder,
        _ onResult: @escaping (TakeBackResult) -> Void
    ) {
        self.failover = failover
        self.mark = mark
        self.child = child
        self.state = state
        self.onResult = onResult
        lookAt = MachineClock.bootTime() + Self.lookMilliseconds
    }

    func turn(at now: Tick) {
        lookAt = now + Self.lookMilliseconds
        let hasEnded = child.map { $0.tryWait() != nil } ?? ((try? mark.isAlive()) != true)
        let outcome = ArmedDeadMan.outcome(failover, in: state)?.result
        if let outcome, outcome != told {
            told = outcome
            onResult(outcome)
        }
        if hasEnded { isFinished = true }
    }

    /// Ends the guard; the caller holds the driver's lock, so it is not at work.
    func end() {
        if let child {
            child.signalAll(SIGKILL)
            let limit = MachineClock.bootTime() + 1000
            while child.tryWait() == nil, limit.since(MachineClock.bootTime()) > 0 {
                _ = poll(nil, 0, 1)
            }
        } else if (try? mark.isAlive()) == true {
            kill(mark.processID, SIGKILL)
        }
    }
}
