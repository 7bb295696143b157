import TandemModel

/// The agent's side of the protocol, played in process: a journal, one command at a time, scripts for
/// what goes wrong. It keeps the contract of `protocol.md`; it is no model of a server.
struct FakeAgent {
    enum InstallScript {
        case works
        /// The server is as before.
        case failsUnchanged
        /// Half-installed, and left so.
        case failsHalf
        case becomesZombie
        /// Says that it is done; the server is as before.
        case claims
        /// Never ends by itself.
        case hangs
    }

    enum PromoteScript {
        case works
        /// Fenced itself; signed its word.
        case isVoided
        /// Can't tell whether it serves, and goes on fencing.
        case hangs
    }

    enum Life: Equatable {
        case received
        case started
        case ended(CommandResult)
    }

    struct Entry: Equatable {
        var command: Command
        var life: Life
    }

    struct Run {
        var id: CommandID
        var ticksLeft: Int
        var nonce: Nonce?
        var isArmed = false
        var proof: DemotionProof?
    }

    let name: ServerName
    let definition: ServerDefinition
    // Durable.
    var boot: BootID
    var journal: JournalID
    var head: UInt64 = 1
    var epoch: UInt64 = 0
    var entries: [CommandID: Entry] = [:]
    var tombstones: Set<CommandID> = []
    var record: OperationRecord?
    var alarmSequence: UInt32 = 0
    var heldAlarms: [AlarmEvent] = []
    // The server.
    var ha: HAStatus
    var generation: UInt64 = 1
    var isHeld = false
    var isInhibited = false
    var software: SoftwareState
    /// Tells package databases apart that hold the same release.
    var packageMark: UInt8 = 0
    var previous: ReleaseID?
    var staged: [StagedImage]
    /// What each step says of itself.
    var stepText = ""
    var configuration: AppliedConfiguration?
    var health = Health.healthy
    var zombie: String?
    var isWayBackVerified = true
    var snapshots: SnapshotAbility? = .possible
    // Live.
    var isConnected = false
    /// Of commands with this word the controller hears nothing, as if all was lost on the way.
    var hiddenWord: String?
    var isDead = false
    /// Seconds since it gave its role up; `nil` when it did not, or that is settled.
    var demotedSeconds: Int?
    var run: Run?
    var reportSequence: UInt32 = 0
    var lastReport: ServerReport?
    var heartbeatSequence: UInt32 = 0
    var nonceCount: UInt64 = 0
    var view: ClusterView?
    var outbox: [AgentMessage] = []
    // What happened, for the checks.
    var effects: [CommandID: Int] = [:]
    var received: [ControllerMessage] = []
    // Scripts.
    var install = InstallScript.works
    var backOut = InstallScript.works
    var promote = PromoteScript.works
    var checks: [CheckResult] = []
    var refusesNext: TandemFailure?
    var alwaysRefuses: TandemFailure?

    init(_ definition: ServerDefinition, release: ReleaseID, staged: [StagedImage], isActive: Bool)
    {
        name = definition.name
        self.definition = definition
        boot = BootID(high: 1, low: definition.agent.low)
        journal = JournalID(high: 2, low: definition.agent.low)
        software = .known(release)
        self.staged = staged
        ha = HAStatus(
            role: isActive ? .active : .standby,
            isInService: isActive,
            peerRole: .unseen,
            replication: ReplicationState(isCaughtUp: true),
            exclusion: .referee,
            switchover: .twoStep,
            token: ""
        )
    }

    var role: ServerRole { isHeld && ha.role == .standby ? .forcedStandby : ha.role }

    var report: ServerReport {
        var seen = ha
        seen.replication.isInhibited = isInhibited
        return ServerReport(
            sequence: reportSequence,
            ha: seen,
            role: role,
            generation: generation,
            isHeld: isHeld,
            software: software,
            packageDigest: Fixtures.digest(
                UInt8(truncatingIfNeeded: "\(software)".utf8.reduce(0) { $0 + Int($1) })
                    &+ packageMark
            ),
            previous: previous,
            isWayBackVerified: isWayBackVerified,
            images: staged,
            configuration: configuration,
            health: health,
            zombie: zombie,
            openCommands: entries.values.filter { $0.life == .received || $0.life == .started }
                .map(\.command.id).sorted(),
            snapshots: snapshots
        )
    }

    mutating func setRole(_ role: ServerRole) {
        guard ha.role != role else { return }
        ha.role = role
        ha.isInService = role == .active
        generation += 1
    }

    // MARK: - Connection

    mutating func connect() -> Hello {
        isConnected = true
        lastReport = nil
        reportSequence = 0
        heartbeatSequence = 0
        outbox = []
        return Hello(
            versionMin: 1,
            versionMax: 1,
            server: name,
            agent: definition.agent,
            boot: boot,
            journal: journal,
            journalHead: head,
            epoch: epoch,
            agentVersion: "1.0.0",
            software: software,
            previous: previous
        )
    }

    mutating func welcomed(epoch: UInt64) {
        self.epoch = max(self.epoch, epoch)
        outbox.append(.alarmSnapshot(heldAlarms, boot: boot, sequence: alarmSequence))
        if let record { outbox.append(.operationRecord(record)) }
        tell()
    }

    mutating func disconnect() {
        isConnected = false
        outbox = []
        if let run, case .received = entries[run.id]?.life, !run.isArmed { self.run = nil }
    }

    mutating func tell() {
        guard isConnected else { return }
        var next = report
        next.sequence = lastReport?.sequence ?? 0
        guard next != lastReport else { return }
        reportSequence += 1
        next.sequence = reportSequence
        lastReport = next
        outbox.append(.report(next))
        beat()
    }

    mutating func beat() {
        heartbeatSequence += 1
        outbox.append(
            .heartbeat(
                Heartbeat(
                    sequence: heartbeatSequence,
                    reportSequence: reportSequence,
                    role: role,
                    generation: generation,
                    isInService: ha.isInService,
                    isCaughtUp: ha.replication.isCaughtUp,
                    lagBytes: ha.replication.lagBytes,
                    packageDigestPrefix: 0,
                    loadHundredths: 0,
                    alarmSequence: alarmSequence
                )
            )
        )
    }

    mutating func alarm(_ number: AlarmNumber, isRaised: Bool, instance: String? = nil) {
        alarmSequence += 1
        let event = AlarmEvent(
            number: number,
            instance: instance ?? name.text,
            severity: .critical,
            isRaised: isRaised,
            text: "agent says so",
            time: WallTime(milliseconds: 0),
            sequence: alarmSequence,
            boot: boot
        )
        heldAlarms.removeAll { $0.number == number && $0.instance == event.instance }
        if isRaised { heldAlarms.append(event) }
        outbox.append(.alarm(event))
    }

    // MARK: - Messages

    mutating func take(_ message: ControllerMessage) {
        received.append(message)
        switch message {
        case .command(let envelope): receive(envelope)
        case .vouchRequest(let command, let failover, let nonce):
            outbox.append(
                .voucher(
                    Voucher(
                        command: command,
                        failover: failover,
                        nonce: nonce,
                        agent: definition.agent,
                        role: role,
                        isInService: ha.isInService,
                        software: software,
                        generation: generation,
                        position: ""
                    )
                )
            )
        case .voucher(let voucher):
            guard let run, run.nonce == voucher.nonce, voucher.role == .active else { return }
            self.run?.nonce = nil
            entries[run.id]?.life = .started
        case .proof(let proof):
            guard let run, run.isArmed, run.nonce == proof.nonce else { return }
            self.run?.proof = proof
        case .voided:
            guard demotedSeconds != nil else { break }
            demotedSeconds = nil
            setRole(.active)
        case .stop(let id): stop(id)
        case .void(let id): void(id)
        case .statusQuery(let id): answer(id)
        case .operationRecord(let record):
            self.record = record
            outbox.append(.operationRecord(record))
        case .clusterView(let view): self.view = view
        case .welcome, .heartbeatAck, .voucherRelease, .alarmAck, .chunk, .chunkRefused, .error,
            .bye:
            break
        }
        tell()
    }

    private mutating func receive(_ envelope: CommandEnvelope) {
        let command = envelope.command
        if let entry = entries[command.id] {
            switch entry.life {
            case .ended(let result): outbox.append(.finished(result))
            case .started: outbox.append(.status(command.id, .started(isInterrupted: false)))
            case .received:
                if let run, run.id == command.id {
                    outbox.append(
                        .accepted(command.id, promoteNonce: run.isArmed ? run.nonce : nil)
                    )
                } else {
                    begin(command)
                }
            }
            return
        }
        guard !tombstones.contains(command.id) else {
            outbox.append(.status(command.id, .void))
            return
        }
        if let failure = refusal(of: command, envelope) {
            refusesNext = nil
            outbox.append(.refused(command.id, failure))
            return
        }
        head += 1
        entries[command.id] = Entry(command: command, life: .received)
        begin(command)
    }

    private func refusal(of command: Command, _ envelope: CommandEnvelope) -> TandemFailure? {
        if let failure = alwaysRefuses ?? refusesNext { return failure }
        func failure(_ code: ErrorCode, _ text: String) -> TandemFailure {
            TandemFailure(code: code.id, message: text, remedy: "look")
        }
        guard envelope.epoch >= epoch else { return failure(.epochRefused, "old epoch") }
        guard command.verb.isMutating else { return nil }
        if run != nil { return failure(.agentBusy, "busy") }
        guard let own = command.precondition?.own else {
            return failure(.preconditionFailed, "no precondition")
        }
        guard own == Expectation(role: role, software: software, generation: generation) else {
            return failure(.preconditionFailed, "\(name) is not as expected")
        }
        switch command.verb {
        case .install, .backOut:
            guard ha.role == .active, view?.mate != nil else { return nil }
            return failure(.preconditionFailed, "\(name) is active")
        case _: return nil
        }
    }

    private mutating func begin(_ command: Command) {
        var run = Run(id: command.id, ticksLeft: 1)
        nonceCount += 1
        let nonce = Nonce(high: definition.agent.low, low: nonceCount)
        switch command.verb {
        case .promote(_, .demotionProof):
            run.isArmed = true
            run.nonce = nonce
            run.ticksLeft = 15
            outbox.append(.accepted(command.id, promoteNonce: nonce))
        case .install where command.precondition?.mate != nil:
            run.nonce = nonce
            run.ticksLeft = 3
            outbox.append(.accepted(command.id, promoteNonce: nil))
            outbox.append(.voucherNeeded(command.id, failover: nil, nonce: nonce))
        case _:
            if command.verb.isLong { run.ticksLeft = 3 }
            entries[command.id]?.life = .started
            outbox.append(.accepted(command.id, promoteNonce: nil))
        }
        self.run = run
    }

    private mutating func stop(_ id: CommandID) {
        guard let run, run.id == id, entries[id]?.command.verb.isLong == true else { return }
        end(
            id,
            .failed(
                TandemFailure(code: ErrorCode.stoppedByPerson.id, message: "stopped", remedy: "-")
            )
        )
    }

    private mutating func void(_ id: CommandID) {
        switch entries[id]?.life {
        case nil:
            tombstones.insert(id)
            outbox.append(.status(id, .void))
        case .received:
            if let run, run.id == id, run.isArmed { return voidPromotion(id) }
            if run?.id == id { run = nil }
            entries[id] = nil
            tombstones.insert(id)
            outbox.append(.status(id, .void))
        case .started, .ended: answer(id)
        }
    }

    private mutating func answer(_ id: CommandID) {
        guard let entry = entries[id] else {
            let isKnown = !tombstones.insert(id).inserted
            outbox.append(.status(id, isKnown ? .void : .neverSeen))
            return
        }
        switch entry.life {
        case .received: outbox.append(.status(id, .received))
        case .started: outbox.append(.status(id, .started(isInterrupted: false)))
        case .ended(let result):
            outbox.append(.status(id, .ended(result.outcome)))
            outbox.append(.finished(result))
        }
    }
}
