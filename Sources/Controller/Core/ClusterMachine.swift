package import TandemModel

/// One cluster's operations, from a button to the end: what may be done, what is done, what is seen.
///
/// Pure: time, randomness and everything seen of the world come in with
/// ``handle(_:at:wall:using:)``, and what is to be done goes out as a ``ClusterStep``. One owner.
/// ``state`` is what must survive the process; after loading it, the first input is `.restored`.
/// The position is derived at each look and kept nowhere.
package struct ClusterMachine: Sendable {
    /// The durable part.
    package internal(set) var state: ClusterState
    /// This controller's reign; raised when agents know a higher one.
    package var epoch: UInt64
    /// This controller's boot, for alarm events of its own.
    package let boot: BootID
    package let limits: ClusterLimits
    var live = LiveCluster()

    /// A machine for a cluster as it was stored; the definition decides where they differ.
    package init(
        definition: ClusterDefinition,
        state: ClusterState,
        epoch: UInt64,
        boot: BootID,
        limits: ClusterLimits
    ) {
        self.state = state
        self.epoch = epoch
        self.boot = boot
        self.limits = limits
        self.state.definition = definition
        self.state.servers = definition.servers.map { state[$0.name] }
        live.shownAlarms = self.state.alarms.map(\.entry)
    }

    /// Takes one input at a moment of the controller's clock; `wall` is for display only.
    package mutating func handle(
        _ input: ClusterInput,
        at now: Tick,
        wall: WallTime,
        using generator: inout some RandomNumberGenerator
    ) -> ClusterStep {
        var turn = Turn(now: now, wall: wall)
        let before = state
        if live.startedAt == nil { live.startedAt = now }
        live.wallNoted = WallNote(tick: now, wall: wall)
        // Gates alone go by it: nothing begins or ends, and each beginning and end anywhere is told to all.
        if case .network(let facts) = input {
            turn.step.changesView = live.network != facts
            live.network = facts
            return turn.step
        }
        if case .durations(let book) = input {
            live.durations = book
            return turn.step
        }
        expireRequests(&turn)
        absorb(input, &turn, using: &generator)
        pump(&turn, using: &generator)
        settle(&turn, using: &generator)
        turn.step.writes = state != before
        if turn.step.writes { turn.step.changesView = true }
        return turn.step
    }

    private mutating func absorb(
        _ input: ClusterInput,
        _ turn: inout Turn,
        using generator: inout some RandomNumberGenerator
    ) {
        switch input {
        case .restored: turn.step.changesView = true
        case .connected(let server, let hello, let nonce): connect(server, hello, nonce, &turn)
        case .lost(let server): disconnect(server, &turn)
        case .message(let server, let message): take(message, from: server, &turn)
        case .press(let press): take(press, &turn, using: &generator)
        case .approve(let id, let person): approve(id, by: person, &turn, using: &generator)
        case .withdraw(let id, let person): withdraw(id, by: person, &turn)
        case .edit(let edit): save(edit, &turn)
        case .stage(let image, let server, let person):
            stage(image, on: server, for: person, &turn, using: &generator)
        case .drop(let image, let server, let person):
            drop(image, on: server, for: person, &turn, using: &generator)
        case .collectLogs(let server, let person):
            collectLogs(of: server, for: person, &turn, using: &generator)
        case .enrolled(let server, let person): enrol(server, by: person, &turn)
        case .catalogue(let images):
            live.catalogue = images
            turn.step.changesView = true
        case .takeOver(let person, let reason): takeOver(by: person, reason, &turn)
        case .setWindow(let window, let person, let reason):
            setWindow(window, by: person, reason, &turn)
        case .acknowledge(let number, let instance, let acknowledgement):
            acknowledge(number, instance, acknowledgement, &turn)
        case .emergencyStop(let stop): obey(stop, &turn)
        case .network, .durations, .tick: break
        }
    }

    private mutating func take(
        _ message: AgentMessage,
        from server: ServerName,
        _ turn: inout Turn
    ) {
        guard live[server].connection != nil else { return turn.ignore(.stale) }
        live[server].lastHeard = turn.now
        switch message {
        case .hello, .chunkRequest, .logChunk: turn.ignore(.notApplicable)
        case .heartbeat(let heartbeat): take(heartbeat, from: server, &turn)
        case .report(let report): takeReport(report, from: server, &turn)
        case .accepted(let id, let nonce): accept(id, nonce: nonce, from: server, &turn)
        case .refused(let id, let failure): refuse(id, failure, from: server, &turn)
        case .voucherNeeded(let id, let failover, let nonce):
            relayNeed(id, failover: failover, nonce: nonce, from: server, &turn)
        case .voucher(let voucher): relay(voucher, from: server, &turn)
        case .vouchRefused(let nonce, let failure):
            relayRefusal(nonce, failure, from: server, &turn)
        case .step(let progress): take(progress, from: server, &turn)
        case .finished(let result): finish(result, from: server, &turn)
        case .status(let id, let told): tell(id, told, from: server, &turn)
        case .alarm(let event): take(event, from: server, &turn)
        case .alarmSnapshot(let events, let boot, let sequence):
            takeSnapshot(events, boot: boot, sequence: sequence, from: server, &turn)
        case .operationRecord(let record): take(record, from: server, &turn)
        case .error(let bye):
            guard mayRemark(server) else { return turn.ignore(.notApplicable) }
            audit(
                "agent error \(bye.code): \(bye.text)",
                by: PersonName("agent"),
                on: server,
                "",
                &turn
            )
        case .bye: turn.step.changesView = true
        }
    }

    /// Whether what an agent says by itself still goes into log and audit; both are kept for ever, and a
    /// connection has a few such words to say.
    mutating func mayRemark(_ server: ServerName) -> Bool {
        let count = live[server].connection?.remarkCount ?? 0
        live[server].connection?.remarkCount = count + 1
        return count < 16
    }

    /// What every input ends with: views, records and alarms follow what changed.
    private mutating func settle(
        _ turn: inout Turn,
        using generator: inout some RandomNumberGenerator
    ) {
        noteMoves(&turn, using: &generator)
        sendViews(&turn)
        sendRecords(&turn)
        settleAlarms(&turn)
        noteSeen(at: turn.now)
        let silent = state.definition.servers.map(\.name).filter {
            silence(of: $0, at: turn.now) >= limits.supervisionMilliseconds
        }
        if silent != live.shownSilent {
            live.shownSilent = silent
            turn.step.changesView = true
        }
    }
}
