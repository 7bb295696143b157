import TandemModel

/// A heartbeat that was answered: what commands' deadlines are counted from.
struct HeartbeatAnchor: Sendable {
    var sequence: UInt32
    var at: Tick
}

/// One connection of one agent; everything in it ends with it.
struct Connection: Sendable {
    let nonce: Nonce
    let hello: Hello
    /// The newest acknowledged heartbeat; 0 stands for the welcome.
    var anchor: HeartbeatAnchor
    var isReportHere = false
    /// The record the agent holds, once it is known to be in step with ours.
    var record: OperationRecord?
    var view: ClusterView?
    /// Ids asked after in this connection and not answered.
    var asked: [CommandID] = []
    /// Ids whose state this connection has told, or which were first sent in it.
    var settled: [CommandID] = []
    /// Tombstones sent in this connection.
    var buried: [CommandID] = []
    /// Commands sent again in this connection: once is enough, the agent keeps them.
    var resent: [CommandID] = []
    /// Promotions that this connection was asked to give up.
    var voided: [CommandID] = []
    /// Proofs and voided words sent in this connection, by failover.
    var relayed: [FailoverID] = []
    /// Lines that this connection has brought into log or audit by itself.
    var remarkCount = 0
}

/// What is known of one server now; gone with the process.
struct LiveServer: Sendable {
    var connection: Connection?
    /// The last sign of life; `nil` when there was none in this process.
    var lastHeard: Tick?
    /// The newest report, kept over a loss for display.
    var report: ServerReport?
    var progress: StepProgress?
    /// Its command waits, unchanged, for a voucher or a person.
    var isInterrupted = false
    /// When the step shown began.
    var stepSince: Tick?
    var stepStartedAt: WallTime?
    /// Since when its reports have not said what it runs; `nil` while they do.
    var releaseUnknownSince: Tick?
    /// A promise to a server declared dead is tried again after this.
    var dutyAfter: Tick?
    /// Commands sent to this server in this epoch.
    var commandSequence: UInt64 = 0
}

/// A voucher on its way between two agents.
struct VouchRelay: Sendable {
    var nonce: Nonce
    var command: CommandID
    var failover: FailoverID?
    var target: ServerName
    var mate: ServerName
    var isAsked: Bool
}

/// What somebody may have seen: the lines behind a token, to tell the difference later.
struct SeenPage: Sendable {
    var token: String
    var lines: [String]
}

/// The wall clock at a moment of ours.
struct WallNote: Sendable {
    var tick: Tick
    var wall: WallTime
}

/// What is known now and need not survive: connections, reports, clocks.
struct LiveCluster: Sendable {
    /// The first input's moment: silence is counted from here for servers never heard.
    var startedAt: Tick?
    var servers: [ServerName: LiveServer] = [:]
    var catalogue: [CatalogueImage] = []
    var network: NetworkFacts?
    var relays: [VouchRelay] = []
    var seenPages: [SeenPage] = []
    /// When the present instruction began in this process.
    var instructionSince: Tick?
    /// When its command's result was there and observation had yet to confirm it.
    var confirmSince: Tick?
    /// Since when the instruction's server has been too busy for it, and since when it waits to ask again.
    var busySince: Tick?
    var busyAskedAt: Tick?
    /// When our last demotion was issued.
    var demotedAt: Tick?
    /// When the running failover began, or was found open by this process.
    var failoverSince: Tick?
    /// When the command of a change of roles outside a failover was sent, or found open by this process.
    var roleChangeSince: Tick?
    /// When its target said that it is armed; `nil` also after a restart.
    var armedAt: Tick?
    /// Since when nobody is active, or two are.
    var noneActiveSince: Tick?
    var twoActiveSince: Tick?
    /// When this process first saw each request that waits for a second person.
    var requestsSince: [RequestID: Tick] = [:]
    /// When the open commands were sent, for asking after them.
    var sentAt: [CommandID: Tick] = [:]
    /// What the action waits for, and since when; empty when it is at work.
    var waitsFor = ""
    var waitingSince: WallTime?
    /// When the running action began; `nil` where this process did not see it.
    var actionSince: Tick?
    /// At the last input.
    var wallNoted: WallNote?
    /// While it is set, nothing is commanded.
    var emergencyStop: EmergencyStop?
    /// What was measured in the whole network.
    var durations = DurationBook()
    /// Why the mate would not vouch when it was last asked; empty when it did.
    var vouchTrouble = ""
    /// The alarms last told to the shell.
    var shownAlarms: [AlarmEntry] = []
    /// The silence that views last showed, to notice when it changes.
    var shownSilent: [ServerName] = []

    subscript(_ server: ServerName) -> LiveServer {
        get { servers[server] ?? LiveServer() }
        set { servers[server] = newValue }
    }
}
