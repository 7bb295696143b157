import Glibc
package import TandemModel
import TandemSpawn

/// The right to use a state folder: held by one agent, for as long as the process lives.
package final class StateLock {
    private let file: Descriptor

    /// Takes the lock.
    ///
    /// - Throws: ``ErrorCode/agentBusy`` when another agent has it.
    package init(_ path: String) throws(TandemError) {
        file = try Descriptor.open(path, flags: O_RDWR | O_CREAT | O_NOFOLLOW)
        guard flock(file.number, LOCK_EX | LOCK_NB) == 0 else {
            throw TandemError(
                .agentBusy,
                "another tandem-agent uses the state folder of \(path)",
                remedy: "End it, or give this agent a state folder of its own."
            )
        }
    }
}
