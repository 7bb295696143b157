package import TandemModel

/// What a button would do here: the action behind it.
package enum Intent: Hashable, Sendable, Codable {
    /// Begin an operation; the position it opens at decides what is done first.
    case start
    /// Reach the new release on this server.
    case upgrade(ServerName)
    /// Reach the old release on this server.
    case backOut(ServerName)
    /// Without an operation: reach what the active server runs.
    case repair(ServerName)
    case failover(to: ServerName)
    case reapply(ServerName)
    case accept
    /// At `nn`, coming from a rollback: go up again.
    case turnUp
    /// At `oo`: make sure that everything is as before, and close.
    case finishRollback
    case closeUnchanged
    case closeAsObserved
    case stop
    case recover(ServerName)
    case replace(ServerName)
    case restore(ServerName)
    case goOnSingle(ServerName)
    case declare(ServerName)
    case demote(ServerName)
    case fence(ServerName)
    case hold(ServerName)
    case release(ServerName)

    /// The server it acts on; `nil` for the cluster.
    var server: ServerName? {
        switch self {
        case .upgrade(let server), .backOut(let server), .repair(let server),
            .failover(let server), .reapply(let server), .recover(let server),
            .replace(let server), .restore(let server), .goOnSingle(let server),
            .declare(let server), .demote(let server), .fence(let server), .hold(let server),
            .release(let server):
            server
        case .start, .accept, .turnUp, .finishRollback, .closeUnchanged, .closeAsObserved, .stop:
            nil
        }
    }

    /// The direction an operation has once it began; `nil` leaves it as it is.
    func direction(target: Letter) -> Direction? {
        switch self {
        case .start, .upgrade, .accept, .turnUp: .up
        case .backOut, .finishRollback: .back
        case .failover: target == .new ? .up : .back
        case .repair, .reapply, .closeUnchanged, .closeAsObserved, .stop, .recover, .replace,
            .restore, .goOnSingle, .declare, .demote, .fence, .hold, .release:
            nil
        }
    }

    /// Whether it may be done beside a silent mate (`safety.md` 15).
    var bearsSilentMate: Bool {
        switch self {
        case .backOut, .restore, .replace, .goOnSingle, .demote, .fence: true
        case .start, .upgrade, .repair, .failover, .reapply, .accept, .turnUp, .finishRollback,
            .closeUnchanged, .closeAsObserved, .stop, .recover, .declare, .hold, .release:
            false
        }
    }

    /// Whether it is settled by the controller alone, without any command and beside an open action.
    var isDecision: Bool {
        switch self {
        case .stop, .declare, .closeAsObserved, .goOnSingle, .replace: true
        case .start, .upgrade, .backOut, .repair, .failover, .reapply, .accept, .turnUp,
            .finishRollback, .closeUnchanged, .recover, .restore, .demote, .fence, .hold,
            .release:
            false
        }
    }
}
