import TandemModel

extension AgentMachine {
    mutating func connect(_ turn: inout Turn) {
        disconnect(&turn)
        live.session = Session(at: turn.now)
        turn.step.sends.append(.hello(hello))
    }

    private var hello: Hello {
        Hello(
            versionMin: limits.protocolVersions.lowerBound,
            versionMax: limits.protocolVersions.upperBound,
            server: server,
            agent: agent,
            boot: live.boot ?? BootID(high: 0, low: 0),
            journal: state.journal ?? JournalID(high: 0, low: 0),
            journalHead: state.head,
            epoch: state.epoch,
            agentVersion: agentVersion,
            software: live.observation?.software ?? .unknown("not observed yet"),
            previous: manifest(state.previous)?.release
        )
    }

    /// The connection is gone: what has not started waits for a controller's word again.
    mutating func disconnect(_ turn: inout Turn) {
        guard live.session != nil else { return }
        live.session = nil
        live.silentSince = turn.now
        live.pending = nil
        live.vouchRequests = []
        live.staging?.forgetRequest()
        if let run = live.run, run.phase.isBeforeStart { live.run = nil }
    }

    /// Opens the session, or leaves a controller that must not be obeyed.
    mutating func takeWelcome(_ welcome: Welcome, _ turn: inout Turn) {
        guard live.session != nil, live.session?.welcome == nil else {
            turn.step.ignored = .stale
            return
        }
        let spoken = limits.protocolVersions
        guard spoken.contains(welcome.version) else {
            let text =
                "version \(welcome.version) is not one of \(spoken.lowerBound) to "
                + "\(spoken.upperBound), which this agent speaks"
            leave(.versionRefused, text, &turn)
            return
        }
        guard welcome.epoch >= state.epoch else {
            let text = "epoch \(welcome.epoch) is older than \(state.epoch), obeyed before"
            leave(.epochRefused, text, &turn)
            return
        }
        if !isJournalDamaged, welcome.epoch > state.epoch { record(.epoch(welcome.epoch), &turn) }
        live.session?.open(welcome, at: turn.now)
        guard !isJournalDamaged else { return }
        resendAlarms(&turn)
        if let operation = state.operation { send(.operationRecord(operation), &turn) }
        settleReport(&turn)
        resendResults(&turn)
        resumeStaging(&turn)
        if let run = live.run, run.isInterrupted {
            sendState(of: run.id, &turn)
            if case .interrupted = run.phase { live.run?.dueAt = turn.now }
        }
        observe(isThorough: false, &turn)
    }

    private mutating func leave(_ code: ErrorCode, _ text: String, _ turn: inout Turn) {
        turn.step.sends.append(.bye(Bye(code: code.id, text: text)))
        turn.step.closesConnection = true
        disconnect(&turn)
    }

    /// The report goes first, so that a result's post-state is never newer than what was reported.
    private mutating func resendResults(_ turn: inout Turn) {
        for entry in state.commands {
            guard case .ended(let result, isDelivered: false) = entry.life else { continue }
            sendResult(result, &turn)
        }
    }

    mutating func sendResult(_ result: CommandResult, _ turn: inout Turn) {
        send(.finished(result), &turn)
        live.session?.noteSent(result.command)
    }

    mutating func takeAcknowledgement(_ sequence: UInt32, _ turn: inout Turn) {
        let arrived = live.session?.acknowledge(sequence, at: turn.now) ?? []
        guard !isJournalDamaged else { return }
        for command in arrived {
            guard case .ended(_, isDelivered: false) = state.entry(command)?.life else { continue }
            record(.delivered(command), &turn)
        }
    }

    /// Gives a silent connection up, and keeps the heartbeat going.
    mutating func tickSession(_ turn: inout Turn) {
        guard let session = live.session else { return }
        guard !session.isSilent(at: turn.now, within: limits) else {
            turn.step.closesConnection = true
            disconnect(&turn)
            return
        }
        guard let period = session.period else { return }
        if turn.now.since(session.heartbeatAt ?? session.welcomedAt) >= period {
            beat(&turn)
        }
    }
}

extension Phase {
    /// Whether the command it belongs to waits for its start and would be valid in one connection only.
    fileprivate var isBeforeStart: Bool {
        switch self {
        case .awaitingVoucher(.start), .passing(.start):
            true
        case .awaitingVoucher(.step), .passing(.step), .interrupted, .preparing, .running,
            .observingStep, .repairing, .judging, .failing, .resumingReturn, .judgingReturn,
            .stopping, .armed, .expiring, .unholding, .promoting, .promoted, .fencing, .fenced,
            .demoting, .demoted, .takingBack, .takenBack, .driving, .driven, .configuring,
            .configured, .observing:
            false
        }
    }
}
