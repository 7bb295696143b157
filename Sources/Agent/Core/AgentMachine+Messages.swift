import TandemModel

extension AgentMachine {
    mutating func take(_ message: ControllerMessage, _ turn: inout Turn) {
        if case .welcome(let welcome) = message {
            takeWelcome(welcome, &turn)
            return
        }
        guard live.session?.welcome != nil else {
            turn.step.ignored = .early
            return
        }
        switch message {
        case .welcome, .error:
            break
        case .heartbeatAck(let sequence, let time):
            compareClocks(time, &turn)
            takeAcknowledgement(sequence, &turn)
        case .command(let envelope):
            receive(envelope, &turn)
        case .stop(let id):
            stop(id, &turn)
        case .void(let id):
            void(id, &turn)
        case .statusQuery(let id):
            answerStatus(id, &turn)
        case .vouchRequest, .voucher, .voucherRelease, .proof, .voided:
            takeWord(message, &turn)
        case .alarmAck(let boot, let sequence):
            guard state.alarms.covers(boot: boot, sequence: sequence) else { return }
            record(.alarmsDelivered(boot: boot, sequence: sequence), &turn)
        case .chunk(let image, let offset, let bytes):
            takeChunk(image, offset: offset, bytes: bytes, &turn)
        case .chunkRefused(let image, let failure):
            failStaging(image, failure, &turn)
        case .clusterView(let view):
            takeView(view, &turn)
        case .operationRecord(let operation):
            if state.operation != operation { record(.operation(operation), &turn) }
            send(.operationRecord(operation), &turn)
        case .bye:
            turn.step.closesConnection = true
            disconnect(&turn)
        }
    }

    /// Words that one server of the cluster gives the other.
    private mutating func takeWord(_ message: ControllerMessage, _ turn: inout Turn) {
        switch message {
        case .vouchRequest(let command, let failover, let nonce):
            takeVouchRequest(command: command, failover: failover, nonce: nonce, &turn)
        case .voucher(let voucher):
            takeVoucher(voucher, &turn)
        case .voucherRelease(let nonce):
            live.given.removeAll { $0.nonce == nonce }
        case .proof(let proof):
            takeProof(proof, &turn)
        case .voided(let word):
            takeVoided(word, &turn)
        case .welcome, .heartbeatAck, .command, .stop, .void, .statusQuery, .alarmAck, .chunk,
            .chunkRefused, .clusterView, .operationRecord, .error, .bye:
            break
        }
    }

    /// A word that did not verify is worth nothing; the controller is told, because it relayed it.
    mutating func takeForged(_ message: ControllerMessage, _ turn: inout Turn) {
        let what: String
        switch message {
        case .voucher: what = "voucher"
        case .proof: what = "proof of demotion"
        case .voided: what = "voided failover"
        case .welcome, .heartbeatAck, .command, .vouchRequest, .voucherRelease, .stop, .void,
            .statusQuery, .alarmAck, .chunk, .chunkRefused, .clusterView, .operationRecord, .error,
            .bye:
            what = "message"
        }
        let text = "SECURITY: a \(what) for \(server) is not signed by its mate's pinned key"
        send(.error(Bye(code: ErrorCode.signatureInvalid.id, text: text)), &turn)
        if case .voucher(let voucher) = message { refuseVoucher(voucher, text, &turn) }
    }

    /// The first key seen for an agent id is its key for ever.
    private mutating func takeView(_ view: ClusterView, _ turn: inout Turn) {
        live.view = view
        guard let mate = view.mate else { return }
        guard let known = pinnedKey(of: mate.agent) else {
            record(.matePinned(mate.agent, publicKey: mate.publicKey), &turn)
            return
        }
        guard known != mate.publicKey else { return }
        let text =
            "SECURITY: the cluster view gives agent \(mate.agent) of \(mate.server) another key "
            + "than the one pinned on \(server); the pinned one stays"
        send(.error(Bye(code: ErrorCode.identityRefused.id, text: text)), &turn)
    }

    // MARK: - Asking after a command

    /// Tells what became of a command; "never seen" is a promise, so it is made durable first.
    private mutating func answerStatus(_ id: CommandID, _ turn: inout Turn) {
        guard let entry = state.entry(id) else {
            let isBuried = state.tombstones.contains(id)
            bury(id, &turn)
            send(.status(id, isBuried ? .void : .neverSeen), &turn)
            return
        }
        sendState(of: entry.command.id, &turn)
        if case .ended(let result, _) = entry.life { sendResult(result, &turn) }
    }

    /// Says what a command's state is.
    mutating func sendState(of id: CommandID?, _ turn: inout Turn) {
        guard let id, let entry = state.entry(id) else { return }
        send(.status(id, commandState(entry)), &turn)
    }

    private func commandState(_ entry: CommandEntry) -> CommandState {
        switch entry.life {
        case .received:
            return .received
        case .started:
            let isOurs = live.run?.id == entry.command.id
            return .started(isInterrupted: isOurs && live.run?.isInterrupted == true)
        case .ended(let result, _):
            return .ended(result.outcome)
        }
    }

    private mutating func bury(_ id: CommandID, _ turn: inout Turn) {
        if live.pending?.command.id == id { live.pending = nil }
        guard !state.tombstones.contains(id) else { return }
        record(.tombstone(id), &turn)
    }

    /// A command that has not started becomes never.
    private mutating func void(_ id: CommandID, _ turn: inout Turn) {
        guard let entry = state.entry(id) else {
            bury(id, &turn)
            send(.status(id, .void), &turn)
            return
        }
        guard case .received = entry.life else {
            answerStatus(id, &turn)
            return
        }
        if case .armed = live.run?.phase, live.run?.id == id {
            expirePromotion("the controller voided it", &turn)
            return
        }
        if live.run?.id == id { live.run = nil }
        live.sides.removeAll { $0.command.id == id }
        bury(id, &turn)
        send(.status(id, .void), &turn)
    }

    /// Asks a running command to end at its next safe boundary; a failover is never torn.
    private mutating func stop(_ id: CommandID, _ turn: inout Turn) {
        if live.staging?.command.id == id {
            stopStaging(&turn)
            return
        }
        guard live.run?.id == id else {
            turn.step.ignored = .notApplicable
            return
        }
        stopRun(&turn)
    }
}
