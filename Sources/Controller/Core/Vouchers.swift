import TandemModel

/// Carries vouchers, proofs and voided words between two agents that cannot reach each other.
/// Nothing here is durable: who waits asks again.
extension ClusterMachine {
    /// The target asks for its mate's word.
    mutating func relayNeed(
        _ id: CommandID,
        failover: FailoverID?,
        nonce: Nonce,
        from target: ServerName,
        _ turn: inout Turn
    ) {
        guard let record = record(id), record.server == target, record.isOpen,
            let mate = state.definition.mate(of: target)?.name
        else { return turn.ignore(.stale) }
        live.relays.removeAll { $0.nonce == nonce }
        live.relays.append(
            VouchRelay(
                nonce: nonce,
                command: id,
                failover: failover,
                target: target,
                mate: mate,
                isAsked: false
            )
        )
        dropOldRelays()
        askMates(&turn)
    }

    /// Passes on what could not be asked while the mate was away.
    mutating func askMates(_ turn: inout Turn) {
        for index in live.relays.indices where !live.relays[index].isAsked {
            let relay = live.relays[index]
            guard live[relay.mate].connection != nil else { continue }
            live.relays[index].isAsked = true
            turn.send(
                relay.mate,
                .vouchRequest(command: relay.command, failover: relay.failover, nonce: relay.nonce)
            )
        }
    }

    /// A connection began or ended: who still needs a word asks again.
    ///
    /// What a mate was asked for stays noted until its command ends: it may hold still for a word
    /// whose target has forgotten it, and only we can release it.
    mutating func forgetQuestions(of server: ServerName) {
        live.relays.removeAll { ($0.target == server || $0.mate == server) && !$0.isAsked }
        dropOldRelays()
    }

    private mutating func dropOldRelays() {
        let surplus = live.relays.count - Self.relayCountMax
        if surplus > 0 { live.relays.removeFirst(surplus) }
    }

    /// So many words are remembered for release; the oldest lapse by themselves.
    private static var relayCountMax: Int { 32 }

    mutating func relay(_ voucher: Voucher, from mate: ServerName, _ turn: inout Turn) {
        guard let relay = live.relays.first(where: { $0.nonce == voucher.nonce && $0.mate == mate })
        else { return turn.ignore(.stale) }
        live.vouchTrouble = ""
        turn.send(relay.target, .voucher(voucher))
    }

    /// The mate can't give its word: the target goes on waiting, and people read why.
    mutating func relayRefusal(
        _ nonce: Nonce,
        _ failure: TandemFailure,
        from mate: ServerName,
        _ turn: inout Turn
    ) {
        guard live.relays.contains(where: { $0.nonce == nonce && $0.mate == mate }) else {
            return turn.ignore(.stale)
        }
        live.relays.removeAll { $0.nonce == nonce }
        live.vouchTrouble = "the word of \(mate): \(failure.message)"
        turn.step.changesView = true
    }

    /// A command has ended: its mate need not hold still any longer.
    mutating func endRelays(of id: CommandID, _ turn: inout Turn) {
        for relay in live.relays where relay.command == id && relay.isAsked {
            guard live[relay.mate].connection != nil else { continue }
            turn.send(relay.mate, .voucherRelease(nonce: relay.nonce))
        }
        live.relays.removeAll { $0.command == id }
        live.vouchTrouble = ""
    }

    /// A target's signed word that it will never promote goes to its mate, whatever is open.
    ///
    /// Not while somebody serves: before the demotion it would say nothing. For a mate that is away it
    /// is kept, because the target counts it as delivered.
    mutating func relayVoided(
        _ voided: VoidedFailover,
        from server: ServerName,
        _ turn: inout Turn
    ) {
        guard let mate = state.definition.mate(of: server)?.name, !isServed(at: turn.now) else {
            return
        }
        state[mate].voided = voided
        sendVoided(to: mate, &turn)
    }

    /// Sends the word that waits for a server: in each connection once, until somebody serves.
    mutating func sendVoided(to server: ServerName, _ turn: inout Turn) {
        guard let voided = state[server].voided else { return }
        guard !isServed(at: turn.now) else {
            state[server].voided = nil
            return
        }
        guard let connection = live[server].connection, connection.isReportHere,
            !connection.relayed.contains(voided.failover)
        else { return }
        live[server].connection?.relayed.append(voided.failover)
        turn.send(server, .voided(voided))
    }

    private func isServed(at now: Tick) -> Bool {
        observed(at: now).servers.contains { $0.isActive && $0.isReady }
    }
}
