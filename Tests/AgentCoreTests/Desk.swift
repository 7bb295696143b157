import AgentCore
import TandemModel

/// One machine on a table: inputs go in one by one, and each step that comes out can be looked at.
///
/// Time stands still between inputs; observations are answered at once with `seen`.
struct Desk {
    var machine: AgentMachine
    var now = Tick(milliseconds: 500_000)
    var generator = SeededGenerator(seed: 3)
    var seen: LocalObservation
    var journal: [JournalRecord] = []
    var sent: [AgentMessage] = []
    var effects: [Effect] = []
    var hasClosed = false
    /// Whether observations and verifications are answered by themselves.
    var isAnswering = true
    var epoch: UInt64 = 4
    let server = ServerName("fe-2")
    let agent: AgentID = id(2)
    let mateAgent: AgentID = id(1)

    /// A machine that is connected, welcomed, has reported, and knows its mate.
    init(
        seen: LocalObservation = observation(haStatus(.standby, peer: .active)),
        journal: [JournalRecord] = [],
        isConnected: Bool = true,
        hasMate: Bool = true,
        isDamaged: Bool = false,
        limits: AgentLimits = AgentLimits(),
        manifests: [StoredManifest] = storedManifests()
    ) {
        self.seen = seen
        self.journal = journal
        machine = AgentMachine(
            server: server,
            agent: agent,
            limits: limits,
            isJournalDamaged: isDamaged
        )
        for record in journal { machine.fold(record) }
        feed(.restored(boot: id(77), manifests: manifests))
        guard isConnected else { return }
        connect(hasMate: hasMate)
        pass(13_000)
        sent = []
        effects = []
    }

    mutating func connect(hasMate: Bool = true) {
        feed(.connected)
        feed(.message(.welcome(welcome(epoch: epoch))))
        feed(.message(.clusterView(view(hasMate: hasMate))))
    }

    func welcome(epoch: UInt64, version: UInt8 = 1) -> Welcome {
        Welcome(
            version: version,
            controller: "c",
            epoch: epoch,
            heartbeatMilliseconds: 5_000,
            nonce: id(99),
            time: WallTime(milliseconds: 1)
        )
    }

    func view(hasMate: Bool = true, key: [UInt8] = [1, 1]) -> ClusterView {
        let mate = MateView(
            server: ServerName("fe-1"),
            agent: mateAgent,
            publicKey: key,
            role: .active,
            software: .known(oldRelease),
            generation: 1,
            isConnected: true
        )
        return ClusterView(cluster: ClusterName("fe"), mate: hasMate ? mate : nil)
    }

    /// One input; what came out of it alone is returned, and all of it kept.
    @discardableResult
    mutating func feed(_ input: Input) -> Step {
        let step = machine.handle(
            input,
            at: now,
            wall: WallTime(milliseconds: now.milliseconds),
            using: &generator
        )
        journal += step.journal
        sent += step.sends
        effects += step.effects
        hasClosed = hasClosed || step.closesConnection
        guard isAnswering else { return step }
        for message in step.sends {
            guard case .heartbeat(let beat) = message else { continue }
            feed(.message(.heartbeatAck(sequence: beat.sequence, time: WallTime(milliseconds: 1))))
        }
        for effect in step.effects {
            switch effect {
            case .observe: feed(.observed(seen))
            case .observeRole: feed(.observedRole(seen))
            case .verifyRelease(let digest): feed(.releaseVerified(digest, nil))
            case .prepareStep, .releaseStep, .attachStep, .killStep, .observeStep, .repair,
                .dropSnapshots, .forgetBoot, .runChecks, .driver, .armDeadMan, .disarmDeadMan,
                .killPromote, .openStaging,
                .writeChunk, .finishStaging, .dropImage, .applyConfiguration, .collectLogs:
                break
            }
        }
        return step
    }

    /// Lets time pass, a tick each second.
    mutating func pass(_ milliseconds: UInt64) {
        var left = milliseconds
        while left > 0 {
            let part = min(left, 1_000)
            now = now + part
            left -= part
            feed(.tick)
        }
    }

    /// What comes of an input together with the observations that it asks for.
    mutating func outcome(of input: Input) -> (journal: [JournalRecord], sent: [AgentMessage]) {
        let (records, messages) = (journal.count, sent.count)
        feed(input)
        return (Array(journal[records...]), Array(sent[messages...]))
    }

    // MARK: - Commands

    var own: ServerExpectation {
        var role = seen.ha.role
        if machine.state.isHeld, role == .standby { role = .forcedStandby }
        return ServerExpectation(
            role: role,
            software: seen.software,
            generation: machine.state.generation
        )
    }

    var mate: ServerExpectation {
        ServerExpectation(role: .active, software: .known(oldRelease), generation: 1)
    }

    func command(_ verb: Verb, _ number: UInt64 = 1, hasMate: Bool = false) -> Command {
        Command(
            id: id(number),
            verb: verb,
            precondition: Precondition(own: own, mate: hasMate ? mate : nil),
            planHash: digest(1)
        )
    }

    func envelope(
        _ command: Command,
        epoch: UInt64? = nil,
        anchor: UInt32 = 0,
        deadline: UInt32 = 600_000
    ) -> Input {
        .message(
            .command(
                CommandEnvelope(
                    command: command,
                    epoch: epoch ?? self.epoch,
                    sequence: 1,
                    anchorHeartbeat: anchor,
                    deadlineMilliseconds: deadline
                )
            )
        )
    }

    @discardableResult
    mutating func order(_ verb: Verb, _ number: UInt64 = 1, hasMate: Bool = false) -> CommandID {
        let command = command(verb, number, hasMate: hasMate)
        feed(envelope(command))
        return command.id
    }

    /// Orders, and tells with which code it was refused.
    mutating func refusal(ordering verb: Verb, _ number: UInt64 = 1, hasMate: Bool = false)
        -> String?
    {
        let command = order(verb, number, hasMate: hasMate)
        return refusal(of: command)
    }

    // MARK: - What came out

    func refusal(of command: CommandID) -> String? {
        for message in sent.reversed() {
            if case .refused(command, let failure) = message { return failure.code }
        }
        return nil
    }

    func result(of command: CommandID) -> CommandResult? {
        for message in sent.reversed() {
            if case .finished(let result) = message, result.command == command { return result }
        }
        return nil
    }

    var lastNonce: Nonce? {
        for message in sent.reversed() {
            if case .voucherNeeded(_, _, let nonce) = message { return nonce }
            if case .accepted(_, let nonce?) = message { return nonce }
        }
        return nil
    }

    func voucher(_ command: CommandID, _ nonce: Nonce) -> Voucher {
        Voucher(
            command: command,
            failover: nil,
            nonce: nonce,
            agent: mateAgent,
            role: .active,
            isInService: true,
            software: .known(oldRelease),
            generation: 1,
            position: "p1"
        )
    }
}
