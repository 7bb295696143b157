@testable import ControllerCore
import Foundation
import TandemModel
import Testing

/// Where the controller dies: after which of its inputs, and how much of that step was done.
struct CrashPoint: Hashable, Sendable, CustomTestStringConvertible {
    enum Moment: String, CaseIterable, Sendable {
        /// The step was computed and nothing of it done.
        case beforeCommit
        /// Durable, nothing sent.
        case beforeSend
        /// Durable and sent.
        case afterSend
    }

    var input: Int
    var moment: Moment

    var testDescription: String { "input \(input), \(moment.rawValue)" }
}

/// One cluster machine with fake agents around it, a clock, and a store that is a JSON text.
struct World {
    var now = Tick(milliseconds: 5_000_000)
    var wall = WallTime(milliseconds: 1_760_000_000_000)
    var machine: ClusterMachine
    var agents: [FakeAgent]
    var generator = SeededGenerator(seed: 7)
    var stored: Data
    var catalogue: [CatalogueImage]
    var network = NetworkFacts(primaryCMPVersion: nil, hasPrimaryCMP: false, cmpNeeds: [])
    var limits: ClusterLimits
    /// As the network's durable state holds it.
    var emergencyStop: EmergencyStop?
    var crash: CrashPoint?
    var inputCount = 0
    var crashCount = 0
    var nonceCount: UInt64 = 0
    var epoch: UInt64 = 1
    var log: [UpgradeLogEntry] = []
    var audit: [AuditEntry] = []
    var alarmChanges: [AlarmChange] = []
    var durations: [DurationSample] = []
    var sends: [Send] = []
    var issued: Set<CommandID> = []
    /// Inputs whose step made something durable or sent more than acknowledgements: a crash at any
    /// other one is the same as a crash at the next of these.
    var eventful: [Int] = []
    /// Seconds in which nobody was active.
    var noneActiveSeconds = 0

    init(
        definition: ClusterDefinition = Fixtures.definition(),
        images: [CatalogueImage]? = nil,
        configuration: Bool = true,
        limits: ClusterLimits = ClusterLimits()
    ) {
        let catalogue =
            images ?? [
                Fixtures.image(Fixtures.manifest(Fixtures.oldRelease, over: ["12.5.0"]), 1),
                Fixtures.image(Fixtures.manifest(Fixtures.newRelease, over: ["12.6.0"]), 2),
            ]
        self.catalogue = catalogue
        self.limits = limits
        var state = ClusterState(definition: definition)
        if configuration {
            state.configurationCount = 1
            state.configurations = [
                SavedConfiguration(
                    version: World.version(1),
                    person: Fixtures.alice,
                    reason: "first",
                    savedAt: WallTime(milliseconds: 0)
                )
            ]
        }
        machine = ClusterMachine(
            definition: definition,
            state: state,
            epoch: 1,
            boot: BootID(high: 9, low: 9),
            limits: limits
        )
        stored = Data()
        agents = definition.servers.enumerated().map { index, server in
            FakeAgent(
                server,
                release: catalogue[0].manifest.release,
                staged: [Fixtures.staged(catalogue[0])],
                isActive: index == 0
            )
        }
        if configuration {
            for index in agents.indices {
                agents[index].configuration = World.version(1).applied
            }
        }
        stored = Self.encode(machine.state)
        boot()
    }

    static func version(_ number: UInt32, schema: String = "fe-1") -> ConfigurationVersion {
        let document = Array("port = \(8_000 + number)\n".utf8)
        return ConfigurationVersion(
            number: number,
            schema: schema,
            digest: Fixtures.digest(UInt8(truncatingIfNeeded: 50 + number)),
            document: document
        )
    }

    static func encode(_ state: ClusterState) -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        return (try? encoder.encode(state)) ?? Data()
    }

    // MARK: - The shell

    /// First inputs of a process, and all agents that live connect.
    mutating func boot() {
        if let emergencyStop { feed(.emergencyStop(emergencyStop)) }
        feed(.catalogue(catalogue))
        feed(.network(network))
        feed(.restored)
        for index in agents.indices where !agents[index].isDead { connect(index) }
        deliver()
    }

    mutating func connect(_ index: Int) {
        if agents[index].isConnected { disconnect(index) }
        nonceCount += 1
        let hello = agents[index].connect()
        feed(.connected(agents[index].name, hello, nonce: Nonce(high: 3, low: nonceCount)))
        agents[index].welcomed(epoch: epoch)
        agents[index].tell()
    }

    mutating func disconnect(_ index: Int) {
        agents[index].disconnect()
        feed(.lost(agents[index].name))
    }

    mutating func kill(_ index: Int) {
        agents[index].isDead = true
        disconnect(index)
    }

    mutating func revive(_ index: Int) {
        agents[index].isDead = false
        connect(index)
        deliver()
    }

    @discardableResult
    mutating func feed(_ input: ClusterInput) -> ClusterStep {
        inputCount += 1
        let before = machine.state
        let step = machine.handle(input, at: now, wall: wall, using: &generator)
        #expect(step.writes == (machine.state != before))
        #expect(step.fault.isEmpty)
        if step.writes || step.sends.contains(where: { !$0.isAcknowledgement }) {
            eventful.append(inputCount)
        }
        if let crash, crash.input == inputCount {
            self.crash = nil
            crashCount += 1
            if crash.moment != .beforeCommit { commit(step) }
            if crash.moment == .afterSend { send(step) }
            restart()
            return ClusterStep()
        }
        commit(step)
        send(step)
        return step
    }

    private mutating func commit(_ step: ClusterStep) {
        if step.writes { stored = Self.encode(machine.state) }
        log += step.log
        audit += step.audit
        alarmChanges += step.alarms
        durations += step.durations
    }

    private mutating func send(_ step: ClusterStep) {
        for send in step.sends {
            if case .command(let envelope) = send.message {
                // Durable intent before each send (safety 14), and in the state of this very step.
                #expect(machine.state.commands.contains { $0.command == envelope.command })
                issued.insert(envelope.command.id)
            }
            sends.append(send)
            guard let index = agents.firstIndex(where: { $0.name == send.server }),
                agents[index].isConnected, !agents[index].isDead
            else { continue }
            agents[index].take(send.message)
        }
    }

    /// The controller is gone and comes back with what its store holds.
    mutating func restart() {
        for index in agents.indices where agents[index].isConnected { agents[index].disconnect() }
        epoch += 1
        guard let state = try? JSONDecoder().decode(ClusterState.self, from: stored) else {
            Issue.record("the stored state can't be read")
            return
        }
        machine = ClusterMachine(
            definition: state.definition,
            state: state,
            epoch: epoch,
            boot: BootID(high: 9, low: epoch),
            limits: limits
        )
        boot()
    }

    /// Hands over what the agents said until nobody says anything more.
    mutating func deliver() {
        for _ in 0..<10_000 {
            guard let index = agents.firstIndex(where: { !$0.outbox.isEmpty && $0.isConnected })
            else { return }
            let message = agents[index].outbox.removeFirst()
            if agents[index].hides(message) { continue }
            feed(.message(agents[index].name, message))
        }
        Issue.record("the agents and the controller talk without end")
    }

    mutating func second() {
        now = now + 1_000
        wall = WallTime(milliseconds: wall.milliseconds + 1_000)
        feed(.tick)
        for index in agents.indices {
            agents[index].tick(isBeat: now.milliseconds / 1_000 % 5 == 0)
            deadMan(index)
        }
        deliver()
        if agents.allSatisfy({ $0.ha.role != .active || $0.isDead }) { noneActiveSeconds += 1 }
    }

    /// The rule of `details.md` 10, where a referee lets a silent mate count as gone.
    private mutating func deadMan(_ index: Int) {
        guard let seconds = agents[index].demotedSeconds else { return }
        agents[index].demotedSeconds = seconds + 1
        let mate = agents[1 - index]
        if mate.ha.role == .active, !mate.isDead {
            agents[index].demotedSeconds = nil
        } else if seconds >= 45 {
            agents[index].demotedSeconds = nil
            agents[index].setRole(.active)
            agents[index].tell()
        }
    }

    mutating func seconds(_ count: Int) { for _ in 0..<count { second() } }

    /// Runs until the condition holds; says so when it never does.
    @discardableResult
    mutating func run(
        _ limit: Int = 120,
        until condition: (World) -> Bool,
        _ what: Comment = "it never came",
        sourceLocation: SourceLocation = #_sourceLocation
    ) -> Bool {
        for _ in 0..<limit {
            if condition(self) { return true }
            second()
        }
        let reached = condition(self)
        #expect(reached, what, sourceLocation: sourceLocation)
        return reached
    }

    // MARK: - People

    mutating func setEmergencyStop(_ isOn: Bool = true) {
        emergencyStop =
            isOn ? EmergencyStop(person: Fixtures.bob, since: wall, reason: "smoke") : nil
        feed(.emergencyStop(emergencyStop))
        deliver()
    }

    var status: ClusterStatus { machine.status(at: now, wall: wall) }
    var position: Position { status.position }
    var names: [ServerName] { agents.map(\.name) }

    func offer(_ button: Button, _ server: Int? = nil) -> ButtonOffer? {
        status.buttons.first {
            $0.button == button && (server.map { names[$0] } ?? $0.server) == $0.server
        }
    }

    func isEnabled(_ button: Button) -> Bool {
        status.buttons.contains { $0.button == button && $0.isEnabled }
    }

    var buttons: [Button] { status.buttons.map(\.button) }

    func makePress(
        _ button: Button,
        server: Int? = nil,
        release: ReleaseID? = nil,
        person: PersonName = Fixtures.alice,
        statement: String = "",
        acceptsDataLoss: Bool = false
    ) -> ButtonPress {
        ButtonPress(
            button: button,
            server: server.map { names[$0] },
            release: release,
            statement: statement,
            person: person,
            reason: "ticket 1",
            seen: status.seen,
            acknowledgesNotices: true,
            acceptsDataLoss: acceptsDataLoss
        )
    }

    @discardableResult
    mutating func press(
        _ button: Button,
        server: Int? = nil,
        statement: String = "",
        acceptsDataLoss: Bool = false,
        sourceLocation: SourceLocation = #_sourceLocation
    ) -> Answer? {
        let press = makePress(
            button,
            server: server,
            statement: statement,
            acceptsDataLoss: acceptsDataLoss
        )
        var answer = feed(.press(press)).answer
        // Where it is the button itself that needs two, a test plays the second person.
        if case .needsApproval(let id)? = answer, !button.alwaysNeedsTwoPeople {
            answer = feed(.approve(id, person: Fixtures.bob)).answer
        }
        if case .refused(let error)? = answer {
            Issue.record("\(button.label) refused: \(error)", sourceLocation: sourceLocation)
        }
        deliver()
        return answer
    }

    /// Presses, and runs until the action has ended.
    mutating func act(
        _ button: Button,
        server: Int? = nil,
        statement: String = "",
        acceptsDataLoss: Bool = false,
        limit: Int = 150,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        press(
            button,
            server: server,
            statement: statement,
            acceptsDataLoss: acceptsDataLoss,
            sourceLocation: sourceLocation
        )
        run(
            limit,
            until: { $0.machine.state.action == nil },
            "\(button.label) never ended",
            sourceLocation: sourceLocation
        )
        seconds(1)
    }

    func refusal(_ press: ButtonPress) -> TandemError? {
        var copy = self
        guard case .refused(let error)? = copy.feed(.press(press)).answer else { return nil }
        return error
    }

    func has(_ number: AlarmNumber) -> Bool {
        machine.activeAlarms().contains { $0.number == number }
    }

    /// At most one completed effect per id, whatever was lost or came twice (safety 13).
    func checkEffects(sourceLocation: SourceLocation = #_sourceLocation) {
        for agent in agents {
            for (id, count) in agent.effects {
                #expect(count == 1, "\(id) ran \(count) times", sourceLocation: sourceLocation)
            }
        }
    }
}

extension Send {
    fileprivate var isAcknowledgement: Bool {
        switch message {
        case .heartbeatAck, .alarmAck: true
        case _: false
        }
    }
}
