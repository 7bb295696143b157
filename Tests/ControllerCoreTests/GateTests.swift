@testable import ControllerCore
import TandemModel
import Testing

/// What blocks a Start, and only that; a button is enabled exactly when its press is allowed.
struct GateTests {
    private func startRefusal(_ change: (inout World) -> Void) -> TandemError? {
        var world = World()
        change(&world)
        world.deliver()
        world.seconds(1)
        let refusal = world.refusal(world.makePress(.startUpgrade))
        // Safety 12: enabled means that the server's own precondition holds.
        #expect((world.offer(.startUpgrade)?.isEnabled ?? false) == (refusal == nil))
        return refusal
    }

    private func tell(_ world: inout World, _ index: Int, _ change: (inout FakeAgent) -> Void) {
        change(&world.agents[index])
        world.agents[index].tell()
    }

    @Test
    func startNeedsAnOrderlyCluster() {
        #expect(startRefusal { _ in } == nil)
        let rows: [(String, (inout World) -> Void)] = [
            ("is held", { tell(&$0, 1) { $0.isHeld = true } }),
            ("half-installed", { tell(&$0, 0) { $0.software = .unknown("what") } }),
            ("way back", { tell(&$0, 1) { $0.staged = [] } }),
            ("way back", { tell(&$0, 0) { $0.staged[0].isVerified = false } }),
            ("way back", { tell(&$0, 1) { $0.isWayBackVerified = false } }),
            ("not in service", { tell(&$0, 0) { $0.ha.isInService = false } }),
            ("not healthy", { tell(&$0, 0) { $0.health = .failing("no answer") } }),
            ("its mate is active", { tell(&$0, 0) { $0.ha.peerRole = .active } }),
            ("its mate is not active", { tell(&$0, 1) { $0.ha.peerRole = .other } }),
            ("role of fe-2 is unknown", { tell(&$0, 1) { $0.ha.role = .unknown } }),
            ("70508", { $0.agents[1].alarm(.serverIsZombie, isRaised: true) }),
            ("70584", { $0.agents[1].alarm(.journalDamaged, isRaised: true) }),
            ("not reported", { $0.kill(1) }),
            (
                "library",
                {
                    $0.catalogue = []
                    $0.feed(.catalogue([]))
                }
            ),
        ]
        for (words, change) in rows {
            let refusal = startRefusal(change)
            #expect(refusal != nil, "\(words)")
            if words != "half-installed" {
                #expect(
                    refusal?.message.contains(words) == true,
                    "\(words): \(refusal?.message ?? "")"
                )
            }
            #expect(refusal?.remedy.isEmpty == false)
        }
    }

    /// A release that wants the roots kept is not begun where one of them can't be.
    @Test
    func aReleaseThatKeepsTheRootNeedsServersThatCan() throws {
        var keeping = Fixtures.manifest(Fixtures.newRelease, over: ["12.6.0"])
        var step = Fixtures.steps[0]
        step.action = .snapshot
        keeping.upgradeSteps.insert(step, at: 0)
        let rows: [(SnapshotAbility?, String?)] = [
            (.possible, nil), (nil, "too old"),
            (.impossible("/ is no subvolume of btrfs"), "no subvolume"),
        ]
        for index in 0...1 {
            for (ability, words) in rows {
                for (manifest, isRefused) in [
                    (keeping, words != nil),
                    (Fixtures.manifest(Fixtures.newRelease, over: ["12.6.0"]), false),
                ] {
                    var world = World()
                    world.catalogue = [Fixtures.image(manifest, 60)]
                    world.feed(.catalogue(world.catalogue))
                    tell(&world, index) { $0.snapshots = ability }
                    world.deliver()
                    world.seconds(1)
                    let refusal = world.refusal(world.makePress(.startUpgrade))
                    #expect((refusal != nil) == isRefused, "\(refusal?.message ?? "")")
                    guard isRefused else { continue }
                    #expect(refusal?.code == .wayBackMissing)
                    #expect(refusal?.message.contains(words ?? "") == true)
                }
            }
        }
        var world = World()
        tell(&world, 1) { $0.snapshots = .impossible("no btrfs") }
        world.deliver()
        world.seconds(1)
        #expect(
            world.offer(.startUpgrade)?.warnings
                == ["Only package back-out is possible on fe-2: no btrfs."]
        )
        #expect(world.status.servers[1].wayBack == "packages, no snapshot of the root: no btrfs")
    }

    /// Details 21: alarms 70500 to 70507 never block.
    @Test
    func harmlessAlarmsDoNotBlock() {
        for number in [AlarmNumber.systemMixedVersion, .clusterMixedVersion, .isoMismatch] {
            #expect(startRefusal { $0.agents[1].alarm(number, isRaised: true) } == nil)
        }
    }

    @Test
    func blockingAlarmsBlockOnlyForward() {
        var world = RollbackTests.world(at: .on)
        world.agents[0].alarm(.journalDamaged, isRaised: true)
        world.deliver()
        #expect(!world.isEnabled(.continueUpgrade))
        #expect(world.isEnabled(.startRollback))
    }

    private func start(_ new: ReleaseManifest) -> World {
        World(
            images: [
                Fixtures.image(Fixtures.manifest(Fixtures.oldRelease, over: []), 1),
                Fixtures.image(new, 2),
            ]
        )
    }

    @Test
    func imagesMustSuit() {
        let other = ReleaseID(product: "db", version: "1.0")
        let rows: [(String, ReleaseManifest)] = [
            ("can't be installed over", Fixtures.manifest(Fixtures.newRelease, over: ["12.5.0"])),
            ("can't be installed over", Fixtures.manifest(other, over: ["12.6.0"])),
        ]
        for (words, manifest) in rows {
            let world = start(manifest)
            var press = world.makePress(.startUpgrade)
            press.release = manifest.release
            #expect(world.refusal(press)?.message.contains(words) == true)
        }
        var noWayBack = Fixtures.manifest(Fixtures.newRelease, over: ["12.6.0"])
        noWayBack.rollsBackTo = []
        let world = start(noWayBack)
        let refusal = world.refusal(world.makePress(.startUpgrade))
        #expect(refusal?.code == .releaseUnsuitable)
        #expect(refusal?.message.contains("way back") == true)
        var wrongKind = Fixtures.manifest(Fixtures.newRelease, over: ["12.6.0"])
        wrongKind.kinds = [.database]
        let kind = start(wrongKind)
        var press = kind.makePress(.startUpgrade)
        press.release = Fixtures.newRelease
        #expect(kind.refusal(press)?.code == .imageUnknown)
        var agent = Fixtures.manifest(Fixtures.newRelease, over: ["12.6.0"])
        agent.minimumAgent = "2.0.0"
        let old = start(agent)
        #expect(old.refusal(old.makePress(.startUpgrade))?.message.contains("agent") == true)
        var controller = Fixtures.manifest(Fixtures.newRelease, over: ["12.6.0"])
        controller.minimumController = "9.0"
        var limits = ClusterLimits()
        limits.controllerVersion = "1.0"
        let young = World(
            images: [
                Fixtures.image(Fixtures.manifest(Fixtures.oldRelease, over: []), 1),
                Fixtures.image(controller, 2),
            ],
            limits: limits
        )
        #expect(
            young.refusal(young.makePress(.startUpgrade))?.message.contains("controller") == true
        )
    }

    @Test
    func noticesAndReasonAreAskedFor() {
        let world = start(
            Fixtures.manifest(Fixtures.newRelease, over: ["12.6.0"], notices: ["Mind the gap."])
        )
        var press = world.makePress(.startUpgrade)
        press.acknowledgesNotices = false
        #expect(world.refusal(press)?.message.contains("Mind the gap.") == true)
        #expect(world.offer(.startUpgrade)?.warnings == ["Mind the gap."])
        press.acknowledgesNotices = true
        #expect(world.refusal(press) == nil)
        press.reason = ""
        #expect(world.refusal(press)?.message.contains("reason") == true)
    }

    // MARK: - The CMP gate (details 23)

    @Test
    func startBelowTheMinimumCMPIsRefused() {
        var world = start(
            Fixtures.manifest(Fixtures.newRelease, over: ["12.6.0"], minimumCMP: "12.6")
        )
        func refusal(_ version: String?, hasCMP: Bool = true) -> TandemError? {
            world.feed(
                .network(
                    NetworkFacts(primaryCMPVersion: version, hasPrimaryCMP: hasCMP, cmpNeeds: [])
                )
            )
            return world.refusal(world.makePress(.startUpgrade))
        }
        #expect(refusal("12.5.9")?.code == .releaseUnsuitable)
        #expect(refusal(nil) != nil)
        #expect(refusal("12.6") == nil)
        #expect(refusal("12.10.1") == nil)
        #expect(refusal(nil, hasCMP: false) == nil)
    }

    @Test
    func cmpGoesBackLast() {
        var world = World(definition: Fixtures.definition(kind: .cmp))
        world.act(.startUpgrade)
        func need(_ minimum: String) -> NetworkFacts {
            NetworkFacts(
                primaryCMPVersion: "12.6.0",
                hasPrimaryCMP: true,
                cmpNeeds: [
                    CMPNeed(cluster: ClusterName("fe"), minimumCMP: "99"),
                    CMPNeed(cluster: ClusterName("db"), minimumCMP: minimum),
                ]
            )
        }
        world.feed(.network(need("12.6.1")))
        let refusal = world.refusal(world.makePress(.startRollback))
        #expect(refusal?.message.contains("db runs a release that needs cmp 12.6.1") == true)
        #expect(world.isEnabled(.continueUpgrade))
        world.feed(.network(need("12.6.0")))
        #expect(world.isEnabled(.startRollback))
    }

    // MARK: - Seen, people

    @Test
    func pressWithoutSeenIsRefused() {
        let world = World()
        var press = world.makePress(.startUpgrade)
        press.seen = ""
        #expect(world.refusal(press)?.code == .seenMissing)
        press.seen = "0123"
        #expect(world.refusal(press)?.code == .seenChanged)
    }

    /// Lag and load change all the time: they do not void a prompt.
    @Test
    func smallChangesKeepTheToken() {
        var world = World()
        let seen = world.status.seen
        world.agents[1].ha.replication.lagBytes = 12
        world.agents[1].tell()
        world.deliver()
        #expect(world.status.seen == seen)
        var restored = world
        restored.restart()
        #expect(restored.status.seen == seen, "the same sight, the same token in every process")
    }

    @Test
    func differenceIsTold() {
        var world = World()
        let press = world.makePress(.startUpgrade)
        world.agents[0].ha.isInService = false
        world.agents[0].tell()
        world.deliver()
        let refusal = world.refusal(press)
        #expect(refusal?.code == .seenChanged)
        #expect(
            refusal?.message.contains("is: fe-1: active, scef-fe 12.6.0, generation 1, not in")
                == true
        )
        #expect(refusal?.message.contains("fe-2") == false, "only what changed")
    }

    @Test
    func buttonsThatAreNotOfferedAreRefused() {
        let world = World()
        for button in [Button.continueUpgrade, .accept, .restoreService, .demote] {
            #expect(world.refusal(world.makePress(button))?.code == .buttonRefused)
        }
    }

    @Test
    func twoPeople() {
        var world = World(definition: Fixtures.definition(people: 2))
        let press = world.makePress(.startUpgrade)
        guard case .needsApproval(let id)? = world.feed(.press(press)).answer else {
            Issue.record("no approval was asked for")
            return
        }
        #expect(world.machine.state.action == nil && world.status.approvals.count == 1)
        #expect(world.offer(.startUpgrade)?.peopleNeeded == 2)
        guard case .refused(let same)? = world.feed(.approve(id, person: Fixtures.alice)).answer
        else {
            Issue.record("one person approved alone")
            return
        }
        #expect(same.code == .approvalRefused)
        var changed = world
        guard case .accepted? = world.feed(.approve(id, person: Fixtures.bob)).answer else {
            Issue.record("the second person was refused")
            return
        }
        #expect(world.machine.state.action?.approver == Fixtures.bob)
        #expect(world.machine.state.approvals.isEmpty)
        changed.agents[1].health = .healthy
        changed.agents[1].generation += 1
        changed.agents[1].tell()
        changed.deliver()
        guard case .refused(let void)? = changed.feed(.approve(id, person: Fixtures.bob)).answer
        else {
            Issue.record("what was asked for is not what is there")
            return
        }
        #expect(void.code == .seenChanged && changed.machine.state.approvals.isEmpty)
    }

    /// Nobody approves a plan that was made for other roles: it is gone from the page, too.
    @Test
    func requestsAreVoidOnceRolesMove() {
        var world = World(definition: Fixtures.definition(people: 2))
        world.feed(.press(world.makePress(.startUpgrade)))
        #expect(world.machine.state.approvals.count == 1)
        world.agents[0].ha.role = .standby
        world.agents[1].ha.role = .active
        for index in 0...1 { world.agents[index].tell() }
        world.deliver()
        #expect(world.machine.state.approvals.isEmpty)
    }

    @Test
    func requestsCanBeWithdrawn() {
        var world = World(definition: Fixtures.definition(people: 2))
        guard
            case .needsApproval(let id)? = world.feed(.press(world.makePress(.startUpgrade))).answer
        else { return }
        world.feed(.withdraw(id, person: Fixtures.alice))
        #expect(world.machine.state.approvals.isEmpty)
        guard case .refused(let gone)? = world.feed(.approve(id, person: Fixtures.bob)).answer
        else { return }
        #expect(gone.code == .unknownName)
    }

    /// Nobody has to remember a request for ever: after its time it is void, and says so.
    @Test
    func requestsExpire() {
        var limits = ClusterLimits()
        limits.approvalMilliseconds = 60_000
        var world = World(definition: Fixtures.definition(people: 2), limits: limits)
        guard
            case .needsApproval(let id)? = world.feed(.press(world.makePress(.startUpgrade))).answer
        else { return }
        #expect(world.status.approvals.first?.leftMilliseconds == 60_000)
        world.seconds(59)
        #expect(world.status.approvals.first?.leftMilliseconds == 1_000)
        var late = world
        // A controller that comes back, or a clock set back, gives nobody more time.
        late.wall = WallTime(milliseconds: late.wall.milliseconds - 3_600_000)
        late.seconds(2)
        #expect(late.status.approvals.isEmpty)
        world.restart()
        world.seconds(2)
        #expect(world.status.approvals.isEmpty)
        #expect(world.log.contains { $0.text.contains("nobody approved Start Upgrade of alice") })
        guard case .refused(let gone)? = world.feed(.approve(id, person: Fixtures.bob)).answer
        else {
            Issue.record("an expired request was approved")
            return
        }
        #expect(gone.code == .unknownName && world.machine.state.action == nil)
    }

    /// Between its time and the next tick a request is void already.
    @Test
    func expiredRequestIsRefusedAtOnce() {
        var limits = ClusterLimits()
        limits.approvalMilliseconds = 60_000
        var world = World(definition: Fixtures.definition(people: 2), limits: limits)
        guard
            case .needsApproval(let id)? = world.feed(.press(world.makePress(.startUpgrade))).answer
        else { return }
        world.now = world.now + 60_000
        world.wall = WallTime(milliseconds: world.wall.milliseconds + 60_000)
        guard case .refused(let gone)? = world.feed(.approve(id, person: Fixtures.bob)).answer
        else {
            Issue.record("an expired request was approved")
            return
        }
        #expect(gone.code == .unknownName && world.machine.state.approvals.isEmpty)
    }

    /// The way back asks for less: one person, whatever the policy.
    @Test
    func wayBackNeedsOnePerson() {
        var world = World(definition: Fixtures.definition(people: 2))
        guard
            case .needsApproval(let id)? = world.feed(.press(world.makePress(.startUpgrade))).answer
        else { return }
        world.feed(.approve(id, person: Fixtures.bob))
        world.run(until: { $0.position == .oldNew && $0.machine.state.action == nil })
        world.act(.startRollback)
        #expect(world.position == .oldOld)
    }

    @Test
    func everythingIsAudited() {
        var world = World()
        world.act(.startUpgrade)
        let words = world.audit.map(\.what)
        #expect(words.contains("press start-upgrade"))
        #expect(words.contains { $0.hasPrefix("command install ") })
        // One record per mutating command (safety 31), durable in the step of its send.
        for id in world.issued {
            #expect(words.filter { $0.hasSuffix(" \(id)") }.count == 1)
        }
        world.feed(.press(world.makePress(.accept)))
        #expect(world.audit.last?.what == "refused TDM-5002")
    }
}
