import TandemModel

/// What agents answer to commands and questions.
extension ClusterMachine {
    mutating func accept(
        _ id: CommandID,
        nonce: Nonce?,
        from server: ServerName,
        _ turn: inout Turn
    ) {
        guard let record = record(id), record.server == server, record.isOpen else {
            return turn.ignore(.stale)
        }
        if nonce != nil, record.phase.nonce == nil { live.armedAt = turn.now }
        setPhase(.accepted(nonce: nonce ?? record.phase.nonce), of: id)
        settle(id, on: server)
        turn.step.changesView = true
    }

    mutating func refuse(
        _ id: CommandID,
        _ failure: TandemFailure,
        from server: ServerName,
        _ turn: inout Turn
    ) {
        guard let record = record(id), record.server == server, record.isOpen else {
            return turn.ignore(.stale)
        }
        settle(id, on: server)
        // A damaged journal can't say what it did: that is no refusal of something not begun.
        let isLost = failure.code == ErrorCode.journalDamaged.id
        let end = CommandEnd(outcome: .failed(failure), isRefused: true)
        close(id, isLost ? .lost : .ended(end), &turn)
    }

    mutating func finish(_ result: CommandResult, from server: ServerName, _ turn: inout Turn) {
        if let voided = result.voided { relayVoided(voided, from: server, &turn) }
        state[server].tombstones.removeAll { $0 == result.command }
        guard let record = record(result.command), record.server == server, record.isOpen else {
            return turn.ignore(.stale)
        }
        // The post-state is not looked at: it may be a stored result's, from long ago. The agent sends
        // a report of its own before each result, and that is what counts.
        settle(result.command, on: server)
        close(
            result.command,
            .ended(
                CommandEnd(
                    outcome: result.outcome,
                    proof: result.proof,
                    voided: result.voided,
                    checks: result.checks,
                    durationMilliseconds: result.durationMilliseconds,
                    ownMilliseconds: result.ownMilliseconds
                )
            ),
            &turn
        )
    }

    mutating func tell(
        _ id: CommandID,
        _ told: CommandState,
        from server: ServerName,
        _ turn: inout Turn
    ) {
        if state[server].tombstones.contains(id) { return tellTombstone(id, told, server, &turn) }
        guard let record = record(id), record.server == server, record.isOpen else {
            return turn.ignore(.stale)
        }
        settle(id, on: server)
        turn.step.changesView = true
        switch told {
        case .neverSeen, .void: close(id, .never, &turn)
        case .received where isToBeStopped(record):
            if record.phase == .issued { setPhase(.accepted(nonce: nil), of: id) }
            turn.send(server, .void(id))
        case .received:
            // The same id again, with a deadline of this connection: the agent goes on with it.
            if record.phase == .issued { setPhase(.accepted(nonce: nil), of: id) }
            resend(record, &turn)
        case .started(let isInterrupted):
            if record.phase == .issued { setPhase(.accepted(nonce: nil), of: id) }
            live[server].isInterrupted = isInterrupted
            if isToBeStopped(record) { turn.send(server, .stop(id)) }
        case .ended(let outcome):
            // Proofs and words are only in the stored result: the same id again brings it.
            if needsResult(record, outcome) { return resend(record, &turn) }
            close(id, .ended(CommandEnd(outcome: outcome)), &turn)
        }
    }

    /// A stop that this agent may never have heard, or has forgotten over a restart.
    private func isToBeStopped(_ record: CommandRecord) -> Bool {
        if isVoidedPush(record) { return true }
        guard let action = state.action, action.isStopRequested, action.ending == nil else {
            return false
        }
        // An emergency stop is asked for during a change of roles too, which goes on to its end.
        return record.action == action.id && action.instruction?.isUnstoppable != true
    }

    private mutating func resend(_ record: CommandRecord, _ turn: inout Turn) {
        guard live[record.server].connection?.resent.contains(record.command.id) == false else {
            return
        }
        live[record.server].connection?.resent.append(record.command.id)
        transmit(
            record.command,
            to: record.server,
            deadline: deadline(of: record.command.verb),
            &turn
        )
    }

    /// How long after its issue a verb may still start.
    func deadline(of verb: Verb) -> UInt64 {
        switch verb {
        case .demote: limits.demoteMilliseconds
        case .install, .backOut: limits.changeMilliseconds
        case .stageImage, .dropImage, .check, .promote, .takeBack, .fence, .hold, .unhold,
            .inhibitReplication, .allowReplication, .applyConfiguration, .accept,
            .recover, .collectLogs, .report:
            limits.commandMilliseconds
        }
    }

    private func needsResult(_ record: CommandRecord, _ outcome: Outcome) -> Bool {
        switch record.command.verb {
        case .demote, .promote, .check: true
        case .stageImage, .dropImage, .install, .backOut, .takeBack, .fence, .hold, .unhold,
            .inhibitReplication, .allowReplication, .applyConfiguration, .accept, .recover,
            .collectLogs, .report:
            false
        }
    }

    private mutating func tellTombstone(
        _ id: CommandID,
        _ told: CommandState,
        _ server: ServerName,
        _ turn: inout Turn
    ) {
        switch told {
        case .neverSeen, .void, .ended:
            state[server].tombstones.removeAll { $0 == id }
        case .received:
            turn.send(server, .void(id))
            turn.send(server, .statusQuery(id))
        case .started:
            // It runs although it was given up: it ends at its next safe boundary, and is waited for.
            turn.send(server, .stop(id))
        }
    }

    private mutating func settle(_ id: CommandID, on server: ServerName) {
        guard live[server].connection?.settled.contains(id) == false else { return }
        live[server].connection?.settled.append(id)
    }
}

extension CommandPhase {
    /// The target's nonce, while it is armed.
    var nonce: Nonce? {
        switch self {
        case .accepted(let nonce): nonce
        case .issued, .ended, .never, .lost, .declared: nil
        }
    }
}
