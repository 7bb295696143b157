import AgentCore
import TandemModel
import Testing

/// Looks at the role alone, beside whole ones that wait for the product.
struct RoleLookTableTests {
    private let demote = Verb.demote(
        failover: id(5),
        target: ServerName("fe-1"),
        targetNonce: id(6),
        deadManMilliseconds: 45_000
    )

    /// An active server whose product has been asked for its health and does not answer.
    private func hanging() -> Desk {
        var desk = Desk(seen: observation(haStatus(.active)))
        desk.isAnswering = false
        let asked = desk.feed(desk.envelope(desk.command(.report, 2)))
        #expect(asked.effects.contains(.observe(isThorough: true)))
        return desk
    }

    @Test
    func aDemotionNeedsNoAnswerOfTheProduct() {
        var desk = hanging()
        let asked = desk.feed(desk.envelope(desk.command(demote)))
        #expect(asked.effects == [.observeRole])
        let begun = desk.feed(.observedRole(desk.seen))
        let call = DriverCall.demote(
            failover: id(5),
            target: ServerName("fe-1"),
            deadline: desk.now + AgentLimits().demoteMilliseconds
        )
        #expect(begun.effects.contains(.driver(id(1), call)))
        let ended = desk.feed(.driverEnded(id(1), call, .done))
        #expect(ended.effects == [.observeRole])
        desk.feed(.observedRole(observation(haStatus(.standby))))
        #expect(desk.result(of: id(1))?.outcome == .done)
        #expect(desk.result(of: id(1))?.proof != nil)
        #expect(desk.result(of: id(2)) == nil)
    }

    /// Its driver was asked before the role moved: what it says of the role is no news.
    @Test
    func anOlderWholeLookDoesNotUndoANewerOne() {
        var desk = hanging()
        desk.feed(desk.envelope(desk.command(demote)))
        desk.feed(.observedRole(desk.seen))
        let call = DriverCall.demote(
            failover: id(5),
            target: ServerName("fe-1"),
            deadline: desk.now + AgentLimits().demoteMilliseconds
        )
        desk.feed(.driverEnded(id(1), call, .done))
        desk.feed(.observedRole(observation(haStatus(.standby, token: "t2"))))
        let generation = desk.machine.state.generation
        let late = desk.feed(.observed(desk.seen))
        #expect(desk.machine.state.demotion != nil)
        #expect(desk.machine.state.generation == generation)
        #expect(!late.effects.contains(.disarmDeadMan(id(5))))
        #expect(desk.result(of: id(2))?.post.role == .standby)
    }

    /// The other way round the whole look is the newer one.
    @Test
    func aWholeLookThatBeganLaterCounts() {
        var desk = Desk(seen: observation(haStatus(.active)))
        desk.isAnswering = false
        desk.feed(desk.envelope(desk.command(.fence)))
        desk.feed(desk.envelope(desk.command(.report, 2)))
        desk.feed(.observedRole(desk.seen))
        desk.feed(.observed(observation(haStatus(.standby, token: "t2"))))
        #expect(desk.result(of: id(2))?.post.role == .standby)
    }

    /// Its release would be shown as unknown, and the cluster's position with it.
    @Test
    func aProcessThatHasSeenNothingLooksAtAll() {
        var before = Desk(seen: observation(haStatus(.active)))
        before.order(demote)
        var after = Desk(seen: before.seen, journal: before.journal, isConnected: false)
        #expect(after.machine.state.demotion != nil)
        #expect(!after.effects.contains(.observeRole))
        after.connect()
        let isUnknown = after.sent.contains { message in
            guard case .report(let report) = message else { return false }
            return report.software.release == nil
        }
        #expect(!isUnknown)
    }

    @Test
    func theRoleIsFollowedWhileTheProductHangs() {
        var desk = hanging()
        let generation = desk.machine.state.generation
        desk.pass(5_000)
        #expect(desk.effects.contains(.observeRole))
        desk.feed(.observedRole(observation(haStatus(.standby, token: "t2"))))
        #expect(desk.machine.state.generation == generation + 1)
    }

    @Test(arguments: [
        (Verb.fence, true), (.hold, true), (.unhold, true), (.inhibitReplication, true),
        (.allowReplication, true), (.takeBack(failover: id(5)), true),
        (.promote(failover: id(5), authority: .demotionProof), false),
        (.accept(release: oldRelease), false), (.recover, false),
    ])
    func onlyWhatMovesRolesAloneSkipsTheProduct(_ verb: Verb, isOfRoleAlone: Bool) {
        var desk = Desk(seen: observation(haStatus(.standby, peer: .active)))
        desk.isAnswering = false
        let step = desk.feed(desk.envelope(desk.command(verb)))
        #expect(step.effects == [isOfRoleAlone ? .observeRole : .observe(isThorough: true)])
    }
}
