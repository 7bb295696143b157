import AgentCore
import AgentPlatform
import Glibc
import TandemModel
import TandemSpawn

/// Waits for a guard, whether this process started it or the one before: tells its progress, reads
/// its record, and sees to what a killed guard left behind.
final class GuardWatch: LoopSource {
    /// How often progress and an adopted guard's life are looked at.
    private static let lookMilliseconds: UInt64 = 200

    let run: StepRun
    let identity: ChildIdentity
    private let state: StateFolder
    /// `nil` for a guard of an earlier process.
    private let child: ChildProcess?
    /// From then on what a dead guard left running is ended.
    private let leftoverDeadline: Tick
    private let onProgress: (GuardProgress) -> Void
    private let onEnd: (StepResult) -> Void
    private var progress: GuardProgress?
    private var hasEnded = false
    private var lookAt: Tick
    private(set) var isFinished = false

    init(
        _ run: StepRun,
        _ identity: ChildIdentity,
        child: ChildProcess?,
        state: StateFolder,
        onProgress: @escaping (GuardProgress) -> Void,
        onEnd: @escaping (StepResult) -> Void
    ) {
        self.run = run
        self.identity = identity
        self.child = child
        self.state = state
        self.onProgress = onProgress
        self.onEnd = onEnd
        let now = MachineClock.bootTime()
        leftoverDeadline = now + UInt64(max(1, run.definition.limitSeconds)) * 2000
        lookAt = now + Self.lookMilliseconds
    }

    /// Its standard output says nothing, but closes when the guard ends.
    var waits: [PollWait] {
        guard let pipe = child?.standardOutput else { return [] }
        return [PollWait(descriptor: pipe.number, wantsToRead: true)]
    }

    var wakeAt: Tick? { lookAt }

    func turn(at now: Tick) {
        lookAt = now + Self.lookMilliseconds
        if let newest = GuardProgress.read(identity.record, in: state), newest != progress {
            progress = newest
            onProgress(newest)
        }
        drainPipe()
        guard hasEnded || hasGuardEnded(now) else { return }
        hasEnded = true
        if let record = GuardRecord.read(identity.record, in: state) {
            return finish(record.result)
        }
        // It was killed: what it started may still be at work.
        guard !SessionMembers.others(ofSession: identity.pid).isEmpty else {
            return finish(.unknown(Self.lost(run)))
        }
        if now >= leftoverDeadline { kill() }
    }

    /// Ends the guard and all of its session; the record will be missing.
    func kill() { _ = try? ProcessEntry.signal(session: identity.pid, SIGKILL) }

    private func hasGuardEnded(_ now: Tick) -> Bool {
        if let child {
            if child.tryWait() != nil { return true }
            if waits.isEmpty { lookAt = now + 2 }
            return false
        }
        guard let entry = ProcessEntry.read(identity.pid) else { return true }
        return entry.startTicks != identity.startTime || entry.hasEnded
    }

    private func drainPipe() {
        guard let child, let pipe = child.standardOutput else { return }
        var chunk = [UInt8](repeating: 0, count: 512)
        switch chunk.withUnsafeMutableBytes({ pipe.readOnce(into: $0) }) {
        case .bytes, .wouldBlock: break
        case .end, .failed: child.closeStandardOutput()
        }
    }

    private func finish(_ result: StepResult) {
        isFinished = true
        onEnd(result)
    }

    private static func lost(_ run: StepRun) -> TandemFailure {
        TandemFailure(
            code: ErrorCode.stateIndeterminate.id,
            message: "the guard of step \(run.definition.name) ended without telling how",
            remedy: "Look at the server; the agent observes it by itself too."
        )
    }
}
