import TandemModel

extension AgentMachine {
    /// Asks for a look at this server that begins after this moment.
    @discardableResult
    mutating func observe(isThorough: Bool, _ turn: inout Turn) -> UInt64 {
        let (ticket, begins) = live.queue.ask(isThorough: isThorough)
        if begins { beginLook(isThorough: isThorough, &turn) }
        return ticket
    }

    mutating func beginLook(isThorough: Bool, _ turn: inout Turn) {
        live.isRoleNewer = false
        live.newerHA = nil
        turn.step.effects.append(.observe(isThorough: isThorough))
    }

    /// Asks for a look at the role alone that begins after this moment: a product that hangs in its
    /// health check must not keep its server from giving the role up.
    @discardableResult
    mutating func observeRole(_ turn: inout Turn) -> UInt64 {
        let (ticket, begins) = live.roleQueue.ask(isThorough: false)
        if begins { beginRoleLook(&turn) }
        return ticket
    }

    private mutating func beginRoleLook(_ turn: inout Turn) {
        live.isRoleNewer = true
        turn.step.effects.append(.observeRole)
    }

    /// The look that a command waits for: those that only move roles and holds need no more.
    ///
    /// But a process that has seen nothing yet does not know what runs, and would report so.
    mutating func look(for verb: Verb, isThorough: Bool, _ turn: inout Turn) -> LookTicket {
        guard verb.isOfRoleAlone, live.observation != nil else {
            return .whole(observe(isThorough: isThorough, &turn))
        }
        return .role(observeRole(&turn))
    }

    /// Lets the running command wait for a fresh look.
    mutating func enterObserving(_ phase: Phase, isThorough: Bool, _ turn: inout Turn) {
        guard let verb = live.run?.command.verb else { return }
        let ticket = look(for: verb, isThorough: isThorough, &turn)
        live.run?.enter(phase, at: turn.now)
        live.run?.ticket = ticket
    }

    /// What this server is, newly seen; everybody who waited for a fresh look goes on.
    mutating func takeObservation(_ seen: LocalObservation, _ turn: inout Turn) {
        var whole = seen
        // Its driver was asked first; the role may have moved while the product thought.
        if let newer = live.newerHA { whole.ha = newer }
        live.newerHA = nil
        if let next = live.queue.arrive() { beginLook(isThorough: next, &turn) }
        follow(whole, &turn)
    }

    /// The role, newly seen, with all else as it was seen last.
    mutating func takeRoleObservation(_ seen: LocalObservation, _ turn: inout Turn) {
        if live.queue.isUnderWay, live.isRoleNewer { live.newerHA = seen.ha }
        if live.roleQueue.arrive() != nil { beginRoleLook(&turn) }
        follow(seen, &turn)
    }

    private mutating func follow(_ seen: LocalObservation, _ turn: inout Turn) {
        live.observation = seen
        live.observedAt = turn.now
        countGeneration(seen, &turn)
        adoptRelease(seen, &turn)
        watchDemotion(seen, &turn)
        if let run = live.run, let ticket = run.ticket, live.has(ticket) {
            live.run?.ticket = nil
            live.run?.foreignMilliseconds += seen.childMilliseconds
            continueRun(seeing: seen, &turn)
        }
        judgePending(&turn)
        answerVouchRequests(seeing: seen, &turn)
        finishReports(&turn)
        restateHold(seen, &turn)
    }

    /// Each period, unless one is under way; more often until a role given up is seen to be somewhere.
    mutating func tickObservation(_ turn: inout Turn) {
        var period = live.session?.period ?? limits.observationMilliseconds
        if state.demotion != nil { period = min(period, limits.demotedMilliseconds) }
        guard turn.now.since(live.observedAt ?? Tick(milliseconds: 0)) >= period else { return }
        guard live.queue.isUnderWay else {
            observe(isThorough: live.observedAt == nil, &turn)
            return
        }
        // It waits for the product, which says nothing about the role.
        guard live.observedAt != nil, !live.roleQueue.isUnderWay else { return }
        observeRole(&turn)
    }

    /// Counts each observed change of role or token; a driver that can't tell changes nothing.
    private mutating func countGeneration(_ seen: LocalObservation, _ turn: inout Turn) {
        guard seen.ha.role != .unknown else { return }
        guard seen.ha.role != state.countedRole || seen.ha.token != state.countedToken else {
            return
        }
        record(
            .generation(state.generation + 1, role: seen.ha.role, token: seen.ha.token),
            &turn
        )
    }

    /// Follows what runs, whoever installed it, unless a command of ours is at it.
    private mutating func adoptRelease(_ seen: LocalObservation, _ turn: inout Turn) {
        let isAtWork = state.openCommands.contains {
            $0.started != nil && $0.command.verb.replacesRelease
        }
        guard !isAtWork else { return }
        guard seen.software.release != nil, let running = seen.manifest else { return }
        if running != state.current {
            let previous: Digest?
            if state.previous == running {
                previous = nil
            } else if state.attempted == running {
                previous = state.current
            } else {
                previous = state.previous
            }
            record(.releases(current: running, previous: previous), &turn)
        }
        if state.attempted != nil { record(.attempted(nil), &turn) }
    }

    /// The driver's role as operators read it.
    func role(_ seen: LocalObservation) -> ServerRole {
        state.isHeld && seen.ha.role == .standby ? .forcedStandby : seen.ha.role
    }
}
