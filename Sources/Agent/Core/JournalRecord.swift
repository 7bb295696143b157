package import TandemModel

/// One durable fact in the agent's journal; the machine's state is the fold of all of them.
package enum JournalRecord: Hashable, Sendable {
    /// First record of a new journal.
    case opened(JournalID)
    /// The agent found itself on another boot than the record before says.
    case booted(BootID)
    /// The highest controller epoch obeyed.
    case epoch(UInt64)
    /// A command is known; it may start from now on.
    case received(Command, epoch: UInt64)
    /// Where an install or back-out comes from, written before its `started`: the manifest of the
    /// release that is or was to be replaced, and the last good one that a failure returns to.
    case route(CommandID, source: Digest?, fallback: Digest?)
    /// The command began, on this boot at this tick, with this pre-state.
    case started(CommandID, boot: BootID, at: Tick, pre: ServerReport)
    /// Step `index` (from 1) of the command's list began. `isReturn`: of the way back after a failure.
    case stepStarted(CommandID, index: UInt16, isReturn: Bool)
    /// The guard child of that step, written before it may exec anything.
    case stepChild(CommandID, index: UInt16, child: ChildIdentity)
    /// That step reached its goal.
    case stepDone(CommandID, index: UInt16, isReturn: Bool)
    /// The command failed and the agent returns to the release before by itself.
    case returning(CommandID, TandemFailure)
    /// The command ended.
    case ended(CommandResult)
    /// The controller has that command's result: a later heartbeat was acknowledged.
    case delivered(CommandID)
    /// The id can never start (voided, or answered never-seen).
    case tombstone(CommandID)
    /// The counter of role and token changes, with what it was last counted for.
    case generation(UInt64, role: ServerRole, token: String)
    /// Whether Tandem holds this server in standby.
    case held(Bool)
    /// Whether this server was fenced; unlike a plain hold, it never lapses.
    case fenced(Bool)
    /// Whether Tandem inhibits replication to this server.
    case inhibited(Bool)
    /// This server gave its role up for that failover; open until `demotionClosed`.
    case demoted(
        FailoverID,
        target: ServerName,
        boot: BootID,
        at: Tick,
        deadManMilliseconds: UInt32
    )
    /// That demotion is settled: the role moved, or was taken back.
    case demotionClosed(FailoverID, outcome: String)
    /// An image is complete and verified.
    case staged(StagedImage)
    /// An image is gone.
    case dropped(Digest)
    /// The manifests of the release that runs and of the one a back-out restores.
    case releases(current: Digest?, previous: Digest?)
    /// The manifest that the newest unfinished install or back-out goes to; `nil` once the server's
    /// release is known again.
    case attempted(Digest?)
    /// The configuration version last written here.
    case configured(AppliedConfiguration)
    /// Why this server is a zombie; `nil` ends it.
    case zombie(String?)
    /// An alarm event to deliver until it is acknowledged.
    case alarm(AlarmEvent)
    /// Events of that boot up to that sequence have reached the controller.
    case alarmsDelivered(boot: BootID, sequence: UInt32)
    /// The open operation, kept for a restored controller.
    case operation(OperationRecord)
    /// The public key of an agent id, pinned when first seen.
    case matePinned(AgentID, publicKey: [UInt8])
    /// The root snapshot that the way back may boot; `nil` once it may be dropped.
    case snapshot(RootSnapshot?)
    /// Last record of a compacted journal: how many records had been folded when it was rewritten,
    /// so that the head never falls. It sets the count and is not counted itself.
    case compacted(head: UInt64)
}

/// A child process that can be found again after the agent died.
package struct ChildIdentity: Hashable, Sendable {
    /// The process id.
    package var pid: Int32
    /// Field 22 of /proc/PID/stat: tells the process from a later one with the same pid.
    package var startTime: UInt64
    /// The name (not path) of the file into which the guard records the exit.
    package var record: String

    /// A child.
    package init(pid: Int32, startTime: UInt64, record: String) {
        self.pid = pid
        self.startTime = startTime
        self.record = record
    }
}
