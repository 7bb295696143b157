import Glibc
package import TandemModel
import TandemSpawn

/// The right to change the HA system of this server: one holder at a time, agent or guard.
///
/// The file names its holder while it is held, so that what a killed holder's driver call still
/// does is found and ended before the next one begins.
package struct DriverLock: Sendable {
    private let path: String

    /// The lock behind that file, which is created when needed.
    package init(path: String) { self.path = path }

    /// Runs `body` while nobody else changes the HA system.
    ///
    /// Waits for another holder at most until `deadline` on CLOCK_BOOTTIME; `nil` when it was not
    /// free in time, and nothing was run.
    package func hold<Value>(
        until deadline: Tick,
        _ body: () throws(TandemError) -> Value
    ) throws(TandemError) -> Value? {
        let file = try Descriptor.open(path, flags: O_RDWR | O_CREAT | O_NOFOLLOW)
        while flock(file.number, LOCK_EX | LOCK_NB) != 0 {
            let number = errno
            guard number == EWOULDBLOCK || number == EINTR else {
                throw systemFailure(number, doing: "lock", path: path)
            }
            guard deadline.since(MachineClock.bootTime()) > 0 else { return nil }
            _ = poll(nil, 0, 10)
        }
        try endLeftovers(file)
        try write("\(try ProcessMark.own().text)\n", to: file)
        defer { try? write("", to: file) }
        return try body()
    }

    /// Ends what a holder left running that was killed itself.
    private func endLeftovers(_ file: Descriptor) throws(TandemError) {
        let text = String(
            decoding: try Files.read(file, path: path, byteCountMax: 64),
            as: UTF8.self
        )
        guard let holder = ProcessMark(text: text), holder.processID != getpid(),
            try holder.mayLeadSession()
        else { return }
        SessionMembers.endOthers(ofSession: holder.processID)
    }

    private func write(_ text: String, to file: Descriptor) throws(TandemError) {
        let bytes = Array(text.utf8)
        guard ftruncate(file.number, 0) == 0,
            pwrite(file.number, bytes, bytes.count, 0) == bytes.count
        else { throw systemFailure(errno, doing: "write", path: path) }
    }
}
