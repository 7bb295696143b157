import Testing

@testable import TandemSimulation

/// Many clusters under one controller; the whole of it runs in `make simulate`.
struct NetworkSimulationTests {
    /// A small network in which every kind of cluster exists; the same seed gives the same run.
    @Test
    func aSmallNetworkComesToItsEnd() {
        let first = NetworkRun.play(seed: 1, clusterCount: 10)
        #expect(first.faults.isEmpty, "\(first.faults)")
        #expect(first.ledger[.safety7].premises > 0 && first.ledger[.safety10].premises > 0)
        #expect(first.counts["begins: accept"] ?? 0 > 0)
        let again = NetworkRun.play(seed: 1, clusterCount: 10)
        #expect(again.hash == first.hash && again.counts == first.counts)
        #expect(NetworkRun.play(seed: 2, clusterCount: 10).hash != first.hash)
    }
}
