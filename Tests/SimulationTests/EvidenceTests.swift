import ControllerCore
import TandemModel
import Testing

@testable import TandemSimulation

/// What counts as told, for `safety.md` 5, 16 and 17.
struct EvidenceTests {
    private let server = ServerName("fe-2")
    private let mate = ServerName("fe-1")
    private let id = CommandID(high: 1, low: 2)

    private func issued() -> Evidence {
        var evidence = Evidence()
        evidence.issue(id, to: server)
        return evidence
    }

    @Test
    func onlyTheEndOfAChangeMakesItKnown() {
        let ends: [AgentMessage] = [
            .status(id, .ended(.done)), .status(id, .void), .status(id, .neverSeen),
            .refused(id, TandemFailure(code: "TDM-4002", message: "busy", remedy: "-")),
        ]
        for end in ends {
            var evidence = issued()
            evidence.hear(.accepted(id, promoteNonce: nil), from: server, at: 1)
            evidence.hear(.status(id, .received), from: server, at: 1)
            evidence.hear(.status(id, .started(isInterrupted: false)), from: server, at: 1)
            #expect(evidence.isUnknown(on: server) && !evidence.isUnknown(on: mate))
            evidence.hear(end, from: mate, at: 1)
            #expect(evidence.isUnknown(on: server), "its mate can't know")
            evidence.hear(end, from: server, at: 1)
            #expect(!evidence.isUnknown(on: server), "\(end)")
        }
    }

    @Test
    func aDamagedJournalLeavesItToAPerson() {
        var evidence = issued()
        let damaged = TandemFailure(TandemError(.journalDamaged, "damaged", remedy: "-"))
        evidence.hear(.refused(id, damaged), from: server, at: 1)
        #expect(evidence.isUnknown(on: server))
        evidence.decide()
        #expect(!evidence.isUnknown(on: server))
        var declared = issued()
        declared.decide()
        #expect(declared.isUnknown(on: server), "nothing was lost: nobody has to decide")
        declared.declare(mate)
        #expect(declared.isUnknown(on: server))
        declared.declare(server)
        #expect(!declared.isUnknown(on: server))
    }

    @Test
    func aReportEndsWithItsConnection() {
        let joint = Joint()
        #expect(joint.checks.evidence.reports.count == 2)
        var evidence = joint.checks.evidence
        evidence.forget(server)
        #expect(evidence.reports[server] == nil && evidence.heardAt[server] == nil)
        #expect(evidence.reports[mate] != nil)
    }

    /// The checkers see: the same decisions, once by what was told, and once by less.
    @Test
    func whatWasNotToldIsMissed() {
        var joint = Joint()
        joint.press(.startUpgrade)
        #expect(joint.run(upTo: 90_000) { !$0.isActing })
        #expect(joint.checks.violations.isEmpty && joint.position == .oldNew)
        #expect(joint.checks.ledger[.safety16].premises > 3)
        #expect(joint.checks.ledger[.safety17].premises > 10)
        var blind = joint
        blind.checks.evidence.forget(server)
        blind.press(.continueUpgrade)
        #expect(
            blind.checks.violations
                == ["safety 5: a failover to fe-2 is issued: fe-2 has not reported in 30 s"]
        )
        var unknown = joint
        unknown.checks.evidence.issue(id, to: server)
        unknown.press(.continueUpgrade)
        #expect(unknown.checks.violations.first?.hasPrefix("safety 17: promote is issued") == true)
        joint.press(.continueUpgrade)
        #expect(joint.run(upTo: 90_000) { !$0.isActing })
        #expect(joint.checks.violations.isEmpty && joint.position == .newOld)
    }

    @Test
    func anEndThatNobodyToldIsMissed() throws {
        var joint = Joint()
        joint.press(.startUpgrade)
        #expect(joint.run(upTo: 90_000) { $0.nodes[1].changesUnderWay == 1 })
        var before = joint.controller.machine.state
        let index = try #require(before.action?.index)
        #expect(joint.run(upTo: 90_000) { $0.controller.machine.state.action?.index != index })
        before.commands = joint.controller.machine.state.commands
        var blind = joint
        joint.checkDecisions(ClusterStep(), after: before)
        #expect(joint.checks.violations.isEmpty)
        blind.checks.evidence.endAction()
        blind.checkDecisions(ClusterStep(), after: before)
        #expect(
            blind.checks.violations == [
                "safety 16: Initiate upgrade fe-2 (next) goes on, and no agent has told its end on fe-2"
            ]
        )
    }
}
