import Glibc
import TandemModel
import TandemSpawn

/// One child that the loop waits for: its output is collected, and at its limit it is ended.
final class ChildTask: LoopSource {
    /// How the child ended.
    struct End {
        var ending: ChildEnding
        /// The first bytes of its standard output.
        var output: [UInt8]
        /// The first bytes of its standard error.
        var errors: [UInt8]
        var isTimedOut: Bool
    }

    /// How often a child is looked at whose pipes a daemon may hold open.
    private static let lookMilliseconds: UInt64 = 250
    /// How long a killed child may take to go; one stuck in the kernel is then left behind.
    private static let killMilliseconds: UInt64 = 5000
    /// How often a child is looked at that has closed its pipes and is about to end.
    private static let endingMilliseconds: UInt64 = 2

    let child: ChildProcess
    private let deadline: Tick
    private let outputByteCountMax: Int
    private let onEnd: (End) -> Void
    private var output: [UInt8] = []
    private var errors: [UInt8] = []
    private var isTimedOut = false
    private var lookAt: Tick
    private(set) var isFinished = false

    /// Starts a child; `onEnd` is called once, in a later turn.
    init(
        _ command: ChildCommand,
        limitMilliseconds: UInt64,
        outputByteCountMax: Int = 64 * 1024,
        onEnd: @escaping (End) -> Void
    ) throws(TandemError) {
        child = try ChildProcess.start(command)
        let now = MachineClock.bootTime()
        deadline = now + limitMilliseconds
        lookAt = now + Self.lookMilliseconds
        self.outputByteCountMax = outputByteCountMax
        self.onEnd = onEnd
    }

    var waits: [PollWait] {
        [child.standardOutput, child.standardError].compactMap { pipe in
            pipe.map { PollWait(descriptor: $0.number, wantsToRead: true) }
        }
    }

    var wakeAt: Tick? { isTimedOut ? lookAt : min(lookAt, deadline) }

    func turn(at now: Tick) {
        // What it wrote before its end is in the pipes once it has ended.
        let ending = child.tryWait()
        read(child.standardOutput, child.closeStandardOutput, into: \.output)
        read(child.standardError, child.closeStandardError, into: \.errors)
        let isStuck = isTimedOut && now >= deadline + Self.killMilliseconds
        if let ending = ending ?? (isStuck ? .signalled(SIGKILL) : nil) {
            isFinished = true
            onEnd(
                End(ending: ending, output: output, errors: errors, isTimedOut: isTimedOut)
            )
            return
        }
        if !isTimedOut, now >= deadline {
            isTimedOut = true
            child.signalAll(SIGKILL)
        }
        let isEnding = waits.isEmpty || isTimedOut
        lookAt = now + (isEnding ? Self.endingMilliseconds : Self.lookMilliseconds)
    }

    /// Reads what is there, but only so much in one turn.
    private func read(
        _ pipe: Descriptor?,
        _ close: () -> Void,
        into place: ReferenceWritableKeyPath<ChildTask, [UInt8]>
    ) {
        guard let pipe else { return }
        for _ in 0..<20 {
            var chunk = [UInt8](repeating: 0, count: 8 * 1024)
            switch chunk.withUnsafeMutableBytes({ pipe.readOnce(into: $0) }) {
            case .bytes(let count):
                let room = max(0, outputByteCountMax - self[keyPath: place].count)
                self[keyPath: place] += chunk[..<min(room, count)]
            case .wouldBlock: return
            case .end, .failed: return close()
            }
        }
    }
}
