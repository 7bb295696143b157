import TandemModel

/// What agents say of themselves.
extension ClusterMachine {
    mutating func take(_ heartbeat: Heartbeat, from server: ServerName, _ turn: inout Turn) {
        live[server].connection?.anchor = HeartbeatAnchor(
            sequence: heartbeat.sequence,
            at: turn.now
        )
        turn.send(server, .heartbeatAck(sequence: heartbeat.sequence, time: turn.wall))
        guard var report = live[server].report, live[server].connection?.isReportHere == true,
            heartbeat.reportSequence == report.sequence
        else { return }
        let before = report
        report.role = heartbeat.role
        if heartbeat.role != .forcedStandby { report.ha.role = heartbeat.role }
        report.generation = heartbeat.generation
        report.ha.isInService = heartbeat.isInService
        report.ha.replication.isCaughtUp = heartbeat.isCaughtUp
        report.ha.replication.lagBytes = heartbeat.lagBytes
        guard report != before else { return }
        live[server].report = report
        turn.step.changesView = true
    }

    /// A report as it comes; late ones of this connection change nothing.
    mutating func takeReport(_ report: ServerReport, from server: ServerName, _ turn: inout Turn) {
        if live[server].connection?.isReportHere == true, let known = live[server].report,
            report.sequence <= known.sequence
        {
            return turn.ignore(.stale)
        }
        take(report, from: server, &turn)
    }

    mutating func take(_ report: ServerReport, from server: ServerName, _ turn: inout Turn) {
        live[server].connection?.isReportHere = true
        guard live[server].report != report else { return }
        live[server].report = report
        turn.step.changesView = true
        buryUnknown(report.openCommands, on: server)
        if let release = report.software.release, report.zombie == nil,
            state[server].zombieNote != nil, isWell(report)
        {
            state[server].zombieNote = nil
            note("\(server) is in a known state again: \(release)", &turn)
        }
        adoptBaseline(&turn)
    }

    /// What an agent is at and nobody here knows was begun by a store that is lost: nobody would carry
    /// its vouchers or take its result, and it would keep the server busy for ever.
    private mutating func buryUnknown(_ commands: [CommandID], on server: ServerName) {
        for id in commands
        where record(id)?.isOpen != true && !state[server].tombstones.contains(id) {
            guard state[server].tombstones.count < Self.tombstoneCountMax else { return }
            state[server].tombstones.append(id)
        }
    }

    /// What is left over is buried when the agent has answered to these; an honest one has a few.
    private static var tombstoneCountMax: Int { 64 }

    private func isWell(_ report: ServerReport) -> Bool {
        switch report.health {
        case .healthy, .warning: true
        case .failing, .unknown: false
        }
    }

    /// The first release seen on all servers counts as accepted.
    private mutating func adoptBaseline(_ turn: inout Turn) {
        guard state.baseline == nil, state.operation == nil else { return }
        let releases = state.definition.servers.map { live[$0.name].report?.software.release }
        guard let first = releases.first ?? nil, releases.allSatisfy({ $0 == first }) else {
            return
        }
        state.baseline = first
    }

    mutating func take(_ progress: StepProgress, from server: ServerName, _ turn: inout Turn) {
        guard let record = record(progress.command), record.server == server, record.isOpen else {
            return turn.ignore(.stale)
        }
        live[server].isInterrupted = false
        let last = live[server].progress
        let isNew = last?.command != progress.command || last?.index != progress.index
        if isNew {
            if let last, last.command == progress.command {
                logStep(last, of: record, on: server, result: "done", isEnded: true, &turn)
            }
            live[server].stepSince = turn.now
            live[server].stepStartedAt = turn.wall
            logStep(progress, of: record, on: server, result: "running", isEnded: false, &turn)
        }
        live[server].progress = progress
        turn.step.changesView = true
    }
}
