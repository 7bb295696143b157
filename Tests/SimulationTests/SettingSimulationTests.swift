import AgentCore
import ControllerCore
import TandemModel
import Testing

@testable import TandemSimulation

/// Clusters of other kinds, and the first contact with servers that Tandem did not install.
struct SettingSimulationTests {
    @Test(arguments: [
        Setting(hasReferee: false), Setting(takeover: .held), Setting(replicatesAcross: false),
        Setting(hasReferee: false, takeover: .held, replicatesAcross: false),
    ])
    func upgrade(_ setting: Setting) {
        var joint = Joint(setting)
        for button in [
            Button.startUpgrade, .continueUpgrade, .reapplyConfiguration, .continueUpgrade, .accept,
        ] { joint.act(button, acceptsDataLoss: true) }
        joint.expectEnd(Fixtures.newManifest)
    }

    /// The running release is known only by its image: staging that is the first thing to do.
    @Test
    func firstInstallation() {
        var joint = Joint(Setting(isOldStaged: false))
        #expect(joint.nodes.allSatisfy { $0.platform.software.release == nil })
        #expect(joint.press(.startUpgrade) != nil)
        #expect(joint.whyNot(.startUpgrade).contains("Stage the image of what it runs"))
        #expect(!joint.has(.clusterMixedVersion), "not known for so short a time is not mixed")
        let old = joint.controller.catalogue[0].offer.image
        joint.feed(.stage(old, server: nil, person: Fixtures.alice))
        joint.run(for: 15_000)
        #expect(joint.nodes.allSatisfy { $0.platform.software == .known(Fixtures.oldRelease) })
        #expect(!joint.has(.clusterMixedVersion))
        joint.act(.startUpgrade)
        joint.expectPosition(.oldNew)
        joint.act(.startRollback)
        joint.act(.continueRollback)
        joint.expectEnd(Fixtures.oldManifest)
    }

    @Test
    func oneServer() {
        var joint = Joint(Setting(serverCount: 1))
        joint.act(.startUpgrade)
        joint.expectPosition(.singleNew)
        joint.act(.accept)
        joint.expectEnd(Fixtures.newManifest)
    }

    @Test
    func oneServerBack() {
        var joint = Joint(Setting(serverCount: 1))
        joint.act(.startUpgrade)
        joint.act(.startRollback)
        joint.expectPosition(.singleOld)
        joint.act(.continueRollback)
        joint.expectEnd(Fixtures.oldManifest)
    }
}
