import AgentCore
import ControllerCore
import TandemModel
import Testing

@testable import TandemSimulation

/// Releases that break, servers that die, failovers that fail.
struct FailureSimulationTests {
    /// postinst fails: the agent returns by itself; mended, Try Again goes on.
    @Test
    func failingInstallReturns() {
        var joint = Joint()
        joint.nodes[1].platform.behaviours[Fixtures.newManifest] = .postinstFails
        joint.act(.startUpgrade)
        joint.expectPosition(.oldOld)
        #expect(joint.failure?.diagnostic.contains("postinst") == true)
        #expect(joint.has(.upgradeOperationFailed))
        #expect(!joint.nodes[1].platform.isHeld)
        joint.nodes[1].platform.behaviours = [:]
        joint.act(.tryAgain)
        joint.expectPosition(.oldNew)
        joint.act(.startRollback)
        joint.act(.continueRollback)
        joint.expectEnd(Fixtures.oldManifest)
    }

    /// preinst fails: nothing has changed.
    @Test
    func failingPreinstChangesNothing() {
        var joint = Joint()
        joint.nodes[1].platform.behaviours[Fixtures.newManifest] = .preinstFails
        joint.act(.startUpgrade)
        joint.expectPosition(.oldOld)
        #expect(joint.failure != nil)
        if joint.isEnabled(.close) { joint.act(.close) } else { joint.act(.startRollback) }
        joint.expectEnd(Fixtures.oldManifest)
    }

    @Test
    func failingCheckStops() {
        var joint = Joint()
        joint.nodes[1].platform.failing = [.check]
        joint.act(.startUpgrade)
        joint.expectPosition(.oldOld)
        #expect(joint.failure?.code == ErrorCode.checkFailed.id)
        joint.act(.close)
        joint.expectEnd(Fixtures.oldManifest)
    }

    private func zombie() -> Joint {
        var joint = Joint()
        joint.nodes[1].platform.behaviours[Fixtures.newManifest] = .postinstFails
        joint.nodes[1].platform.behaviours[Fixtures.oldManifest] = .postinstFails
        joint.act(.startUpgrade)
        joint.expectPosition(.standbyBroken)
        #expect(joint.has(.serverIsZombie))
        #expect(joint.nodes[0].isServing)
        joint.nodes[1].platform.behaviours = [:]
        return joint
    }

    @Test
    func zombieGoesOn() {
        var joint = zombie()
        joint.act(.tryAgain)
        joint.expectPosition(.oldNew)
        #expect(!joint.has(.serverIsZombie))
        for button in [Button.continueUpgrade, .reapplyConfiguration, .continueUpgrade, .accept] {
            joint.act(button)
        }
        joint.expectEnd(Fixtures.newManifest)
    }

    @Test
    func zombieGoesBack() {
        var joint = zombie()
        joint.act(.startRollback)
        joint.expectPosition(.oldOld)
        joint.act(.continueRollback)
        joint.expectEnd(Fixtures.oldManifest)
    }

    /// The way back asks nothing of a mate that is itself ill (`domain.md`).
    @Test
    func zombieGoesBackBesideAnIllMate() {
        var joint = zombie()
        joint.nodes[0].platform.isIll = true
        joint.checks.excusesOutage = true
        joint.run(for: 10_000)
        joint.act(.startRollback)
        #expect(joint.nodes[1].platform.packages == .release(Fixtures.oldManifest))
        joint.expectClean()
    }

    @Test
    func zombieIsRecoveredByHand() {
        var joint = zombie()
        joint.nodes[1].platform.packages = .release(Fixtures.oldManifest)
        joint.nodes[1].platform.isServiceRunning = true
        joint.run(for: 10_000)
        joint.act(.recovered, server: 1)
        joint.expectPosition(.oldOld)
        #expect(!joint.has(.serverIsZombie))
        joint.act(.startRollback)
        joint.expectEnd(Fixtures.oldManifest)
    }

    /// A dead active server at a stop point: somebody says so, and the standby serves.
    @Test(arguments: [true, false])
    func restoreServiceAfterTheActiveDied(_ hasReferee: Bool) {
        var joint = Joint(Setting(hasReferee: hasReferee))
        joint.act(.startUpgrade)
        joint.checks.excusesOutage = true
        joint.powerOff(0)
        joint.run(for: 40_000)
        joint.expectPosition(.activeSilent)
        #expect(joint.has(.clusterNoActive))
        joint.act(.restoreService, server: 1, statement: "dead")
        #expect(joint.nodes[1].isServing)
        joint.checks.excusesOutage = false
        joint.powerOn(0)
        joint.run(for: 40_000)
        joint.expectPosition(.newOld)
        #expect(!joint.has(.clusterNoActive))
        joint.act(.reapplyConfiguration)
        joint.act(.continueUpgrade)
        joint.expectPosition(.newNew)
        joint.act(.accept)
        joint.expectEnd(Fixtures.newManifest)
    }

    /// While nobody is active, a server may be changed without anybody's voucher (`safety.md` 4).
    @Test
    func tryAgainWhileNobodyIsActive() {
        var joint = Joint()
        joint.nodes[1].platform.behaviours[Fixtures.newManifest] = .postinstFails
        joint.nodes[1].platform.behaviours[Fixtures.oldManifest] = .postinstFails
        joint.act(.startUpgrade)
        joint.nodes[1].platform.behaviours = [:]
        joint.checks.excusesOutage = true
        joint.nodes[0].platform.isActive = false
        joint.run(for: 15_000)
        joint.expectPosition(.noneActive)
        joint.act(.tryAgain, server: 1)
        #expect(joint.nodes[1].platform.packages == .release(Fixtures.newManifest))
        joint.act(.restoreService, server: 0)
        joint.expectPosition(.oldNew)
        joint.expectClean()
    }

    /// The standby's machine dies and the cluster goes on with one.
    @Test
    func goOnAsASingleServer() {
        var joint = Joint()
        joint.act(.startUpgrade)
        joint.powerOff(1)
        joint.run(for: 40_000)
        joint.expectPosition(.standbySilent)
        #expect(joint.press(.goOnSingle, server: 0) == nil)
        joint.run(for: 2_000)
        joint.expectPosition(.singleOld)
        joint.checks.excusesOutage = true
        joint.act(.resumeUpgrade)
        joint.expectPosition(.singleNew)
        #expect(joint.nodes[0].isServing)
        joint.checks.excusesOutage = false
        joint.act(.accept)
        joint.powerOn(1)
        joint.run(for: 20_000)
        joint.expectClean()
    }

    @Test
    func promotionThatIsRefusedReturns() {
        var joint = Joint()
        joint.act(.startUpgrade)
        // The token changes between arming and the promotion: the driver refuses.
        #expect(joint.press(.continueUpgrade) == nil)
        let isDemoting = joint.run(upTo: 20_000) { !$0.nodes[0].isActive }
        #expect(isDemoting)
        joint.takeOverCount += 1
        _ = joint.run(upTo: 100_000) { !$0.isActing }
        #expect(joint.failure != nil)
        joint.run(for: 10_000)
        joint.expectPosition(.oldNew)
        #expect(joint.checks.longestOutage < 20_000)
        #expect(!joint.nodes[1].platform.isHeld)
        joint.act(.tryAgain)
        joint.expectPosition(.newOld)
        joint.expectClean()
    }

    /// The controller dies with the failover half done: the target promotes or voids, the dead-man rules.
    @Test(arguments: [true, false], [0, 100, 300, 600, 900] as [UInt64])
    func controllerGoneInTheFailover(_ hasReferee: Bool, _ delay: UInt64) {
        var joint = Joint(Setting(hasReferee: hasReferee))
        joint.act(.startUpgrade)
        joint.press(.continueUpgrade)
        _ = joint.run(upTo: 20_000) { !$0.nodes[0].isActive }
        joint.run(for: delay)
        joint.crashController(restartAfter: 300_000)
        joint.run(for: 320_000)
        #expect(joint.nodes.filter(\.isServing).count == 1)
        #expect(joint.checks.longestOutage < 60_000)
        #expect([.oldNew, .newOld].contains(joint.position), "\(joint.position)")
        joint.run(for: 60_000)
        #expect(!joint.isActing)
        joint.expectClean()
    }

    /// What the command expects of the mate can never be so again: it ends, and a new one goes on.
    @Test
    func interruptedForGoodEnds() {
        var joint = Joint()
        joint.press(.startUpgrade)
        let hasBegun = joint.run(upTo: 30_000) { $0.nodes[1].changesUnderWay > 0 }
        #expect(hasBegun)
        joint.run(for: 1_500)
        joint.takeOverCount += 1
        joint.crashAgent(1)
        let hasEnded = joint.run(upTo: 60_000) { !$0.isActing }
        #expect(hasEnded, "\(joint.status.nextStep)")
        joint.run(for: 6_000)
        joint.act(.tryAgain)
        joint.expectPosition(.oldNew)
        joint.expectClean()
    }

    /// Stop before the change began means that it does not begin.
    @Test
    func stopBeforeTheInstallBegan() {
        var joint = Joint()
        joint.press(.startUpgrade)
        let isOnItsWay = joint.run(upTo: 30_000) { joint in
            joint.controller.machine.state.commands.contains {
                $0.command.verb.word == "install"
            }
        }
        #expect(isOnItsWay)
        joint.run(for: 40)
        joint.act(.stop)
        #expect(joint.nodes[1].platform.packages == .release(Fixtures.oldManifest))
        joint.expectPosition(.oldOld)
        #expect(joint.lastResult.contains("Stopped"))
        joint.expectClean()
    }
}
