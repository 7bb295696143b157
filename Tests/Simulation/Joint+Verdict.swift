import AgentCore
import ControllerCore
package import TandemModel

extension Joint {
    /// What differs from a clean end.
    package func faults(at manifest: Digest) -> [String] {
        var all = checks.violations
        let state = controller.machine.state
        if state.operation != nil || state.action != nil { all.append("still open") }
        if state.failure != nil { all.append("a failure stands") }
        if !state.commands.isEmpty { all.append("commands are left") }
        for node in nodes {
            if node.platform.packages != .release(manifest) {
                all.append("\(node.server) packages")
            }
            if node.platform.isHeld || node.platform.isInhibited {
                all.append("\(node.server) held")
            }
            if !node.machine.state.openCommands.isEmpty { all.append("\(node.server) commands") }
            if node.machine.state.demotion != nil { all.append("\(node.server) demotion") }
            if node.machine.state.zombie != nil { all.append("\(node.server) zombie") }
            if node.machine.state.operation?.isClosed == false {
                all.append("\(node.server) record")
            }
            if setting.hasConfiguration,
                node.platform.configuration != Fixtures.configuration.digest
            {
                all.append("\(node.server) configuration")
            }
        }
        if nodes.filter(\.isServing).count != 1 { all.append("not one serves") }
        all += controller.machine.activeAlarms().map { "alarm \($0.number) \($0.instance)" }
        return all
    }

    /// Where it stands, for whoever reads a failed run.
    package var summary: String {
        let status = status
        return
            "\(status.position.rawValue), \(faults(at: setting.lineage.newManifest)), \(status.nextStep), "
            + "last: \(lastResult), failure: \(failure?.message ?? "none"), outage "
            + "\(checks.longestOutage)"
    }
}
