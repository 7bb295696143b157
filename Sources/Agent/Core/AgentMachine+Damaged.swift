import TandemModel

extension AgentMachine {
    /// With a journal that can't be trusted this agent shows what it sees, and does nothing: neither
    /// an old promise nor a new one could be kept.
    mutating func handleDamaged(_ input: Input, _ turn: inout Turn) {
        switch input {
        case .restored(let boot, let manifests):
            live.boot = boot
            live.manifests = manifests
            live.silentSince = turn.now
            observe(isThorough: true, &turn)
        case .connected:
            connect(&turn)
        case .disconnected:
            disconnect(&turn)
        case .message(let message):
            takeDamaged(message, &turn)
        case .observed(let seen):
            live.observation = seen
            live.observedAt = turn.now
            if let next = live.queue.arrive() { beginLook(isThorough: next, &turn) }
        case .observedRole(let seen):
            live.observation = seen
            live.observedAt = turn.now
            if live.roleQueue.arrive() != nil { observeRole(&turn) }
        case .statusChanged:
            observe(isThorough: false, &turn)
        case .tick:
            tickSession(&turn)
            tickObservation(&turn)
        case .forged, .stepSpawned, .stepProgress, .stepEnded, .stepObserved, .repaired, .checked,
            .driverEnded, .tookBack, .stagingOpened, .chunkWritten, .stagingFinished,
            .stagingFailed, .imageDropped, .releaseVerified, .configurationApplied, .logsCollected:
            turn.step.ignored = .notApplicable
        }
        settleReport(&turn)
        settleHeartbeat(&turn)
    }

    private var damage: TandemFailure {
        TandemFailure(
            .journalDamaged,
            "the journal of \(server) is damaged: it can't know what it has done",
            remedy:
                "stop the agent of \(server), put its journal aside, press Replace Server, then "
                + "enrol a new agent"
        )
    }

    private mutating func takeDamaged(_ message: ControllerMessage, _ turn: inout Turn) {
        switch message {
        case .welcome(let welcome):
            takeWelcome(welcome, &turn)
            guard let boot = live.boot else { return }
            let event = AlarmEvent(
                number: .journalDamaged,
                instance: server.text,
                severity: .critical,
                isRaised: true,
                text: clipped(
                    "\(damage.message); \(damage.remedy)",
                    byteCountMax: TextLimit.line
                ),
                time: turn.wall,
                sequence: 1,
                boot: boot
            )
            send(.alarmSnapshot([event], boot: boot, sequence: 1), &turn)
        case .heartbeatAck(let sequence, _):
            takeAcknowledgement(sequence, &turn)
        case .command(let envelope):
            send(.refused(envelope.command.id, damage), &turn)
        case .stop(let id), .void(let id), .statusQuery(let id):
            send(.refused(id, damage), &turn)
        case .vouchRequest(_, _, let nonce):
            send(.vouchRefused(nonce: nonce, damage), &turn)
        case .bye:
            turn.step.closesConnection = true
            disconnect(&turn)
        case .voucher, .voucherRelease, .proof, .voided, .alarmAck, .chunk, .chunkRefused,
            .clusterView, .operationRecord, .error:
            turn.step.ignored = .notApplicable
        }
    }
}
