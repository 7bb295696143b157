/// What one server must be for a command to start; part of the command's identity.
package struct Expectation: Hashable, Sendable, Codable {
    /// The role, as reported.
    package var role: ServerRole
    /// What it runs.
    package var software: SoftwareState
    /// The agent's generation.
    package var generation: UInt64

    /// An expectation.
    package init(role: ServerRole, software: SoftwareState, generation: UInt64) {
        self.role = role
        self.software = software
        self.generation = generation
    }
}

/// What both servers must be: checked by the controller at issue, by the agent as it starts and
/// again before each step that stops service.
package struct Precondition: Hashable, Sendable, Codable {
    /// The commanded server.
    package var own: Expectation
    /// Its mate; `nil` in a one-server cluster and where `safety.md` 15 allows a silent mate.
    package var mate: Expectation?

    /// A precondition.
    package init(own: Expectation, mate: Expectation?) {
        self.own = own
        self.mate = mate
    }
}

/// Where an operation is going.
package enum Direction: String, Hashable, Sendable, Codable {
    /// Towards the new release.
    case up
    /// Back to the old release.
    case back
}

/// On whose word a server may be promoted without a fresh voucher of its mate.
package enum PromotionAuthority: Hashable, Sendable, Codable {
    /// A commanded failover: the demoted mate's signed proof must arrive (``DemotionProof``).
    case demotionProof
    /// The mate is fenced, and its agent has said so.
    case mateFenced
    /// A named person states that the mate is dead.
    case mateDeclaredDead(by: PersonName, at: WallTime)
}

/// A release image as the controller offers it.
package struct ImageOffer: Hashable, Sendable, Codable {
    /// SHA-256 of the whole image.
    package var image: Digest
    /// Bytes of the whole image.
    package var byteCount: UInt64
    /// SHA-256 of its manifest's bytes.
    package var manifest: Digest
    /// What it holds.
    package var release: ReleaseID

    /// An offer.
    package init(image: Digest, byteCount: UInt64, manifest: Digest, release: ReleaseID) {
        self.image = image
        self.byteCount = byteCount
        self.manifest = manifest
        self.release = release
    }
}

/// One numbered version of a cluster's configuration for one schema.
package struct ConfigurationVersion: Hashable, Sendable {
    /// Counts the cluster's versions, from 1.
    package var number: UInt32
    /// The schema the release understands.
    package var schema: String
    /// SHA-256 of `document`.
    package var digest: Digest
    /// UTF-8, at most 48 KiB.
    package var document: [UInt8]

    /// A version.
    package init(number: UInt32, schema: String, digest: Digest, document: [UInt8]) {
        self.number = number
        self.schema = schema
        self.digest = digest
        self.document = document
    }
}

/// What an agent is asked to reach; typed, never a text for a shell.
package enum Verb: Hashable, Sendable, Codable {
    /// Fetch, verify and keep an image.
    case stageImage(ImageOffer)
    /// Forget an image (never one the way back needs).
    case dropImage(Digest)
    /// Run the pre-upgrade checks for going to the release of this manifest.
    case check(manifest: Digest, direction: Direction)
    /// Reach this manifest's release by its upgrade steps; `configuration` is written on the way.
    case install(manifest: Digest, configuration: ConfigurationVersion?)
    /// Reach this (previous) manifest's release by the back-out steps of the running or failed one.
    case backOut(manifest: Digest, configuration: ConfigurationVersion?)
    /// Take the active role.
    case promote(failover: FailoverID, authority: PromotionAuthority)
    /// Give the active role up; `target` is who takes it, `targetNonce` what the proof must carry.
    case demote(
        failover: FailoverID,
        target: ServerName,
        targetNonce: Nonce,
        deadManMilliseconds: UInt32
    )
    /// Take the role back after a demote of that failover, by the rule of `details.md` 10.
    case takeBack(failover: FailoverID)
    /// Stop serving at once and stay so.
    case fence
    /// Keep this server in standby (70503).
    case hold
    /// End the hold.
    case unhold
    /// Stop the product's data replication to this server (70502).
    case inhibitReplication
    /// Let replication run again.
    case allowReplication
    /// Write this configuration and run the product's apply hook.
    case applyConfiguration(ConfigurationVersion)
    /// The operation is accepted: the previous release is no longer kept as the way back.
    case accept(release: ReleaseID)
    /// Leave the zombie state after a person declared the server recovered; observe everything anew.
    case recover
    /// Gather logs into a bounded file and send it.
    case collectLogs
    /// Observe and report now.
    case report

    /// Whether the verb changes the server (`mut` in `safety.md`).
    package var isMutating: Bool {
        switch self {
        case .install, .backOut, .promote, .demote, .takeBack, .fence, .hold, .unhold,
            .inhibitReplication, .allowReplication, .applyConfiguration, .accept, .recover:
            true
        case .stageImage, .dropImage, .check, .collectLogs, .report:
            false
        }
    }

    /// The word used on the wire's log lines, in errors and in the upgrade log.
    package var word: String {
        switch self {
        case .stageImage: "stage-image"
        case .dropImage: "drop-image"
        case .check: "check"
        case .install: "install"
        case .backOut: "back-out"
        case .promote: "promote"
        case .demote: "demote"
        case .takeBack: "take-back"
        case .fence: "fence"
        case .hold: "hold"
        case .unhold: "unhold"
        case .inhibitReplication: "inhibit-replication"
        case .allowReplication: "allow-replication"
        case .applyConfiguration: "apply-configuration"
        case .accept: "accept"
        case .recover: "recover"
        case .collectLogs: "collect-logs"
        case .report: "report"
        }
    }
}

/// One command: these four fields *are* it; the same id with any other is refused.
package struct Command: Hashable, Sendable, Codable {
    /// Minted once by the controller, durable before it is sent.
    package var id: CommandID
    /// What to reach.
    package var verb: Verb
    /// What both servers must be as it starts; `nil` only for verbs that change nothing.
    package var precondition: Precondition?
    /// Digest of the plan or operation that it belongs to.
    package var planHash: Digest

    /// A command.
    package init(id: CommandID, verb: Verb, precondition: Precondition?, planHash: Digest) {
        self.id = id
        self.verb = verb
        self.precondition = precondition
        self.planHash = planHash
    }
}

/// What travels beside a command and is not part of its identity.
package struct CommandEnvelope: Hashable, Sendable {
    /// The command.
    package var command: Command
    /// The sending controller's epoch.
    package var epoch: UInt64
    /// Counts the commands to this server within the epoch.
    package var sequence: UInt64
    /// The heartbeat-ack that `deadlineMilliseconds` counts from.
    package var anchorHeartbeat: UInt32
    /// The command must have *started* within this time of that heartbeat-ack, on the agent's clock.
    package var deadlineMilliseconds: UInt32

    /// A command on its way.
    package init(
        command: Command,
        epoch: UInt64,
        sequence: UInt64,
        anchorHeartbeat: UInt32,
        deadlineMilliseconds: UInt32
    ) {
        self.command = command
        self.epoch = epoch
        self.sequence = sequence
        self.anchorHeartbeat = anchorHeartbeat
        self.deadlineMilliseconds = deadlineMilliseconds
    }
}

/// How a command ended.
package enum Outcome: Hashable, Sendable, Codable {
    /// The goal is reached, by observation.
    case done
    /// The goal is not reached; the server is in a known state, which the post-state tells.
    case failed(TandemFailure)
    /// Nobody can say; the server is a zombie.
    case indeterminate(TandemFailure)
}

/// An error as it crosses the wire and lies in journals: codes and texts only.
package struct TandemFailure: Hashable, Sendable, Codable {
    /// `TDM-nnnn`.
    package var code: String
    package var message: String
    package var remedy: String
    /// The package's or tool's own words, at most 4 KiB.
    package var diagnostic: String

    /// A failure.
    package init(code: String, message: String, remedy: String, diagnostic: String = "") {
        self.code = code
        self.message = message
        self.remedy = remedy
        self.diagnostic = diagnostic
    }

    /// The wire form of an error.
    package init(_ error: TandemError) {
        self.init(
            code: error.code.id,
            message: error.message,
            remedy: error.remedy,
            diagnostic: error.cause
        )
    }
}

/// What became of a command, as the agent's journal knows it.
package enum CommandState: Hashable, Sendable, Codable {
    /// Never heard of; saying so lays a tombstone: the id can never start from now on.
    case neverSeen
    /// Durable, not begun.
    case received
    /// Begun, not ended. `isInterrupted` says that it waits for a fresh voucher (or word) to go on.
    case started(isInterrupted: Bool)
    case ended(Outcome)
    /// Voided before it began.
    case void
}

/// Progress of one step of a running command.
package struct StepProgress: Hashable, Sendable, Codable {
    package var command: CommandID
    /// From 1 to `count`.
    package var index: UInt16
    package var count: UInt16
    package var name: String
    /// From 0 to 100.
    package var percent: UInt8
    package var elapsedMilliseconds: UInt64
    /// What is left of the whole command by the image's expected times; 0 when unknown.
    package var leftMilliseconds: UInt64
    /// The newest line worth showing; empty when none.
    package var text: String

    /// Progress.
    package init(
        command: CommandID,
        index: UInt16,
        count: UInt16,
        name: String,
        percent: UInt8,
        elapsedMilliseconds: UInt64,
        leftMilliseconds: UInt64,
        text: String = ""
    ) {
        self.command = command
        self.index = index
        self.count = count
        self.name = name
        self.percent = percent
        self.elapsedMilliseconds = elapsedMilliseconds
        self.leftMilliseconds = leftMilliseconds
        self.text = text
    }

    /// What a step says that runs longer than its image expects.
    package static let overdue = "overdue"

    /// The text as it is kept of a step that has ended: what is over is overdue no more, and one within
    /// its limit never was late.
    package var textAtEnd: String {
        guard text.hasSuffix(Self.overdue) else { return text }
        let rest = text.dropLast(Self.overdue.count)
        return rest.hasSuffix(": ") ? String(rest.dropLast(2)) : rest.isEmpty ? "" : text
    }
}

/// One result of one check.
package struct CheckResult: Hashable, Sendable, Codable {
    /// By the monitoring-plugins convention.
    package enum Level: String, Hashable, Sendable, Codable, Comparable {
        case ok
        case warning
        case critical
        case unknown

        private var order: Int {
            switch self {
            case .ok: 0
            case .warning: 1
            case .unknown: 2
            case .critical: 3
            }
        }

        package static func < (left: Level, right: Level) -> Bool { left.order < right.order }
    }

    package var name: String
    package var level: Level
    /// First line of the check's output.
    package var text: String
    /// What to do; empty when ok.
    package var remedy: String

    /// A result.
    package init(name: String, level: Level, text: String, remedy: String = "") {
        self.name = name
        self.level = level
        self.text = text
        self.remedy = remedy
    }
}

/// The end of a command, with what was observed after it.
package struct CommandResult: Hashable, Sendable, Codable {
    package var command: CommandID
    package var outcome: Outcome
    /// Observed after the end.
    package var post: ServerReport
    /// Milliseconds on the agent's clock from start to end.
    package var durationMilliseconds: UInt64
    /// Milliseconds of that in which neither a child of ours ran nor a health check waited (details 27).
    package var ownMilliseconds: UInt64
    /// Results of `check`; empty for other verbs.
    package var checks: [CheckResult]
    /// Proof made by `demote`; `nil` for other verbs.
    package var proof: DemotionProof?
    /// Made by a `promote` that will never happen any more; `nil` otherwise.
    package var voided: VoidedFailover?

    /// A result.
    package init(
        command: CommandID,
        outcome: Outcome,
        post: ServerReport,
        durationMilliseconds: UInt64,
        ownMilliseconds: UInt64 = 0,
        checks: [CheckResult] = [],
        proof: DemotionProof? = nil,
        voided: VoidedFailover? = nil
    ) {
        self.command = command
        self.outcome = outcome
        self.post = post
        self.durationMilliseconds = durationMilliseconds
        self.ownMilliseconds = ownMilliseconds
        self.checks = checks
        self.proof = proof
        self.voided = voided
    }
}
