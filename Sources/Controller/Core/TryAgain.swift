import TandemModel

/// Try Again: what failed, for as long as it still means something where the cluster stands.
extension ButtonTable {
    func retry(_ operation: OperationState) -> [Candidate] {
        switch position {
        case .standbyBroken, .singleBroken:
            // What is broken comes first. Going up, Try Again stands there already.
            guard operation.direction == .back, let back else { return [] }
            return [Candidate(button: .tryAgain, intent: back)]
        case .idle, .oldOld, .oldNew, .newOld, .newNew, .standbySilent, .activeSilent, .noneActive,
            .twoActive, .activeUnknown, .failoverUndecided, .singleOld, .singleNew, .unseen:
            guard let failed, stands(failed.intent, in: operation) else { return [] }
            return [
                Candidate(button: .tryAgain, intent: failed.intent, policy: failed.button)
            ]
        }
    }

    /// Whether what failed can be done here, or what is left of it.
    private func stands(_ intent: Intent, in operation: OperationState) -> Bool {
        let way = intent.direction(target: target(of: intent))
        guard way == nil || way == operation.direction else { return false }
        switch intent {
        case .upgrade(let server): return isChanged(server) || forward == intent
        case .backOut(let server): return isChanged(server) || back == intent
        case .failover(let server):
            return cluster[server]?.isActive == true
                ? isStopPoint : forward == intent || back == intent
        case .reapply(let server): return reapplyOpen == server || reapplyPossible == server
        case .accept: return forward == .accept
        case .turnUp: return position == .newNew || position == .singleNew
        case .finishRollback: return back == .finishRollback
        case .closeUnchanged:
            return position == .oldOld || position == .singleOld ? !operation.hasChanged : false
        // Their own buttons stand wherever they can be pressed.
        case .start, .repair, .closeAsObserved, .stop, .recover, .replace, .restore, .goOnSingle,
            .declare, .demote, .fence, .hold, .release:
            return false
        }
    }

    private func target(of intent: Intent) -> Letter {
        guard case .failover(let server) = intent else { return .other }
        return cluster[server]?.letter ?? .other
    }

    /// Whether a server of the last change stands by, whole: only what follows a change is left to do.
    private func isChanged(_ server: ServerName) -> Bool {
        isStopPoint && (cluster.single == server || cluster.standby?.name == server)
    }

    private var isStopPoint: Bool {
        switch position {
        case .oldOld, .oldNew, .newOld, .newNew, .singleOld, .singleNew: true
        case .idle, .standbyBroken, .standbySilent, .activeSilent, .noneActive, .twoActive,
            .activeUnknown, .failoverUndecided, .singleBroken, .unseen:
            false
        }
    }
}
