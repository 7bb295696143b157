package import TandemModel

/// The list of active alarms as the OR of its sources, and what agents tell of theirs.
extension ClusterMachine {
    /// The active alarms, by number and instance.
    package func activeAlarms() -> [AlarmEntry] { state.alarms.map(\.entry) }

    /// One source's claim; raising what stands already changes nothing but its words.
    mutating func raise(
        _ number: AlarmNumber,
        _ instance: String,
        _ source: AlarmSource,
        _ turn: inout Turn
    ) {
        guard
            let index = state.alarms.firstIndex(where: {
                $0.number == number && $0.instance == instance
            })
        else {
            state.alarms.append(
                AlarmRecord(
                    number: number,
                    instance: instance,
                    raisedAt: turn.wall,
                    sources: [source],
                    isExpected: isExpected(number),
                    isStale: false
                )
            )
            state.alarms.sort { ($0.number, $0.instance) < ($1.number, $1.instance) }
            return
        }
        if let known = state.alarms[index].sources.firstIndex(where: { $0.server == source.server })
        {
            state.alarms[index].sources[known] = source
        } else {
            state.alarms[index].sources.append(source)
        }
    }

    /// One source lets go; the alarm is clear when nobody holds it.
    mutating func clear(
        _ number: AlarmNumber,
        _ instance: String,
        source: ServerName?,
        _ turn: inout Turn
    ) {
        guard
            let index = state.alarms.firstIndex(where: {
                $0.number == number && $0.instance == instance
            })
        else { return }
        state.alarms[index].sources.removeAll { $0.server == source }
        if state.alarms[index].sources.isEmpty { state.alarms.remove(at: index) }
    }

    // MARK: - Agents' events

    /// Whether the event is newer than what was taken of that boot.
    private func isNew(_ boot: BootID, _ sequence: UInt32, from server: ServerName) -> Bool {
        guard let mark = state[server].alarmMarks.first(where: { $0.boot == boot }) else {
            return true
        }
        return sequence > mark.sequence
    }

    private mutating func mark(_ boot: BootID, _ sequence: UInt32, from server: ServerName) {
        var marks = state[server].alarmMarks.filter { $0.boot != boot }
        let known = state[server].alarmMarks.first { $0.boot == boot }?.sequence ?? 0
        marks.append(AlarmMark(boot: boot, sequence: max(known, sequence)))
        state[server].alarmMarks = marks.suffix(4)
    }

    mutating func take(_ event: AlarmEvent, from server: ServerName, _ turn: inout Turn) {
        turn.send(server, .alarmAck(boot: event.boot, sequence: event.sequence))
        guard isNew(event.boot, event.sequence, from: server) else { return turn.ignore(.stale) }
        mark(event.boot, event.sequence, from: server)
        guard isOwn(event, of: server) else { return turn.ignore(.notApplicable) }
        guard event.isRaised else {
            clear(event.number, event.instance, source: server, &turn)
            return
        }
        raise(event.number, event.instance, source(of: event, from: server), &turn)
    }

    /// An agent speaks for its server and its cluster only, and of alarms that there are: so it can neither
    /// block others nor make the list grow without end (`safety.md` 28, 32).
    private func isOwn(_ event: AlarmEvent, of server: ServerName) -> Bool {
        event.number.isKnown
            && (event.instance == server.text || event.instance == state.definition.name.text)
    }

    private func source(of event: AlarmEvent, from server: ServerName) -> AlarmSource {
        AlarmSource(server: server, severity: event.severity, text: event.text)
    }

    /// All that an agent holds: what is not in it, it does not hold.
    mutating func takeSnapshot(
        _ events: [AlarmEvent],
        boot: BootID,
        sequence: UInt32,
        from server: ServerName,
        _ turn: inout Turn
    ) {
        // What stands on keeps its record, and with it the time since when it has stood.
        let raised = events.filter { $0.isRaised && isOwn($0, of: server) }
        for record in state.alarms
        where !raised.contains(where: {
            $0.number == record.number && $0.instance == record.instance
        }) {
            clear(record.number, record.instance, source: server, &turn)
        }
        for event in raised {
            raise(event.number, event.instance, source(of: event, from: server), &turn)
        }
        mark(boot, sequence, from: server)
        turn.send(server, .alarmAck(boot: boot, sequence: sequence))
    }

    mutating func forgetAlarms(of server: ServerName, _ turn: inout Turn) {
        for record in state.alarms {
            clear(record.number, record.instance, source: server, &turn)
        }
    }

    // MARK: - What changed

    /// Expected while the action that causes them runs.
    func isExpected(_ number: AlarmNumber) -> Bool {
        guard let action = state.action, action.operation != nil || state.operation != nil else {
            return false
        }
        switch number {
        case .clusterMixedVersion, .clusterReplicationInhibited, .serverForcedStandby,
            .noTakeover:
            return true
        case .clusterNoActive:
            if case .failover = action.instruction { return true }
            return false
        case _: return false
        }
    }

    /// Brings the controller's own claims and all marks up to date, and tells what changed.
    mutating func settleAlarms(_ turn: inout Turn) {
        claim(&turn)
        let silent = state.definition.servers.map(\.name).filter {
            silence(of: $0, at: turn.now) >= limits.supervisionMilliseconds
        }
        for index in state.alarms.indices {
            let record = state.alarms[index]
            state.alarms[index].isExpected = isExpected(record.number)
            state.alarms[index].isStale = record.sources.allSatisfy { source in
                source.server.map(silent.contains) ?? false
            }
        }
        let now = activeAlarms()
        turn.step.alarms += AlarmChange.between(live.shownAlarms, now, at: turn.wall)
        live.shownAlarms = now
    }
}
