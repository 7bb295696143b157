import TandemModel

/// The target's half of a failover: armed, proven, promoted; or never, and signed so.
extension AgentMachine {
    /// Waits for the mate's proof.
    ///
    /// Not journaled as started: until the driver is called, a restart
    /// forgets the nonce, and with it the only way to be promoted.
    mutating func arm(
        _ failover: FailoverID,
        seeing seen: LocalObservation,
        _ turn: inout Turn
    ) {
        guard let run = live.run, let nonce = takeNonce() else {
            live.run = nil
            return
        }
        let arming = Arming(
            failover: failover,
            nonce: nonce,
            token: seen.ha.token,
            until: turn.now + limits.armedMilliseconds
        )
        live.run?.enter(.armed(arming), at: turn.now)
        send(.accepted(run.id, promoteNonce: arming.nonce), &turn)
    }

    /// The mate's signed word that it no longer serves.
    mutating func takeProof(_ proof: DemotionProof, _ turn: inout Turn) {
        guard case .armed(var arming) = live.run?.phase, proof.failover == arming.failover,
            proof.nonce == arming.nonce
        else {
            turn.step.ignored = .stale
            return
        }
        guard let mate = live.view?.mate, mate.agent == proof.agent else {
            turn.step.ignored = .notApplicable
            return
        }
        arming.proof = proof
        arming.blocker = "this server was not looked at in time"
        enterObserving(.armed(arming), isThorough: false, &turn)
    }

    /// What an observation means to a promote that waited for it.
    mutating func continuePromotion(
        _ phase: Phase,
        seeing seen: LocalObservation,
        _ turn: inout Turn
    ) {
        switch phase {
        case .armed(let arming):
            weigh(arming, seeing: seen, &turn)
        case .expiring(let why):
            if seen.ha.role == .active {
                finish(.done, &turn)
            } else {
                finishVoided(TandemFailure(never: server, why), &turn)
            }
        case .promoted(let result, let deadline):
            judgePromotion(result, deadline: deadline, seeing: seen, &turn)
        case .fenced(let failure):
            guard seen.ha.role != .active, seen.ha.role != .unknown else {
                lookLater(&turn)
                return
            }
            finishVoided(failure, &turn)
        case .awaitingVoucher, .passing, .interrupted, .preparing, .running, .observingStep,
            .repairing, .judging, .failing, .resumingReturn, .judgingReturn, .stopping, .unholding,
            .promoting, .fencing, .demoting, .demoted, .takingBack, .takenBack, .driving, .driven,
            .configuring, .configured, .observing:
            break
        }
    }

    /// Weighs the proof together with everything else that must hold.
    private mutating func weigh(
        _ arming: Arming,
        seeing seen: LocalObservation,
        _ turn: inout Turn
    ) {
        guard let proof = arming.proof else { return }
        guard turn.now < arming.until else {
            expirePromotion(arming.blocker, &turn)
            return
        }
        if seen.ha.role == .active {
            finish(.done, &turn)
            return
        }
        guard let blocker = blocker(proof, seeing: seen) else {
            startPromotion(token: arming.token, &turn)
            return
        }
        var waiting = arming
        waiting.blocker = blocker
        live.run?.enter(.armed(waiting), at: turn.now)
        lookLater(&turn)
    }

    private func blocker(_ proof: DemotionProof, seeing seen: LocalObservation) -> String? {
        if seen.ha.peerRole == .active { return "the HA system still sees the mate active" }
        if let why = unfitness(seen) { return why }
        // Nothing comes to a server whose replication we hold back. Then the controller asks for data that
        // were carried, or for a person's word on their loss, before it sends this.
        if state.isInhibited, seen.ha.replication.isInhibited { return nil }
        guard seen.ha.position == proof.position || seen.ha.replication.isCaughtUp else {
            return "\(server) has replayed \(seen.ha.position), the mate ended at \(proof.position)"
        }
        return nil
    }

    /// The point from which only active, or fenced and voided, are left as ends.
    mutating func startPromotion(token: String, _ turn: inout Turn) {
        start(&turn)
        let deadline = turn.now + limits.promoteMilliseconds
        guard let run = live.run else { return }
        if state.isHeld {
            live.run?.enter(.unholding(token: token, deadline: deadline), at: turn.now)
            turn.step.effects.append(.driver(run.id, .unhold))
        } else {
            callPromote(token: token, deadline: deadline, &turn)
        }
    }

    private mutating func callPromote(token: String, deadline: Tick, _ turn: inout Turn) {
        guard let run = live.run, case .promote(let failover, _) = run.command.verb else { return }
        live.run?.enter(.promoting(deadline: deadline), at: turn.now)
        let call = DriverCall.promote(token: token, failover: failover, deadline: deadline)
        turn.step.effects.append(.driver(run.id, call))
    }

    /// The driver answered a call of the running promote.
    mutating func promotionDriverEnded(
        _ call: DriverCall,
        _ result: DriverResult,
        _ turn: inout Turn
    ) {
        switch (live.run?.phase, call) {
        case (.unholding(let token, let deadline)?, .unhold):
            if let failure = result.failure(call.word, server: server) {
                fence(failure, &turn)
                return
            }
            recordUnheld(&turn)
            if turn.now < deadline {
                callPromote(token: token, deadline: deadline, &turn)
            } else {
                fence(TandemFailure(never: server, "ending the hold took too long"), &turn)
            }
        case (.promoting(let deadline)?, .promote):
            enterObserving(.promoted(result, deadline: deadline), isThorough: false, &turn)
        case (.fencing(let failure)?, .fence):
            enterObserving(.fenced(failure), isThorough: false, &turn)
        case (_, _):
            turn.step.ignored = .stale
        }
    }

    private mutating func judgePromotion(
        _ result: DriverResult,
        deadline: Tick,
        seeing seen: LocalObservation,
        _ turn: inout Turn
    ) {
        if seen.ha.role == .active {
            finish(.done, &turn)
            return
        }
        if result == .done, turn.now < deadline {
            lookLater(&turn)
            return
        }
        let failure =
            result.failure("promote", server: server)
            ?? TandemFailure(never: server, "it was promoted, but is \(seen.ha.role)")
        fence(failure, &turn)
    }

    /// Makes sure that nothing of this promotion can still come about.
    mutating func fence(_ failure: TandemFailure, _ turn: inout Turn) {
        guard let run = live.run else { return }
        live.run?.enter(.fencing(failure), at: turn.now)
        turn.step.effects.append(.driver(run.id, .fence))
    }

    /// No promotion will come any more: looks once whether the HA system has moved the role itself.
    mutating func expirePromotion(_ why: String, _ turn: inout Turn) {
        enterObserving(.expiring(why: why), isThorough: false, &turn)
    }

    mutating func tickPromotion(_ turn: inout Turn) {
        guard let run = live.run else { return }
        switch run.phase {
        case .armed(let arming):
            if turn.now >= arming.until {
                expirePromotion(arming.blocker, &turn)
            } else if let dueAt = run.dueAt, turn.now >= dueAt {
                observeAgain(&turn)
            }
        case .promoting(let deadline):
            // The guard fences itself at the deadline; this is for a guard that died of it.
            guard turn.now >= deadline + limits.fenceMilliseconds else { return }
            turn.step.effects.append(.killPromote)
            fence(TandemFailure(never: server, "the promotion ran past its limit"), &turn)
        case .promoted:
            if let dueAt = run.dueAt, turn.now >= dueAt { observeAgain(&turn) }
        case .fenced(let failure):
            if let dueAt = run.dueAt, turn.now >= dueAt { fence(failure, &turn) }
        case .awaitingVoucher, .passing, .interrupted, .preparing, .running, .observingStep,
            .repairing, .judging, .failing, .resumingReturn, .judgingReturn, .stopping, .expiring,
            .unholding, .fencing, .demoting, .demoted, .takingBack, .takenBack, .driving, .driven,
            .configuring, .configured, .observing:
            break
        }
    }

    /// Not active, and never to be by this failover: the mate may take the role back on this word.
    private mutating func finishVoided(_ failure: TandemFailure, _ turn: inout Turn) {
        guard let run = live.run, case .promote(let failover, _) = run.command.verb else { return }
        if case .fenced = run.phase {
            recordFenced(&turn)
            closeDemotion("fenced", &turn)
        }
        finish(
            .failed(failure.recodedAsVoided),
            voided: VoidedFailover(failover: failover, agent: agent),
            &turn
        )
    }
}

extension TandemFailure {
    /// A failover that will not happen on that server.
    fileprivate init(never server: ServerName, _ why: String) {
        self.init(
            .failoverVoided,
            "\(server) was not promoted: \(why)",
            remedy: "see that the mate serves again, remove the cause, then fail over anew"
        )
    }

    fileprivate var recodedAsVoided: TandemFailure {
        recoded(.failoverVoided, message, remedy: remedy)
    }
}
