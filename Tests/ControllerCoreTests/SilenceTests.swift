@testable import ControllerCore
import TandemModel
import Testing

/// Dead, silent and replaced servers: nothing waits for ever, nothing is guessed.
struct SilenceTests {
    /// The standby dies in the middle of its install.
    private func dyingInstall() -> World {
        var world = World()
        world.press(.startUpgrade)
        world.run(until: { world in
            world.agents[1].entries.values.contains {
                if case .install = $0.command.verb { $0.life == .started } else { false }
            }
        })
        world.kill(1)
        return world
    }

    private func twoPeople(_ world: inout World, _ button: Button, server: Int? = nil) {
        guard
            case .needsApproval(let id)? = world.press(button, server: server)
        else {
            Issue.record("\(button.label) asked for no second person")
            return
        }
        guard case .accepted? = world.feed(.approve(id, person: Fixtures.bob)).answer else {
            Issue.record("\(button.label) was not approved")
            return
        }
        world.deliver()
    }

    /// Safety 15: before both agents have reported, no mutating command is sent.
    @Test
    func nothingIsSentBeforeBothReported() {
        var world = RollbackTests.world(at: .on)
        world.kill(0)
        world.kill(1)
        world.restart()
        #expect(world.position == .unseen)
        world.agents[1].isDead = false
        world.connect(1)
        world.deliver()
        #expect(world.position == .unseen)
        #expect(world.status.buttons.allSatisfy { !$0.isEnabled || $0.button == .closeAsObserved })
        world.seconds(31)
        #expect(world.position == .activeSilent)
        #expect(world.has(.supervisionLost))
        #expect(world.isEnabled(.restoreService) && !world.isEnabled(.continueUpgrade))
    }

    /// Safety 17: a lost answer is asked after; the action waits and says for what.
    @Test
    func deadStandbyIsWaitedFor() {
        var world = dyingInstall()
        world.seconds(40)
        #expect(world.position == .standbySilent)
        #expect(world.machine.state.action != nil)
        #expect(world.status.operation?.action?.waitsFor == "fe-2 to connect again")
        #expect(world.status.nextStep.contains("waits for fe-2"))
        world.seconds(900)
        #expect(world.status.servers[1].operation.hasSuffix(": overdue"))
        #expect(world.has(.supervisionLost) && !world.has(.serverIsZombie))
        #expect(!world.status.servers[1].isZombie && world.machine.state.action != nil)
        world.revive(1)
        world.run(until: { $0.machine.state.action == nil })
        #expect(world.position == .oldNew)
        world.checkEffects()
    }

    /// Safety 17: an agent that is here and says nothing is asked, and told nothing under a new id.
    @Test
    func whatIsNotAnsweredIsAskedAfterUnderItsId() {
        var world = World()
        world.agents[1].hiddenWord = "install"
        world.press(.startUpgrade)
        world.seconds(900)
        var installs: Set<CommandID> = []
        var asked: Set<CommandID> = []
        for send in world.sends {
            switch send.message {
            case .command(let envelope) where envelope.command.verb.word == "install":
                installs.insert(envelope.command.id)
            case .statusQuery(let id): asked.insert(id)
            case _: break
            }
        }
        #expect(installs.count == 1)
        #expect(installs.isSubset(of: asked))
        #expect(world.machine.state.action != nil)
        world.checkEffects()
    }

    /// A person declares the outcome; the id is buried at the next hello, before anything else.
    @Test
    func declaredOutcomeIsBuried() {
        var world = dyingInstall()
        world.seconds(40)
        #expect(world.isEnabled(.declareOutcome))
        #expect(world.refusal(world.makePress(.declareOutcome, server: 1)) != nil, "no statement")
        world.press(.declareOutcome, server: 1, statement: "failed")
        world.seconds(1)
        #expect(world.machine.state.action == nil)
        #expect(world.machine.state.failure?.message.contains("declared it failed") == true)
        #expect(world.machine.state.servers[1].tombstones.count == 1)
        let sent = world.sends.count
        world.revive(1)
        world.seconds(5)
        let first = world.sends.dropFirst(sent).filter {
            switch $0.message {
            case .command, .void: true
            case _: false
            }
        }
        guard case .void? = first.first?.message else {
            Issue.record("something else came first")
            return
        }
        #expect(world.machine.state.servers[1].tombstones.isEmpty)
    }

    @Test
    func closeAsObserved() {
        var world = dyingInstall()
        world.seconds(40)
        twoPeople(&world, .closeAsObserved)
        #expect(world.machine.state.operation == nil && world.machine.state.action == nil)
        #expect(world.log.contains { $0.text.contains("fe-2 is silent") })
        #expect(!world.has(.upgradeInProgress) && !world.has(.upgradeOperationFailed))
        #expect(world.machine.state.servers[1].tombstones.count == 1)
    }

    /// Going on with one server: two people, service stops, and the mate finds its way back.
    @Test
    func goOnAsASingleServer() {
        var world = RollbackTests.world(at: .on)
        world.kill(1)
        world.seconds(31)
        #expect(world.position == .standbySilent)
        twoPeople(&world, .goOnSingle, server: 0)
        #expect(world.position == .singleOld)
        #expect(world.agents[0].view?.mate == nil, "the survivor knows that it is alone")
        #expect(world.offer(.resumeUpgrade)?.warnings.first?.contains("service stops") == true)
        world.act(.resumeUpgrade)
        #expect(world.position == .singleNew)
        world.act(.accept)
        #expect(world.machine.state.operation == nil)
        world.revive(1)
        world.seconds(3)
        #expect(world.machine.state.single == nil && world.position == .idle)
        #expect(!world.has(.clusterMixedVersion), "both run the new release")
    }

    @Test
    func goOnSingleWaitsForSilence() {
        var world = RollbackTests.world(at: .on)
        world.kill(1)
        world.seconds(20)
        #expect(world.position == .standbySilent)
        #expect(world.offer(.goOnSingle, 0)?.isEnabled == false)
        #expect(world.offer(.goOnSingle, 0)?.whyNot.contains("only 2") == true)
    }

    /// Restore Service on a person's word: the mate is demoted and held before it counts again.
    @Test
    func restoreOnAPersonsWord() {
        var world = RollbackTests.world(at: .on)
        world.kill(0)
        world.seconds(31)
        #expect(world.position == .activeSilent)
        #expect(world.refusal(world.makePress(.restoreService, server: 1)) != nil, "no statement")
        world.act(.restoreService, server: 1, statement: "dead")
        #expect(world.agents[1].ha.role == .active)
        #expect(world.position == .standbySilent)
        let sent = world.sends.count
        world.revive(0)
        #expect(world.position != .twoActive, "its word does not count yet")
        world.seconds(10)
        let words = world.sends.dropFirst(sent).compactMap { send -> String? in
            guard case .command(let envelope) = send.message else { return nil }
            return envelope.command.verb.word
        }
        #expect(words == ["demote", "hold"])
        #expect(world.position == .newOld && world.agents[0].isHeld)
    }

    /// It would refuse for ever: it is replaced, and no command is minted for it again and again.
    @Test
    func aDamagedJournalIsNotToldForEver() {
        var world = RollbackTests.world(at: .on)
        world.kill(0)
        world.seconds(31)
        world.act(.restoreService, server: 1, statement: "dead")
        let sent = world.sends.count
        world.agents[0].alwaysRefuses = TandemFailure(
            TandemError(.journalDamaged, "the journal of fe-1 is damaged", remedy: "replace it")
        )
        world.agents[0].alarm(.journalDamaged, isRaised: true)
        world.revive(0)
        world.seconds(30)
        #expect(world.has(.journalDamaged))
        let told = world.sends.dropFirst(sent).filter {
            $0.isCommand("hold") || $0.isCommand("demote")
        }
        #expect(told.count <= 1, "the first one may meet the alarm on its way")
        #expect(world.machine.state.servers[0].deathNote != nil && world.isEnabled(.replaceServer))
    }

    /// A person was wrong and the server would not be promoted: the mate is left alone.
    @Test
    func refusedRestoreHarmsNobody() {
        var world = RollbackTests.world(at: .on)
        world.kill(0)
        world.seconds(31)
        world.agents[1].refusesNext = TandemFailure(
            code: ErrorCode.preconditionFailed.id,
            message: "the HA system sees its mate active",
            remedy: "look"
        )
        world.act(.restoreService, server: 1, statement: "dead")
        #expect(world.machine.state.servers[0].deathNote == nil)
        world.revive(0)
        world.seconds(10)
        #expect(world.agents[0].ha.role == .active && world.position == .oldNew)
        #expect(!world.sends.contains { $0.isCommand("demote") })
    }

    /// With the mate connected and not active, it is fenced first.
    @Test
    func restoreFencesTheMateFirst() {
        var world = RollbackTests.world(at: .on)
        world.agents[0].setRole(.outOfService)
        world.agents[0].tell()
        world.deliver()
        world.seconds(5)
        #expect(world.position == .noneActive && world.has(.clusterNoActive))
        let sent = world.sends.count
        world.act(.restoreService, server: 1)
        let words = world.sends.dropFirst(sent).compactMap { send -> String? in
            guard case .command(let envelope) = send.message else { return nil }
            return "\(envelope.command.verb.word) \(send.server)"
        }
        #expect(words == ["fence fe-1", "promote fe-2"])
        #expect(world.position == .newOld && !world.has(.clusterNoActive))
    }

    // MARK: - Replace Server

    @Test
    func newMachineForASlot() {
        var world = RollbackTests.world(at: .on)
        var unasked = world
        let newcomer = Fixtures.server(9)
        let server = ServerDefinition(
            name: world.names[1],
            agent: newcomer.agent,
            keyFingerprint: newcomer.keyFingerprint,
            publicKey: newcomer.publicKey
        )
        guard case .refused? = unasked.feed(.enrolled(server, person: Fixtures.alice)).answer else {
            Issue.record("a machine was let in that nobody asked for")
            return
        }
        world.kill(1)
        world.seconds(31)
        world.press(.replaceServer, server: 1)
        #expect(world.status.nextStep.contains("new machine of fe-2"))
        guard case .accepted? = world.feed(.enrolled(server, person: Fixtures.bob)).answer else {
            Issue.record("the new machine was refused")
            return
        }
        #expect(world.machine.state.definition.servers[1].agent == newcomer.agent)
        world.agents[1] = FakeAgent(
            server,
            release: Fixtures.oldRelease,
            staged: [],
            isActive: false
        )
        world.agents[1].software = .blank
        world.connect(1)
        world.deliver()
        world.seconds(2)
        #expect(world.position == .standbyBroken)
        world.act(.tryAgain)
        #expect(world.position == .oldNew, "by the operation's direction")
        #expect(world.agents[1].staged.contains { $0.release == Fixtures.newRelease })
    }

    @Test
    func newMachineAtRest() {
        var world = World()
        world.kill(1)
        world.seconds(31)
        world.press(.replaceServer, server: 1)
        let newcomer = Fixtures.server(9)
        let server = ServerDefinition(
            name: world.names[1],
            agent: newcomer.agent,
            keyFingerprint: newcomer.keyFingerprint,
            publicKey: newcomer.publicKey
        )
        world.feed(.enrolled(server, person: Fixtures.bob))
        world.agents[1] = FakeAgent(
            server,
            release: Fixtures.oldRelease,
            staged: [],
            isActive: false
        )
        world.agents[1].software = .blank
        world.connect(1)
        world.deliver()
        world.seconds(2)
        world.act(.tryAgain)
        #expect(world.agents[1].software == .known(Fixtures.oldRelease))
        #expect(world.position == .idle && !world.agents[1].isHeld)
    }

    // MARK: - A restored backup

    /// The operation that a backup does not know is kept by both agents, and reappears.
    @Test
    func operationReappears() {
        var world = RollbackTests.world(at: .on)
        world.stored = World.encode(ClusterState(definition: Fixtures.definition()))
        world.restart()
        world.seconds(2)
        #expect(world.position == .oldNew)
        let operation = world.machine.state.operation
        #expect(operation?.isAdopted == true && operation?.old.release == Fixtures.oldRelease)
        #expect(operation?.snapshot?.number == 1)
        #expect(world.log.contains { $0.text.contains("found on fe-") })
        #expect(world.isEnabled(.continueUpgrade) && world.isEnabled(.startRollback))
        RollbackTests.rollBack(&world)
        #expect(world.agents.allSatisfy { $0.software == .known(Fixtures.oldRelease) })
        #expect(world.machine.state.operation == nil)
    }

    @Test
    func closedOperationStaysClosed() {
        var world = RollbackTests.world(at: .nn)
        let backup = world.stored
        world.act(.accept)
        world.stored = backup
        world.restart()
        world.seconds(2)
        #expect(world.machine.state.operation == nil)
        #expect(world.log.contains { $0.text.contains("closed before this store's backup") })
    }
}
