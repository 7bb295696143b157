package import TandemModel

/// All that an agent remembers over a restart: nothing but the fold of its journal's records.
package struct AgentState: Hashable, Sendable {
    /// Ended commands whose results are kept, counting those of all verbs.
    static let endedCountMax = 64
    /// Of these, results of verbs that change nothing.
    static let endedQuietCountMax = 16
    /// Ids that can never start, kept against a late delivery.
    static let tombstoneCountMax = 512

    /// The journal's id; `nil` before its first record.
    package var journal: JournalID?
    /// Records ever appended to this journal, compacted away or not.
    package var head: UInt64 = 0
    /// The newest boot that the journal has seen.
    package var boot: BootID?
    /// The highest controller epoch obeyed.
    package var epoch: UInt64 = 0
    /// Commands in the order in which they were received, ended ones among them.
    package var commands: [CommandEntry] = []
    /// Ids that can never start, oldest first.
    package var tombstones: [CommandID] = []
    /// Counts the observed changes of role and token.
    package var generation: UInt64 = 0
    /// The role that `generation` was last counted for.
    package var countedRole: ServerRole?
    /// The token that `generation` was last counted for.
    package var countedToken = ""
    /// Whether Tandem holds this server in standby.
    package var isHeld = false
    /// Whether that hold is a fence, which never lapses.
    package var isFenced = false
    /// Whether Tandem holds back replication to this server.
    package var isInhibited = false
    /// The demotion that is not settled yet.
    package var demotion: OpenDemotion?
    /// Complete images, in the order in which they came.
    package var staged: [StagedImage] = []
    /// The manifest of the release that runs.
    package var current: Digest?
    /// The manifest of the release that a back-out restores.
    package var previous: Digest?
    /// The manifest that the newest unfinished install or back-out goes to.
    package var attempted: Digest?
    /// The configuration last written by Tandem.
    package var configured: AppliedConfiguration?
    /// Why this server is a zombie.
    package var zombie: String?
    /// Alarms, and what the controller has not acknowledged of them.
    package var alarms = AlarmLedger()
    /// The open operation as the controller gave it here for safe keeping.
    package var operation: OperationRecord?
    /// Public keys by agent id, pinned when first seen; oldest first.
    package var pinned: [PinnedKey] = []
    /// The root as it was before the upgrade; kept until that is accepted.
    package var snapshot: RootSnapshot?

    /// The state of an empty journal.
    package init() {}

    /// What is known of a command.
    package func entry(_ id: CommandID) -> CommandEntry? {
        commands.first { $0.command.id == id }
    }

    /// Commands received or started and not ended, oldest first.
    package var openCommands: [CommandEntry] {
        commands.filter { !$0.isEnded }
    }
}

/// A snapshot of the root that was taken before anything was changed.
package struct RootSnapshot: Hashable, Sendable {
    /// The name of its subvolume, made of the command's id.
    package var name: String
    /// The manifest of the release that it holds.
    package var holds: Digest
    /// The operation in which it was taken; `nil` where none was known.
    package var operation: OperationID?

    /// A snapshot.
    package init(name: String, holds: Digest, operation: OperationID?) {
        self.name = name
        self.holds = holds
        self.operation = operation
    }
}

/// A public key that belongs to an agent id for ever.
package struct PinnedKey: Hashable, Sendable {
    package var agent: AgentID
    /// SPKI in DER.
    package var publicKey: [UInt8]

    /// A pinned key.
    package init(agent: AgentID, publicKey: [UInt8]) {
        self.agent = agent
        self.publicKey = publicKey
    }
}

/// A demotion of this server whose failover is not settled.
package struct OpenDemotion: Hashable, Sendable {
    package var failover: FailoverID
    package var target: ServerName
    /// The boot that `at` counts in.
    package var boot: BootID
    /// The journaled start: the dead-man runs from here.
    package var at: Tick
    package var deadManMilliseconds: UInt32

    /// When the role may be taken back without the target's word; only for ticks of `boot`.
    package var deadline: Tick { at + UInt64(deadManMilliseconds) }
}

/// What the journal knows of one command.
package struct CommandEntry: Hashable, Sendable {
    /// How far a command has come.
    package enum Life: Hashable, Sendable {
        case received
        case started(StartedCommand)
        case ended(CommandResult, isDelivered: Bool)
    }

    /// Once ended, without the bytes of its configuration document.
    package var command: Command
    /// The epoch it was received in.
    package var epoch: UInt64
    /// For install and back-out: where it comes from.
    package var route: Route?
    package var life: Life

    /// Whether the command is over.
    package var isEnded: Bool {
        switch life {
        case .received, .started: false
        case .ended: true
        }
    }

    /// What the journal has of the command's run; `nil` before and after it.
    package var started: StartedCommand? {
        switch life {
        case .started(let started): started
        case .received, .ended: nil
        }
    }
}

/// Where an install or back-out comes from.
package struct Route: Hashable, Sendable {
    /// The release that is replaced, whole or not; `nil` on a blank server.
    package var source: Digest?
    /// The last good release that a failure returns to; `nil` where there is none.
    package var fallback: Digest?
}

/// The progress of a started command.
package struct StartedCommand: Hashable, Sendable {
    /// The boot that `at` counts in.
    package var boot: BootID
    package var at: Tick
    /// The server as the command began.
    package var pre: ServerReport
    /// Steps of the command's own list that reached their goals.
    package var doneCount: UInt16 = 0
    /// Steps of the way back that reached their goals.
    package var returnDoneCount: UInt16 = 0
    /// The step that began and has not reached its goal.
    package var open: OpenStep?
    /// Why the agent returns to the release before.
    package var returning: TandemFailure?

    init(boot: BootID, at: Tick, pre: ServerReport) {
        self.boot = boot
        self.at = at
        self.pre = pre
    }
}

/// A step that began.
package struct OpenStep: Hashable, Sendable {
    /// From 1.
    package var index: UInt16
    package var isReturn: Bool
    package var child: ChildIdentity?
    /// The server has booted since: the child is gone, and a reboot step has reached its goal.
    package var hasRebooted = false

    init(index: UInt16, isReturn: Bool) {
        self.index = index
        self.isReturn = isReturn
    }
}

extension Command {
    /// The same command without the bytes of its configuration, whose digest stands for them.
    var withoutDocument: Command {
        var copy = self
        switch verb {
        case .install(let manifest, let configuration):
            copy.verb = .install(manifest: manifest, configuration: configuration?.emptied)
        case .backOut(let manifest, let configuration):
            copy.verb = .backOut(manifest: manifest, configuration: configuration?.emptied)
        case .applyConfiguration(let configuration):
            copy.verb = .applyConfiguration(configuration.emptied)
        case .stageImage, .dropImage, .check, .promote, .demote, .takeBack, .fence, .hold, .unhold,
            .inhibitReplication, .allowReplication, .accept, .recover, .collectLogs, .report:
            break
        }
        return copy
    }
}

extension ConfigurationVersion {
    fileprivate var emptied: ConfigurationVersion {
        ConfigurationVersion(number: number, schema: schema, digest: digest, document: [])
    }
}
