@testable import ControllerCore
import TandemModel
import Testing

/// Who may be let in, where, and for how long the permission to replace a server stands.
struct EnrolmentTests {
    private func newcomer(_ number: Int, as name: ServerName) -> ServerDefinition {
        let other = Fixtures.server(number)
        return ServerDefinition(
            name: name,
            agent: other.agent,
            keyFingerprint: other.keyFingerprint,
            publicKey: other.publicKey
        )
    }

    private func cluster(_ name: String, _ servers: [ServerDefinition]) -> ClusterDefinition {
        var definition = Fixtures.definition()
        definition.name = ClusterName(name)
        definition.servers = servers
        return definition
    }

    /// Ids, keys and names are used once, for ever and in the whole network (`safety.md` 28).
    @Test
    func nobodyIsLetInTwice() {
        var network = NetworkMachine(state: NetworkState())
        let isNew = network.admit(Fixtures.definition())
        let isNewAgain = network.admit(Fixtures.definition())
        #expect(isNew && !isNewAgain)
        // fe-2 is replaced: the agent that was there stays used.
        let third = newcomer(3, as: ServerName("fe-2"))
        #expect(network.objection(to: third) == nil)
        let isThirdNew = network.admit(cluster("fe", [Fixtures.server(1), third]))
        #expect(isThirdNew)
        let again = NetworkMachine(state: network.state)
        for number in 1...3 {
            let error = again.objection(to: newcomer(number, as: ServerName("mra-1")))
            #expect(error?.code == .nameRefused && error?.message.contains("of fe") == true)
        }
        var sameKey = newcomer(9, as: ServerName("mra-1"))
        sameKey.keyFingerprint = Fixtures.server(2).keyFingerprint
        #expect(again.objection(to: sameKey)?.message.contains("is that of fe-2") == true)
        // A cluster that was removed: its names are known here, and nowhere else.
        let names = [
            cluster("fe", [newcomer(8, as: ServerName("mra-1"))]),
            cluster("mra", [newcomer(8, as: ServerName("fe-1"))]),
        ]
        for definition in names {
            #expect(again.objection(to: definition)?.remedy.contains("used twice") == true)
        }
        #expect(again.objection(to: cluster("mra", [newcomer(8, as: ServerName("mra-1"))])) == nil)
    }

    @Test
    func twoServersOfOneCertificate() {
        let network = NetworkMachine(state: NetworkState())
        let one = newcomer(1, as: ServerName("fe-1"))
        let two = newcomer(1, as: ServerName("fe-2"))
        let error = network.objection(to: cluster("fe", [one, two]))
        #expect(error?.code == .nameRefused)
        #expect(error?.message.contains("fe-1 and fe-2 have one and the same") == true)
    }

    /// The server is back before its new machine: the word of who thought it lost is void, and says so.
    @Test
    func aServerThatIsBackKeepsItsSlot() throws {
        var world = RollbackTests.world(at: .on)
        world.kill(1)
        world.seconds(31)
        world.press(.replaceServer, server: 1)
        world.revive(1)
        #expect(world.machine.state.servers[1].replacedBy == nil)
        #expect(world.log.contains { $0.text.contains("fe-2 is back, and whole") })
        let enrolled = ClusterInput.enrolled(newcomer(9, as: world.names[1]), person: Fixtures.bob)
        guard case .refused(let error)? = world.feed(enrolled).answer else {
            Issue.record("a machine was let in for a server that is whole")
            return
        }
        #expect(error.code == .buttonRefused)
        #expect(world.machine.state.definition.servers[1] == Fixtures.server(2))
    }

    /// A zombie that is heard stays to be replaced.
    @Test
    func aZombieIsReplaced() {
        var world = World()
        world.agents[1].install = .becomesZombie
        world.act(.startUpgrade)
        world.press(.replaceServer, server: 1)
        world.seconds(5)
        #expect(world.machine.state.servers[1].replacedBy == Fixtures.alice)
        let twin = newcomer(1, as: world.names[1])
        guard case .refused? = world.feed(.enrolled(twin, person: Fixtures.bob)).answer else {
            Issue.record("the mate's certificate was taken")
            return
        }
        let server = newcomer(9, as: world.names[1])
        guard case .accepted? = world.feed(.enrolled(server, person: Fixtures.bob)).answer else {
            Issue.record("the new machine was refused")
            return
        }
    }
}
