import TandemModel

/// Minting, sending, asking after: exactly once in effect (`protocol.md`).
extension ClusterMachine {
    /// Makes a command durable and sends it; its id stays its id for ever.
    ///
    /// One below index 0 belongs to no action, however busy the cluster is; `person` asked for it.
    @discardableResult
    mutating func issue(
        _ verb: Verb,
        to server: ServerName,
        index: Int,
        deadline: UInt64,
        person: PersonName? = nil,
        _ turn: inout Turn,
        using generator: inout some RandomNumberGenerator
    ) -> CommandID {
        let command = Command(
            id: .random(using: &generator),
            verb: verb,
            precondition: verb.isMutating ? precondition(on: server, at: turn.now) : nil,
            planHash: planHash
        )
        let action = index < 0 ? nil : state.action
        let person = person ?? action?.person ?? .tandem
        state.commands.append(
            CommandRecord(
                command: command,
                server: server,
                action: action?.id,
                index: index,
                person: person,
                issuedAt: turn.wall,
                phase: .issued
            )
        )
        turn.step.audit.append(
            AuditEntry(
                time: turn.wall,
                person: person,
                cluster: state.definition.name,
                server: server,
                what: "command \(verb.word) \(command.id)",
                reason: action?.reason ?? ""
            )
        )
        live[server].connection?.settled.append(command.id)
        transmit(command, to: server, deadline: deadline, &turn)
        return command.id
    }

    /// Sends a command, new or again, in the present connection.
    mutating func transmit(
        _ command: Command,
        to server: ServerName,
        deadline: UInt64,
        _ turn: inout Turn
    ) {
        guard let anchor = live[server].connection?.anchor else { return }
        live[server].isInterrupted = false
        live[server].commandSequence += 1
        live.sentAt[command.id] = turn.now
        let total = min(turn.now.since(anchor.at) + deadline, UInt64(UInt32.max))
        turn.send(
            server,
            .command(
                CommandEnvelope(
                    command: command,
                    epoch: epoch,
                    sequence: live[server].commandSequence,
                    anchorHeartbeat: anchor.sequence,
                    deadlineMilliseconds: UInt32(total)
                )
            )
        )
    }

    /// What both servers are by their newest reports; the mate only where it is heard.
    private func precondition(on server: ServerName, at now: Tick) -> Precondition? {
        let cluster = observed(at: now)
        guard let own = live[server].report.map(expectation) else { return nil }
        let mate = cluster.mate(of: server).flatMap { $0.isReady ? $0.report : nil }
        return Precondition(own: own, mate: mate.map(expectation))
    }

    private func expectation(_ report: ServerReport) -> Expectation {
        Expectation(role: report.role, software: report.software, generation: report.generation)
    }

    /// Names the operation and where it is going: part of each command's identity.
    private var planHash: Digest {
        guard let operation = state.operation else { return .none }
        var bytes: [UInt8] = []
        for word in [
            operation.id.high, operation.id.low,
            fingerprint("\(operation.old.release)>\(operation.new.release)"),
            fingerprint(operation.direction.rawValue),
        ] {
            bytes += stride(from: 56, through: 0, by: -8).map {
                UInt8(truncatingIfNeeded: word >> $0)
            }
        }
        return Digest(bytes: bytes) ?? .none
    }

    // MARK: - Whether a server may be commanded

    /// Connected, reported, a heartbeat answered, and everything open there asked after.
    func isCommandable(_ server: ServerName) -> Bool {
        guard let connection = live[server].connection, connection.isReportHere else {
            return false
        }
        return unsettledCommand(of: server) == nil && state[server].tombstones.isEmpty
    }

    /// A command of which this connection has not yet told what became of it.
    func unsettledCommand(of server: ServerName) -> CommandID? {
        guard let connection = live[server].connection else {
            return state.commands.first { $0.server == server && $0.isOpen }?.command.id
        }
        return state.commands.first {
            $0.server == server && $0.isOpen && !connection.settled.contains($0.command.id)
        }?.command.id
    }

    // MARK: - Records

    func record(_ id: CommandID) -> CommandRecord? {
        state.commands.first { $0.command.id == id }
    }

    mutating func setPhase(_ phase: CommandPhase, of id: CommandID) {
        guard let index = state.commands.firstIndex(where: { $0.command.id == id }) else { return }
        state.commands[index].phase = phase
    }

    /// The open action's command of one instruction with that verb's word.
    func record(at index: Int, word: String) -> CommandRecord? {
        guard let action = state.action?.id else { return nil }
        return state.commands.last {
            $0.action == action && $0.index == index && $0.command.verb.word == word
        }
    }

    /// The command is over as far as we are concerned: its relays end with it.
    mutating func close(_ id: CommandID, _ phase: CommandPhase, _ turn: inout Turn) {
        guard let record = record(id), record.isOpen else { return }
        setPhase(phase, of: id)
        endRelays(of: id, &turn)
        live.sentAt[id] = nil
        logCommandEnd(record, phase, &turn)
        if live[record.server].progress?.command == id { live[record.server].progress = nil }
        turn.step.changesView = true
        guard record.action == nil else { return }
        state.commands.removeAll { $0.command.id == id }
    }
}

/// 64 bits of FNV-1a over UTF-8: enough to notice a difference, never a proof of sameness.
func fingerprint(_ text: String, seed: UInt64 = 0xcbf2_9ce4_8422_2325) -> UInt64 {
    text.utf8.reduce(seed) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01b3 }
}
