package import TandemModel

/// The end of a command as far as it matters later.
package struct CommandEnd: Hashable, Sendable, Codable {
    package var outcome: Outcome
    /// Refused before it started: nothing was changed.
    package var isRefused: Bool
    package var proof: DemotionProof?
    package var voided: VoidedFailover?
    package var checks: [CheckResult]
    package var durationMilliseconds: UInt64
    /// What of that was the agent's own; `nil` where no result told (`details.md` 27).
    package var ownMilliseconds: UInt64?

    init(
        outcome: Outcome,
        isRefused: Bool = false,
        proof: DemotionProof? = nil,
        voided: VoidedFailover? = nil,
        checks: [CheckResult] = [],
        durationMilliseconds: UInt64 = 0,
        ownMilliseconds: UInt64? = nil
    ) {
        self.outcome = outcome
        self.isRefused = isRefused
        self.proof = proof
        self.voided = voided
        self.checks = checks
        self.durationMilliseconds = durationMilliseconds
        self.ownMilliseconds = ownMilliseconds
    }
}

/// How far a command is, as the controller knows.
package enum CommandPhase: Hashable, Sendable, Codable {
    /// Durable here; perhaps sent, perhaps not.
    case issued
    /// Durable at the agent; `nonce` only for promote: the target is armed.
    case accepted(nonce: Nonce?)
    case ended(CommandEnd)
    /// Can never start: voided, or the agent never saw it and has laid a tombstone.
    case never
    /// The journal that held it is gone: only observation decides.
    case lost
    /// A person declared the outcome of a command whose server stays silent.
    case declared(isDone: Bool)
}

/// One command with what became of it; durable from before its send.
package struct CommandRecord: Hashable, Sendable, Codable {
    package var command: Command
    package var server: ServerName
    /// The action it belongs to; `nil` for staging, dropping, collecting and reconnect duties.
    package var action: ActionID?
    /// The instruction's index within the action.
    package var index: Int
    package var person: PersonName
    package var issuedAt: WallTime
    package var phase: CommandPhase

    /// Whether its result is still to come.
    var isOpen: Bool {
        switch phase {
        case .issued, .accepted: true
        case .ended, .never, .lost, .declared: false
        }
    }

    /// Whether packages on its server are being changed by it.
    var isChangingPackages: Bool {
        guard isOpen else { return false }
        switch command.verb {
        case .install, .backOut: return true
        case .stageImage, .dropImage, .check, .promote, .demote, .takeBack, .fence, .hold,
            .unhold, .inhibitReplication, .allowReplication, .applyConfiguration, .accept,
            .recover, .collectLogs, .report:
            return false
        }
    }
}
