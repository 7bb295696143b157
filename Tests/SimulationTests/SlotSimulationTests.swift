import AgentCore
import ControllerCore
import TandemModel
import Testing

@testable import TandemSimulation

/// Servers that stay away, come back, are replaced, or have lost their memory.
struct SlotSimulationTests {
    /// Presses and runs until the given verb has started on a server.
    private func begin(_ button: Button, upTo verb: String, on index: Int, _ joint: inout Joint) {
        joint.press(button, acceptsDataLoss: true)
        let hasBegun = joint.run(upTo: 60_000) { joint in
            joint.nodes[index].machine.state.openCommands.contains {
                $0.command.verb.word == verb && $0.started != nil
            }
        }
        #expect(hasBegun)
    }

    /// The standby goes silent in its install; a person says what became of it, and it comes back.
    @Test(arguments: [false, true])
    func declaredOutcome(_ isMachineOff: Bool) {
        var joint = Joint()
        begin(.startUpgrade, upTo: "install", on: 1, &joint)
        joint.run(for: 1_500)
        if isMachineOff { joint.powerOff(1) } else { joint.crashAgent(1, restartAfter: nil) }
        joint.run(for: 40_000)
        #expect(joint.isActing)
        #expect(joint.press(.declareOutcome, server: 1, statement: "failed") == nil)
        joint.run(for: 20_000)
        #expect(!joint.isActing)
        if isMachineOff { joint.powerOn(1) } else { joint.startAgent(1) }
        joint.run(for: 30_000)
        #expect(joint.nodes[1].machine.state.openCommands.isEmpty)
        let isClosed = joint.pursue(Joint.downward)
        #expect(isClosed, "\(joint.summary)")
        joint.run(for: 10_000)
        joint.expectEnd(Fixtures.oldManifest)
    }

    /// A blank machine fills the slot of a dead standby, in the operation's direction.
    @Test(arguments: [true, false])
    func replacedServer(_ isGoingUp: Bool) {
        var joint = Joint()
        joint.act(.startUpgrade)
        joint.powerOff(1)
        joint.run(for: 40_000)
        joint.expectPosition(.standbySilent)
        #expect(joint.press(.replaceServer, server: 1) == nil)
        joint.replaceMachine(1)
        joint.run(for: 15_000)
        joint.expectPosition(.standbyBroken)
        let isClosed = joint.pursue(isGoingUp ? Joint.upward : Joint.downward)
        #expect(isClosed, "\(joint.summary)")
        joint.run(for: 10_000)
        joint.expectEnd(isGoingUp ? Fixtures.newManifest : Fixtures.oldManifest)
    }

    /// A journal that can't be trusted: every command is refused, until the agent is enrolled anew.
    @Test
    func damagedJournal() {
        var joint = Joint()
        begin(.startUpgrade, upTo: "install", on: 1, &joint)
        joint.run(for: 1_500)
        var random = SeededGenerator(seed: 4)
        let isRotten = joint.nodes[1].disk.rot(using: &random)
        #expect(isRotten)
        joint.crashAgent(1)
        joint.run(for: 60_000)
        #expect(!joint.isActing, "\(joint.status.nextStep)")
        #expect(joint.has(.journalDamaged))
        #expect(joint.nodes[0].isServing)
        let isEnrolled = joint.replaceAgent(1)
        #expect(isEnrolled)
        joint.run(for: 15_000)
        #expect(!joint.has(.journalDamaged))
        let isClosed = joint.pursue(Joint.downward)
        #expect(isClosed, "\(joint.summary)")
        joint.run(for: 10_000)
        joint.expectEnd(Fixtures.oldManifest)
    }

    /// The new agent knows nothing of the hold that the old one set; Release is offered all the same.
    @Test
    func holdOfALostJournal() {
        var joint = Joint()
        begin(.startUpgrade, upTo: "install", on: 1, &joint)
        joint.crashAgent(1, restartAfter: nil)
        joint.run(for: 40_000)
        #expect(joint.press(.declareOutcome, server: 1, statement: "failed") == nil)
        let isEnrolled = joint.replaceAgent(1)
        #expect(isEnrolled)
        #expect(joint.nodes[1].platform.isHeld)
        #expect(!joint.nodes[1].machine.state.isHeld)
        joint.act(.release, server: 1)
        #expect(!joint.nodes[1].platform.isHeld)
        joint.expectClean()
    }

    /// The hold lapses while the controller is away; the change takes it again first.
    @Test
    func lapsedHold() {
        var joint = Joint()
        joint.press(.startUpgrade)
        let isHeld = joint.run(upTo: 30_000) { $0.nodes[1].machine.state.isHeld }
        #expect(isHeld)
        joint.run(for: 20)
        joint.hidesPeers = true
        joint.crashController(restartAfter: 90_000)
        joint.run(for: 85_000)
        #expect(joint.nodes[1].machine.state.isHeld == false)
        joint.hidesPeers = false
        let hasEnded = joint.run(upTo: 200_000) { $0.controller.isRunning && !$0.isActing }
        #expect(hasEnded)
        joint.run(for: 10_000)
        joint.expectPosition(.oldNew)
        joint.expectClean()
    }

    /// The target's agent starts anew in the very moment in which the demotion arrives.
    @Test(arguments: [0, 5, 10, 20, 60, 120, 150, 200] as [UInt64])
    func targetRestartsAsTheDemotionArrives(_ delay: UInt64) {
        var joint = Joint()
        joint.act(.startUpgrade)
        joint.press(.continueUpgrade)
        let isIssued = joint.run(upTo: 20_000) { joint in
            joint.controller.machine.state.commands.contains { $0.command.verb.word == "demote" }
        }
        #expect(isIssued)
        joint.run(for: delay)
        joint.crashAgent(1, restartAfter: 20)
        let hasEnded = joint.run(upTo: 120_000) { !$0.isActing }
        #expect(hasEnded)
        joint.run(for: 10_000)
        #expect(joint.nodes.filter(\.isServing).count == 1)
        #expect(joint.checks.longestOutage < 20_000)
        joint.expectClean()
    }

    /// A reconnect says nothing new about alarms that stand: they have stood since they were raised.
    @Test
    func alarmsKeepTheirTimeOverReconnects() {
        var joint = Joint()
        joint.nodes[1].platform.manifests = []
        joint.crashAgent(1)
        joint.run(for: 15_000)
        let before = joint.controller.machine.activeAlarms().filter { $0.number == .isoMismatch }
        #expect(before.count == 1)
        joint.controller.alarmChanges = []
        joint.breakLink(1)
        joint.run(for: 15_000)
        let after = joint.controller.machine.activeAlarms().filter { $0.number == .isoMismatch }
        #expect(after == before)
        #expect(joint.controller.alarmChanges.isEmpty)
    }

    /// The store is put back from a backup that knows nothing of the operation: it comes back from the
    /// agents, and whatever they were at is ended before anything else (`safety.md` 25).
    @Test(arguments: ["", "install", "promote"], [false, true])
    func storeRestoredFromABackup(_ verb: String, _ agentDiesToo: Bool) {
        var joint = Joint()
        let backup = joint.controller.stored
        if verb.isEmpty {
            joint.act(.startUpgrade)
        } else if verb == "install" {
            begin(.startUpgrade, upTo: verb, on: 1, &joint)
            joint.run(for: 1_500)
        } else {
            joint.act(.startUpgrade)
            begin(.continueUpgrade, upTo: verb, on: 1, &joint)
        }
        joint.crashController()
        // A started change waits for a voucher then, which this store would have to relay.
        if agentDiesToo { joint.crashAgent(1) }
        joint.controller.stored = backup
        // Northbound, too, everything is told anew by what the older store says.
        joint.checks.standing = Set(
            backup.alarms.map { AlarmKey(number: $0.number, instance: $0.instance) }
        )
        joint.controller.epoch = 1
        joint.run(for: 90_000)
        #expect(joint.controller.machine.state.operation?.isAdopted == true)
        #expect(joint.nodes.allSatisfy { $0.machine.state.openCommands.isEmpty })
        let isClosed = joint.pursue(Joint.upward)
        #expect(isClosed, "\(joint.summary)")
        joint.run(for: 10_000)
        joint.expectEnd(Fixtures.newManifest)
    }
}

extension Joint {
    /// A blank machine with an agent of its own takes the place of one that is off.
    mutating func replaceMachine(_ index: Int) {
        let old = controller.machine.state.definition.servers[index]
        let agent = AgentID(high: 8, low: UInt64(index + 1))
        let definition = ServerDefinition(
            name: old.name,
            agent: agent,
            keyFingerprint: digest(0x77),
            publicKey: [0x77]
        )
        feed(.enrolled(definition, person: Fixtures.alice))
        var node = Node(definition, limits: agentLimits)
        node.process = nodes[index].process + 1
        node.platform.packages = .blank
        node.platform.isServiceRunning = false
        node.platform.boot = BootID(high: 6, low: 1)
        nodes[index] = node
        startAgent(index)
    }
}
