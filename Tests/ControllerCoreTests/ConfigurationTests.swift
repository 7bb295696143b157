@testable import ControllerCore
import Foundation
import TandemModel
import Testing

struct ConfigurationTests {
    private func edit(_ number: UInt32, schema: String = "fe-1") -> ConfigurationEdit {
        let version = World.version(number, schema: schema)
        return ConfigurationEdit(
            schema: schema,
            digest: version.digest,
            document: version.document,
            person: Fixtures.alice,
            reason: "change \(number)"
        )
    }

    @Test
    func versionsAreNumberedAndReapplied() {
        var world = World()
        world.feed(.edit(edit(2)))
        #expect(world.status.configurationNumber == 2)
        #expect(world.agents[0].configuration?.number == 1, "saving applies nothing")
        world.act(.reapplyConfiguration)
        #expect(world.agents[0].configuration?.number == 2)
    }

    /// Safety 21: while versions are mixed, edits wait in sight and none is lost or applied by itself.
    @Test
    func editsWaitWhileMixed() {
        var world = RollbackTests.world(at: .on)
        world.feed(.edit(edit(2)))
        world.feed(.edit(edit(3)))
        #expect(world.status.queuedEditCount == 2 && world.status.configurationNumber == 1)
        world.act(.continueUpgrade)
        world.act(.reapplyConfiguration)
        world.act(.continueUpgrade)
        #expect(world.position == .newNew)
        #expect(world.agents.allSatisfy { $0.configuration?.number == 1 })
        #expect(world.status.queuedEditCount == 2)
        // Taken over by saving it again, edit by edit.
        world.feed(.edit(edit(2)))
        #expect(world.status.queuedEditCount == 1 && world.status.configurationNumber == 2)
        #expect(
            world.offer(.startRollback)?.warnings.contains {
                $0.contains("Configuration version 2 of alice would be set aside")
            } == true
        )
    }

    /// Safety 21: a full queue refuses; it does not forget the oldest.
    @Test
    func aFullQueueRefusesTheNextEdit() {
        var world = RollbackTests.world(at: .on)
        let limit = UInt32(ClusterMachine.savedEditCountMax)
        for number in 1...limit { world.feed(.edit(edit(number + 1))) }
        #expect(world.status.queuedEditCount == Int(limit))
        world.feed(.edit(edit(limit + 2)))
        #expect(world.machine.state.queuedEdits.first?.reason == "change 2")
        #expect(world.status.queuedEditCount == Int(limit))
        #expect(!world.machine.state.queuedEdits.contains { $0.reason == "change \(limit + 2)" })
    }

    @Test
    func rollbackReappliesTheSnapshot() {
        var world = RollbackTests.world(at: .nn)
        world.feed(.edit(edit(2)))
        world.act(.reapplyConfiguration)
        #expect(world.agents[1].configuration?.number == 2)
        RollbackTests.rollBack(&world)
        RollbackTests.checkRolledBack(world)
        #expect(world.status.configurationNumber == 1)
        #expect(world.machine.state.queuedEdits.map(\.reason) == ["change 2"])
        world.feed(.edit(edit(4)))
        #expect(world.status.configurationNumber == 3, "numbers are never given out twice")
    }

    /// However many versions come after it, a rollback ends with the one that belongs to the old release.
    @Test(arguments: [16, 20])
    func manyEditsDoNotPushTheSnapshotOut(_ count: Int) {
        var world = RollbackTests.world(at: .nn)
        for number in 2..<UInt32(count + 2) { world.feed(.edit(edit(number))) }
        #expect(world.machine.state.configurations.contains { $0.version.number == 1 })
        world.act(.reapplyConfiguration)
        RollbackTests.rollBack(&world)
        #expect(world.machine.state.operation == nil)
        let newest = world.machine.newestConfiguration(schema: "fe-1")
        #expect(newest?.digest == World.version(1).digest && newest?.number == 1)
        #expect(world.machine.state.queuedEdits.last?.reason == "change \(count + 1)")
        world.act(.startUpgrade)
        #expect(world.agents[1].configuration?.digest == World.version(1).digest)
    }

    /// Reapply is verified for the server that is active now: a role change voids it.
    @Test
    func roleChangeVoidsTheReapply() {
        var world = RollbackTests.world(at: .no)
        #expect(world.isEnabled(.continueUpgrade))
        world.agents[1].generation += 2
        world.agents[1].tell()
        world.deliver()
        #expect(!world.isEnabled(.continueUpgrade))
        #expect(world.offer(.continueUpgrade)?.whyNot.contains("Reapply Configuration") == true)
        world.act(.reapplyConfiguration)
        #expect(world.isEnabled(.continueUpgrade))
    }

    @Test
    func changedFileVoidsTheReapply() {
        var world = RollbackTests.world(at: .no)
        world.agents[1].configuration?.digest = Fixtures.digest(200)
        world.agents[1].tell()
        world.deliver()
        #expect(!world.isEnabled(.continueUpgrade))
    }

    @Test
    func reappliesByItselfWherePolicySaysSo() {
        var world = World(definition: Fixtures.definition(reapplies: true))
        world.act(.startUpgrade)
        world.act(.continueUpgrade)
        world.run(until: { $0.machine.state.operation?.reapplied != nil })
        #expect(world.isEnabled(.continueUpgrade))
        #expect(world.log.contains { $0.text.hasPrefix("Reapply configuration") && $0.isAutomatic })
    }

    @Test
    func documentsAreBounded() {
        var world = World()
        var large = edit(2)
        large.document = [UInt8](repeating: 65, count: 48 * 1024 + 1)
        guard case .refused(let error)? = world.feed(.edit(large)).answer else {
            Issue.record("too large a document was taken")
            return
        }
        #expect(error.code == .documentRefused)
        var binary = edit(2)
        binary.document = [0xff, 0xfe]
        guard case .refused? = world.feed(.edit(binary)).answer else {
            Issue.record("bytes that are no text were taken")
            return
        }
    }

    /// A release with another schema gets its own version, and the way back the old one.
    @Test
    func schemasBelongToReleases() {
        var world = World(
            images: [
                Fixtures.image(Fixtures.manifest(Fixtures.oldRelease, over: []), 1),
                Fixtures.image(
                    Fixtures.manifest(Fixtures.newRelease, over: ["12.6.0"], schema: "fe-2"),
                    2
                ),
            ]
        )
        #expect(
            world.offer(.startUpgrade)?.warnings.contains { $0.contains("schema fe-2") } == true
        )
        world.feed(.edit(edit(2, schema: "fe-2")))
        world.act(.startUpgrade)
        #expect(world.agents[1].configuration?.schema == "fe-2")
        world.act(.continueUpgrade)
        world.act(.reapplyConfiguration)
        #expect(world.agents[1].configuration?.number == 2)
        world.act(.startRollback)
        RollbackTests.rollBack(&world)
        #expect(world.agents.allSatisfy { $0.configuration?.schema == "fe-1" })
    }

    @Test
    func withoutConfigurationNothingIsReapplied() {
        var world = World(configuration: false)
        world.act(.startUpgrade)
        world.act(.continueUpgrade)
        #expect(world.isEnabled(.continueUpgrade) && !world.buttons.contains(.reapplyConfiguration))
    }
}

/// What lies in the store.
struct StoredFormTests {
    @Test
    func documentsAreStoredAsText() throws {
        let texts = [World.version(1), World.version(2, schema: "ü")]
        let bytes = ConfigurationVersion(
            number: 3,
            schema: "raw",
            digest: Fixtures.digest(9),
            document: [0xff, 0, 1]
        )
        for version in texts + [bytes] {
            let data = try JSONEncoder().encode(version)
            #expect(try JSONDecoder().decode(ConfigurationVersion.self, from: data) == version)
        }
        let data = try JSONEncoder().encode(texts[0])
        #expect(String(decoding: data, as: UTF8.self).contains("port = 8001"))
    }

    /// Everything that a state can hold survives its own text.
    @Test
    func statesAreReadBack() throws {
        var world = RollbackTests.world(at: .no)
        world.agents[0].alarm(.isoMismatch, isRaised: true)
        world.deliver()
        world.feed(
            .edit(
                ConfigurationEdit(
                    schema: "fe-1",
                    digest: Fixtures.digest(77),
                    document: [65],
                    person: Fixtures.alice,
                    reason: "x"
                )
            )
        )
        world.press(.continueUpgrade)
        world.seconds(3)
        let state = world.machine.state
        #expect(state.action != nil && !state.commands.isEmpty && !state.queuedEdits.isEmpty)
        let read = try JSONDecoder().decode(ClusterState.self, from: World.encode(state))
        #expect(read == state)
    }
}
