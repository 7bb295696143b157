import ControllerAPI
import ControllerStore
import Synchronization
import TandemCrypto
import TandemModel
import TandemWire
import Testing

/// A store whose disk is full while it is told so.
private final class FullStore: WrappedStore {
    let store = InMemoryStore()
    private let isFull = Atomic(false)

    func setFull(_ value: Bool) { isFull.store(value, ordering: .sequentiallyConsistent) }

    func commit(_ transaction: StoreTransaction) async throws {
        guard !isFull.load(ordering: .sequentiallyConsistent) else {
            throw TandemError(
                .diskFull,
                "the controller's store has no space left to write",
                remedy: "Free space."
            )
        }
        try await store.commit(transaction)
    }
}

@Suite(.timeLimit(.minutes(1))) struct StoreRefusalTests {
    private func request(_ name: String, _ controller: RunningController) throws
        -> ClusterAddRequest
    {
        let (issued, _) = try controller.identities.agent("\(name)-1")
        return ClusterAddRequest(
            name: ClusterName(name),
            kind: .scef,
            site: SiteName("north"),
            isPrimarySite: false,
            servers: [
                .init(
                    name: ServerName("\(name)-1"),
                    certificate: String(decoding: issued.certificatePEM, as: UTF8.self)
                )
            ]
        )
    }

    @Test func whatIsNotStoredHasNotHappened() async throws {
        let store = FullStore()
        try await RunningController.with(store: store) { controller in
            let ada = PersonName("ada")
            let first = try request("scef-a", controller)
            let second = try request("scef-b", controller)
            _ = try await controller.service.addCluster(first, person: ada)
            store.setFull(true)
            let error = await #expect(throws: TandemError.self) {
                _ = try await controller.service.addCluster(second, person: ada)
            }
            #expect(error?.code == .diskFull)
            let before = try await controller.service.network(after: 0, waitSeconds: 0)
            #expect(before.clusters.map(\.name.text) == ["scef-a"])
            // The same request works once there is space: nothing of it was kept by half.
            store.setFull(false)
            _ = try await controller.service.addCluster(second, person: ada)
            let after = try await controller.service.network(after: 0, waitSeconds: 0)
            #expect(after.clusters.map(\.name.text) == ["scef-a", "scef-b"])
        }
    }

    @Test func aFencedControllerStops() async throws {
        let store = InMemoryStore()
        let error = await #expect(throws: TandemError.self) {
            try await RunningController.with(store: store) { controller in
                // Another controller opens the store: this one's next write is its last.
                _ = try await store.open()
                _ = try await controller.service.addCluster(
                    try request("scef-a", controller),
                    person: PersonName("ada")
                )
            }
        }
        #expect(error?.code == .storeFenced)
    }
}
