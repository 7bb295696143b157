import AgentCore
import ControllerCore
import TandemModel
import Testing

@testable import TandemSimulation

/// The whole procedure with both real cores, forwards and back, without faults.
struct UpgradeSimulationTests {
    @Test
    func wholeUpgrade() {
        var joint = Joint()
        joint.expectPosition(.idle)
        joint.act(.startUpgrade)
        joint.expectPosition(.oldNew)
        #expect(joint.has(.clusterMixedVersion))
        joint.act(.continueUpgrade)
        joint.expectPosition(.newOld)
        #expect(joint.checks.longestOutage < 5_000)
        joint.act(.reapplyConfiguration)
        joint.act(.continueUpgrade)
        joint.expectPosition(.newNew)
        #expect(!joint.has(.clusterMixedVersion))
        joint.act(.accept)
        joint.expectPosition(.idle)
        joint.expectEnd(Fixtures.newManifest)
    }
}
