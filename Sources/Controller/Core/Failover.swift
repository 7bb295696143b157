import TandemModel

/// How one failover stands, by the records of its two commands.
struct FailoverView {
    let id: FailoverID
    let from: ServerName
    let to: ServerName
    let promote: CommandRecord?
    let demote: CommandRecord?

    var nonce: Nonce? { promote?.phase.nonce }
    var proof: DemotionProof? {
        switch demote?.phase {
        case .ended(let end): end.proof
        case .issued, .accepted, .never, .lost, .declared, nil: nil
        }
    }
    /// Whether the demotion can have had an effect, or may yet have one.
    var mayBeDemoted: Bool {
        switch demote?.phase {
        case .issued, .accepted, .lost, .declared: true
        case .ended(let end): end.proof != nil || end.outcome == .done || !end.isRefused
        case .never, nil: false
        }
    }
}

/// A failover is one action with a bounded end (`details.md` 10, `safety.md` 3).
extension ClusterMachine {
    /// The failover at work; `nil` when there is none.
    var failoverView: FailoverView? {
        guard let action = state.action,
            case .failover(let id, let from, let to) = action.instruction
        else { return nil }
        return FailoverView(
            id: id,
            from: from,
            to: to,
            promote: record(at: action.index, word: "promote"),
            demote: record(at: action.index, word: "demote")
        )
    }

    /// Whether a demotion has been issued and its failover is not decided.
    var isFailoverUndecided: Bool { failoverView?.demote != nil }

    mutating func runFailover(
        _ turn: inout Turn,
        using generator: inout some RandomNumberGenerator
    ) -> Progress {
        guard let view = failoverView else { return .next }
        let cluster = observed(at: turn.now)
        if live.failoverSince == nil {
            // Found open by a new process: its clocks begin anew, which is later than they did.
            live.failoverSince = turn.now
            if view.demote != nil { live.demotedAt = turn.now }
        }
        guard let promote = view.promote else {
            return beginFailover(view, in: cluster, &turn, using: &generator)
        }
        switch promote.phase {
        case .ended(let end) where end.outcome == .done:
            return confirmMoved(view, in: cluster, &turn)
        case .issued, .accepted:
            return conduct(view, in: cluster, &turn, using: &generator)
        case .ended, .never, .lost, .declared:
            if !view.mayBeDemoted,
                let progress = retryFailover(view, at: turn.now, using: &generator)
            {
                return progress
            }
            return conclude(view, in: cluster, &turn)
        }
    }

    private mutating func beginFailover(
        _ view: FailoverView,
        in cluster: ObservedCluster,
        _ turn: inout Turn,
        using generator: inout some RandomNumberGenerator
    ) -> Progress {
        guard isCommandable(view.to), isCommandable(view.from) else {
            return waitReady("\(view.to) and \(view.from) to be ready", &turn)
        }
        if let end = emergencyEnd(of: .failover(view.id, from: view.from, to: view.to)) {
            return .fail(end)
        }
        // Asked again: one that found a server busy begins later than it was pressed.
        if let refusal = failoverRefusal(to: view.to, in: cluster) {
            return .fail(notMoved(refusal.message))
        }
        guard cluster.active?.name == view.from else {
            return .fail(notMoved("\(view.from) is not active any more"))
        }
        guard state.action?.acceptsDataLoss == true || isDataComplete(on: view.to, in: cluster)
        else {
            return .fail(notMoved("\(view.to) does not hold all data"))
        }
        guard let index = state.action?.index else { return .next }
        live.failoverSince = turn.now
        issue(
            .promote(failover: view.id, authority: .demotionProof),
            to: view.to,
            index: index,
            deadline: limits.commandMilliseconds,
            &turn,
            using: &generator
        )
        return .wait("\(view.to) to be armed")
    }

    /// The target is armed or about to be: demote, carry the proof, and know when to give up.
    private mutating func conduct(
        _ view: FailoverView,
        in cluster: ObservedCluster,
        _ turn: inout Turn,
        using generator: inout some RandomNumberGenerator
    ) -> Progress {
        guard let promote = view.promote, let index = state.action?.index else { return .next }
        guard let demote = view.demote else {
            return demoteArmed(view, promote, index, &turn, using: &generator)
        }
        if let proof = view.proof {
            send(proof, to: view.to, &turn)
            return bounded(view, in: cluster, "\(view.to) to become active", &turn)
        }
        if !demote.isOpen { voidPromotion(promote, &turn) }
        return bounded(view, in: cluster, "\(demote.server) to give the role up", &turn)
    }

    private mutating func demoteArmed(
        _ view: FailoverView,
        _ promote: CommandRecord,
        _ index: Int,
        _ turn: inout Turn,
        using generator: inout some RandomNumberGenerator
    ) -> Progress {
        guard let nonce = view.nonce else {
            let age = turn.now.since(live.failoverSince ?? turn.now)
            if age > limits.commandMilliseconds { voidPromotion(promote, &turn) }
            return bounded(view, in: observed(at: turn.now), "\(view.to) to be armed", &turn)
        }
        // What is left of the target's arming must hold the demotion's start and its limit.
        let isFresh =
            live.armedAt.map {
                turn.now.since($0) + 2 * limits.demoteMilliseconds < limits.armMilliseconds
            } ?? false
        guard isFresh else {
            voidPromotion(promote, &turn)
            return bounded(view, in: observed(at: turn.now), "\(view.to) to give up", &turn)
        }
        guard isCommandable(view.from) else {
            return bounded(view, in: observed(at: turn.now), "\(view.from) to be ready", &turn)
        }
        live.demotedAt = turn.now
        state.demotion = view.id
        state.operation?.haveRolesMoved = true
        state.operation?.hasChanged = true
        issue(
            .demote(
                failover: view.id,
                target: view.to,
                targetNonce: nonce,
                deadManMilliseconds: limits.deadManMilliseconds
            ),
            to: view.from,
            index: index,
            deadline: limits.demoteMilliseconds,
            &turn,
            using: &generator
        )
        return .wait("\(view.from) to give the role up")
    }

    private mutating func send(_ proof: DemotionProof, to server: ServerName, _ turn: inout Turn) {
        guard let connection = live[server].connection, connection.isReportHere,
            !connection.relayed.contains(proof.failover)
        else { return }
        live[server].connection?.relayed.append(proof.failover)
        turn.send(server, .proof(proof))
    }

    /// Asks the target to give up, once per connection.
    private mutating func voidPromotion(_ promote: CommandRecord, _ turn: inout Turn) {
        guard let connection = live[promote.server].connection,
            !connection.voided.contains(promote.command.id)
        else { return }
        live[promote.server].connection?.voided.append(promote.command.id)
        turn.send(promote.server, .void(promote.command.id))
        turn.send(promote.server, .statusQuery(promote.command.id))
    }

    // MARK: - The end

    private mutating func confirmMoved(
        _ view: FailoverView,
        in cluster: ObservedCluster,
        _ turn: inout Turn
    ) -> Progress {
        if cluster.active?.name == view.to
            || (cluster[view.to]?.isActive == true
                && cluster[view.from]?.report == nil)
        {
            state.notedActive = view.to
            return settleMoved(view, in: cluster, &turn)
        }
        return confirming("\(view.to) to be seen active", &turn)
    }

    /// The demoted server sees it too, or does not for a while: what it reported before counts a
    /// generation less than the next command would find there.
    private mutating func settleMoved(
        _ view: FailoverView,
        in cluster: ObservedCluster,
        _ turn: inout Turn
    ) -> Progress {
        let since = live.confirmSince ?? turn.now
        live.confirmSince = since
        guard cluster[view.from]?.report?.ha.peerRole == .other,
            turn.now.since(since) < limits.settleMilliseconds
        else { return .next }
        return .wait("\(view.from) to see \(view.to) active")
    }

    /// The promotion will never happen: either nothing was given up, or it is taken back.
    private mutating func conclude(
        _ view: FailoverView,
        in cluster: ObservedCluster,
        _ turn: inout Turn
    ) -> Progress {
        if case .ended(let end) = view.promote?.phase, let voided = end.voided {
            relayVoided(voided, from: view.to, &turn)
        }
        guard view.mayBeDemoted else { return .fail(notMoved(reason(view))) }
        if view.demote?.isOpen == false, let active = cluster.active, active.name == view.from {
            return .fail(view.proof == nil ? notMoved(reason(view)) : returned(reason(view)))
        }
        return bounded(view, in: cluster, "\(view.from) to take the role back", &turn)
    }

    /// Waits, but not beyond T_fo: then observation alone decides.
    private mutating func bounded(
        _ view: FailoverView,
        in cluster: ObservedCluster,
        _ what: String,
        _ turn: inout Turn
    ) -> Progress {
        let begun = live.failoverSince ?? turn.now
        let start = max(begun, live.demotedAt ?? begun)
        guard turn.now.since(start) > limits.failoverMilliseconds + limits.settleMilliseconds else {
            return .wait(what)
        }
        if let active = cluster.active {
            if active.name == view.to {
                state.notedActive = view.to
                return .fail(
                    failure("it moved, seen by observation: \(reason(view))", "Go on from here.")
                )
            }
            return .fail(view.mayBeDemoted ? returned(reason(view)) : notMoved(reason(view)))
        }
        if cluster.actives.count > 1 {
            return .fail(failure("two servers are active", "Demote or fence one of them."))
        }
        return .fail(failure("no server is active: \(reason(view))", "Press Restore Service."))
    }

    private func reason(_ view: FailoverView) -> String {
        // A target gives up because of what its mate did, and its own words do not say what.
        for record in [view.demote, view.promote] {
            guard let record else { continue }
            switch record.phase {
            case .ended(let end):
                switch end.outcome {
                case .failed(let failure), .indeterminate(let failure):
                    return "\(record.command.verb.word) on \(record.server): \(failure.message)"
                case .done: continue
                }
            case .never: return "\(record.command.verb.word) on \(record.server) never began"
            case .lost: return "the journal of \(record.server) was lost"
            case .issued, .accepted, .declared: continue
            }
        }
        return "no answer in time"
    }

    private func notMoved(_ why: String) -> TandemFailure {
        failure("not moved: \(why)", "Mend what is named, then press Try Again.")
    }

    private func returned(_ why: String) -> TandemFailure {
        failure("returned: \(why)", "Mend what is named, then press Try Again.")
    }

    private func failure(_ message: String, _ remedy: String) -> TandemFailure {
        TandemFailure(TandemError(.failoverVoided, message, remedy: remedy))
    }
}
