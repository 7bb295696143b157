import Glibc
import TandemModel
package import TandemSpawn

/// The processes of a session, as `/proc` shows them.
package enum SessionMembers {
    /// Whether the calling process leads its session: then all others in it are its own doing.
    package static var isOwnSession: Bool { getsid(0) == getpid() }

    /// The living members of a session without the calling process.
    package static func others(ofSession session: Int32) -> [ProcessEntry] {
        let members = (try? ProcessEntry.members(ofSession: session)) ?? []
        return members.filter { $0.processID != getpid() }
    }

    /// Kills the members of a session, the calling process excepted, until none is left.
    ///
    /// Looks again for those that fork meanwhile; gives up after five seconds, when one is stuck in
    /// the kernel. Answers whether all are gone.
    @discardableResult
    package static func endOthers(ofSession session: Int32) -> Bool {
        guard session > 1 else { return false }
        let limit = MachineClock.monotonic() + 5000
        while true {
            let members = others(ofSession: session)
            if members.isEmpty { return true }
            for member in members { _ = kill(member.processID, SIGKILL) }
            guard limit.since(MachineClock.monotonic()) > 0 else { return false }
            _ = poll(nil, 0, 5)
        }
    }
}
