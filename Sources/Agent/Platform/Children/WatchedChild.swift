import Glibc
package import TandemModel
package import TandemSpawn

/// One long child of a step: its last words are kept, its status lines are handed on, and at its
/// limit it is ended with all that it started.
///
/// A guard leads a session, and the child stays in it, so that the agent finds all of it by the
/// guard's id. Where the caller leads none (tests, the command line) the child gets its own.
package struct WatchedChild {
    /// How it ended.
    package struct End: Hashable, Sendable {
        package var ending: ChildEnding
        package var isTimedOut: Bool
        /// The last 4 KiB of standard output and standard error, as they came.
        package var tail: String

        /// Whether the words tell of a full disk.
        package var saysDiskFull: Bool { tail.holds("No space left on device") }
    }

    /// A number free of the ones that package files are passed under.
    package static let statusNumber: Int32 = 3
    private static let lineByteCountMax = 4096

    private let child: ChildProcess
    private let output: Descriptor
    private let deadline: Tick
    private var tail = OutputTail(byteCountMax: TextLimit.diagnostic)
    private var statusBytes: [UInt8] = []
    private var lineBytes: [UInt8] = []
    private var chunk = [UInt8](repeating: 0, count: 16 * 1024)

    /// Runs a command to its end.
    ///
    /// The command's outputs are replaced. With `hasStatus` the child finds a status pipe as
    /// ``statusNumber``.
    package static func run(
        _ command: ChildCommand,
        limitMilliseconds: UInt64,
        hasStatus: Bool = false,
        onStatusLine: (String) -> Void = { _ in },
        onOutputLine: (String) -> Void = { _ in }
    ) throws(TandemError) -> End {
        var watched = try WatchedChild(
            command,
            limitMilliseconds: limitMilliseconds,
            hasStatus: hasStatus
        )
        return watched.wait(onStatusLine, onOutputLine)
    }

    private init(
        _ command: ChildCommand,
        limitMilliseconds: UInt64,
        hasStatus: Bool
    ) throws(TandemError) {
        let (reading, writing) = try Descriptor.pipe()
        try reading.stopBlocking()
        var command = command
        command.standardOutput = .descriptor(writing)
        command.standardError = .descriptor(writing)
        command.statusNumber = hasStatus ? Self.statusNumber : nil
        command.leadsSession = !SessionMembers.isOwnSession
        child = try ChildProcess.start(command)
        output = reading
        deadline = MachineClock.monotonic() + limitMilliseconds
    }

    private mutating func wait(
        _ onStatusLine: (String) -> Void,
        _ onOutputLine: (String) -> Void
    ) -> End {
        var isTimedOut = false
        var ending: ChildEnding?
        while ending == nil {
            // What a child wrote before its end is in the pipes once it has ended.
            ending = child.tryWait()
            drain(onStatusLine, onOutputLine)
            guard ending == nil else { break }
            let left = deadline.since(MachineClock.monotonic())
            if left == 0 {
                isTimedOut = true
                endAll()
                ending = child.tryWait() ?? .signalled(SIGKILL)
                drain(onStatusLine, onOutputLine)
                break
            }
            sleep(milliseconds: min(left, 20))
        }
        if !lineBytes.isEmpty { onOutputLine(String(decoding: lineBytes, as: UTF8.self)) }
        let ended = ending ?? .signalled(SIGKILL)
        if case .signalled = ended, !isTimedOut { settle() }
        return End(ending: ended, isTimedOut: isTimedOut, tail: tail.text)
    }

    /// Everything else of the session, killed.
    private func endAll() {
        SessionMembers.endOthers(ofSession: session)
        _ = kill(child.processID, SIGKILL)
        let limit = MachineClock.monotonic() + 5000
        while child.tryWait() == nil, limit.since(MachineClock.monotonic()) > 0 {
            _ = poll(nil, 0, 5)
        }
    }

    /// A child that died by a signal may have left its own children at work: they are waited for.
    private func settle() {
        while !SessionMembers.others(ofSession: session).isEmpty {
            guard deadline.since(MachineClock.monotonic()) > 0 else { return endAll() }
            _ = poll(nil, 0, 100)
        }
    }

    private var session: Int32 { child.leadsSession ? child.processID : getsid(0) }

    /// Reads what is there; bounded, so that a writer without end can't keep us from the clock.
    private mutating func drain(
        _ onStatusLine: (String) -> Void,
        _ onOutputLine: (String) -> Void
    ) {
        for _ in 0..<80 {
            guard let count = read(output), count > 0 else { break }
            tail.append(chunk[..<count])
            lineBytes.append(contentsOf: chunk[..<count])
            Self.handOver(&lineBytes, onOutputLine)
            // Of a line without end its newest part is kept: there a tool's own words would stand.
            if lineBytes.count > Self.lineByteCountMax {
                lineBytes.removeFirst(lineBytes.count - Self.lineByteCountMax / 2)
            }
        }
        for _ in 0..<80 {
            guard let status = child.status, let count = read(status) else { break }
            guard count > 0 else {
                child.closeStatus()
                break
            }
            statusBytes.append(contentsOf: chunk[..<count])
            Self.handOver(&statusBytes, onStatusLine)
            if statusBytes.count > Self.lineByteCountMax { statusBytes.removeAll() }
        }
    }

    private static func handOver(_ bytes: inout [UInt8], _ onLine: (String) -> Void) {
        var start = 0
        while let newline = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) {
            onLine(String(decoding: bytes[start..<newline], as: UTF8.self))
            start = newline + 1
        }
        bytes.removeFirst(start)
    }

    private mutating func read(_ pipe: Descriptor) -> Int? {
        switch chunk.withUnsafeMutableBytes({ pipe.readOnce(into: $0) }) {
        case .bytes(let count): count
        case .end, .failed: 0
        case .wouldBlock: nil
        }
    }

    private func sleep(milliseconds: UInt64) {
        var watched = [output.number, child.status?.number ?? -1].map {
            pollfd(fd: $0, events: Int16(POLLIN), revents: 0)
        }
        let found = poll(&watched, nfds_t(watched.count), Int32(milliseconds))
        // A pipe whose writers are all gone is ready for ever.
        if found > 0, watched.allSatisfy({ $0.revents & Int16(POLLIN) == 0 }) {
            _ = poll(nil, 0, 1)
        }
    }
}
