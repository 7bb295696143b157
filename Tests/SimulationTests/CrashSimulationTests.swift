import AgentCore
import ControllerCore
import Foundation
import TandemModel
import Testing

@testable import TandemSimulation

/// Each process dies at each of its boundaries - journal append, send, effect, commit - in one whole
/// upgrade and one whole rollback; afterwards everything ends as if nothing had been (`details.md` 26).
struct CrashSimulationTests {
    enum Victim: String, CaseIterable, Sendable {
        case firstAgent
        case secondAgent
        case secondAgentWithChild
        case controller
    }

    /// Every n-th point, unless all are asked for.
    private static let stride =
        ProcessInfo.processInfo.environment["TANDEM_EVERY_POINT"] == nil ? 11 : 1

    @Test(arguments: Victim.allCases)
    func upgradeSurvives(_ victim: Victim) {
        survive(victim, Joint(), Joint.upward, Fixtures.newManifest)
    }

    @Test(arguments: Victim.allCases)
    func rollbackSurvives(_ victim: Victim) {
        var joint = Joint()
        for button in [Button.startUpgrade, .continueUpgrade, .reapplyConfiguration] {
            joint.act(button)
        }
        joint.act(.continueUpgrade)
        survive(victim, joint, Joint.downward, Fixtures.oldManifest)
    }

    private func survive(
        _ victim: Victim,
        _ start: Joint,
        _ buttons: [Button],
        _ manifest: Digest
    ) {
        var start = start
        if victim == .secondAgentWithChild { start.nodes[1].crashKillsChild = true }
        var whole = start
        let isWhole = whole.pursue(buttons)
        #expect(isWhole, "\(whole.summary)")
        let first = points(start, victim)
        let last = points(whole, victim)
        #expect(last > first + 50)
        print("\(victim.rawValue): \(last - first) crash points, each \(Self.stride). tried")
        for point in Swift.stride(from: first + 1, through: last, by: Self.stride) {
            var joint = start
            arm(&joint, victim, at: point)
            let isClosed = joint.pursue(buttons)
            joint.run(for: 15_000)
            let isClean = isClosed && joint.faults(at: manifest).isEmpty
            #expect(isClean, "\(victim.rawValue) at point \(point): \(joint.summary)")
        }
    }

    private func points(_ joint: Joint, _ victim: Victim) -> Int {
        switch victim {
        case .firstAgent: joint.nodes[0].points
        case .secondAgent, .secondAgentWithChild: joint.nodes[1].points
        case .controller: joint.controller.points
        }
    }

    private func arm(_ joint: inout Joint, _ victim: Victim, at point: Int) {
        switch victim {
        case .firstAgent: joint.nodes[0].crashAt = point
        case .secondAgent, .secondAgentWithChild: joint.nodes[1].crashAt = point
        case .controller: joint.controller.crashAt = point
        }
    }
}
