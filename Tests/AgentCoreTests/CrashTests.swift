import AgentCore
import TandemModel
import Testing

/// A process that dies at each point between two durable, sent or begun things, one run per point.
///
/// The truth after the restart has to be the one of the run without a fault (`safety.md` 13-18).
struct CrashSimulationTests {
    /// Runs one scenario without a fault to count the points, then once per point.
    ///
    /// - Returns: how many points there were.
    private func everyPoint(
        of index: Int = 1,
        killingChildren: Bool = false,
        prepare: (inout Harness) -> Void = { _ in },
        act: (inout Harness) -> Void,
        check: (borrowing Harness, Int) -> Void
    ) -> Int {
        func ready() -> Harness {
            var harness = Harness()
            prepare(&harness)
            harness.nodes[index].points = 0
            return harness
        }
        var reference = ready()
        act(&reference)
        let count = reference.nodes[index].points
        check(reference, 0)
        for point in 1...count {
            var harness = ready()
            harness.nodes[index].crashAt = point
            harness.nodes[index].crashKillsChild = killingChildren
            act(&harness)
            check(harness, point)
        }
        return count
    }

    private func isSettled(_ harness: Harness) -> Bool {
        harness.director.pursuits.values.allSatisfy(\.isOver)
            && harness.nodes.allSatisfy { $0.machine.state.openCommands.isEmpty }
    }

    private func expectInstalled(_ harness: borrowing Harness, _ point: Int) {
        let node = harness.nodes[1]
        #expect(node.world.software == .known(newRelease), "point \(point)")
        #expect(node.machine.state.current == newManifest, "point \(point)")
        #expect(node.machine.state.previous == oldManifest, "point \(point)")
        #expect(node.machine.state.openCommands.isEmpty, "point \(point)")
        #expect(node.machine.state.attempted == nil, "point \(point)")
        let last = harness.director.pursuits[1].map(\.command.id)
        #expect(last.flatMap { harness.director.results[$0] }?.outcome == .done, "point \(point)")
        #expect(node.world.completed.values.allSatisfy { $0 == 1 }, "point \(point)")
        #expect(node.alarms.isEmpty, "point \(point)")
        #expect(harness.stoppedActive.isEmpty, "point \(point)")
    }

    @Test(arguments: [false, true])
    func installEndsTheSameWhereverTheAgentDies(killingChildren: Bool) {
        let count = everyPoint(
            killingChildren: killingChildren,
            act: { harness in
                harness.pursue(.install(manifest: newManifest, configuration: nil), on: 1)
                _ = harness.run(upTo: 200_000, until: isSettled)
                harness.run(for: 6_000)
            },
            check: expectInstalled
        )
        #expect(count > 80)
    }

    @Test(arguments: [false, true])
    func backOutEndsTheSameWhereverTheAgentDies(killingChildren: Bool) {
        let count = everyPoint(
            killingChildren: killingChildren,
            prepare: { harness in
                harness.pursue(.install(manifest: newManifest, configuration: nil), on: 1)
                _ = harness.run(upTo: 60_000, until: isSettled)
                harness.run(for: 6_000)
            },
            act: { harness in
                harness.pursue(
                    .backOut(manifest: oldManifest, configuration: nil),
                    on: 1,
                    hasMate: false
                )
                _ = harness.run(upTo: 200_000, until: isSettled)
                harness.run(for: 6_000)
            },
            check: { harness, point in
                let state = harness.nodes[1].machine.state
                #expect(harness.nodes[1].world.software == .known(oldRelease), "point \(point)")
                #expect(state.current == oldManifest && state.previous == nil, "point \(point)")
                #expect(isSettled(harness), "point \(point)")
                #expect(harness.nodes[1].alarms.isEmpty, "point \(point)")
            }
        )
        #expect(count > 80)
    }

    @Test
    func aFailedInstallReturnsWhereverTheAgentDies() {
        let count = everyPoint(
            prepare: { $0.nodes[1].world.behaviours[newManifest] = .postinstFails },
            act: { harness in
                harness.pursue(
                    .install(manifest: newManifest, configuration: nil),
                    on: 1
                )
                _ = harness.run(upTo: 200_000, until: isSettled)
                harness.run(for: 6_000)
            },
            check: { harness, point in
                #expect(harness.nodes[1].world.software == .known(oldRelease), "point \(point)")
                #expect(harness.nodes[1].machine.state.zombie == nil, "point \(point)")
                #expect(isSettled(harness), "point \(point)")
                let last = harness.director.pursuits[1]?.command.id
                let failure = last.flatMap { harness.director.results[$0]?.failure }
                #expect(failure?.code == ErrorCode.packageFailed.id, "point \(point)")
                #expect(failure?.diagnostic.contains("exit 1") == true, "point \(point)")
            }
        )
        #expect(count > 80)
    }

    @Test
    func aZombieIsAZombieWhereverTheAgentDies() {
        let count = everyPoint(
            prepare: { harness in
                harness.nodes[1].world.behaviours[newManifest] = .postinstFails
                harness.nodes[1].world.behaviours[oldManifest] = .postinstFails
            },
            act: { harness in
                harness.pursue(
                    .install(manifest: newManifest, configuration: nil),
                    on: 1
                )
                _ = harness.run(upTo: 200_000, until: isSettled)
                harness.run(for: 6_000)
            },
            check: { harness, point in
                #expect(harness.nodes[1].machine.state.zombie != nil, "point \(point)")
                #expect(harness.nodes[1].alarms == [.serverIsZombie], "point \(point)")
                #expect(isSettled(harness), "point \(point)")
                #expect(harness.nodes[0].world.role == .active, "point \(point)")
            }
        )
        #expect(count > 80)
    }

    // MARK: - Failover

    private func isRoleSettled(_ harness: Harness) -> Bool {
        harness.nodes.filter { $0.world.role == .active }.count == 1
            && harness.nodes.allSatisfy { node in
                node.machine.state.demotion == nil
                    && node.machine.state.openCommands.allSatisfy { $0.started == nil }
            }
    }

    /// Each outcome of a failover, with either agent dying at any point: exactly one active server in
    /// the end, never two, never none for longer than 60 s (`safety.md` 4 and 8).
    private func everyFailoverPoint(
        of index: Int,
        prepare: @escaping (inout Harness) -> Void = { _ in }
    ) -> Int {
        everyPoint(
            of: index,
            prepare: prepare,
            act: { harness in
                _ = harness.failOver(to: 1)
                harness.run(for: 20_000)
                _ = harness.run(upTo: 100_000, until: isRoleSettled)
                harness.run(for: 5_000)
            },
            check: { harness, point in
                let roles = harness.nodes.map(\.world.role)
                #expect(roles.filter { $0 == .active }.count == 1, "point \(point): \(roles)")
                #expect(!harness.hadTwoActive, "point \(point)")
                #expect(harness.longestWithoutActive <= 60_000, "point \(point)")
                for node in harness.nodes {
                    #expect(node.machine.state.demotion == nil, "point \(point)")
                    let open = node.machine.state.openCommands.filter { $0.started != nil }
                    #expect(open.isEmpty, "point \(point)")
                }
            }
        )
    }

    @Test(arguments: [0, 1])
    func aFailoverEndsWithOneActiveWhoeverDies(index: Int) {
        #expect(everyFailoverPoint(of: index) > 40)
    }

    @Test(arguments: [0, 1])
    func aRefusedPromotionEndsWithOneActiveWhoeverDies(index: Int) {
        let count = everyFailoverPoint(of: index) { harness in
            harness.nodes[1].world.driverResults["promote"] = .refused("token changed")
        }
        #expect(count > 40)
    }

    @Test(arguments: [0, 1])
    func aRefusedDemotionEndsWithOneActiveWhoeverDies(index: Int) {
        let count = everyFailoverPoint(of: index) { harness in
            harness.nodes[0].world.driverResults["demote"] = .refused("clients connected")
        }
        #expect(count > 30)
    }

    @Test(arguments: [Verb.hold, .fence, .inhibitReplication, .recover])
    func aPlainCommandEndsTheSameWhereverTheAgentDies(verb: Verb) {
        let count = everyPoint(
            act: { harness in
                harness.pursue(verb, on: 1, hasMate: false)
                _ = harness.run(upTo: 60_000, until: isSettled)
                harness.run(for: 10_000)
            },
            check: { harness, point in
                #expect(isSettled(harness), "point \(point)")
                let state = harness.nodes[1].machine.state
                #expect(state.isHeld == (verb == .hold || verb == .fence), "point \(point)")
                #expect(state.isFenced == (verb == .fence), "point \(point)")
                #expect(state.isInhibited == (verb == .inhibitReplication), "point \(point)")
                #expect(harness.nodes[1].world.isHeld == state.isHeld, "point \(point)")
            }
        )
        #expect(count > 10)
    }

    @Test
    func stagingGoesOnWhereverTheAgentDies() {
        let image = [UInt8](repeating: 5, count: 700_000)
        let offer = ImageOffer(
            image: digest(0xAA),
            byteCount: UInt64(image.count),
            manifest: thirdManifest,
            release: thirdRelease
        )
        let count = everyPoint(
            prepare: { $0.director.image = image },
            act: { harness in
                harness.pursue(.stageImage(offer), on: 1, hasMate: false)
                _ = harness.run(upTo: 100_000, until: isSettled)
            },
            check: { harness, point in
                let staged = harness.nodes[1].machine.state.staged.map(\.image)
                #expect(staged == [digest(0xAA)], "point \(point)")
                #expect(isSettled(harness), "point \(point)")
            }
        )
        #expect(count > 15)
    }
}
