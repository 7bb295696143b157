import AgentCore
import ControllerCore
import TandemModel
import Testing

@testable import TandemSimulation

/// The way back from each stop point, over both cores (`safety.md` 19).
struct RollbackSimulationTests {
    /// The buttons up to a stop point, and the positions that the way back goes through.
    struct Stop: Sendable, CustomTestStringConvertible {
        var up: [Button]
        var back: [Position]
        var testDescription: String { "from \(up.count) actions, \(back.count) back" }
    }

    static let stops = [
        Stop(up: [.startUpgrade], back: [.oldNew]),
        Stop(up: [.startUpgrade, .continueUpgrade], back: [.newOld, .oldNew]),
        Stop(
            up: [.startUpgrade, .continueUpgrade, .reapplyConfiguration],
            back: [.newOld, .oldNew]
        ),
        Stop(
            up: [.startUpgrade, .continueUpgrade, .reapplyConfiguration, .continueUpgrade],
            back: [.newNew, .newOld, .oldNew]
        ),
    ]

    @Test(arguments: stops)
    func fromEveryStopPoint(_ stop: Stop) {
        rollBack(Setting(), stop)
    }

    @Test(arguments: stops)
    func withoutReferee(_ stop: Stop) {
        rollBack(Setting(hasReferee: false), stop)
    }

    @Test(arguments: stops)
    func heldWhileMixed(_ stop: Stop) {
        rollBack(Setting(takeover: .held), stop)
    }

    @Test(arguments: stops)
    func whereReplicationDoesNotWork(_ stop: Stop) {
        rollBack(Setting(replicatesAcross: false), stop)
    }

    @Test(arguments: stops)
    func withoutConfiguration(_ stop: Stop) {
        var stop = stop
        stop.up.removeAll { $0 == .reapplyConfiguration }
        rollBack(Setting(hasConfiguration: false), stop)
    }

    private func rollBack(_ setting: Setting, _ stop: Stop) {
        var joint = Joint(setting)
        for button in stop.up { joint.act(button, acceptsDataLoss: true) }
        for (count, position) in stop.back.enumerated() {
            joint.expectPosition(position)
            let button = count == 0 ? Button.startRollback : .continueRollback
            joint.act(button, acceptsDataLoss: true)
        }
        joint.expectPosition(.oldOld)
        joint.act(.continueRollback)
        joint.expectPosition(.idle)
        joint.expectEnd(Fixtures.oldManifest)
        #expect(joint.checks.longestOutage < 5_000)
    }

    /// Back and forth: the direction may be turned wherever one stands.
    @Test
    func turningRoundAtEachStop() {
        var joint = Joint()
        joint.act(.startUpgrade)
        joint.act(.startRollback)
        joint.expectPosition(.oldOld)
        joint.act(.resumeUpgrade)
        joint.expectPosition(.oldNew)
        joint.act(.continueUpgrade)
        joint.act(.startRollback)
        joint.expectPosition(.oldNew)
        joint.act(.resumeUpgrade)
        joint.expectPosition(.newOld)
        joint.act(.reapplyConfiguration)
        joint.act(.continueUpgrade)
        joint.expectPosition(.newNew)
        joint.act(.startRollback)
        joint.expectPosition(.newOld)
        joint.act(.reapplyConfiguration)
        joint.act(.resumeUpgrade)
        joint.expectPosition(.newNew)
        joint.act(.accept)
        joint.expectEnd(Fixtures.newManifest)
    }
}
