import ControllerAPI
import ControllerRuntime
import ControllerStore
import TandemCrypto
import TandemModel
import Testing

/// Clusters and agents come and go; what was used once stays used.
@Suite(.timeLimit(.minutes(1))) struct ClusterLifeTests {
    private let ada = PersonName("ada")
    private let cluster = ClusterName("cmp-a")

    private func remove(_ controller: RunningController) async throws -> PressResponse {
        let shown = try await controller.service.cluster(cluster, after: 0, waitSeconds: 0)
        return try await controller.service.removeCluster(
            ClusterRemovalRequest(reason: "a mistake", seen: shown.status.seen),
            cluster: cluster,
            person: ada
        )
    }

    @Test func aRemovedClusterIsGoneAndItsNamesStayUsed() async throws {
        let store = InMemoryStore()
        let identities = try TestIdentities()
        try await RunningController.with(store: store, identities: identities) { controller in
            let agents = try await controller.add(["cmp-1", "cmp-2"])
            let (certificate, _) = try #require(agents["cmp-1"])
            let request = try #require(try await remove(controller).approval)
            await #expect(throws: TandemError.self) {
                try await controller.service.approve(request, person: ada)
            }
            _ = try await controller.service.approve(request, person: PersonName("bob"))
            let network = try await controller.service.network(after: 0, waitSeconds: 0)
            #expect(network.clusters.isEmpty && network.alarms.isEmpty)
            let agent = try await controller.dial(certificate)
            let bye = await agent.first { message -> Bye? in
                if case .bye(let bye) = message { bye } else { nil }
            }
            #expect(bye?.code == ErrorCode.identityRefused.id)
        }
        // Also for the next process.
        try await RunningController.with(store: store, identities: identities) { controller in
            let network = try await controller.service.network(after: 0, waitSeconds: 0)
            #expect(network.clusters.isEmpty)
            await #expect(throws: TandemError.self) { try await controller.add(["mra-1"]) }
            await #expect(throws: TandemError.self) {
                try await controller.add(["cmp-1"], cluster: "cmp-b")
            }
            _ = try await controller.add(["cmp-3"], cluster: "cmp-b")
        }
        let audit = try await store.audit(before: nil, limit: 100)
        #expect(audit.contains { $0.item.what.hasPrefix("removed cluster") })
    }

    /// One machine's certificate fills no slot of another cluster.
    @Test func aCertificateOfAnotherClusterIsRefused() async throws {
        try await RunningController.with { controller in
            let others = try await controller.add(["mra-1"], cluster: "mra")
            _ = try await controller.add(["cmp-1", "cmp-2"])
            let (used, _) = try #require(others["mra-1"])
            do {
                _ = try await controller.service.enrol(
                    EnrolRequest(certificate: String(decoding: used.certificatePEM, as: UTF8.self)),
                    server: ServerName("cmp-2"),
                    person: ada
                )
                Issue.record("it was let in twice")
            } catch let error as TandemError {
                #expect(error.code == .nameRefused && error.message.contains("mra-1 of mra"))
            }
        }
    }
}
