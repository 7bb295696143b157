package import TandemModel

/// One server's agent: a command's life from its arrival to its result, and recovery after a crash.
///
/// Pure: time, randomness and everything seen of the world come in with ``handle(_:at:wall:using:)``,
/// and what is to be done goes out as a ``Step``. One owner. What must outlive the process is in
/// ``state``, which is nothing but the fold of the journal: the machine folds each record as it emits
/// it, and a new process folds the same records and is then told `.restored`.
package struct AgentMachine: Sendable {
    package let server: ServerName
    package let agent: AgentID
    package let limits: AgentLimits
    package let agentVersion: String
    /// Whether the journal can't be trusted: every command is refused, nothing is journaled, and
    /// 70584 stands.
    package let isJournalDamaged: Bool
    /// The fold of the journal.
    package private(set) var state = AgentState()
    var live = Live()

    /// A machine with an empty journal; fold the journal's records in, then tell it `.restored`.
    package init(
        server: ServerName,
        agent: AgentID,
        limits: AgentLimits,
        agentVersion: String = "0.1.0",
        isJournalDamaged: Bool = false
    ) {
        self.server = server
        self.agent = agent
        self.limits = limits
        self.agentVersion = agentVersion
        self.isJournalDamaged = isJournalDamaged
    }

    /// Applies one record of the journal, oldest first, before `.restored`.
    package mutating func fold(_ record: JournalRecord) {
        state.fold(record)
    }

    /// The shortest list of records whose fold equals ``state``: for the rewrite of the journal.
    package func compacted() -> [JournalRecord] { state.compacted }

    /// The public key (SPKI, DER) that vouchers, proofs and voided words of that agent must verify
    /// against; `nil` for an agent never seen, whose word is then worth nothing.
    package func pinnedKey(of agent: AgentID) -> [UInt8]? {
        state.pinned.first { $0.agent == agent }?.publicKey
    }

    /// Takes one input at a moment of the agent's clock; `wall` is for display only.
    package mutating func handle(
        _ input: Input,
        at now: Tick,
        wall: WallTime,
        using generator: inout some RandomNumberGenerator
    ) -> Step {
        while live.nonces.count < 4 { live.nonces.append(.random(using: &generator)) }
        var turn = Turn(now: now, wall: wall)
        guard !isJournalDamaged else {
            handleDamaged(input, &turn)
            return turn.step
        }
        dispatch(input, &turn)
        settle(&turn)
        return turn.step
    }

    private mutating func dispatch(_ input: Input, _ turn: inout Turn) {
        if case .restored(let boot, let manifests) = input {
            restore(boot: boot, manifests: manifests, &turn)
            return
        }
        guard live.boot != nil else {
            turn.step.ignored = .early
            return
        }
        switch input {
        case .restored:
            break
        case .connected:
            connect(&turn)
        case .disconnected:
            disconnect(&turn)
        case .message(let message):
            take(message, &turn)
        case .forged(let message):
            takeForged(message, &turn)
        case .observed(let observation):
            takeObservation(observation, &turn)
        case .observedRole(let observation):
            takeRoleObservation(observation, &turn)
        case .statusChanged:
            observe(isThorough: false, &turn)
        case .stepSpawned, .stepProgress, .stepEnded, .stepObserved, .repaired:
            takeStepInput(input, &turn)
        case .driverEnded(let command, let call, let result):
            takeDriverEnd(command, call, result, &turn)
        case .tookBack(let failover, let result):
            takeTakeBack(failover, result, &turn)
        case .configurationApplied(let command, let version, let failure):
            takeConfiguration(command, version, failure, &turn)
        case .checked, .imageDropped, .releaseVerified, .logsCollected:
            takeSideInput(input, &turn)
        case .stagingOpened, .chunkWritten, .stagingFinished, .stagingFailed:
            takeStagingInput(input, &turn)
        case .tick:
            tick(&turn)
        }
    }

    private mutating func tick(_ turn: inout Turn) {
        tickSession(&turn)
        tickObservation(&turn)
        tickPending(&turn)
        tickRun(&turn)
        tickStaging(&turn)
        tickTakeBack(&turn)
        tickHousekeeping(&turn)
        live.given.removeAll { turn.now.since($0.at) >= limits.vouchedMilliseconds }
    }

    /// What every input ends with: alarms, report and heartbeat follow what changed.
    private mutating func settle(_ turn: inout Turn) {
        guard live.boot != nil else { return }
        settleAlarms(&turn)
        settleWayBack(&turn)
        settleReport(&turn)
        settleHeartbeat(&turn)
    }

    /// Makes a fact durable, and known.
    mutating func record(_ record: JournalRecord, _ turn: inout Turn) {
        state.fold(record)
        turn.step.journal.append(record)
    }

    /// Sends in an open session; without one the word is lost, and the next welcome makes up for it.
    mutating func send(_ message: AgentMessage, _ turn: inout Turn) {
        guard live.session?.welcome != nil else { return }
        turn.step.sends.append(message)
    }

    /// A nonce drawn ahead; `nil` when one input needs more than any ever should.
    mutating func takeNonce() -> Nonce? { live.nonces.popLast() }

    /// A stored manifest.
    func manifest(_ digest: Digest?) -> ReleaseManifest? {
        guard let digest else { return nil }
        return live.manifests.first { $0.digest == digest }?.manifest
    }
}

/// One input's moment, and what comes of it.
struct Turn {
    let now: Tick
    let wall: WallTime
    var step = Step()
}
