/// What an agent says of itself as it connects.
package struct Hello: Hashable, Sendable {
    /// Lowest and highest protocol version it speaks.
    package var versionMin: UInt8
    package var versionMax: UInt8
    /// The slot it believes to fill.
    package var server: ServerName
    package var agent: AgentID
    package var boot: BootID
    package var journal: JournalID
    /// Records in its journal: a lower head under the same id means a restored disk.
    package var journalHead: UInt64
    /// The highest controller epoch it has accepted.
    package var epoch: UInt64
    /// Version of the agent program.
    package var agentVersion: String
    package var software: SoftwareState
    package var previous: ReleaseID?

    /// A hello.
    package init(
        versionMin: UInt8,
        versionMax: UInt8,
        server: ServerName,
        agent: AgentID,
        boot: BootID,
        journal: JournalID,
        journalHead: UInt64,
        epoch: UInt64,
        agentVersion: String,
        software: SoftwareState,
        previous: ReleaseID?
    ) {
        self.versionMin = versionMin
        self.versionMax = versionMax
        self.server = server
        self.agent = agent
        self.boot = boot
        self.journal = journal
        self.journalHead = journalHead
        self.epoch = epoch
        self.agentVersion = agentVersion
        self.software = software
        self.previous = previous
    }
}

/// The controller's answer to a hello it accepts.
package struct Welcome: Hashable, Sendable {
    /// The version both speak from now on.
    package var version: UInt8
    package var controller: String
    /// Lower than the agent's highest: the agent says bye and looks for another controller.
    package var epoch: UInt64
    /// How often to send heartbeats, in milliseconds.
    package var heartbeatMilliseconds: UInt32
    /// Names this connection; commands are valid in it alone.
    package var nonce: Nonce
    /// For display only: the controller's wall clock.
    package var time: WallTime

    /// A welcome.
    package init(
        version: UInt8,
        controller: String,
        epoch: UInt64,
        heartbeatMilliseconds: UInt32,
        nonce: Nonce,
        time: WallTime
    ) {
        self.version = version
        self.controller = controller
        self.epoch = epoch
        self.heartbeatMilliseconds = heartbeatMilliseconds
        self.nonce = nonce
        self.time = time
    }
}

/// The mate as the controller last observed it, with the key its vouchers verify against.
package struct ClusterView: Hashable, Sendable, Codable {
    package var cluster: ClusterName
    /// `nil` in a one-server cluster.
    package var mate: MateView?

    /// A view.
    package init(cluster: ClusterName, mate: MateView?) {
        self.cluster = cluster
        self.mate = mate
    }
}

/// The other server of the cluster.
package struct MateView: Hashable, Sendable, Codable {
    package var server: ServerName
    package var agent: AgentID
    /// SPKI in DER, pinned by the agent at its first cluster view for that agent id.
    package var publicKey: [UInt8]
    package var role: ServerRole
    package var software: SoftwareState
    package var generation: UInt64
    /// Whether the mate is connected now.
    package var isConnected: Bool

    /// A mate.
    package init(
        server: ServerName,
        agent: AgentID,
        publicKey: [UInt8],
        role: ServerRole,
        software: SoftwareState,
        generation: UInt64,
        isConnected: Bool
    ) {
        self.server = server
        self.agent = agent
        self.publicKey = publicKey
        self.role = role
        self.software = software
        self.generation = generation
        self.isConnected = isConnected
    }
}

/// The open operation as both agents keep it, so that a restored controller finds it again.
package struct OperationRecord: Hashable, Sendable, Codable {
    package var operation: OperationID
    package var cluster: ClusterName
    package var direction: Direction
    package var old: ReleaseID
    package var new: ReleaseID
    /// Set when the operation is closed; the record is kept until the next one.
    package var isClosed: Bool
    /// The configuration that belongs to the old release.
    package var snapshot: ConfigurationVersion?

    /// A record.
    package init(
        operation: OperationID,
        cluster: ClusterName,
        direction: Direction,
        old: ReleaseID,
        new: ReleaseID,
        isClosed: Bool,
        snapshot: ConfigurationVersion?
    ) {
        self.operation = operation
        self.cluster = cluster
        self.direction = direction
        self.old = old
        self.new = new
        self.isClosed = isClosed
        self.snapshot = snapshot
    }
}

/// Why a connection is ended by one side.
package struct Bye: Hashable, Sendable {
    /// A ``ErrorCode`` id.
    package var code: String
    package var text: String

    /// A farewell.
    package init(code: String, text: String) {
        self.code = code
        self.text = text
    }
}

/// Everything an agent can send.
package enum AgentMessage: Hashable, Sendable {
    case hello(Hello)
    case heartbeat(Heartbeat)
    case report(ServerReport)
    /// Durable in the journal. `promoteNonce` is set for `promote` alone: the target is armed.
    case accepted(CommandID, promoteNonce: Nonce?)
    case refused(CommandID, TandemFailure)
    /// The target asks for its mate's voucher; `failover` is set for promote.
    case voucherNeeded(CommandID, failover: FailoverID?, nonce: Nonce)
    /// Answer to `vouchRequest`.
    case voucher(Voucher)
    /// A voucher can't be given, such as because the server is being demoted.
    case vouchRefused(nonce: Nonce, TandemFailure)
    case step(StepProgress)
    case finished(CommandResult)
    case status(CommandID, CommandState)
    case alarm(AlarmEvent)
    /// All alarms this agent holds, after hello: whatever is not in it is clear.
    case alarmSnapshot([AlarmEvent], boot: BootID, sequence: UInt32)
    /// Ranges of an image still missing, most wanted first.
    case chunkRequest(image: Digest, offset: UInt64, byteCount: UInt32)
    case operationRecord(OperationRecord)
    /// One part of the answer to `collect-logs`; `isLast` ends it.
    case logChunk(CommandID, offset: UInt64, bytes: [UInt8], isLast: Bool)
    case error(Bye)
    case bye(Bye)
}

/// Everything a controller can send.
package enum ControllerMessage: Hashable, Sendable {
    case welcome(Welcome)
    case heartbeatAck(sequence: UInt32, time: WallTime)
    case command(CommandEnvelope)
    /// Sign what you are for this nonce; `failover` names the failover that may still demote you.
    case vouchRequest(command: CommandID?, failover: FailoverID?, nonce: Nonce)
    /// The mate's voucher, for the target that asked.
    case voucher(Voucher)
    /// The mate need not hold still for that nonce any longer.
    case voucherRelease(nonce: Nonce)
    /// The demoted mate's proof, for the armed target.
    case proof(DemotionProof)
    /// The target will never promote: take the role back.
    case voided(VoidedFailover)
    /// End at the next safe boundary.
    case stop(CommandID)
    /// A received, not started command becomes never.
    case void(CommandID)
    case statusQuery(CommandID)
    case alarmAck(boot: BootID, sequence: UInt32)
    case chunk(image: Digest, offset: UInt64, bytes: [UInt8])
    /// The image isn't held here any more.
    case chunkRefused(image: Digest, TandemFailure)
    case clusterView(ClusterView)
    case operationRecord(OperationRecord)
    case error(Bye)
    case bye(Bye)
}
