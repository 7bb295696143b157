import TandemModel
import TandemSimulation
import Testing

@testable import TandemModelCheck

/// What makes two worlds the same, and what does not.
struct FingerprintTests {
    private static let start = Joint()

    @Test
    func timeAloneChangesNothing() {
        var later = Self.start
        later.run(for: 60_000)
        #expect(Fingerprint(later) == Fingerprint(Self.start))
    }

    /// A fault-free restart of an agent ends where it began: only ids and counts are others.
    @Test
    func namesAreTheSameWhoeverIsNamed() {
        var other = Self.start
        other.crashAgent(1, restartAfter: 1_000)
        #expect(Fingerprint(other) != Fingerprint(Self.start))
        other.run(for: 60_000)
        #expect(Fingerprint(other) == Fingerprint(Self.start))
    }

    @Test
    func whatMattersIsSeen() {
        let changes: [(inout Joint) -> Void] = [
            { $0.nodes[0].platform.isActive = false },
            { $0.nodes[1].platform.packages = .blank },
            { $0.nodes[1].platform.packages = .pieces(of: Fixtures.newManifest) },
            { $0.nodes[1].platform.configuration = nil },
            { $0.nodes[1].platform.behaviours[Fixtures.newManifest] = .preinstFails },
            { $0.nodes[1].platform.behaviours[Fixtures.newManifest] = .postinstFails },
            { $0.nodes[1].platform.behaviours[Fixtures.oldManifest] = .postinstFails },
            { $0.nodes[1].platform.failing = [.check] },
            { $0.hidePeers(for: 5_000) }, { $0.cut(0, for: 5_000) }, { $0.powerOff(1) },
            { $0.press(.startUpgrade) }, { $0.press(.hold, server: 1) },
        ]
        var seen: Set<Fingerprint> = [Fingerprint(Self.start)]
        for change in changes {
            var joint = Self.start
            change(&joint)
            #expect(seen.insert(Fingerprint(joint)).inserted)
        }
    }
}
