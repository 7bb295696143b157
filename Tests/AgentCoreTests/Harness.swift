import AgentCore
import TandemModel
import Testing

/// Two simulated servers and a controller in one thread, on one simulated time.
///
/// It is the shell as the agent's runtime is: records are durable before anything is sent, sends
/// leave before effects begin, and every boundary between them is a point at which a process may die.
struct Harness {
    enum Work {
        case input(Int, process: Int, Input)
        case child(Int, ChildIdentity)
        case childless(Int, process: Int, StepRun)
        case drive(Int, process: Int, CommandID?, DriverCall)
        case guardian(Int, FailoverID)
        case restart(Int)
        case connect(Int, process: Int)
        case deliver(Int, connection: Int, ControllerMessage)
        case tick(Int, process: Int)
        case pursue(Int)
    }

    var nodes: [Node]
    var director = Director()
    var now: UInt64 = 1_000_000
    var limits: AgentLimits
    var generator: SeededGenerator
    private var queue: [(due: UInt64, order: Int, work: Work)] = []
    private var orderCount = 0
    /// Whether messages get through.
    var isNetworkUp = true
    /// Whether the HA system has lost sight of the mates.
    var hidesPeers = false
    /// Moments at which both servers were active, or none was, by duration.
    var longestWithoutActive: UInt64 = 0
    private var noneSince: UInt64?
    var hadTwoActive = false
    var stoppedActive: [String] = []
    /// Whether memory is held against the journal after every step: dear, so not in every run.
    var checksEveryFold = false

    init(seed: UInt64 = 1, roles: [ServerRole] = [.active, .standby]) {
        let limits = AgentLimits()
        self.limits = limits
        generator = SeededGenerator(seed: seed)
        nodes = roles.enumerated().map { index, role in
            Node("fe-\(index + 1)", agent: id(UInt64(index) + 1), role: role, limits: limits)
        }
        for index in nodes.indices { start(index) }
        run(for: 3_000)
    }

    // MARK: - Time

    mutating func after(_ milliseconds: UInt64, _ work: Work) {
        orderCount += 1
        queue.append((now + milliseconds, orderCount, work))
    }

    /// Lets the time pass and everything happen that is due.
    mutating func run(for milliseconds: UInt64) {
        let end = now + milliseconds
        while let next = queue.indices.min(by: { earlier($0, $1) }), queue[next].due <= end {
            let item = queue.remove(at: next)
            now = max(now, item.due)
            perform(item.work)
            watchService()
        }
        now = end
    }

    /// Lets the time pass until a condition holds.
    ///
    /// - Returns: whether it did within the limit.
    mutating func run(upTo milliseconds: UInt64, until holds: (Harness) -> Bool) -> Bool {
        let end = now + milliseconds
        while now < end {
            if holds(self) { return true }
            run(for: 10)
        }
        return holds(self)
    }

    private func earlier(_ left: Int, _ right: Int) -> Bool {
        (queue[left].due, queue[left].order) < (queue[right].due, queue[right].order)
    }

    private mutating func watchService() {
        let active = nodes.filter { $0.world.role == .active }
        if active.count > 1 { hadTwoActive = true }
        if active.contains(where: \.world.isServiceRunning) {
            noneSince = nil
        } else {
            noneSince = noneSince ?? now
            longestWithoutActive = max(longestWithoutActive, now - (noneSince ?? now))
        }
    }

    // MARK: - What is due

    private mutating func perform(_ work: Work) {
        switch work {
        case .input(let index, let process, let input):
            feed(index, process, input)
        case .child(let index, let child):
            endChild(index, child)
        case .childless(let index, let process, let step):
            let result = nodes[index].world.run(step)
            feed(index, process, .stepEnded(step, result))
        case .drive(let index, let process, let command, let call):
            drive(index, process, command, call)
        case .guardian(let index, let failover):
            guardFailover(index, failover)
        case .restart(let index):
            start(index)
        case .connect(let index, let process):
            connect(index, process)
        case .deliver(let index, let connection, let message):
            guard nodes[index].isConnected, nodes[index].connection == connection, isNetworkUp
            else { return }
            feed(index, nodes[index].process, .message(message))
        case .tick(let index, let process):
            guard nodes[index].process == process, nodes[index].isRunning else { return }
            after(1_000, .tick(index, process: process))
            feed(index, process, .tick)
        case .pursue(let index):
            pursue(index)
        }
    }

    private mutating func endChild(_ index: Int, _ child: ChildIdentity) {
        guard let step = nodes[index].children.removeValue(forKey: child) else { return }
        watchStop(index, step)
        let result = nodes[index].world.run(step)
        nodes[index].ended[child] = result
        feed(index, nodes[index].process, .stepEnded(step, result))
    }

    /// `safety.md` 1: no step that stops service ends on a server that is active.
    private mutating func watchStop(_ index: Int, _ step: StepRun) {
        guard step.definition.stopsService, nodes.count > 1,
            nodes[index].world.role == .active
        else { return }
        stoppedActive.append("\(nodes[index].server) \(step.definition.name)")
    }

    private mutating func drive(
        _ index: Int,
        _ process: Int,
        _ command: CommandID?,
        _ call: DriverCall
    ) {
        let peer = peerRole(of: index)
        if case .takeBack(let failover, _) = call {
            let result = nodes[index].world.takeBack(peer: peer)
            feed(index, process, .tookBack(failover, result))
            return
        }
        let result = nodes[index].world.drive(call, peer: peer)
        feed(index, process, .driverEnded(command, call, result))
    }

    /// The dead-man's guard asks the rule each second until the role is somewhere.
    private mutating func guardFailover(_ index: Int, _ failover: FailoverID) {
        guard let deadline = nodes[index].guards[failover] else { return }
        guard now >= deadline.milliseconds else { return }
        let result = nodes[index].world.takeBack(peer: peerRole(of: index))
        if case .undecided = result {
            after(1_000, .guardian(index, failover))
        } else {
            nodes[index].guards[failover] = nil
        }
        feed(index, nodes[index].process, .tookBack(failover, result))
    }

    /// What the HA system says of the mate: servers see each other even without agents.
    func peerRole(of index: Int) -> PeerRole {
        guard nodes.count > 1, !hidesPeers else { return .unseen }
        return nodes[1 - index].world.role == .active ? .active : .other
    }

    // MARK: - Processes

    mutating func start(_ index: Int) {
        var machine = AgentMachine(
            server: nodes[index].server,
            agent: nodes[index].agent,
            limits: limits
        )
        for record in nodes[index].journal { machine.fold(record) }
        nodes[index].machine = machine
        checkFold(index)
        nodes[index].process += 1
        nodes[index].isRunning = true
        let process = nodes[index].process
        feed(
            index,
            process,
            .restored(boot: nodes[index].world.boot, manifests: nodes[index].world.manifests)
        )
        after(100, .connect(index, process: process))
        after(1_000, .tick(index, process: process))
    }

    mutating func crash(_ index: Int, restartAfter milliseconds: UInt64 = 2_000) {
        nodes[index].isRunning = false
        nodes[index].process += 1
        nodes[index].isConnected = false
        nodes[index].connection += 1
        if nodes[index].crashKillsChild {
            for (child, step) in nodes[index].children {
                nodes[index].world.cutShort(step)
                let failure = TandemFailure(code: "TDM-1005", message: "killed", remedy: "-")
                nodes[index].ended[child] = .unknown(failure)
            }
            nodes[index].children = [:]
        }
        after(milliseconds, .restart(index))
    }

    mutating func reboot(_ index: Int) {
        crash(index, restartAfter: 5_000)
        nodes[index].world.boot = id(nodes[index].world.boot.low + 1)
        nodes[index].children = [:]
        nodes[index].ended = [:]
        nodes[index].guards = [:]
        nodes[index].world.boots()
    }

    mutating func disconnect(_ index: Int, for milliseconds: UInt64 = 1_000) {
        guard nodes[index].isConnected else { return }
        nodes[index].isConnected = false
        nodes[index].connection += 1
        let process = nodes[index].process
        feed(index, process, .disconnected)
        after(milliseconds, .connect(index, process: process))
    }

    private mutating func connect(_ index: Int, _ process: Int) {
        guard nodes[index].process == process, nodes[index].isRunning else { return }
        guard isNetworkUp, !nodes[index].isConnected else {
            if !isNetworkUp { after(1_000, .connect(index, process: process)) }
            return
        }
        nodes[index].connection += 1
        nodes[index].isConnected = true
        feed(index, process, .connected)
    }

    /// Hands one input to a process that is still there, and does what comes of it in order.
    mutating func feed(_ index: Int, _ process: Int, _ input: Input) {
        guard nodes[index].process == process, nodes[index].isRunning else { return }
        nodes[index].inputs.append(input)
        let step = nodes[index].machine.handle(
            input,
            at: Tick(milliseconds: now),
            wall: WallTime(milliseconds: now),
            using: &generator
        )
        for record in step.journal {
            guard survives(index) else { return }
            nodes[index].journal.append(record)
        }
        if checksEveryFold, !step.journal.isEmpty { checkFold(index) }
        guard survives(index) else { return }
        for message in step.sends { take(message, from: index) }
        for effect in step.effects {
            guard survives(index) else { return }
            begin(effect, on: index)
        }
        if step.closesConnection { disconnect(index) }
    }

    private mutating func survives(_ index: Int) -> Bool {
        guard nodes[index].passesCrashPoint() else { return true }
        crash(index)
        return false
    }

    /// Memory is the fold of the journal, and of its compacted form.
    func checkFold(_ index: Int) {
        var folded = AgentState()
        for record in nodes[index].journal { folded.fold(record) }
        #expect(folded == nodes[index].machine.state)
        var compacted = AgentState()
        for record in nodes[index].machine.compacted() { compacted.fold(record) }
        #expect(compacted == folded)
    }
}
