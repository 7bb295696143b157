import Glibc
package import TandemModel

/// A running child, for a poll loop to watch.
///
/// The reading ends never block. A child has ended when `tryWait` says so, never when a pipe closes:
/// a daemon that it started may hold the pipes for its whole life, so after the end the pipes are
/// read until they would block, and dropped. Dropping this object neither ends nor reaps the child.
package final class ChildProcess {
    /// The child's process id; its session id too when it leads one.
    package let processID: Int32
    /// Its start in clock ticks since boot, which tells it from a later process of the same id; 0
    /// when `/proc` could not be read.
    package let startTicks: UInt64
    /// Whether it leads a session of its own.
    package let leadsSession: Bool
    /// The reading end of its standard output; `nil` when that is no pipe or was closed.
    package private(set) var standardOutput: Descriptor?
    /// The reading end of its standard error; `nil` when that is no pipe or was closed.
    package private(set) var standardError: Descriptor?
    /// The reading end of its status pipe; `nil` when there is none or it was closed.
    package private(set) var status: Descriptor?
    /// How it ended; `nil` while it has not been seen to end.
    package private(set) var ending: ChildEnding?

    /// Starts a child.
    ///
    /// Throws `programMissing` when the program is not there or can't be executed.
    package static func start(_ command: ChildCommand) throws(TandemError) -> ChildProcess {
        try ChildProcess(command)
    }

    private init(_ command: ChildCommand) throws(TandemError) {
        var plan = try SpawnPlan(command)
        #if CrashPoints
            CrashPoint.spawn.before()
        #endif
        processID = try plan.spawn()
        leadsSession = command.leadsSession
        standardOutput = plan.standardOutput
        standardError = plan.standardError
        status = plan.status
        // It can't have been reaped yet, so the entry is its own even if it has ended already.
        startTicks = ProcessEntry.read(processID)?.startTicks ?? 0
        #if CrashPoints
            CrashPoint.spawn.after()
        #endif
    }

    /// Asks, without waiting, whether the child has ended; reaps it once.
    package func tryWait() -> ChildEnding? {
        if let ending { return ending }
        var word: Int32 = 0
        let answer = retryingInterrupts { waitpid(processID, &word, WNOHANG) }
        if answer == processID {
            ending = ChildEnding(waitStatus: word)
            #if CrashPoints
                CrashPoint.childExit.after()
            #endif
        } else if answer < 0 {
            // Somebody else reaped it: how it ended is lost, which is no success.
            ending = .exited(255)
        }
        return ending
    }

    /// Sends a signal to the child and, where it leads a session, to all that belong to it.
    package func signalAll(_ signal: Int32) {
        // The id may be another's by now, once this child was reaped.
        let leader = ProcessEntry.read(processID)
        if leadsSession, leader == nil || leader?.startTicks == startTicks {
            _ = try? ProcessEntry.signal(session: processID, signal)
        }
        // By its own id too, as `/proc` may be missing.
        if ending == nil { _ = kill(processID, signal) }
    }

    /// Lets go of the standard output's pipe.
    package func closeStandardOutput() { standardOutput = nil }

    /// Lets go of the standard error's pipe.
    package func closeStandardError() { standardError = nil }

    /// Lets go of the status pipe.
    package func closeStatus() { status = nil }
}
