import TandemModel

/// Agents that are busy for some seconds: with a word given to their mate, with the rest of another
/// command, or because they have just begun. What is waited for ends by itself, so nobody is asked.
extension ClusterMachine {
    /// What to do about a command that was refused before anything began; `nil` when its agent was not
    /// just busy, or has been for too long.
    mutating func waitIfBusy(_ failure: TandemFailure, at now: Tick) -> Progress? {
        guard failure.code == ErrorCode.agentBusy.id else { return nil }
        let since = live.busySince ?? now
        live.busySince = since
        guard now.since(since) < limits.busyMilliseconds else { return nil }
        let asked = live.busyAskedAt ?? now
        live.busyAskedAt = asked
        guard now.since(asked) >= limits.busyRetryMilliseconds else {
            return .wait("a busy agent: \(failure.message)")
        }
        live.busyAskedAt = nil
        return .again
    }

    /// A failover that found a server busy before the role was given up begins anew, under a new id: the
    /// old one's promotion has been voided for ever.
    mutating func retryFailover(
        _ view: FailoverView,
        at now: Tick,
        using generator: inout some RandomNumberGenerator
    ) -> Progress? {
        guard let action = state.action, !action.isStopRequested, let failure = view.refusal,
            let progress = waitIfBusy(failure, at: now)
        else { return nil }
        guard case .again = progress else { return progress }
        for record in [view.promote, view.demote] {
            guard let id = record?.command.id else { continue }
            state.commands.removeAll { $0.command.id == id }
        }
        state.action?.instructions[action.index] = .failover(
            .random(using: &generator),
            from: view.from,
            to: view.to
        )
        live.failoverSince = nil
        live.armedAt = nil
        return .again
    }
}

extension FailoverView {
    /// Why one of its two commands was refused; the demotion's reason is the one that counts.
    fileprivate var refusal: TandemFailure? {
        for record in [demote, promote] {
            guard case .ended(let end) = record?.phase, end.isRefused,
                case .failed(let failure) = end.outcome
            else { continue }
            return failure
        }
        return nil
    }
}
