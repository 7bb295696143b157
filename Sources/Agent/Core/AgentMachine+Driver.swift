import TandemModel

/// Holds, fences and inhibitions: one call of the driver, then a look.
extension AgentMachine {
    mutating func takeDriverEnd(
        _ command: CommandID?,
        _ call: DriverCall,
        _ result: DriverResult,
        _ turn: inout Turn
    ) {
        if case .takeBack(let failover, _) = call {
            let words = result.failure(call.word, server: server)?.diagnostic
            takeTakeBack(failover, words.map(TakeBackResult.undecided) ?? .returned, &turn)
            return
        }
        guard let command else {
            housekeepingEnded(call, result, &turn)
            return
        }
        guard let run = live.run, run.id == command else {
            turn.step.ignored = .stale
            return
        }
        switch run.phase {
        case .demoting:
            enterObserving(.demoted(result), isThorough: false, &turn)
        case .driving(let open) where open == call:
            enterObserving(.driven(call, result), isThorough: false, &turn)
        case .unholding, .promoting, .fencing:
            promotionDriverEnded(call, result, &turn)
        case .awaitingVoucher, .passing, .interrupted, .preparing, .running, .observingStep,
            .repairing, .judging, .failing, .resumingReturn, .judgingReturn, .stopping, .armed,
            .expiring, .promoted, .fenced, .demoted, .takingBack, .takenBack, .driving, .driven,
            .configuring, .configured, .observing:
            turn.step.ignored = .stale
        }
    }

    /// The one call that a plain role verb is.
    private func call(of verb: Verb) -> DriverCall? {
        switch verb {
        case .fence: .fence
        case .hold: .hold
        case .unhold: .unhold
        case .inhibitReplication: .inhibitReplication
        case .allowReplication: .allowReplication
        case .stageImage, .dropImage, .check, .install, .backOut, .promote, .demote, .takeBack,
            .applyConfiguration, .accept, .recover, .collectLogs, .report:
            nil
        }
    }

    mutating func startDriverCall(_ turn: inout Turn) {
        guard let run = live.run, call(of: run.command.verb) != nil else { return }
        start(&turn)
        // Fencing is a person's word that this server shall not serve: no dead-man undoes it.
        if case .fence = run.command.verb { closeDemotion("fenced", &turn) }
        repeatDriverCall(&turn)
    }

    /// The calls are goals, so making one again after a crash is harmless.
    mutating func repeatDriverCall(_ turn: inout Turn) {
        guard let run = live.run, let call = call(of: run.command.verb) else { return }
        live.run?.enter(.driving(call), at: turn.now)
        turn.step.effects.append(.driver(run.id, call))
    }

    mutating func concludeDriverCall(
        _ call: DriverCall,
        _ result: DriverResult,
        seeing seen: LocalObservation,
        _ turn: inout Turn
    ) {
        if let failure = result.failure(call.word, server: server) {
            finish(.failed(failure), &turn)
            return
        }
        if call == .fence, seen.ha.role == .active {
            let failure = TandemFailure(
                .driverFailed,
                "\(server) was fenced, but is still active",
                remedy: "stop the product on it by hand"
            )
            finish(.failed(failure), &turn)
            return
        }
        note(call, &turn)
        finish(.done, &turn)
    }

    /// What a call that was done means for the journal.
    private mutating func note(_ call: DriverCall, _ turn: inout Turn) {
        switch call {
        case .fence: recordFenced(&turn)
        case .hold: record(.held(true), &turn)
        case .unhold: recordUnheld(&turn)
        case .inhibitReplication: record(.inhibited(true), &turn)
        case .allowReplication: record(.inhibited(false), &turn)
        case .promote, .demote, .takeBack: break
        }
    }

    mutating func recordFenced(_ turn: inout Turn) {
        if !state.isHeld { record(.held(true), &turn) }
        if !state.isFenced { record(.fenced(true), &turn) }
    }

    mutating func recordUnheld(_ turn: inout Turn) {
        if state.isFenced { record(.fenced(false), &turn) }
        if state.isHeld { record(.held(false), &turn) }
    }

    // MARK: - What no command asks for

    /// A hold, a fence and an inhibition outlive restarts of everything: where the HA system has
    /// forgotten one, it is told again.
    mutating func restateHold(_ seen: LocalObservation, _ turn: inout Turn) {
        guard live.run == nil, live.pending == nil, live.housekeeping == nil,
            turn.now >= live.housekeepingAt, seen.ha.role != .unknown
        else { return }
        let isActive = seen.ha.role == .active
        if state.isFenced, isActive {
            keepHouse(.fence, &turn)
        } else if state.isHeld, !seen.ha.isHeld, !isActive {
            keepHouse(.hold, &turn)
        } else if state.isInhibited, !seen.ha.replication.isInhibited {
            keepHouse(.inhibitReplication, &turn)
        }
    }

    private mutating func keepHouse(_ call: DriverCall, _ turn: inout Turn) {
        live.housekeeping = call
        turn.step.effects.append(.driver(nil, call))
    }

    private mutating func housekeepingEnded(
        _ call: DriverCall,
        _ result: DriverResult,
        _ turn: inout Turn
    ) {
        guard live.housekeeping == call else {
            turn.step.ignored = .stale
            return
        }
        live.housekeeping = nil
        live.housekeepingAt = turn.now + limits.restateMilliseconds
        if call == .unhold, result == .done { recordUnheld(&turn) }
        observe(isThorough: false, &turn)
    }

    /// Ends a hold that outlived a silent controller and keeps a fit server from taking over.
    ///
    /// The rule is that of `domain.md`. A fence never lapses, because somebody may have been promoted
    /// on its word.
    mutating func tickHousekeeping(_ turn: inout Turn) {
        guard state.isHeld, !state.isFenced, live.session == nil, live.run == nil,
            live.housekeeping == nil, turn.now >= live.housekeepingAt, state.zombie == nil,
            turn.now.since(live.silentSince) >= limits.holdLapseMilliseconds,
            !state.openCommands.contains(where: { $0.command.verb.isMutating }),
            let seen = live.observation, seen.software.release != nil, seen.health.isGood,
            seen.ha.role != .active, mayTakeOver(seen.ha)
        else { return }
        keepHouse(.unhold, &turn)
    }

    private func mayTakeOver(_ ha: HAStatus) -> Bool {
        switch ha.peerRole {
        case .active: false
        case .other: true
        case .unseen: ha.exclusion == .referee
        }
    }
}
