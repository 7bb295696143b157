import Glibc
package import TandemModel
package import TandemSpawn

/// One process for ever: its id, when it started and on which boot, as a line of a file.
package struct ProcessMark: Hashable, Sendable {
    package var processID: Int32
    package var startTicks: UInt64
    /// The kernel's.
    package var boot: BootID

    /// A process by what a spawn told of it.
    package init(processID: Int32, startTicks: UInt64) throws(TandemError) {
        self.processID = processID
        self.startTicks = startTicks
        boot = try MachineClock.bootID()
    }

    /// A child.
    package init(_ child: ChildProcess) throws(TandemError) {
        try self.init(processID: child.processID, startTicks: child.startTicks)
    }

    /// The calling process.
    package static func own() throws(TandemError) -> ProcessMark {
        let entry = ProcessEntry.read(getpid())
        return try ProcessMark(processID: getpid(), startTicks: entry?.startTicks ?? 0)
    }

    /// Reads ``text``.
    package init?(text: String) {
        let words = text.split(whereSeparator: \.isWhitespace)
        guard words.count == 3, let processID = Int32(words[0]), let start = UInt64(words[1]),
            let boot = BootID(words[2]), processID > 1
        else { return nil }
        self.processID = processID
        startTicks = start
        self.boot = boot
    }

    /// One line without its end.
    package var text: String { "\(processID) \(startTicks) \(boot)" }

    /// Whether the process is still there.
    package func isAlive() throws(TandemError) -> Bool {
        guard let entry = ProcessEntry.read(processID), try MachineClock.bootID() == boot else {
            return false
        }
        return entry.startTicks == startTicks && !entry.hasEnded
    }

    /// Whether a session of that id can only be the one this process led.
    ///
    /// The kernel gives the id of a session to nobody else while a member of it lives.
    package func mayLeadSession() throws(TandemError) -> Bool {
        guard try MachineClock.bootID() == boot else { return false }
        return ProcessEntry.read(processID).map { $0.startTicks == startTicks } ?? true
    }
}
