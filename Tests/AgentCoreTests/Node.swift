import AgentCore
import TandemModel

/// One simulated server: its world, its journal, and the agent process of the moment.
struct Node {
    let server: ServerName
    let agent: AgentID
    var world: World
    var machine: AgentMachine
    /// What is on the disk.
    var journal: [JournalRecord] = []
    /// Counts processes; what an earlier one waited for never comes.
    var process = 0
    var isRunning = false
    /// Counts connections; what an earlier one carried is lost.
    var connection = 0
    var isConnected = false
    /// Children that were released and run on without their agent, and how ended ones ended.
    var children: [ChildIdentity: StepRun] = [:]
    var ended: [ChildIdentity: StepResult] = [:]
    var childCount: Int32 = 100
    /// Dead-man guards, by failover.
    var guards: [FailoverID: Tick] = [:]
    /// Crash points passed, and the one to die at.
    var points = 0
    var crashAt: Int?
    /// Whether a crash takes the running child with it.
    var crashKillsChild = false
    var inputs: [Input] = []
    var sent: [AgentMessage] = []

    init(_ name: String, agent: AgentID, role: ServerRole, limits: AgentLimits) {
        server = ServerName(name)
        self.agent = agent
        world = World(role: role, boot: id(agent.low * 1_000))
        machine = AgentMachine(server: server, agent: agent, limits: limits)
    }

    /// Counts a crash point; `true` when this is where the process dies.
    mutating func passesCrashPoint() -> Bool {
        points += 1
        return points == crashAt
    }

    var alarms: [AlarmNumber] { machine.state.alarms.active.map(\.number) }
}

/// The simulated controller: relays between the servers, and pursues one command to its end.
struct Director {
    var reports: [Int: ServerReport] = [:]
    var results: [CommandID: CommandResult] = [:]
    var refusals: [CommandID: TandemFailure] = [:]
    var statuses: [CommandID: CommandState] = [:]
    var promoteNonces: [CommandID: Nonce] = [:]
    var progress: [StepProgress] = []
    /// Who asked for a voucher, by nonce.
    var askers: [Nonce: Int] = [:]
    var isVouching = true
    var commandCount: UInt64 = 0
    /// Per server: the command that is pursued.
    var pursuits: [Int: Pursuit] = [:]
    var epoch: UInt64 = 1
    var image: [UInt8] = []
    var snapshots: [[AlarmEvent]] = []
    var acknowledged: [Int: UInt32] = [:]
    var operations: [OperationRecord] = []
}

/// What a controller wants of one server, over any number of connections.
struct Pursuit {
    var verb: Verb
    var hasMate: Bool
    var command: Command
    /// Ids used so far.
    var ids: [CommandID]
    var isOver = false
    /// Whether a refusal or a failure before the start mints a new id.
    var isStubborn: Bool
}
