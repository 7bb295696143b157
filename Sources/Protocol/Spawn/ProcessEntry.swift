import Glibc
package import TandemModel

/// One process as the kernel lists it in `/proc/PID/stat`.
///
/// A process id alone is used again later; with the start time and the boot id it names one process.
package struct ProcessEntry: Hashable, Sendable {
    package var processID: Int32
    package var parentID: Int32
    package var sessionID: Int32
    /// Clock ticks (100 a second) from boot to its start.
    package var startTicks: UInt64
    /// Whether it has ended and only waits for its parent.
    package var hasEnded: Bool

    /// Reads one process; `nil` when there is none, or `/proc` can't be read.
    package static func read(_ processID: Int32) -> ProcessEntry? {
        guard let bytes = try? Files.read("/proc/\(processID)/stat", byteCountMax: 4096) else {
            return nil
        }
        return ProcessEntry(stat: bytes)
    }

    /// Parses the one line of a `stat` file.
    ///
    /// The second field is a name in parentheses which may hold anything, also parentheses and spaces.
    package init?(stat: [UInt8]) {
        guard let open = stat.firstIndex(of: UInt8(ascii: "(")),
            let close = stat.lastIndex(of: UInt8(ascii: ")")), open < close
        else { return nil }
        let head = String(decoding: stat[..<open], as: UTF8.self).filter { $0 != " " }
        let fields = String(decoding: stat[(close + 1)...], as: UTF8.self)
            .split(whereSeparator: { $0 == " " || $0 == "\n" })
        // Field 3 (state) of proc(5) is the first one here.
        guard fields.count >= 20, let processID = Int32(head), let parentID = Int32(fields[1]),
            let sessionID = Int32(fields[3]), let startTicks = UInt64(fields[19])
        else { return nil }
        self.processID = processID
        self.parentID = parentID
        self.sessionID = sessionID
        self.startTicks = startTicks
        hasEnded = fields[0] == "Z" || fields[0] == "X"
    }

    /// The living processes of a session, by process id; ended ones do not count.
    package static func members(ofSession sessionID: Int32) throws(TandemError) -> [ProcessEntry] {
        var members: [ProcessEntry] = []
        for name in try Files.list("/proc") {
            guard let processID = Int32(name), let entry = read(processID) else { continue }
            if entry.sessionID == sessionID && !entry.hasEnded { members.append(entry) }
        }
        return members.sorted { $0.processID < $1.processID }
    }

    /// Sends a signal to every member of a session until none is left that has not had it.
    ///
    /// Processes that fork meanwhile are found by looking again, at most 16 times. Answers how many
    /// were signalled. Never signals the caller's own session.
    @discardableResult
    package static func signal(session sessionID: Int32, _ signal: Int32) throws(TandemError) -> Int
    {
        guard sessionID > 1, sessionID != getsid(0) else { return 0 }
        var signalled: Set<ProcessEntry.Key> = []
        for _ in 0..<16 {
            let fresh = try members(ofSession: sessionID).filter { !signalled.contains($0.key) }
            guard !fresh.isEmpty else { break }
            for member in fresh {
                _ = kill(member.processID, signal)
                signalled.insert(member.key)
            }
        }
        return signalled.count
    }

    struct Key: Hashable {
        var processID: Int32
        var startTicks: UInt64
    }

    var key: Key { Key(processID: processID, startTicks: startTicks) }
}
