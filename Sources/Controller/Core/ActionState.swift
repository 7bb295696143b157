package import TandemModel

/// A release to be reached on one server, with the configuration that is written on the way.
package struct ReleaseGoal: Hashable, Sendable, Codable {
    package var release: ReleaseID
    package var manifest: Digest
    package var configuration: ConfigurationVersion?
}

/// One part of an action's program; each is confirmed by observation before the next begins.
package enum Instruction: Hashable, Sendable, Codable {
    case stage(ServerName, ImageOffer)
    case check(ServerName, manifest: Digest, direction: Direction)
    case hold(ServerName)
    case unhold(ServerName)
    case inhibitReplication(ServerName)
    case allowReplication(ServerName)
    case recover(ServerName)
    case install(ServerName, ReleaseGoal)
    case backOut(ServerName, ReleaseGoal)
    /// Promote accepted by `to`, then `from` demoted, its proof relayed, `to` active.
    case failover(FailoverID, from: ServerName, to: ServerName)
    case reapply(ServerName, ConfigurationVersion)
    /// Wait until the standby's data is complete.
    case synchronise
    /// No way back from here on.
    case acceptIntent
    case accept(ServerName, ReleaseID)
    case fence(ServerName)
    /// Promote where none is active.
    case restore(FailoverID, ServerName, PromotionAuthority)
    /// Where two are active.
    case demote(FailoverID, ServerName, target: ServerName)
    /// Both servers are what they were before the operation.
    case compare
    case close(OperationEnding)

    /// The server it acts on; `nil` for the cluster as a whole.
    package var server: ServerName? {
        switch self {
        case .stage(let server, _), .check(let server, _, _), .hold(let server),
            .unhold(let server), .inhibitReplication(let server), .allowReplication(let server),
            .recover(let server), .install(let server, _), .backOut(let server, _),
            .failover(_, _, let server), .reapply(let server, _), .accept(let server, _),
            .fence(let server), .restore(_, let server, _), .demote(_, let server, _):
            server
        case .synchronise, .acceptIntent, .compare, .close: nil
        }
    }

    /// Whether it is one command that decides who serves.
    var isRoleChange: Bool {
        switch self {
        case .fence, .restore, .demote: true
        case .stage, .check, .hold, .unhold, .inhibitReplication, .allowReplication, .recover,
            .install, .backOut, .failover, .reapply, .synchronise, .acceptIntent, .accept,
            .compare, .close:
            false
        }
    }

    /// Whether *Stop* must wait until it is over.
    var isUnstoppable: Bool {
        switch self {
        case .failover, .restore, .demote, .fence, .accept, .acceptIntent, .close: true
        case .stage, .check, .hold, .unhold, .inhibitReplication, .allowReplication, .recover,
            .install, .backOut, .reapply, .synchronise, .compare:
            false
        }
    }
}

/// How an action ended, or is about to end while it cleans up.
package enum ActionEnding: Hashable, Sendable, Codable {
    case succeeded
    case failed(TandemFailure)
    case stopped
}

/// What was pressed, as far as trying it again needs to know.
package struct Attempt: Hashable, Sendable, Codable {
    package var intent: Intent
    /// The button that was pressed first: its people and its reason are asked for again.
    package var button: Button
}

/// One operator-confirmed part of an operation, from its durable intent to its end; durable.
package struct ActionState: Hashable, Sendable, Codable {
    package var id: ActionID
    /// The operation it belongs to; `nil` for actions outside one.
    package var operation: OperationID?
    package var button: Button
    /// In the words of `domain.md`.
    package var text: String
    package var person: PersonName
    /// Who approved it; `nil` where one person is enough.
    package var approver: PersonName?
    package var reason: String
    package var startedAt: WallTime
    package var isAutomatic: Bool
    /// The server whose column shows it; `nil`: every server's.
    package var server: ServerName?
    /// Whether it may go on beside a silent mate (`safety.md` 15).
    package var bearsSilentMate: Bool
    /// The person confirmed that data written since the last replication may be lost.
    package var acceptsDataLoss: Bool
    package var instructions: [Instruction]
    /// The instruction at work.
    package var index: Int
    /// How often the present instruction was issued.
    package var attemptCount: Int
    package var isStopRequested: Bool
    /// Set while only cleaning up is left.
    package var ending: ActionEnding?
    /// What it is an attempt of; `nil` for one that only opens an operation.
    package var attempt: Attempt?

    /// The instruction at work; `nil` at the end.
    var instruction: Instruction? {
        instructions.indices.contains(index) ? instructions[index] : nil
    }
}
