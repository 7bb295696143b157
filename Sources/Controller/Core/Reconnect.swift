import TandemModel

/// Hello, loss, and asking after what is open before anything else is sent.
extension ClusterMachine {
    mutating func connect(
        _ server: ServerName,
        _ hello: Hello,
        _ nonce: Nonce,
        _ turn: inout Turn
    ) {
        guard state.definition.servers.contains(where: { $0.name == server }) else {
            return turn.ignore(.notApplicable)
        }
        var one = live[server]
        one.connection = Connection(
            nonce: nonce,
            hello: hello,
            anchor: HeartbeatAnchor(sequence: 0, at: turn.now)
        )
        one.lastHeard = turn.now
        live[server] = one
        forgetQuestions(of: server)
        let known = state[server]
        if let journal = known.journal,
            journal != hello.journal || hello.journalHead < known.journalHead
        {
            loseJournal(of: server, &turn)
        }
        state[server].journal = hello.journal
        state[server].journalHead = hello.journalHead
        turn.step.changesView = true
    }

    mutating func disconnect(_ server: ServerName, _ turn: inout Turn) {
        guard live[server].connection != nil else { return turn.ignore(.stale) }
        live[server].connection = nil
        live[server].progress = nil
        forgetQuestions(of: server)
        turn.step.changesView = true
    }

    /// The journal is gone: nobody can tell any more what became of what was open there.
    private mutating func loseJournal(of server: ServerName, _ turn: inout Turn) {
        for record in state.commands where record.server == server && record.isOpen {
            close(record.command.id, .lost, &turn)
        }
        state[server].tombstones = []
        // A new journal counts its alarms from 1 again, be it in the same boot.
        state[server].alarmMarks = []
        note(
            "the journal of \(server) is new or shorter: its open commands are indeterminate",
            &turn
        )
    }

    /// Asks after open ids, lays tombstones and keeps promises to a server declared dead.
    mutating func settleConnections(
        _ turn: inout Turn,
        using generator: inout some RandomNumberGenerator
    ) {
        for server in state.definition.servers.map(\.name) {
            guard let connection = live[server].connection, connection.isReportHere else {
                continue
            }
            sendVoided(to: server, &turn)
            for id in state[server].tombstones where !connection.buried.contains(id) {
                live[server].connection?.buried.append(id)
                turn.send(server, .void(id))
                turn.send(server, .statusQuery(id))
            }
            for record in state.commands
            where record.server == server && record.isOpen
                && !connection.settled.contains(record.command.id)
                && !connection.asked.contains(record.command.id)
            {
                live[server].connection?.asked.append(record.command.id)
                turn.send(server, .statusQuery(record.command.id))
            }
            keepWord(to: server, &turn, using: &generator)
        }
    }

    /// A server that was declared dead is demoted and held before any report of it counts.
    private mutating func keepWord(
        to server: ServerName,
        _ turn: inout Turn,
        using generator: inout some RandomNumberGenerator
    ) {
        guard let death = state[server].deathNote, isCommandable(server) else { return }
        // It would refuse for ever, and could not say what became of any of them (`safety.md` 17).
        guard !hasDamagedJournal(server) else { return }
        let open = state.commands.contains { $0.server == server && $0.action == nil && $0.isOpen }
        guard !open, turn.now >= live[server].dutyAfter ?? turn.now else { return }
        // Whoever was to serve in its place may never have come to it.
        guard isReplaced(server, by: death, at: turn.now) else {
            state[server].deathNote = nil
            return
        }
        live[server].dutyAfter = turn.now + limits.settleMilliseconds
        if live[server].report?.role == .active {
            let verb = Verb.demote(
                failover: death.failover,
                target: death.target,
                targetNonce: Nonce(high: 0, low: 0),
                deadManMilliseconds: limits.deadManMilliseconds
            )
            issueDuty(verb, to: server, &turn, using: &generator)
        } else if live[server].report?.isHeld == false {
            issueDuty(.hold, to: server, &turn, using: &generator)
        } else {
            state[server].deathNote = nil
            note("\(server) is back, demoted and held", &turn)
        }
    }

    private func hasDamagedJournal(_ server: ServerName) -> Bool {
        state.alarms.contains { $0.number == .journalDamaged && $0.instance == server.text }
    }

    /// Whether the one promoted in its place serves, or may do so soon.
    private func isReplaced(_ server: ServerName, by death: DeathNote, at now: Tick) -> Bool {
        let isPromoting = state.commands.contains { record in
            guard record.isOpen, case .promote(death.failover, _) = record.command.verb else {
                return false
            }
            return true
        }
        guard !isPromoting, let target = observed(at: now)[death.target], target.isReady else {
            return true
        }
        return target.isActive
    }

    /// A command that belongs to no action: one that a person asked for, or the controller's own.
    mutating func issueDuty(
        _ verb: Verb,
        to server: ServerName,
        for person: PersonName = .tandem,
        _ turn: inout Turn,
        using generator: inout some RandomNumberGenerator
    ) {
        issue(
            verb,
            to: server,
            index: -1,
            deadline: deadline(of: verb),
            person: person,
            &turn,
            using: &generator
        )
    }
}
