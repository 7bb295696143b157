import TandemModel

extension AgentMachine {
    /// A command arrives: known ids are answered, new ones looked at in the order of `protocol.md`.
    mutating func receive(_ envelope: CommandEnvelope, _ turn: inout Turn) {
        let command = envelope.command
        guard envelope.epoch >= state.epoch else {
            let failure = TandemFailure(
                .epochRefused,
                "\(command.verb.word) is of epoch \(envelope.epoch); \(server) obeys "
                    + "\(state.epoch)",
                remedy: "a newer controller has taken over: go on there"
            )
            send(.refused(command.id, failure), &turn)
            return
        }
        if envelope.epoch > state.epoch { record(.epoch(envelope.epoch), &turn) }
        let entry = state.entry(command.id)
        if let entry, isAnswered(entry, command, &turn) { return }
        guard !state.tombstones.contains(command.id) else {
            send(.status(command.id, .void), &turn)
            return
        }
        guard live.pending?.command.id != command.id else {
            turn.step.ignored = .early
            return
        }
        guard let startBy = deadline(of: envelope), turn.now <= startBy else {
            send(.refused(command.id, .expired(command)), &turn)
            return
        }
        if let failure = refusal(of: command) {
            send(.refused(command.id, failure), &turn)
            return
        }
        guard command.verb.isMutating else {
            beginSide(command, isKnown: entry != nil, &turn)
            return
        }
        consider(command, startBy: startBy, isKnown: entry != nil, &turn)
    }

    /// Answers an id that the journal has.
    ///
    /// - Returns: `false` for one received in a connection before and not started: it is looked at anew.
    private mutating func isAnswered(
        _ entry: CommandEntry,
        _ command: Command,
        _ turn: inout Turn
    ) -> Bool {
        guard entry.command.withoutDocument == command.withoutDocument else {
            let failure = TandemFailure(
                .commandAltered,
                "the id of a \(entry.command.verb.word) came again with other contents",
                remedy: "treat the controller as compromised until this is explained"
            )
            send(.refused(command.id, failure), &turn)
            let text = "SECURITY: command \(command.id) came to \(server) in two versions"
            send(.error(Bye(code: ErrorCode.commandAltered.id, text: text)), &turn)
            return true
        }
        switch entry.life {
        case .ended(let result, _):
            sendResult(result, &turn)
            return true
        case .started:
            sendState(of: command.id, &turn)
            return true
        case .received:
            guard let run = live.run, run.id == command.id else { return false }
            if case .armed(let arming) = run.phase {
                send(.accepted(command.id, promoteNonce: arming.nonce), &turn)
            } else {
                sendState(of: command.id, &turn)
            }
            return true
        }
    }

    private func deadline(of envelope: CommandEnvelope) -> Tick? {
        guard let anchor = live.session?.anchor(envelope.anchorHeartbeat) else { return nil }
        return anchor + UInt64(envelope.deadlineMilliseconds)
    }

    /// Begins the look at a mutating command that nothing speaks against so far.
    private mutating func consider(
        _ command: Command,
        startBy: Tick,
        isKnown: Bool,
        _ turn: inout Turn
    ) {
        let holdsStill = command.verb.isRefusedWhileVouched
        let pending = Pending(
            command: command,
            startBy: startBy,
            isKnown: isKnown,
            notBefore: holdsStill ? live.quietUntil : turn.now,
            unverified: releasesToVerify(for: command)
        )
        guard pending.notBefore <= startBy else {
            // Waiting in silence would only hide why nothing happens.
            decline(pending, quietRefusal(at: turn.now), &turn)
            return
        }
        live.pending = pending
        for digest in live.pending?.unverified ?? [] {
            turn.step.effects.append(.verifyRelease(digest))
        }
        tickPending(&turn)
    }

    /// Looks at this server once everything before that is settled.
    mutating func tickPending(_ turn: inout Turn) {
        guard let pending = live.pending, pending.ticket == nil else { return }
        guard turn.now <= pending.startBy else {
            decline(pending, .expired(pending.command), &turn)
            return
        }
        guard pending.unverified.isEmpty, turn.now >= pending.notBefore else { return }
        let ticket = look(for: pending.command.verb, isThorough: true, &turn)
        live.pending?.ticket = ticket
    }

    /// A release that the waiting command needs was looked at.
    mutating func verifiedForPending(
        _ manifest: Digest,
        _ failure: TandemFailure?,
        _ turn: inout Turn
    ) {
        guard let pending = live.pending, pending.unverified.contains(manifest) else { return }
        if let failure {
            let what = self.manifest(manifest)?.release.description ?? manifest.short
            let refusal = failure.recoded(
                pending.command.verb.target == manifest ? .imageDamaged : .wayBackMissing,
                "\(what) on \(server) is not intact; nothing was changed",
                remedy: "stage its image again"
            )
            decline(pending, refusal, &turn)
            return
        }
        live.pending?.unverified.removeAll { $0 == manifest }
        tickPending(&turn)
    }

    /// The fresh look has come: accept, or say why not.
    mutating func judgePending(_ turn: inout Turn) {
        guard let pending = live.pending, let ticket = pending.ticket, live.has(ticket),
            let seen = live.observation
        else { return }
        guard turn.now <= pending.startBy else {
            decline(pending, .expired(pending.command), &turn)
            return
        }
        if let failure = refusal(of: pending.command, seeing: seen, at: turn.now) {
            decline(pending, failure, &turn)
            return
        }
        live.pending = nil
        accept(pending, seeing: seen, &turn)
    }

    private mutating func decline(
        _ pending: Pending,
        _ failure: TandemFailure,
        _ turn: inout Turn
    ) {
        live.pending = nil
        guard pending.isKnown else {
            // First what was seen: a controller that asks again names that, and not what it knew.
            settleReport(&turn)
            send(.refused(pending.command.id, failure), &turn)
            return
        }
        end(pending.command, .failed(failure), from: turn.now, &turn)
    }

    private mutating func accept(
        _ pending: Pending,
        seeing seen: LocalObservation,
        _ turn: inout Turn
    ) {
        let command = pending.command
        if !pending.isKnown {
            record(.received(command, epoch: state.epoch), &turn)
        }
        live.run = Run(
            command: command,
            startBy: pending.startBy,
            takenAt: turn.now,
            phase: .observing
        )
        if case .promote(let failover, .demotionProof) = command.verb {
            arm(failover, seeing: seen, &turn)
            return
        }
        send(.accepted(command.id, promoteNonce: nil), &turn)
        begin(command, seeing: seen, &turn)
    }

    private mutating func begin(
        _ command: Command,
        seeing seen: LocalObservation,
        _ turn: inout Turn
    ) {
        switch command.verb {
        case .install, .backOut:
            if needsVoucher(command) { pass(.start, &turn) } else { startInstall(&turn) }
        case .promote:
            startPromotion(token: seen.ha.token, &turn)
        case .demote(let failover, let target, _, let deadMan):
            startDemotion(failover, target: target, deadManMilliseconds: deadMan, &turn)
        case .takeBack(let failover):
            startTakeBack(failover, seeing: seen, &turn)
        case .fence, .hold, .unhold, .inhibitReplication, .allowReplication:
            startDriverCall(&turn)
        case .applyConfiguration:
            startConfiguration(&turn)
        case .accept:
            start(&turn)
            concludeByObservation(&turn)
        case .recover:
            start(&turn)
            // A person was at work here: what the way back needs is looked at anew as well.
            if let wayBack { turn.step.effects.append(.verifyRelease(wayBack)) }
            concludeByObservation(&turn)
        case .stageImage, .dropImage, .check, .collectLogs, .report:
            break
        }
    }
}
