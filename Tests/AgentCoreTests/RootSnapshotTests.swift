import AgentCore
import TandemModel
import Testing

/// The ladder behind a failed change: repair, the packages of before, the root of before, a zombie.
struct RootSnapshotTests {
    private static let upgradeSteps =
        [stepDefinition(.check, onFailure: .stop), stepDefinition(.snapshot, onFailure: .stop)]
        + plainSteps.dropFirst()

    private func harness() -> Harness {
        var harness = Harness()
        harness.checksEveryFold = true
        harness.nodes[1].world.manifests = storedManifests(newUpgrade: Self.upgradeSteps)
        harness.crash(1)
        harness.run(for: 20_000)
        return harness
    }

    private func install(
        _ harness: inout Harness,
        for milliseconds: UInt64 = 600_000
    ) -> CommandResult? {
        let command = harness.order(.install(manifest: newManifest, configuration: nil), on: 1)
        _ = harness.run(upTo: milliseconds) { $0.director.results[command] != nil }
        return harness.director.results[command]
    }

    private func backOut(_ harness: inout Harness) -> CommandResult? {
        let verb = Verb.backOut(manifest: oldManifest, configuration: nil)
        let command = harness.order(verb, on: 1, hasMate: false)
        _ = harness.run(upTo: 600_000) { $0.director.results[command] != nil }
        return harness.director.results[command]
    }

    private func isZombie(_ result: CommandResult) -> Bool {
        if case .indeterminate = result.outcome { return result.post.zombie != nil }
        return false
    }

    /// Names of what was tried, each once, in the order in which it began.
    private func tried(_ harness: Harness) -> [String] {
        var names: [String] = []
        for progress in harness.director.progress where progress.text.hasPrefix("returning") {
            if !names.contains(progress.name) { names.append(progress.name) }
        }
        return names
    }

    private var failsTo: [Digest: PackageBehaviour] {
        [newManifest: .postinstFails, oldManifest: .postinstFails]
    }

    // MARK: - Taken, kept, dropped

    @Test
    func itIsTakenBeforeAnythingChangesAndKeptUntilAccept() throws {
        var harness = harness()
        let up = try #require(install(&harness))
        #expect(up.outcome == .done)
        let name = "tandem-\(up.command)"
        let root = World.Root(packages: .release(oldManifest), configuration: nil)
        #expect(harness.nodes[1].world.snapshots == [name: root])
        #expect(harness.nodes[1].machine.state.snapshot?.holds == oldManifest)
        harness.crash(1)
        harness.run(for: 60_000)
        #expect(harness.nodes[1].machine.state.snapshot?.name == name)
        #expect(harness.nodes[1].world.snapshots.count == 1)
        let accept = harness.order(.accept(release: newRelease), on: 1)
        _ = harness.run(upTo: 60_000) { $0.director.results[accept] != nil }
        #expect(harness.director.results[accept]?.outcome == .done)
        #expect(harness.nodes[1].world.snapshots.isEmpty)
        #expect(harness.nodes[1].machine.state.snapshot == nil)
    }

    @Test
    func aSnapshotThatFailsStopsTheUpgradeBeforeAnythingChanged() throws {
        var harness = harness()
        harness.nodes[1].world.failing = [.snapshot]
        let result = try #require(install(&harness))
        #expect(result.failure?.message.contains("unchanged") == true)
        #expect(result.post.software == .known(oldRelease))
        #expect(harness.nodes[1].machine.state.snapshot == nil)
    }

    @Test
    func startIsRefusedWhereTheRootCannotBeKept() {
        let manifests = storedManifests(newUpgrade: Self.upgradeSteps)
        var desk = Desk(manifests: manifests)
        desk.seen.snapshots = .impossible("/var/lib/tandem lies on the root")
        let verb = Verb.install(manifest: newManifest, configuration: nil)
        #expect(desk.refusal(ordering: verb, hasMate: true) == ErrorCode.wayBackMissing.id)
        #expect(desk.journal.allSatisfy { if case .received = $0 { false } else { true } })
        var plain = Desk()
        plain.seen.snapshots = .impossible("no btrfs")
        #expect(plain.refusal(ordering: verb, hasMate: true) == nil)
    }

    @Test
    func tryAgainOnABrokenRootKeepsTheFirstSnapshot() throws {
        var harness = harness()
        harness.nodes[1].world.behaviours = failsTo
        harness.nodes[1].world.isBootLoaderDeaf = true
        let first = try #require(install(&harness))
        #expect(isZombie(first))
        let kept = harness.nodes[1].world.snapshots
        #expect(kept.count == 1)
        harness.nodes[1].world.behaviours = [:]
        harness.run(for: 6_000)
        #expect(try #require(install(&harness)).outcome == .done)
        #expect(harness.nodes[1].world.snapshots == kept)
        #expect(harness.nodes[1].machine.state.snapshot?.name == kept.keys.first)
    }

    @Test
    func tryAgainOnABrokenRootWithoutASnapshotTakesNone() throws {
        var harness = harness()
        harness.nodes[1].world.packages = .pieces(of: newManifest)
        harness.run(for: 20_000)
        let result = try #require(install(&harness))
        guard case .failed = result.outcome else {
            Issue.record("not failed: \(result.outcome)")
            return
        }
        #expect(harness.nodes[1].world.snapshots.isEmpty)
    }

    // MARK: - The ladder

    @Test
    func packagesThatGoBackNeedNoSnapshot() throws {
        var harness = harness()
        harness.nodes[1].world.behaviours = [newManifest: .postinstFails]
        let boot = harness.nodes[1].world.boot
        let result = try #require(install(&harness))
        #expect(result.post.software == .known(oldRelease))
        #expect(harness.nodes[1].world.boot == boot)
        #expect(!tried(harness).contains("boot-snapshot"))
    }

    /// Each rung is tried, and none before the one below it has failed.
    @Test
    func theLadderIsClimbedInItsOrder() throws {
        var harness = harness()
        harness.nodes[1].world.behaviours = failsTo
        harness.nodes[1].world.isBootLoaderDeaf = true
        _ = try #require(install(&harness))
        let names = harness.director.progress.filter { $0.text.hasPrefix("returning") }.map(\.name)
        let first = try #require(names.firstIndex(of: "repair"))
        let packages = try #require(names.firstIndex(of: "install-packages"))
        let last = try #require(names.lastIndex(of: "repair"))
        let boot = try #require(names.firstIndex(of: "boot-snapshot"))
        #expect(first < packages && packages < last && last < boot)
        #expect(harness.nodes[1].alarms == [.serverIsZombie])
    }

    /// Safety 16: a reboot is another boot, not a moment that has passed.
    @Test
    func aRebootStepThatStaysUpIsNoSuccess() throws {
        var harness = Harness()
        let steps = [stepDefinition(.installPackages), stepDefinition(.reboot), plainSteps[5]]
        harness.nodes[1].world.manifests = storedManifests(newUpgrade: steps)
        harness.crash(1)
        harness.run(for: 20_000)
        harness.nodes[1].world.hangsOnReboot = true
        let result = try #require(install(&harness))
        #expect(result.failure?.code == ErrorCode.limitExceeded.id)
        #expect(result.post.software == .known(oldRelease))
    }

    @Test
    func whatPackagesCannotUndoTheRootOfBeforeDoes() throws {
        var harness = harness()
        harness.nodes[1].world.behaviours = failsTo
        let before = harness.nodes[1].machine.state
        let result = try #require(install(&harness))
        guard case .failed(let failure) = result.outcome else {
            Issue.record("not failed: \(result.outcome)")
            return
        }
        #expect(failure.message.contains("returned to scef-fe 12.5 by the snapshot of its root"))
        #expect(failure.diagnostic.contains("fe.postinst: exit 1"))
        #expect(result.post.software == .known(oldRelease))
        #expect(result.post.zombie == nil)
        #expect(harness.nodes[1].alarms.isEmpty)
        let names = tried(harness)
        #expect(names.last == "boot-snapshot")
        #expect(names.contains("repair"))
        let after = harness.nodes[1].machine.state
        #expect(after.journal == before.journal && after.head > before.head)
        #expect(after.epoch >= before.epoch && after.pinned == before.pinned)
        #expect(after.attempted == nil && after.current == oldManifest)
        #expect(after.snapshot != nil)
    }

    @Test
    func aBackOutThatPackagesCannotDoIsDoneByTheSnapshot() throws {
        var harness = harness()
        #expect(install(&harness)?.outcome == .done)
        harness.nodes[1].world.behaviours = [oldManifest: .postinstFails]
        harness.run(for: 6_000)
        let result = try #require(backOut(&harness))
        #expect(result.outcome == .done)
        #expect(result.post.software == .known(oldRelease))
        #expect(harness.nodes[1].world.bootedSnapshot != nil)
        #expect(harness.nodes[1].machine.state.current == oldManifest)
    }

    @Test
    func allThreeInVainMakeAZombieThatAPersonRecovers() throws {
        var harness = harness()
        harness.nodes[1].world.behaviours = failsTo
        harness.nodes[1].world.isBootLoaderDeaf = true
        let result = try #require(install(&harness))
        #expect(isZombie(result))
        #expect(harness.nodes[1].alarms == [.serverIsZombie])
        #expect(harness.nodes[0].world.role == .active && harness.nodes[0].world.isServiceRunning)
        #expect(harness.nodes[1].world.wantedBoot == nil)
        let begun = harness.nodes[1].journal.count { if case .started = $0 { true } else { false } }
        harness.run(for: 300_000)
        let later = harness.nodes[1].journal.count { if case .started = $0 { true } else { false } }
        #expect(later == begun, "nothing is done to a zombie by itself")
        harness.nodes[1].world.packages = .release(oldManifest)
        harness.nodes[1].world.isServiceRunning = true
        harness.run(for: 6_000)
        let recover = harness.order(.recover, on: 1)
        _ = harness.run(upTo: 60_000) { $0.director.results[recover] != nil }
        #expect(harness.director.results[recover]?.outcome == .done)
        #expect(harness.director.results[recover]?.post.zombie == nil)
        #expect(harness.nodes[1].alarms.isEmpty)
    }

    @Test
    func aRebootThatDoesNotComeIsNoSuccessAndLeavesNoTrap() throws {
        var harness = harness()
        harness.nodes[1].world.behaviours = failsTo
        harness.nodes[1].world.hangsOnReboot = true
        let result = try #require(install(&harness, for: 3_000_000))
        #expect(isZombie(result))
        #expect(harness.nodes[1].world.wantedBoot == nil)
    }

    @Test
    func withoutABootLoaderItsReasonIsTold() throws {
        var harness = harness()
        harness.nodes[1].world.behaviours = [newManifest: .hangs, oldManifest: .postinstFails]
        let command = harness.order(.install(manifest: newManifest, configuration: nil), on: 1)
        _ = harness.run(upTo: 60_000) { $0.nodes[1].machine.state.snapshot != nil }
        harness.nodes[1].world.snapshotAbility = .impossible("boot-select is gone")
        _ = harness.run(upTo: 600_000) { $0.director.results[command] != nil }
        let result = try #require(harness.director.results[command])
        #expect(isZombie(result))
        #expect(result.post.zombie?.contains("boot-select is gone") == true)
    }

    // MARK: - Interrupted

    /// The plug is pulled at each moment of a way back by snapshot, and once more at the next.
    @Test(arguments: (0..<18).map { UInt64(500 + $0 * 1_500) })
    func aDeathOnTheWayIsOnlyADelay(milliseconds: UInt64) throws {
        var harness = harness()
        harness.nodes[1].world.behaviours = failsTo
        harness.pursue(.install(manifest: newManifest, configuration: nil), on: 1)
        for pause in [UInt64(4_000), 1_000] {
            harness.run(for: milliseconds)
            _ = harness.run(upTo: 20_000) { $0.nodes[1].isRunning }
            harness.crash(1, restartAfter: pause)
        }
        _ = harness.run(upTo: 900_000) { !$0.director.results.isEmpty }
        let result = try #require(harness.director.results.values.first)
        #expect(result.outcome != .done)
        #expect(result.post.software == .known(oldRelease), "\(result.outcome)")
        #expect(result.post.zombie == nil)
        #expect(harness.nodes[1].world.completed.values.allSatisfy { $0 == 1 })
    }

    /// Somebody boots the old root in the middle of an upgrade: journal and trust lie elsewhere.
    @Test(arguments: [UInt64(2_500), 4_500, 6_500, 8_500])
    func anOldRootBootedInMidOperationIsFoundOut(milliseconds: UInt64) throws {
        var harness = harness()
        let command = harness.order(.install(manifest: newManifest, configuration: nil), on: 1)
        _ = harness.run(upTo: 60_000) { $0.nodes[1].machine.state.snapshot != nil }
        harness.run(for: milliseconds - 2_000)
        let before = harness.nodes[1].machine.state
        harness.nodes[1].world.wantedBoot = before.snapshot?.name
        harness.reboot(1)
        _ = harness.run(upTo: 900_000) { $0.director.results[command] != nil }
        let result = try #require(harness.director.results[command])
        let after = harness.nodes[1].machine.state
        #expect(after.journal == before.journal && after.epoch >= before.epoch)
        #expect(result.post.software == harness.nodes[1].world.software)
        let isNew = result.post.software == .known(newRelease)
        #expect(isNew == (result.outcome == .done), "\(result.outcome) on \(result.post.software)")
    }
}
