import ControllerAPI
import ControllerCore
import ControllerStore
import NIOEmbedded
import TandemModel
import Testing

@testable import ControllerRuntime

/// What the loop tells one cluster of the others, and when: no tick comes but where a test puts one.
struct LoopStateTests {
    private static let wall = WallTime(milliseconds: 1_760_000_000_000)
    private static let ada = PersonName("ada")

    @Test
    func aGateKnowsWhatWasReportedJustBefore() async throws {
        var network = Network()
        network.connect("fe-1", .active)
        network.connect("fe-2", .standby)
        network.state.handle(.tick, wall: Self.wall)
        try await #expect(network.start("fe").code == .buttonRefused, "nobody knows the cmp yet")
        network.connect("cmp-1", .active)
        network.connect("cmp-2", .standby)
        try await #expect(network.start("fe").code == .releaseUnsuitable)
    }

    @Test
    func aPageShowsTheGateAtTheEndOfTheSameBatch() throws {
        var network = Network()
        for (server, role) in [("fe-1", ServerRole.active), ("fe-2", .standby)] {
            network.connect(server, role)
        }
        network.endBatch()
        #expect(try network.whyNot("fe").contains("is not known"))
        network.connect("cmp-1", .active)
        network.connect("cmp-2", .standby)
        network.endBatch()
        #expect(try network.whyNot("fe").contains("needs cmp 12.6"))
    }

    /// A controller that reigns above what an agent has obeyed begins with machines that know nothing.
    @Test
    func aHigherReignIsToldAnew() throws {
        var network = Network(hasCMP: false)
        network.connect("fe-1", .active)
        network.endBatch()
        network.connect("fe-1", .active, epoch: 9)
        network.endBatch()
        #expect(network.state.epoch == 10)
        network.connect("fe-1", .active, epoch: 10)
        network.connect("fe-2", .standby, epoch: 10)
        network.endBatch()
        #expect(try network.whyNot("fe").isEmpty)
    }

    // MARK: - The emergency stop

    /// One write holds the stop and what it stops; a new process and a new cluster know it first.
    @Test
    func anEmergencyStopIsOneForAllAndDurable() async throws {
        var network = Network(hasCMP: false)
        network.connect("fe-1", .active)
        network.connect("fe-2", .standby)
        network.endBatch()
        await #expect(throws: TandemError.self) { try await network.stop(true, "") }
        try await network.stop(true, "smoke in the hall")
        let transaction = try #require(network.lastTransaction)
        #expect(transaction.audit.map(\.what) == ["emergency stop on"])
        #expect(transaction.audit.map(\.reason) == ["smoke in the hall"])
        let stored = try StateCoding.decodeNetwork(try #require(transaction.network))
        #expect(stored.emergencyStop?.person == Self.ada)
        #expect(try network.whyNot("fe").contains("smoke in the hall"))
        // The first word stands.
        try await network.stop(true, "me too")
        #expect(network.state.network.state.emergencyStop?.reason == "smoke in the hall")

        var again = Network(hasCMP: false, stored: stored)
        again.connect("fe-1", .active)
        again.connect("fe-2", .standby)
        again.endBatch()
        try await #expect(again.start("fe").code == .emergencyStopped)
        try await again.stop(false, "all clear")
        #expect(try again.whyNot("fe").isEmpty)
    }

    @Test
    func anAlarmOfTheNetworkIsAcknowledged() async throws {
        var network = Network(hasCMP: false)
        network.connect("fe-1", .active)
        network.connect("fe-2", .standby, version: "12.4.0")
        network.state.handle(.tick, wall: Self.wall)
        network.endBatch()
        let request = AcknowledgeRequest(
            number: .systemMixedVersion,
            instance: "scef-fe",
            note: "known"
        )
        _ = try await network.ask { .acknowledge(request, person: Self.ada, $0) }
        network.state.handle(.tick, wall: Self.wall)
        let entry = network.state.network.activeAlarms().first
        #expect(entry?.acknowledgedBy == Self.ada && entry?.acknowledgeNote == "known")
        let unknown = AcknowledgeRequest(number: .isoMismatch, instance: "x", note: "known")
        await #expect(throws: TandemError.self) {
            try await network.ask { .acknowledge(unknown, person: Self.ada, $0) }
        }
    }

    /// Two clusters of one controller, and an image that needs cmp 12.6.
    private struct Network {
        var state: LoopState
        private var nonceCount: UInt64 = 0
        var lastTransaction: StoreTransaction?

        init(hasCMP: Bool = true, stored: NetworkState = NetworkState()) {
            let cmp = hasCMP ? [Self.cluster("cmp", .cmp)] : []
            let definitions = cmp + [Self.cluster("fe", .scefFE)]
            let limits = ClusterLimits()
            let machines = definitions.map { definition in
                ClusterMachine(
                    definition: definition,
                    state: ClusterState(definition: definition),
                    epoch: 1,
                    boot: BootID(high: 1, low: 1),
                    limits: limits
                )
            }
            state = LoopState(
                InitialNetwork(
                    epoch: 1,
                    boot: BootID(high: 1, low: 1),
                    machines: Dictionary(
                        uniqueKeysWithValues: machines.map { ($0.state.definition.name, $0) }
                    ),
                    network: stored,
                    limits: limits,
                    catalogue: [Self.image],
                    clock: NetworkClock()
                )
            )
            state.restore(wall: wall)
            endBatch()
        }

        private static func cluster(_ name: String, _ kind: ClusterKind) -> ClusterDefinition {
            ClusterDefinition(
                name: ClusterName(name),
                kind: kind,
                site: SiteName("north"),
                isPrimarySite: true,
                servers: (1...2).map { number in
                    ServerDefinition(
                        name: ServerName("\(name)-\(number)"),
                        agent: AgentID(high: 7, low: UInt64(number)),
                        keyFingerprint: digest(UInt8(number)),
                        publicKey: [UInt8(number)]
                    )
                }
            )
        }

        private static let image = CatalogueImage(
            offer: ImageOffer(
                image: digest(21),
                byteCount: 1,
                manifest: digest(22),
                release: ReleaseID(product: "scef-fe", version: "12.6.0")
            ),
            manifest: ReleaseManifest(
                release: ReleaseID(product: "scef-fe", version: "12.6.0"),
                format: .deb,
                kinds: [.scefFE],
                installsOver: ["12.5.0"],
                installsOnBlank: true,
                rollsBackTo: ["12.5.0"],
                minimumAgent: "",
                minimumController: "",
                minimumCMP: "12.6",
                packages: [],
                carriedFiles: [],
                hooks: [],
                upgradeSteps: [],
                backOutSteps: [],
                configuration: nil,
                service: "fe",
                buildID: "12.6.0",
                identifyHook: "identify",
                healthHook: nil,
                replicatesData: false,
                replicatesWith: [],
                dataCarryHook: nil,
                takeoverWhileMixed: .allowed,
                notices: [],
                spaceNeeded: 0,
                dateSeconds: 0
            )
        )

        private static func digest(_ byte: UInt8) -> Digest {
            Digest(bytes: [UInt8](repeating: byte, count: 32)) ?? .none
        }

        /// Its agent says hello, reports, and holds the image of what it runs.
        mutating func connect(
            _ name: String,
            _ role: ServerRole,
            epoch: UInt64 = 0,
            version: String = "12.5.0"
        ) {
            let server = ServerName(name)
            let definition = state.machines.values.flatMap(\.state.definition.servers)
                .first { $0.name == server }
            guard let definition else { return }
            nonceCount += 1
            let session = AgentSession(
                channel: EmbeddedChannel(),
                agent: definition.agent,
                version: 1
            )
            let nonce = Nonce(high: 3, low: nonceCount)
            state.handle(
                .connected(
                    server,
                    plainHello(definition, epoch: epoch),
                    nonce: nonce,
                    session: session
                ),
                wall: wall
            )
            var report = plainReport(role)
            let product = name.hasPrefix("cmp") ? "cmp" : "scef-fe"
            let release = ReleaseID(product: product, version: version)
            report.software = .known(release)
            report.images = [
                StagedImage(
                    image: Self.digest(11),
                    manifest: Self.digest(12),
                    release: release,
                    isVerified: true
                )
            ]
            state.handle(
                .message(server, .report(report), byteCount: 0, session: session),
                wall: wall
            )
        }

        mutating func endBatch() {
            state.endBatch(wall: wall)
            state.batch = LoopBatch()
        }

        mutating func stop(_ isOn: Bool, _ reason: String) async throws {
            _ = try await ask { .emergencyStop(on: isOn, reason: reason, person: ada, $0) }
        }

        /// A person's request, answered at the end of its batch.
        mutating func ask(_ item: (Reply) -> LoopItem) async throws -> Answer {
            let answer = try await withCheckedThrowingContinuation { continuation in
                state.handle(item(Reply(continuation)), wall: wall)
                state.endBatch(wall: wall)
                for (reply, answer) in state.batch.answers { reply.give(answer) }
                lastTransaction = (try? state.takeBatch())?.transaction
                state.batch = LoopBatch()
            }
            if case .refused(let error) = answer { throw error }
            return answer
        }

        /// Presses Start Upgrade with what is seen now; how it is refused.
        mutating func start(_ cluster: String) async throws -> TandemError {
            let name = ClusterName(cluster)
            let machine = try #require(state.machines[name])
            let press = ButtonPress(
                button: .startUpgrade,
                release: Self.image.manifest.release,
                person: ada,
                reason: "ticket 1",
                seen: machine.status(at: NetworkClock().now, wall: wall).seen
            )
            let answer = try await withCheckedThrowingContinuation { continuation in
                state.handle(.request(name, .press(press), Reply(continuation)), wall: wall)
                for (reply, answer) in state.batch.answers { reply.give(answer) }
                state.batch = LoopBatch()
            }
            guard case .refused(let error) = answer else {
                throw TandemError(.buttonRefused, "it was not refused", remedy: "-")
            }
            return error
        }

        /// Why Start is greyed; empty where it is not.
        func whyNot(_ cluster: String) throws -> String {
            let machine = try #require(state.machines[ClusterName(cluster)])
            let buttons = machine.status(at: NetworkClock().now, wall: wall).buttons
            return try #require(buttons.first { $0.button == .startUpgrade }).whyNot
        }
    }
}
