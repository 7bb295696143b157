import TandemModel

/// The active server's half of a failover, until the role is somewhere for certain.
extension AgentMachine {
    /// The journal has the demotion, and with it the dead-man, before the role is touched.
    mutating func startDemotion(
        _ failover: FailoverID,
        target: ServerName,
        deadManMilliseconds: UInt32,
        _ turn: inout Turn
    ) {
        guard let run = live.run, let boot = live.boot else { return }
        start(&turn)
        record(
            .demoted(
                failover,
                target: target,
                boot: boot,
                at: turn.now,
                deadManMilliseconds: deadManMilliseconds
            ),
            &turn
        )
        live.takeBack = TakeBackWatch()
        live.run?.enter(.demoting, at: turn.now)
        let deadline = turn.now + UInt64(deadManMilliseconds)
        turn.step.effects.append(.armDeadMan(failover, deadline: deadline, boot: boot))
        let call = DriverCall.demote(
            failover: failover,
            target: target,
            deadline: turn.now + limits.demoteMilliseconds
        )
        turn.step.effects.append(.driver(run.id, call))
    }

    /// What the role is after the driver's answer, whatever that answer was.
    ///
    /// A driver that says it refused has changed nothing; one that says anything else may still be
    /// at it until the limit has passed.
    mutating func judgeDemotion(
        _ result: DriverResult,
        seeing seen: LocalObservation,
        _ turn: inout Turn
    ) {
        guard let run = live.run,
            case .demote(let failover, _, let nonce, _) = run.command.verb
        else { return }
        let isLate = isPastDemotion(run.id, at: turn.now)
        let failure =
            result.failure("demote", server: server)
            ?? TandemFailure(
                .driverFailed,
                "\(server) was demoted, but is \(seen.ha.role)",
                remedy: "see what the HA system says, then fail over anew"
            )
        switch seen.ha.role {
        case .standby, .spare, .forcedStandby, .outOfService:
            let proof = DemotionProof(
                failover: failover,
                nonce: nonce,
                agent: agent,
                generation: state.generation,
                position: seen.ha.position
            )
            finish(.done, proof: proof, &turn)
        case .active:
            var isFinal = isLate
            if case .refused = result { isFinal = true }
            guard isFinal else {
                lookLater(&turn)
                return
            }
            closeDemotion("not moved", &turn)
            finish(.failed(failure.adding("\(server) is still active")), &turn)
        case .unknown:
            guard isLate else {
                lookLater(&turn)
                return
            }
            // Neither proof nor word of failure: the open demotion's dead-man decides.
            finish(.failed(failure.adding("its role is not known")), &turn)
        }
    }

    /// A driver that is ended at its deadline may take so long to go.
    private static let endMilliseconds: UInt64 = 1_000

    private func isPastDemotion(_ id: CommandID, at now: Tick) -> Bool {
        guard let started = state.entry(id)?.started, started.boot == live.boot else { return true }
        return now.since(started.at) >= limits.demoteMilliseconds + Self.endMilliseconds
    }

    // MARK: - The open demotion

    /// The role is seen to be somewhere: the demotion is settled.
    mutating func watchDemotion(_ seen: LocalObservation, _ turn: inout Turn) {
        guard state.demotion != nil, !isDemoting else { return }
        if seen.ha.role == .active {
            closeDemotion("returned", &turn)
        } else if seen.ha.peerRole == .active {
            closeDemotion("moved", &turn)
        }
    }

    private var isDemoting: Bool {
        guard case .demote = live.run?.command.verb else { return false }
        return true
    }

    /// Whether a command moves the role right now: the rule waits for its end.
    private var isInFailover: Bool {
        switch live.run?.command.verb {
        case .demote, .promote, .fence: true
        case .stageImage, .dropImage, .check, .install, .backOut, .takeBack, .hold, .unhold,
            .inhibitReplication, .allowReplication, .applyConfiguration, .accept, .recover,
            .collectLogs, .report, nil:
            false
        }
    }

    mutating func closeDemotion(_ outcome: String, _ turn: inout Turn) {
        guard let demotion = state.demotion else { return }
        record(.demotionClosed(demotion.failover, outcome: outcome), &turn)
        live.takeBack = TakeBackWatch()
        turn.step.effects.append(.disarmDeadMan(demotion.failover))
    }

    /// The target's signed word that it will never serve by that failover.
    ///
    /// It may come after the role was seen to move, because a target that is late fences itself: then
    /// the demotion is open again.
    mutating func takeVoided(_ word: VoidedFailover, _ turn: inout Turn) {
        guard let mate = live.view?.mate, mate.agent == word.agent else {
            turn.step.ignored = .notApplicable
            return
        }
        if state.demotion == nil { reopenDemotion(word.failover, &turn) }
        guard state.demotion?.failover == word.failover else {
            turn.step.ignored = .stale
            return
        }
        live.takeBack.voided = word.failover
        live.takeBack.nextAt = turn.now
        tickTakeBack(&turn)
    }

    private mutating func reopenDemotion(_ failover: FailoverID, _ turn: inout Turn) {
        guard let boot = live.boot, let seen = live.observation, seen.ha.role != .active,
            let entry = state.commands.last(where: { $0.isDoneDemotion(of: failover) }),
            case .demote(_, let target, _, let deadMan) = entry.command.verb
        else { return }
        record(
            .demoted(
                failover,
                target: target,
                boot: boot,
                at: turn.now,
                deadManMilliseconds: deadMan
            ),
            &turn
        )
    }

    /// Whether the rule of `details.md` 10 may be asked now: the target's word is there, or the
    /// dead-man has passed.
    func mayTakeBack(at now: Tick) -> Bool {
        guard let demotion = state.demotion else { return false }
        return live.takeBack.voided == demotion.failover
            || (demotion.boot == live.boot && now >= demotion.deadline)
    }

    /// Asks the rule each second, without end, once it may be asked.
    mutating func tickTakeBack(_ turn: inout Turn) {
        guard let demotion = state.demotion, !isInFailover, !live.takeBack.isUnderWay,
            mayTakeBack(at: turn.now), turn.now >= live.takeBack.nextAt
        else { return }
        callTakeBack(demotion, for: nil, &turn)
    }

    mutating func callTakeBack(
        _ demotion: OpenDemotion,
        for command: CommandID?,
        _ turn: inout Turn
    ) {
        live.takeBack.isUnderWay = true
        let isVoided = live.takeBack.voided == demotion.failover
        let call = DriverCall.takeBack(failover: demotion.failover, isVoided: isVoided)
        turn.step.effects.append(.driver(command, call))
    }

    /// The rule's answer, from our call or from the dead-man's guard.
    mutating func takeTakeBack(
        _ failover: FailoverID,
        _ result: TakeBackResult,
        _ turn: inout Turn
    ) {
        live.takeBack.isUnderWay = false
        live.takeBack.nextAt = turn.now + limits.takeBackRetryMilliseconds
        if state.demotion?.failover == failover {
            switch result {
            case .moved:
                closeDemotion("moved", &turn)
            case .returned:
                live.takeBack.undecided = nil
            case .undecided(let why):
                live.takeBack.undecided = why
            }
        }
        if case .takeBack(let asked) = live.run?.command.verb, asked == failover,
            live.run?.phase == .takingBack
        {
            enterObserving(.takenBack(result), isThorough: false, &turn)
        } else {
            observe(isThorough: false, &turn)
        }
    }

    // MARK: - The verb

    /// A controller asks for the role back; the rule is the same as the dead-man's.
    mutating func startTakeBack(
        _ failover: FailoverID,
        seeing seen: LocalObservation,
        _ turn: inout Turn
    ) {
        guard let run = live.run else { return }
        guard let demotion = state.demotion, demotion.failover == failover else {
            let isSettled = seen.ha.role == .active || seen.ha.peerRole == .active
            let failure = TandemFailure.precondition(
                "\(server) has no open demotion of that failover"
            )
            finish(isSettled ? .done : .failed(failure), &turn)
            return
        }
        guard mayTakeBack(at: turn.now) else {
            let left = (demotion.deadline.since(turn.now) + 999) / 1_000
            let failure = TandemFailure.precondition(
                "\(demotion.target) may still be promoted for \(left) s"
            )
            finish(.failed(failure), &turn)
            return
        }
        start(&turn)
        live.run?.enter(.takingBack, at: turn.now)
        if !live.takeBack.isUnderWay { callTakeBack(demotion, for: run.id, &turn) }
    }

    mutating func concludeTakeBack(
        _ result: TakeBackResult,
        seeing seen: LocalObservation,
        _ turn: inout Turn
    ) {
        if seen.ha.role == .active || seen.ha.peerRole == .active || result == .moved {
            finish(.done, &turn)
            return
        }
        let why: String
        if case .undecided(let text) = result { why = text } else { why = "it is \(seen.ha.role)" }
        let failure = TandemFailure(
            .driverFailed,
            "\(server) did not take its role back: \(why)",
            remedy: "see what the HA system says; Restore Service if the mate is dead or fenced"
        )
        finish(.failed(failure), &turn)
    }
}

extension CommandEntry {
    fileprivate func isDoneDemotion(of failover: FailoverID) -> Bool {
        guard case .ended(let result, _) = life, result.outcome == .done,
            case .demote(failover, _, _, _) = command.verb
        else { return false }
        return true
    }
}
