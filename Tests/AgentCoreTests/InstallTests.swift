import AgentCore
import TandemModel
import Testing

/// Whole installs and back-outs on a simulated platform.
struct InstallTests {
    private func install(_ harness: inout Harness) -> CommandResult? {
        let command = harness.order(.install(manifest: newManifest, configuration: nil), on: 1)
        _ = harness.run(upTo: 120_000) { $0.director.results[command] != nil }
        return harness.director.results[command]
    }

    private func backOut(_ harness: inout Harness) -> CommandResult? {
        let command = harness.order(
            .backOut(manifest: oldManifest, configuration: nil),
            on: 1,
            hasMate: false
        )
        _ = harness.run(upTo: 120_000) { $0.director.results[command] != nil }
        return harness.director.results[command]
    }

    @Test
    func reachesTheNewReleaseAndComesBack() throws {
        var harness = Harness()
        harness.checksEveryFold = true
        let up = try #require(install(&harness))
        #expect(up.outcome == .done)
        #expect(up.post.software == .known(newRelease))
        #expect(up.post.previous == oldRelease)
        #expect(up.post.openCommands.isEmpty)
        #expect(up.ownMilliseconds < up.durationMilliseconds)
        let names = harness.director.progress.map(\.name)
        #expect(Set(names) == Set(plainSteps.map(\.name)))
        harness.run(for: 2_000)
        let back = try #require(backOut(&harness))
        #expect(back.outcome == .done)
        #expect(back.post.software == .known(oldRelease))
        #expect(back.post.previous == nil)
        #expect(harness.nodes[1].world.completed.values.allSatisfy { $0 == 1 })
        #expect(harness.stoppedActive.isEmpty)
    }

    // MARK: - Failures

    /// A release whose packages alone are touched, so that nothing is stopped by hand before.
    private let bareSteps = [stepDefinition(.installPackages), stepDefinition(.verify)]

    @Test
    func aPreinstThatFailsLeavesTheServerUnchanged() throws {
        var harness = Harness()
        harness.nodes[1].world.manifests = storedManifests(newUpgrade: bareSteps)
        harness.crash(1)
        harness.run(for: 20_000)
        harness.nodes[1].world.behaviours[newManifest] = .preinstFails
        let result = try #require(install(&harness))
        #expect(result.failure?.code == ErrorCode.packageFailed.id)
        #expect(result.failure?.message.contains("unchanged") == true)
        #expect(result.failure?.diagnostic == "fe.postinst: exit 1")
        #expect(result.post.software == .known(oldRelease))
        let isReturn = harness.nodes[1].journal.contains { record in
            if case .returning = record { true } else { false }
        }
        #expect(!isReturn)
        harness.nodes[1].world.behaviours = [:]
        #expect(install(&harness)?.outcome == .done)
    }

    @Test
    func aPostinstThatFailsReturnsToTheReleaseBefore() throws {
        var harness = Harness()
        harness.nodes[1].world.behaviours[newManifest] = .postinstFails
        let result = try #require(install(&harness))
        #expect(result.failure?.code == ErrorCode.packageFailed.id)
        #expect(result.failure?.message.contains("returned to scef-fe 12.5") == true)
        #expect(result.failure?.diagnostic == "fe.postinst: exit 1")
        #expect(result.post.software == .known(oldRelease))
        #expect(harness.nodes[1].alarms.isEmpty)
        #expect(harness.nodes[1].machine.state.attempted == nil)
    }

    @Test
    func aWayBackThatFailsTooMakesAZombieAndTryAgainEndsIt() throws {
        var harness = Harness()
        harness.nodes[1].world.behaviours[newManifest] = .postinstFails
        harness.nodes[1].world.behaviours[oldManifest] = .postinstFails
        let result = try #require(install(&harness))
        guard case .indeterminate(let failure) = result.outcome else {
            Issue.record("not indeterminate: \(result.outcome)")
            return
        }
        #expect(failure.code == ErrorCode.stateIndeterminate.id)
        #expect(failure.diagnostic.contains("fe.postinst: exit 1"))
        #expect(harness.nodes[1].alarms == [.serverIsZombie])
        #expect(result.post.zombie != nil)
        #expect(harness.nodes[0].world.role == .active && harness.nodes[0].world.isServiceRunning)
        harness.nodes[1].world.behaviours = [:]
        harness.run(for: 6_000)
        let again = try #require(install(&harness))
        #expect(again.outcome == .done)
        #expect(again.post.zombie == nil)
        #expect(again.post.previous == oldRelease)
        #expect(harness.nodes[1].alarms.isEmpty)
    }

    @Test
    func aZombieIsBackedOutByTheListOfTheReleaseThatFailed() throws {
        var harness = Harness()
        harness.nodes[1].world.behaviours[newManifest] = .postinstFails
        harness.nodes[1].world.behaviours[oldManifest] = .postinstFails
        _ = install(&harness)
        harness.nodes[1].world.behaviours = [newManifest: .postinstFails]
        harness.run(for: 6_000)
        let result = try #require(backOut(&harness))
        #expect(result.outcome == .done)
        #expect(result.post.software == .known(oldRelease))
        #expect(result.post.zombie == nil)
        let routes = harness.nodes[1].journal.filter { record in
            if case .route(_, newManifest, _) = record { true } else { false }
        }
        #expect(routes.count == 1)
    }

    @Test
    func aStepPastTwiceItsLimitIsKilledAndReturns() throws {
        var harness = Harness()
        harness.nodes[1].world.behaviours[newManifest] = .hangs
        let result = try #require(install(&harness))
        #expect(result.failure?.code == ErrorCode.limitExceeded.id)
        #expect(result.post.software == .known(oldRelease))
        let texts = harness.director.progress.map(\.text)
        #expect(texts.contains("overdue"))
        #expect(texts.contains("past its limit of 20 s"))
    }

    @Test(arguments: [StepAction.stopService, .installPackages, .startService, .verify])
    func aStepThatLiesIsFoundOut(action: StepAction) throws {
        var harness = Harness()
        harness.nodes[1].world.lying = [action]
        // A lying verify hides nothing: the goal of the whole is looked at too.
        if action == .verify { harness.nodes[1].world.isHealthy = false }
        let result = try #require(install(&harness))
        #expect(result.failure?.code == ErrorCode.verifyFailed.id)
    }

    @Test
    func aFailureThatStopsLeavesTheServerWhereItIs() throws {
        var harness = Harness()
        harness.nodes[1].world.manifests = storedManifests(
            newUpgrade: [
                stepDefinition(.stopService),
                stepDefinition(.installPackages, onFailure: .stop),
            ]
        )
        harness.crash(1)
        harness.run(for: 20_000)
        harness.nodes[1].world.behaviours[newManifest] = .postinstFails
        let result = try #require(install(&harness))
        #expect(result.failure?.message.contains("left as half-installed") == true)
        #expect(result.post.software.description.hasPrefix("half-installed"))
        #expect(harness.nodes[1].machine.state.zombie == nil)
        harness.nodes[1].world.behaviours = [:]
        harness.run(for: 6_000)
        #expect(try #require(backOut(&harness)).post.software == .known(oldRelease))
    }

    // MARK: - Vouchers and roles

    @Test
    func withoutAVoucherNothingStarts() throws {
        var harness = Harness()
        harness.director.isVouching = false
        let result = try #require(install(&harness))
        #expect(result.failure?.code == ErrorCode.voucherRefused.id)
        #expect(harness.nodes[1].world.isServiceRunning)
        let isStarted = harness.nodes[1].journal.contains { record in
            if case .started = record { true } else { false }
        }
        #expect(!isStarted)
    }

    @Test
    func aMateThatFallsSilentMidwayInterruptsUnchanged() throws {
        var harness = Harness()
        // A slow check outlives the first voucher, so that the next step needs another.
        harness.nodes[1].world.manifests = storedManifests(
            newUpgrade: [StepDefinition].init(repeating: stepDefinition(.hook), count: 8)
                + plainSteps
        )
        harness.crash(1)
        harness.run(for: 20_000)
        let command = harness.order(.install(manifest: newManifest, configuration: nil), on: 1)
        harness.run(for: 6_000)
        harness.director.isVouching = false
        let isWaiting = harness.run(upTo: 60_000) {
            $0.director.statuses[command] == .started(isInterrupted: true)
        }
        #expect(isWaiting)
        #expect(harness.nodes[1].world.isServiceRunning)
        #expect(harness.nodes[1].world.software == .known(oldRelease))
        harness.run(for: 60_000)
        #expect(harness.director.results[command] == nil)
        harness.director.isVouching = true
        let isDone = harness.run(upTo: 60_000) { $0.director.results[command] != nil }
        #expect(isDone && harness.director.results[command]?.outcome == .done)
    }

    @Test
    func anInterruptedInstallIsEndedByAStop() throws {
        var harness = Harness()
        let command = harness.order(.install(manifest: newManifest, configuration: nil), on: 1)
        harness.run(for: 1_500)
        harness.crash(1)
        harness.director.isVouching = false
        harness.run(for: 30_000)
        #expect(harness.director.results[command] == nil)
        harness.tell(1, .stop(command))
        harness.run(for: 2_000)
        let failure = harness.director.results[command]?.failure
        #expect(failure?.code == ErrorCode.stoppedByPerson.id)
    }

    @Test
    func aServerThatBecomesActiveIsNotStopped() throws {
        var harness = Harness()
        harness.nodes[1].world.manifests = storedManifests(
            newUpgrade: [stepDefinition(.hook)] + plainSteps
        )
        harness.crash(1)
        harness.run(for: 20_000)
        let command = harness.order(.install(manifest: newManifest, configuration: nil), on: 1)
        harness.run(for: 1_500)
        harness.nodes[0].world.role = .standby
        harness.nodes[1].world.role = .active
        harness.run(for: 60_000)
        #expect(harness.nodes[1].world.isServiceRunning)
        #expect(harness.stoppedActive.isEmpty)
        #expect(harness.director.statuses[command] == .started(isInterrupted: true))
        harness.tell(1, .stop(command))
        harness.run(for: 2_000)
        #expect(harness.director.results[command]?.failure != nil)
    }

    @Test
    func aStopEndsAtTheNextSafeBoundary() throws {
        var harness = Harness()
        let command = harness.order(.install(manifest: newManifest, configuration: nil), on: 1)
        let isChecking = harness.run(upTo: 5_000) { $0.director.progress.last?.name == "check" }
        #expect(isChecking)
        harness.tell(1, .stop(command))
        harness.run(for: 10_000)
        let result = try #require(harness.director.results[command])
        #expect(result.failure?.code == ErrorCode.stoppedByPerson.id)
        #expect(result.post.software == .known(oldRelease))
        #expect(harness.nodes[1].world.isServiceRunning)
    }

    @Test
    func aStopPastTheLastBoundaryIsTooLate() throws {
        var harness = Harness()
        let command = harness.order(.install(manifest: newManifest, configuration: nil), on: 1)
        let isInstalling = harness.run(upTo: 20_000) {
            $0.director.progress.last?.name == "install-packages"
        }
        #expect(isInstalling)
        harness.tell(1, .stop(command))
        _ = harness.run(upTo: 60_000) { $0.director.results[command] != nil }
        #expect(harness.director.results[command]?.outcome == .done)
    }

    // MARK: - Other ways to install

    @Test
    func aRebootStepIsDoneByTheNextBoot() throws {
        var harness = Harness()
        harness.nodes[1].world.manifests = storedManifests(
            newUpgrade: [
                stepDefinition(.installPackages), stepDefinition(.reboot), stepDefinition(.verify),
            ]
        )
        harness.crash(1)
        harness.run(for: 20_000)
        let boot = harness.nodes[1].world.boot
        let result = try #require(install(&harness))
        #expect(result.outcome == .done)
        #expect(harness.nodes[1].world.boot != boot)
        let reboots = harness.nodes[1].journal.filter { record in
            if case .booted = record { true } else { false }
        }
        #expect(reboots.count == 2)
    }

    @Test
    func aBlankServerIsInstalled() throws {
        var harness = Harness()
        harness.nodes[1].world.packages = .blank
        harness.nodes[1].world.isServiceRunning = false
        harness.run(for: 6_000)
        let result = try #require(install(&harness))
        #expect(result.outcome == .done)
        #expect(result.post.software == .known(newRelease))
    }

    @Test
    func theOnlyServerIsInstalledWhileActive() throws {
        var harness = Harness(roles: [.active])
        let command = harness.order(.install(manifest: newManifest, configuration: nil), on: 0)
        _ = harness.run(upTo: 60_000) { $0.director.results[command] != nil }
        let result = try #require(harness.director.results[command])
        #expect(result.outcome == .done)
        #expect(result.post.role == .active)
    }

    @Test
    func theConfigurationComesOnTheWay() throws {
        var harness = Harness()
        let command = harness.order(
            .install(manifest: newManifest, configuration: configuration(3)),
            on: 1
        )
        _ = harness.run(upTo: 60_000) { $0.director.results[command] != nil }
        let result = try #require(harness.director.results[command])
        #expect(result.outcome == .done)
        #expect(
            result.post.configuration
                == AppliedConfiguration(
                    number: 3,
                    schema: "fe-1",
                    digest: digest(3)
                )
        )
    }
}
