import AgentCore
import TandemModel
import TandemSpawn

/// Steps that concern the root as a whole: its snapshot, and the server's reboot.
extension StepExecutor {
    /// Keeps the root as it is before anything is changed.
    func takeSnapshot() throws(TandemError) -> TandemFailure? {
        switch run.snapshot {
        case nil, .boot:
            // On a way back, or on a blank server, there is nothing to keep.
            return nil
        case .take(let name):
            try server.snapshots.take(name)
            return nil
        case .keep(let name):
            guard try !server.snapshots.has(name) else { return nil }
            return TandemFailure(
                code: ErrorCode.wayBackMissing.id,
                message:
                    "there is no snapshot \(name), and the root is not whole any more: another "
                    + "snapshot would lead nowhere",
                remedy: "Take the way back by packages first, then start anew."
            )
        }
    }

    func observeSnapshot() throws(TandemError) -> StepObservation {
        switch run.snapshot {
        case nil, .boot: .reached
        case .take(let name), .keep(let name):
            try server.snapshots.has(name) ? .reached : .unchanged
        }
    }

    /// Sets the reboot off; that it has happened is seen by the agent that starts after it.
    func reboot() throws(TandemError) -> TandemFailure? {
        if case .boot(let name) = run.snapshot {
            progress(0, "asking the boot loader for \(name)")
            try server.snapshots.select(name, note: bootNote)
        }
        guard let failure = try server.services.reboot(limitMilliseconds: hardLimitMilliseconds)
        else { return nil }
        if case .boot = run.snapshot { try server.snapshots.forgetBoot() }
        return failure
    }

    /// Another boot id is the agent's to see; here it is only looked what was booted.
    func observeReboot() throws(TandemError) -> StepObservation {
        guard case .boot(let name) = run.snapshot else { return .unchanged }
        return try server.snapshots.hasBooted(name, note: bootNote) ? .reached : .unchanged
    }

    /// Holds what the root was before it was to be exchanged.
    private var bootNote: String { "\(server.state.guards)/\(GuardRecord.name(of: run)).root" }
}
