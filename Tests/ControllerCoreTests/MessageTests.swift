@testable import ControllerCore
import TandemModel
import Testing

/// Late, doubled and unexpected messages; the words between two agents; what is shown.
struct MessageTests {
    @Test
    func everyMessageTwice() {
        var world = World()
        world.press(.startUpgrade)
        for _ in 0..<60 where world.machine.state.action != nil {
            world.now = world.now + 1_000
            world.feed(.tick)
            for index in world.agents.indices { world.agents[index].tick(isBeat: true) }
            for _ in 0..<100 {
                guard let index = world.agents.firstIndex(where: { !$0.outbox.isEmpty }) else {
                    break
                }
                let message = world.agents[index].outbox.removeFirst()
                world.feed(.message(world.names[index], message))
                world.feed(.message(world.names[index], message))
            }
        }
        #expect(world.position == .oldNew)
        world.checkEffects()
    }

    @Test
    func lateMessagesAreIgnored() {
        var world = World()
        let id = CommandID(high: 5, low: 5)
        let report = world.agents[1].report
        let late: [AgentMessage] = [
            .accepted(id, promoteNonce: nil),
            .refused(id, TandemFailure(code: "TDM-4008", message: "no", remedy: "-")),
            .status(id, .neverSeen),
            .finished(
                CommandResult(command: id, outcome: .done, post: report, durationMilliseconds: 1)
            ),
            .step(
                StepProgress(
                    command: id,
                    index: 1,
                    count: 2,
                    name: "x",
                    percent: 1,
                    elapsedMilliseconds: 1,
                    leftMilliseconds: 1
                )
            ),
            .voucherNeeded(id, failover: nil, nonce: Nonce(high: 1, low: 1)),
            .vouchRefused(
                nonce: Nonce(high: 1, low: 1),
                TandemFailure(code: "TDM-4009", message: "no", remedy: "-")
            ),
            .report(report),
        ]
        for message in late {
            let step = world.feed(.message(world.names[1], message))
            #expect(step.ignored == .stale && !step.writes, "\(message)")
        }
        world.disconnect(1)
        #expect(world.feed(.message(world.names[1], .report(report))).ignored == .stale)
        #expect(world.feed(.lost(world.names[1])).ignored == .stale)
    }

    /// Only the server that has a command can say what became of it.
    @Test
    func aWordOfAnotherServerEndsNothing() {
        var world = World()
        world.press(.startUpgrade)
        let open = world.machine.state.commands.first(where: \.isOpen)
        guard let open, let other = world.names.first(where: { $0 != open.server }) else {
            Issue.record("nothing was sent")
            return
        }
        let failure = TandemFailure(code: "TDM-4009", message: "no", remedy: "-")
        let step = world.feed(.message(other, .refused(open.command.id, failure)))
        #expect(step.ignored == .stale)
        let record = world.machine.state.commands.first { $0.command.id == open.command.id }
        #expect(record?.isOpen == true)
    }

    /// A result that comes again, behind the next command of its server, is no answer to that one.
    @Test
    func aResultThatComesAgainEndsNothingElse() {
        var world = World()
        world.agents[1].checks = [CheckResult(name: "disk", level: .critical, text: "2 MB left")]
        world.press(.startUpgrade)
        world.run(until: { $0.machine.state.commands.last?.command.verb.word == "check" })
        let old = world.agents[1].entries.values.compactMap { entry in
            if case .ended(let result) = entry.life { result } else { nil }
        }
        #expect(!old.isEmpty)
        for result in old {
            #expect(world.feed(.message(world.names[1], .finished(result))).ignored == .stale)
        }
        #expect(world.machine.state.commands.last?.isOpen == true)
        world.run(until: { $0.machine.state.action == nil })
        #expect(world.machine.state.failure?.message.contains("disk") == true)
    }

    @Test
    func heartbeatsAreAnsweredAndUsed() {
        var world = World()
        var beat: Heartbeat?
        world.agents[1].beat()
        if case .heartbeat(let last)? = world.agents[1].outbox.last { beat = last }
        world.agents[1].outbox = []
        guard var beat else { return }
        beat.lagBytes = 77
        let step = world.feed(.message(world.names[1], .heartbeat(beat)))
        #expect(
            step.sends == [
                Send(world.names[1], .heartbeatAck(sequence: beat.sequence, time: world.wall))
            ]
        )
        #expect(world.status.servers[1].lagBytes == 77 && !step.writes)
    }

    /// Vouchers go to who asked, and are released when the command ends; nothing of it is durable.
    @Test
    func vouchersAreRelayed() {
        var world = World()
        world.act(.startUpgrade)
        let words = world.sends.compactMap { send -> String? in
            switch send.message {
            case .vouchRequest: "ask \(send.server)"
            case .voucher: "word \(send.server)"
            case .voucherRelease: "release \(send.server)"
            case _: nil
            }
        }
        #expect(words == ["ask fe-1", "word fe-2", "release fe-1"])
    }

    /// Commands carry an acknowledged heartbeat, a rising sequence, this epoch, and a precondition with
    /// the vector of both generations.
    @Test
    func envelopes() {
        var world = World()
        world.seconds(7)
        world.act(.startUpgrade)
        var sequence: UInt64 = 0
        for send in world.sends where send.server == world.names[1] {
            guard case .command(let envelope) = send.message else { continue }
            #expect(envelope.sequence == sequence + 1)
            sequence = envelope.sequence
            #expect(envelope.epoch == 1 && envelope.anchorHeartbeat > 0)
            #expect(envelope.deadlineMilliseconds >= 5_000)
            #expect(envelope.command.planHash != .none)
            guard envelope.command.verb.isMutating else {
                #expect(envelope.command.precondition == nil)
                continue
            }
            let precondition = envelope.command.precondition
            #expect(precondition?.own.generation == 1 && precondition?.mate?.generation == 1)
            #expect(precondition?.mate?.role == .active)
        }
        #expect(sequence > 3)
    }

    @Test
    func progressIsShownAndLogged() {
        var world = World()
        world.press(.startUpgrade)
        world.run(until: { $0.machine.live[$0.names[1]].progress != nil })
        world.now = world.now + 65_000
        let column = world.status.servers[1].operation
        #expect(column.hasPrefix("Initiate upgrade fe-2 (next) step 1/3: part 1 50% (elapsed 1:05"))
        #expect(column.hasSuffix(", about 0:02 left), silent for 1:05: overdue"))
        world.now = Tick(milliseconds: world.now.milliseconds - 65_000)
        world.run(until: { $0.machine.state.action == nil })
        let lines = world.log.filter { $0.action == world.log.first?.action }
        #expect(lines.contains { $0.stepIndex == 0 && $0.result == "done" && $0.endedAt != nil })
        #expect(lines.contains { $0.text == "install fe-2" && $0.durationMilliseconds == 3_000 })
        #expect(lines.contains { $0.text == "step 2/3: part 2" && $0.result == "running" })
        #expect(lines.contains { $0.text == "step 2/3: part 2" && $0.result == "done" })
        #expect(world.status.servers[1].operation.contains("Completed Successfully at"))
        #expect(!world.status.servers[0].operation.contains("Completed"))
    }

    /// Images expect little of a step: one that took longer is overdue while it runs, not once it is done.
    @Test(arguments: [
        ("overdue", ""), ("returning: overdue", "returning"), ("unpacking", "unpacking"),
        ("past its limit of 20 s", "past its limit of 20 s"),
    ])
    func endedStepIsNotOverdue(said: String, kept: String) {
        var world = World()
        world.agents[1].stepText = said
        world.act(.startUpgrade)
        let lines = world.log.filter { $0.text == "step 2/3: part 2" }
        #expect(lines.map(\.result) == ["running", "done"])
        #expect(lines.map(\.detail) == [said, kept])
    }

    @Test
    func agentsErrorsAreAudited() {
        var world = World()
        world.feed(.message(world.names[0], .error(Bye(code: "TDM-2007", text: "forged"))))
        #expect(world.audit.last?.what == "agent error TDM-2007: forged")
    }

    // MARK: - Beside operations

    /// Somebody asks at 3 a.m. who moved that image: nobody did, Start needed it there.
    @Test
    func stagingWithinAnActionIsTheControllersOwn() throws {
        var world = World()
        world.act(.startUpgrade)
        let line = try #require(world.log.first { $0.text == "stage-image fe-2" })
        #expect(line.isAutomatic)
        #expect(
            line.detail == "the controller staged it by itself: fe-2 did not hold "
                + "\(Fixtures.newRelease), which Start Upgrade needs"
        )
        let install = try #require(world.log.first { $0.text == "install fe-2" })
        #expect(!install.isAutomatic && install.detail.isEmpty)
    }

    /// A push beside a running action is whose push it is, not the action's.
    @Test
    func pushBesideAnActionIsThePushersOwn() throws {
        var world = World()
        world.press(.startUpgrade)
        let image = world.catalogue[1].offer.image
        world.feed(.stage(image, server: world.names[1], person: Fixtures.bob))
        let command = try #require(world.audit.last { $0.what.hasPrefix("command stage-image") })
        #expect(command.person == Fixtures.bob && command.reason.isEmpty)
    }

    @Test
    func stagingAhead() {
        var world = World()
        let image = world.catalogue[1].offer.image
        #expect(
            world.feed(.stage(image, server: nil, person: Fixtures.alice)).answer == .accepted(nil)
        )
        world.deliver()
        world.seconds(3)
        #expect(world.agents.allSatisfy { $0.staged.count == 2 })
        #expect(world.machine.state.commands.isEmpty)
        let lines = world.log.filter { $0.text == "stage \(Fixtures.newRelease)" }
        #expect(lines.map(\.person) == [Fixtures.alice, Fixtures.alice])
        #expect(lines.allSatisfy { !$0.isAutomatic && $0.detail.isEmpty })
        world.feed(.drop(image, server: world.names[0], person: Fixtures.alice))
        world.deliver()
        world.seconds(2)
        #expect(world.agents[0].staged.count == 1)
        let running = world.catalogue[0].offer.image
        guard
            case .refused(let error)? =
                world.feed(.drop(running, server: world.names[0], person: Fixtures.alice)).answer
        else {
            Issue.record("the way back was dropped")
            return
        }
        #expect(error.code == .imageNeeded)
    }

    @Test
    func holdsOutsideOperations() {
        var world = World()
        world.act(.hold, server: 1)
        #expect(world.agents[1].isHeld && world.has(.serverForcedStandby) && world.has(.noTakeover))
        #expect(world.offer(.startUpgrade)?.whyNot.contains("is held") == true)
        world.act(.release, server: 1)
        #expect(!world.agents[1].isHeld && !world.has(.serverForcedStandby))
    }

    /// One server runs the release already: Start opens the operation, and the position goes on.
    @Test
    func startAnewFromAMixedCluster() {
        var world = World()
        world.agents[1].software = .known(Fixtures.newRelease)
        world.agents[1].staged.append(Fixtures.staged(world.catalogue[1]))
        world.agents[1].tell()
        world.deliver()
        #expect(world.log.contains { $0.text.hasPrefix("releases moved, not by Tandem: fe-2") })
        world.act(.startUpgrade)
        #expect(world.position == .oldNew && world.machine.state.operation?.hasChanged == true)
        #expect(world.agents[0].software == .known(Fixtures.oldRelease))
    }

    @Test
    func failoverClocksAddUp() {
        #expect(ClusterLimits().isSound)
        var limits = ClusterLimits()
        limits.deadManMilliseconds = 43_000
        #expect(!limits.isSound)
        limits = ClusterLimits()
        limits.failoverMilliseconds = 55_000
        #expect(!limits.isSound)
    }
}
