import AgentCore
import ControllerCore
import TandemModel

/// One simulated server: its platform, its journal, and the agent process of the moment.
struct Node {
    let server: ServerName
    var agent: AgentID
    var platform: Platform
    var machine: AgentMachine
    /// What its journal lies on.
    var disk = Disk()
    /// Whether a person keeps the agent from starting.
    var isStopped = false
    /// Counts processes; what an earlier one waited for never comes.
    var process = 0
    var isRunning = false
    /// The connection as the agent sees it; 0: none.
    var link = 0
    /// Children that run on without their agent, and how ended ones ended.
    var children: [ChildIdentity: StepRun] = [:]
    var ended: [ChildIdentity: StepResult] = [:]
    var childCount: Int32 = 100
    /// Dead-man guards, by failover; they outlive the agent.
    var guards: [FailoverID: Tick] = [:]
    /// Promotions begun after this many kills still count.
    var promoteKillCount = 0
    /// Crash points passed, and the one to die at.
    var points = 0
    var crashAt: Int?
    var crashKillsChild = false
    /// Whether the whole server dies at that point, not the process alone.
    var cutsPower = false
    /// How fast its clock goes: thousandths more or less.
    var driftPerMille: Int64 = 0
    /// Until when its process gets no processor.
    var pausedUntil: UInt64 = 0
    /// Whether the machine is off: no agent, no service, seen by nobody.
    var isDown = false

    init(_ definition: ServerDefinition, limits: AgentLimits) {
        server = definition.name
        agent = definition.agent
        platform = Platform(boot: BootID(high: 5, low: definition.agent.low * 1_000))
        machine = AgentMachine(server: server, agent: agent, limits: limits)
    }

    var isActive: Bool { platform.isActive && !isDown }
    var isServing: Bool { isActive && platform.isServiceRunning }

    /// Counts a crash point; `true` when this is where the process dies.
    mutating func passesCrashPoint() -> Bool {
        points += 1
        return points == crashAt
    }

    /// Package changes that are journaled as started and not ended; on a server that is off none runs.
    var changesUnderWay: Int {
        guard !isDown else { return 0 }
        return machine.state.openCommands.filter { entry in
            guard entry.started != nil else { return false }
            switch entry.command.verb {
            case .install, .backOut: return true
            case _: return false
            }
        }.count
    }
}

/// The controller's process and what its store holds.
struct Controller {
    var machine: ClusterMachine
    /// What the last commit made durable.
    var stored: ClusterState
    var epoch: UInt64 = 1
    var process = 0
    var isRunning = false
    /// The connection of each server as the controller sees it; 0: none.
    var links: [Int]
    var points = 0
    var crashAt: Int?
    var catalogue: [CatalogueImage]
    var log: [UpgradeLogEntry] = []
    var alarmChanges: [AlarmChange] = []
    /// When its last process died.
    var diedAt: UInt64 = 0

    mutating func passesCrashPoint() -> Bool {
        points += 1
        return points == crashAt
    }
}
