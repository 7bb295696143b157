import ControllerAPI
import ControllerCore
import TandemModel

// MARK: - What people decide for the network as a whole

extension LoopState {
    /// One switch for all clusters: it and what it stops become durable together, before anything
    /// is sent.
    mutating func setEmergencyStop(
        _ isOn: Bool,
        _ reason: String,
        _ person: PersonName,
        _ reply: Reply,
        _ wall: WallTime
    ) {
        guard !reason.isEmpty else {
            batch.answers.append((reply, .refused(.reasonMissing)))
            return
        }
        audit("emergency stop \(isOn ? "on" : "off")", by: person, reason: reason, wall)
        let before = network.state.emergencyStop
        network.setEmergencyStop(
            isOn ? EmergencyStop(person: person, since: wall, reason: reason) : nil
        )
        let stop = network.state.emergencyStop
        if stop != before {
            batch.writesNetwork = true
            batch.changesNetwork = true
            for name in machines.keys.sorted() { feed(name, .emergencyStop(stop), wall: wall) }
        }
        batch.answers.append((reply, .accepted(nil)))
    }

    mutating func acknowledge(
        _ request: AcknowledgeRequest,
        _ person: PersonName,
        _ reply: Reply,
        _ wall: WallTime
    ) {
        let acknowledgement = Acknowledgement(person: person, at: wall, note: request.note)
        let holder = machines.keys.sorted().first { name in
            machines[name]?.activeAlarms().contains {
                $0.number == request.number && $0.instance == request.instance
            } == true
        }
        if let holder {
            let input = ClusterInput.acknowledge(
                request.number,
                instance: request.instance,
                acknowledgement
            )
            return feed(holder, input, wall: wall, reply: reply)
        }
        guard !request.note.isEmpty else {
            batch.answers.append((reply, .refused(.reasonMissing)))
            return
        }
        guard network.acknowledge(request.number, request.instance, acknowledgement) else {
            let error = TandemError.unknownAlarm(request.number, request.instance)
            batch.answers.append((reply, .refused(error)))
            return
        }
        batch.writesNetwork = true
        batch.changesNetwork = true
        let what = "acknowledge \(request.number.value) \(request.instance)"
        audit(what, by: person, reason: request.note, wall)
        batch.answers.append((reply, .accepted(nil)))
    }
}
