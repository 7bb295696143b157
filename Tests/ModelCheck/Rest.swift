import AgentCore
import ControllerCore
import TandemModel
import TandemSimulation

/// A state in which nothing moves until somebody decides.
struct Rest: Sendable {
    var trail: Trail
    var depth: Int
    /// Whether no operation, action or failure is open.
    var isClosed: Bool
    /// What differs from a clean end on the old release; empty: nothing.
    var differences: [String]
    /// Whether a way back is offered.
    var offersBack: Bool
    /// Fault-free runs by what was pressed.
    var edges: [(choice: Choice, run: Int)] = []
    var summary: String

    init(_ joint: Joint, _ trail: Trail) {
        let state = joint.controller.machine.state
        self.trail = trail
        depth = trail.lines.count - 1
        isClosed = state.operation == nil && state.action == nil && state.failure == nil
        differences = joint.faults(at: Fixtures.oldManifest)
        // The emergency stop greys it and must not take it away: behind it people go on from here.
        offersBack = joint.buttonsWithoutEmergencyStop.contains {
            $0.isEnabled && [.startRollback, .continueRollback].contains($0.button)
        }
        summary = joint.summary
    }
}

extension Joint {
    /// What people do at a rest, truthfully; then also nothing at all.
    var choices: [Choice] {
        let presses = status.buttons.filter(\.isEnabled).compactMap { offer -> Choice? in
            let server = nodes.firstIndex { $0.server == offer.server }
            return isTruthful(offer.button, server) ? .press(offer.button, server: server) : nil
        }
        let help = nodes.indices.flatMap { index -> [Choice] in
            if nodes[index].isDown {
                let isOffered = status.buttons.contains {
                    $0.button == .replaceServer && $0.server == nodes[index].server && $0.isEnabled
                }
                return [.bringBack(index)] + (isOffered ? [.replace(index)] : [])
            }
            return nodes[index].platform.isIll ? [.mend(index)] : []
        }
        return presses + help + (isEmergencyStopped ? [.liftEmergencyStop] : []) + [.wait]
    }

    private func isTruthful(_ button: Button, _ server: Int?) -> Bool {
        func isGone(_ index: Int) -> Bool {
            nodes[index].isDown || nodes[index].machine.state.zombie != nil
        }
        return switch button {
        case .restoreService: !nodes.contains(where: \.isActive)
        case .goOnSingle: server.map { isGone(1 - $0) } ?? false
        case .declareOutcome: server.map(isGone) ?? false
        // The one is a part of `replace`, which also brings the new machine; behind the other there is no cluster.
        case .replaceServer, .removeCluster: false
        case .startUpgrade, .continueUpgrade, .resumeUpgrade, .startRollback, .continueRollback,
            .reapplyConfiguration, .tryAgain, .accept, .stop, .close, .closeAsObserved, .recovered,
            .demote, .fence, .hold, .release:
            true
        }
    }

    /// What a person states with a press.
    func statement(with button: Button) -> String {
        if button == .declareOutcome { return "failed" }
        return nodes.contains(where: \.isDown) ? "dead" : "fenced"
    }

    /// A person has mended what was broken; who serves again has no excuse any more.
    mutating func settleAtRest() {
        for index in nodes.indices { nodes[index].platform.behaviours = [:] }
        if nodes.contains(where: \.isServing) { checks.excusesOutage = false }
        if nodes.count(where: \.isActive) <= 1 { checks.excusesTwoActive = false }
    }

    /// What must hold wherever an operator decides.
    mutating func checkRest() {
        checkMixedAlarm()
        checkStoppedButtons()
        guard isCalm, nodes.allSatisfy({ !$0.isDown }) else { return }
        let activeCount = nodes.count(where: \.isActive)
        if activeCount == 0, !has(.clusterNoActive) {
            checks.fail("safety 4: none is active, and 70580 is not raised")
        }
        if activeCount > 1, !has(.clusterTwoActive) {
            checks.fail("safety 4: two are active, and 70581 is not raised")
        }
        checkView()
        checkWaysBack()
    }

    /// `safety.md` 6 and 15: what is shown is what is.
    private mutating func checkView() {
        let status = status
        for (node, shown) in zip(nodes, status.servers) {
            if node.isActive != (shown.role == .active) {
                checks.fail("safety 15: \(node.server) is shown as \(shown.role.rawValue)")
            }
            if let release = node.platform.software.release?.description,
                release != shown.runningRelease
            {
                checks.fail("safety 15: \(node.server) is shown with \(shown.runningRelease)")
            }
        }
        guard controller.machine.state.operation != nil, let expected = truePosition else { return }
        if status.position != expected {
            checks.fail("safety 6: \(status.position.rawValue) is shown at \(expected.rawValue)")
        }
    }

    /// `nil` where a server runs neither release, or not one is active.
    private var truePosition: Position? {
        guard nodes.count(where: \.isActive) == 1,
            let active = nodes.first(where: \.isActive)?.platform.software.release?.version,
            let standby = nodes.first(where: { !$0.isActive })?.platform.software.release?.version,
            !nodes.contains(where: { $0.machine.state.zombie != nil })
        else { return nil }
        switch (active, standby) {
        case ("12.5", "12.5"): return .oldOld
        case ("12.5", "12.6"): return .oldNew
        case ("12.6", "12.5"): return .newOld
        case ("12.6", "12.6"): return .newNew
        case _: return nil
        }
    }

    /// Wherever one direction goes on, the other one is offered too (`safety.md` 19).
    private mutating func checkWaysBack() {
        if isEnabled(.continueUpgrade), !isEnabled(.startRollback) {
            checks.fail("safety 19: Continue Upgrade without Start Rollback")
        }
        if isEnabled(.continueRollback), !isEnabled(.resumeUpgrade), whyNot(.resumeUpgrade).isEmpty
        {
            checks.fail("safety 19: Continue Rollback without Resume Upgrade")
        }
    }
}
