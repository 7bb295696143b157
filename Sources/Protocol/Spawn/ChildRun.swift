import Glibc
package import TandemModel

/// Runs a child and waits for its end, at most `timeoutMilliseconds` by CLOCK_MONOTONIC.
///
/// Past the time its session is killed and the result says so. Of each output the first
/// `outputByteCountMax` bytes are kept and the rest is thrown away. Returns at the child's end also
/// when something it started lives on and holds the pipes.
package func runChild(
    _ command: ChildCommand,
    timeoutMilliseconds: UInt64,
    outputByteCountMax: Int = 64 * 1024
) throws(TandemError) -> ChildResult {
    var run = ChildRun(
        child: try ChildProcess.start(command),
        timeoutMilliseconds: timeoutMilliseconds,
        outputByteCountMax: outputByteCountMax
    )
    return try run.finish { _ throws(TandemError) in true }
}

/// Runs a child as `runChild` does, but hands each piece of its standard output to `sink`.
///
/// When the sink answers `false` or throws, the child's session is killed. The result's
/// `standardOutput` is empty.
package func streamChild(
    _ command: ChildCommand,
    timeoutMilliseconds: UInt64,
    errorByteCountMax: Int = 64 * 1024,
    sink: (UnsafeRawBufferPointer) throws(TandemError) -> Bool
) throws(TandemError) -> ChildResult {
    var run = ChildRun(
        child: try ChildProcess.start(command),
        timeoutMilliseconds: timeoutMilliseconds,
        outputByteCountMax: errorByteCountMax
    )
    run.keepsOutput = false
    return try run.finish(sink)
}

/// One wait for one child.
private struct ChildRun {
    let child: ChildProcess
    let deadline: Tick
    let outputByteCountMax: Int
    var keepsOutput = true
    private var output: [UInt8] = []
    private var errors: [UInt8] = []
    private var isTruncated = false
    private var isTimedOut = false
    private var isStopped = false
    private var chunk = [UInt8](repeating: 0, count: 64 * 1024)

    /// How long a killed child may take to go; one stuck in the kernel is then left behind unreaped.
    private static let killMilliseconds: UInt64 = 5000
    /// Pieces of 64 KiB that one look takes from one pipe.
    private static let chunkCountMax = 17
    /// The longest nap between two looks at a child whose pipes say nothing.
    private static let napMillisecondsMax: UInt64 = 20

    init(child: ChildProcess, timeoutMilliseconds: UInt64, outputByteCountMax: Int) {
        self.child = child
        self.outputByteCountMax = outputByteCountMax
        deadline = MachineClock.monotonic() + timeoutMilliseconds
    }

    mutating func finish(
        _ sink: (UnsafeRawBufferPointer) throws(TandemError) -> Bool
    ) throws(TandemError) -> ChildResult {
        do throws(TandemError) {
            let ending = try wait(sink)
            return ChildResult(
                ending: ending,
                standardOutput: output,
                standardError: errors,
                isTimedOut: isTimedOut,
                isStopped: isStopped,
                isTruncated: isTruncated
            )
        } catch {
            _ = killAndReap()
            throw error
        }
    }

    private mutating func wait(
        _ sink: (UnsafeRawBufferPointer) throws(TandemError) -> Bool
    ) throws(TandemError) -> ChildEnding {
        var nap: UInt64 = 1
        while true {
            // The order matters: what a child wrote before its end is in the pipe once it has ended.
            let ending = child.tryWait()
            let hasRead = try drain(sink)
            if isStopped { return killAndReap() }
            if let ending { return ending }
            let left = deadline.since(MachineClock.monotonic())
            guard left > 0 else {
                isTimedOut = true
                let ending = killAndReap()
                _ = try drain(sink)
                return ending
            }
            nap = hasRead ? 1 : min(nap * 2, Self.napMillisecondsMax)
            sleep(milliseconds: min(nap, left))
        }
    }

    /// Reads what is there of both pipes; answers whether there was anything.
    ///
    /// Bounded, so that a writer without end can't keep us from the clock; yet more than the largest
    /// pipe of the kernel (1 MiB), so that all an ended child has written is read.
    private mutating func drain(
        _ sink: (UnsafeRawBufferPointer) throws(TandemError) -> Bool
    ) throws(TandemError) -> Bool {
        var hasRead = false
        for _ in 0..<Self.chunkCountMax {
            guard let pipe = child.standardError, let count = read(pipe) else { break }
            if count == 0 { child.closeStandardError() }
            hasRead = hasRead || count > 0
            keep(count, in: \.errors)
        }
        for _ in 0..<Self.chunkCountMax {
            guard let pipe = child.standardOutput, let count = read(pipe) else { break }
            if count == 0 { child.closeStandardOutput() }
            hasRead = hasRead || count > 0
            if keepsOutput {
                keep(count, in: \.output)
            } else if count > 0, try !hand(count, to: sink) {
                isStopped = true
                break
            }
        }
        return hasRead
    }

    /// Bytes now in `chunk`; 0 at the end; `nil` when there is nothing now.
    private mutating func read(_ pipe: Descriptor) -> Int? {
        switch chunk.withUnsafeMutableBytes({ pipe.readOnce(into: $0) }) {
        case .bytes(let count): count
        case .end, .failed: 0
        case .wouldBlock: nil
        }
    }

    private mutating func keep(_ count: Int, in place: WritableKeyPath<ChildRun, [UInt8]>) {
        let room = max(0, outputByteCountMax - self[keyPath: place].count)
        self[keyPath: place] += chunk[..<min(room, count)]
        if count > room { isTruncated = true }
    }

    private func hand(
        _ count: Int,
        to sink: (UnsafeRawBufferPointer) throws(TandemError) -> Bool
    ) throws(TandemError) -> Bool {
        let outcome = chunk.withUnsafeBytes { bytes in
            Result { () throws(TandemError) in
                try sink(UnsafeRawBufferPointer(rebasing: bytes[..<count]))
            }
        }
        return try outcome.get()
    }

    /// Sleeps until a pipe says something, at most that long.
    private func sleep(milliseconds: UInt64) {
        var watched = [child.standardOutput, child.standardError].compactMap { $0 }
            .map { pollfd(fd: $0.number, events: Int16(POLLIN), revents: 0) }
        _ = poll(&watched, nfds_t(watched.count), Int32(milliseconds))
    }

    private func killAndReap() -> ChildEnding {
        child.signalAll(SIGKILL)
        let limit = MachineClock.monotonic() + Self.killMilliseconds
        while limit.since(MachineClock.monotonic()) > 0 {
            if let ending = child.tryWait() { return ending }
            _ = poll(nil, 0, 1)
        }
        return .signalled(SIGKILL)
    }
}
