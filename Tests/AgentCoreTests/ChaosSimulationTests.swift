import AgentCore
import TandemModel
import Testing

/// Random faults against a pair of servers: first only safety counts, then, with the faults over,
/// that everything comes to an end and can be had.
struct ChaosSimulationTests {
    private static let seedCount: UInt64 = 40

    private enum Fault: CaseIterable {
        case crash
        case crashWithChild
        case disconnect
        case reboot
        case silence
        case brokenPackages
        case repairedPackages
        case refusingDriver
        case obeyingDriver
        case stop
    }

    @Test(arguments: 1...seedCount)
    func faultsNeverBreakServiceAndEndInOrder(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var harness = Harness(seed: seed)
        for _ in 1...12 {
            order(&harness, &random)
            for _ in 0..<Int.random(in: 0...3, using: &random) {
                harness.run(for: UInt64.random(in: 100...9_000, using: &random))
                strike(&harness, &random)
                expectSafe(harness, seed)
            }
            harness.run(for: UInt64.random(in: 1_000...20_000, using: &random))
            expectSafe(harness, seed)
        }
        heal(&harness)
        harness.run(for: 120_000)
        expectSafe(harness, seed)
        expectSettled(harness, seed)
        expectReachable(&harness, seed)
    }

    // MARK: - What is done to them

    private func order(_ harness: inout Harness, _ random: inout SeededGenerator) {
        let standby = harness.nodes[0].world.role == .active ? 1 : 0
        switch Int.random(in: 0..<6, using: &random) {
        case 0, 1:
            harness.order(.install(manifest: newManifest, configuration: nil), on: standby)
        case 2:
            harness.order(
                .backOut(manifest: oldManifest, configuration: nil),
                on: standby,
                hasMate: false
            )
        case 3, 4:
            _ = harness.failOver(to: standby)
        case _:
            let verbs = [Verb.hold, .unhold, .inhibitReplication, .allowReplication, .report]
            guard let verb = verbs.randomElement(using: &random) else { return }
            harness.order(verb, on: standby, hasMate: false)
        }
    }

    private func strike(_ harness: inout Harness, _ random: inout SeededGenerator) {
        guard let fault = Fault.allCases.randomElement(using: &random) else { return }
        let index = Int.random(in: 0...1, using: &random)
        switch fault {
        case .crash, .crashWithChild:
            harness.nodes[index].crashKillsChild = fault == .crashWithChild
            if harness.nodes[index].isRunning { harness.crash(index) }
        case .disconnect:
            harness.disconnect(index, for: UInt64.random(in: 100...30_000, using: &random))
        case .reboot:
            // Rebooting the server that serves is a fault of its own, not one of ours.
            if harness.nodes[index].world.role != .active, harness.nodes[index].isRunning {
                harness.reboot(index)
            }
        case .silence:
            harness.director.isVouching.toggle()
        case .brokenPackages:
            let manifest = Bool.random(using: &random) ? oldManifest : newManifest
            let behaviour: PackageBehaviour =
                Bool.random(using: &random) ? .postinstFails : .preinstFails
            harness.nodes[index].world.behaviours[manifest] = behaviour
        case .repairedPackages:
            harness.nodes[index].world.behaviours = [:]
        case .refusingDriver:
            let call = ["promote", "demote", "hold", "unhold"].randomElement(using: &random)
            harness.nodes[index].world.driverResults[call ?? ""] = .refused("not now")
        case .obeyingDriver:
            harness.nodes[index].world.driverResults = [:]
        case .stop:
            for open in harness.nodes[index].machine.state.openCommands {
                harness.tell(index, .stop(open.command.id))
            }
        }
    }

    private func heal(_ harness: inout Harness) {
        harness.director.isVouching = true
        for index in 0...1 {
            harness.nodes[index].world.behaviours = [:]
            harness.nodes[index].world.driverResults = [:]
            harness.nodes[index].crashKillsChild = false
        }
    }

    // MARK: - What must hold

    private func expectSafe(_ harness: Harness, _ seed: UInt64) {
        #expect(!harness.hadTwoActive, "seed \(seed)")
        #expect(harness.stoppedActive.isEmpty, "seed \(seed)")
        for node in harness.nodes {
            let isOnce = node.world.completed.values.allSatisfy { $0 == 1 }
            #expect(isOnce, "seed \(seed): \(node.world.completed)")
        }
    }

    private func expectSettled(_ harness: Harness, _ seed: UInt64) {
        let active = harness.nodes.filter { $0.world.role == .active }
        #expect(active.count == 1, "seed \(seed)")
        for node in harness.nodes {
            let started = node.machine.state.openCommands.filter { $0.started != nil }
            #expect(started.isEmpty, "seed \(seed): \(node.server) \(started)")
            #expect(node.machine.state.demotion == nil, "seed \(seed)")
            let isZombie = node.machine.state.zombie != nil
            #expect(node.alarms.contains(.serverIsZombie) == isZombie, "seed \(seed)")
            let isHeld = node.machine.state.isHeld
            #expect(node.alarms.contains(.serverForcedStandby) == isHeld, "seed \(seed)")
            #expect(node.world.isHeld || !isHeld || node.world.role == .active, "seed \(seed)")
        }
    }

    /// From wherever the faults have left it, the standby can be brought to the new release.
    private func expectReachable(_ harness: inout Harness, _ seed: UInt64) {
        let standby = harness.nodes[0].world.role == .active ? 1 : 0
        for entry in harness.nodes[standby].machine.state.openCommands {
            harness.tell(standby, .void(entry.command.id))
        }
        harness.run(for: 2_000)
        harness.pursue(.install(manifest: newManifest, configuration: nil), on: standby)
        let isThere = harness.run(upTo: 200_000) { harness in
            harness.director.pursuits[standby]?.isOver == true
        }
        #expect(isThere, "seed \(seed)")
        #expect(harness.nodes[standby].world.software == .known(newRelease), "seed \(seed)")
        #expect(harness.nodes[standby].machine.state.zombie == nil, "seed \(seed)")
    }
}
