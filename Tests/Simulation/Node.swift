package import AgentCore
package import ControllerCore
package import TandemModel

/// One simulated server: its platform, its journal, and the agent process of the moment.
package struct Node: Sendable {
    package let server: ServerName
    package var agent: AgentID
    package var platform: Platform
    package var machine: AgentMachine
    /// What its journal lies on.
    var disk = Disk()
    /// Whether a person keeps the agent from starting.
    var isStopped = false
    /// Counts processes; what an earlier one waited for never comes.
    package var process = 0
    package var isRunning = false
    /// The connection as the agent sees it; 0: none.
    package var link = 0
    /// Children that run on without their agent, and how ended ones ended.
    package var children: [ChildIdentity: StepRun] = [:]
    var ended: [ChildIdentity: StepResult] = [:]
    var childCount: Int32 = 100
    /// Dead-man guards, by failover; they outlive the agent.
    package var guards: [FailoverID: Tick] = [:]
    /// Promotions begun after this many kills still count.
    var promoteKillCount = 0
    /// Crash points passed, and the one to die at.
    package var points = 0
    package var crashAt: Int?
    package var crashKillsChild = false
    /// Whether the whole server dies at that point, not the process alone.
    var cutsPower = false
    /// How long a process that died at a crash point stays away.
    package var restartMilliseconds: UInt64 = 1_500
    /// Until when nothing gets from it to the controller.
    package var cutUntil: UInt64 = 0
    /// How fast its clock goes: thousandths more or less.
    package var driftPerMille: Int64 = 0
    /// Until when its process gets no processor.
    package var pausedUntil: UInt64 = 0
    /// Whether the machine is off: no agent, no service, seen by nobody.
    package var isDown = false

    init(_ definition: ServerDefinition, limits: AgentLimits) {
        server = definition.name
        agent = definition.agent
        platform = Platform(boot: BootID(high: 5, low: definition.agent.low * 1_000))
        machine = AgentMachine(server: server, agent: agent, limits: limits)
    }

    /// How many records its journal has been given.
    package var journalCount: Int { disk.written.count }

    package var isActive: Bool { platform.isActive && !isDown }
    package var isServing: Bool { isActive && platform.isServiceRunning }

    /// Counts a crash point; `true` when this is where the process dies.
    mutating func passesCrashPoint() -> Bool {
        points += 1
        return points == crashAt
    }

    /// Package changes that are journaled as started and not ended; on a server that is off none runs.
    package var changesUnderWay: Int {
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
package struct Controller: Sendable {
    package var machine: ClusterMachine
    /// What the last commit made durable.
    package var stored: ClusterState
    var epoch: UInt64 = 1
    package var process = 0
    package var isRunning = false
    /// The connection of each server as the controller sees it; 0: none.
    package var links: [Int]
    package var points = 0
    package var crashAt: Int?
    /// How long a process that died at a crash point stays away.
    package var restartMilliseconds: UInt64 = 1_500
    /// Commits that changed what is stored.
    package var commitCount = 0
    var catalogue: [CatalogueImage]
    /// What a new process is told of other clusters; `nil`: nothing before somebody has looked.
    var facts: NetworkFacts? = NetworkFacts(
        primaryCMPVersion: nil,
        hasPrimaryCMP: false,
        cmpNeeds: []
    )
    /// While the emergency stop is on, as its store holds it.
    var emergency: PressedStop?
    /// When each server was last heard, by its index.
    var heardAt: [Int: UInt64] = [:]
    var log: [UpgradeLogEntry] = []
    var alarmChanges: [AlarmChange] = []
    /// When its last process died.
    var diedAt: UInt64 = 0

    mutating func passesCrashPoint() -> Bool {
        points += 1
        return points == crashAt
    }
}
