import AgentCore
import Glibc
package import TandemModel
import TandemSpawn

/// The guard that takes this server's role back when nobody else has settled a failover in time.
///
/// Outlives the agent. Acts only while its ``ArmedDeadMan`` file names it, looked at under the
/// driver's lock; asks again each second, without end, while the rule does not allow it.
package struct DeadMan {
    private let server: LocalServer
    private let failover: FailoverID
    private let deadline: Tick
    private let boot: BootID

    /// How long it waits before it asks again.
    private static let retryMilliseconds: UInt64 = 1000

    /// A guard for one failover.
    package init(
        _ server: LocalServer,
        failover: FailoverID,
        deadline: Tick,
        boot: BootID
    ) {
        self.server = server
        self.failover = failover
        self.deadline = deadline
        self.boot = boot
    }

    /// Waits, and acts; returns when the failover is settled or nobody wants it settled any more.
    package func run() throws(TandemError) {
        guard try server.bootID() == boot else {
            throw TandemError(
                .usage,
                "this dead-man's deadline belongs to another boot",
                remedy: "Let the agent arm it anew."
            )
        }
        while deadline.since(MachineClock.bootTime()) > 0 {
            guard isArmed else { return }
            pause(deadline.since(MachineClock.bootTime()))
        }
        let grounds = RoleChange.TakeBackGrounds(isVoided: false, isDeadManOver: true)
        var reported: TakeBackResult?
        while let result = RoleChange(server).takeBack(grounds, isWanted: { isArmed }) {
            if result != reported {
                try ArmedDeadMan.report(TakeBackOutcome(result), failover, in: server.state)
                reported = result
            }
            guard case .undecided = result else { return }
            pause(Self.retryMilliseconds)
        }
    }

    private var isArmed: Bool {
        ArmedDeadMan.read(failover, in: server.state)?.process.processID == getpid()
    }

    /// Short naps: a suspended machine's clock goes on while a nap does not.
    private func pause(_ milliseconds: UInt64) {
        _ = poll(nil, 0, Int32(min(milliseconds, Self.retryMilliseconds)))
    }
}
