import TandemModel

/// Staging ahead of the window, dropping images and collecting logs: commands without an action.
extension ClusterMachine {
    mutating func stage(
        _ image: Digest,
        on server: ServerName?,
        for person: PersonName,
        _ turn: inout Turn,
        using generator: inout some RandomNumberGenerator
    ) {
        if let refusal = emergencyRefusal() { return turn.refuse(refusal) }
        guard let offer = live.catalogue.first(where: { $0.offer.image == image })?.offer else {
            return turn.refuse(
                TandemError(
                    .imageUnknown,
                    "no image \(image.short) is in the library",
                    remedy: "Add it with `tandem image add`."
                )
            )
        }
        let servers = state.definition.servers.map(\.name).filter {
            server == nil || server == $0
        }
        if let missing = servers.first(where: { !isCommandable($0) }) {
            return turn.refuse(notReady(missing))
        }
        audit("stage \(offer.release)", by: person, on: server, "", &turn)
        for name in servers where !isStaged(offer.manifest, on: name) {
            let isUnderWay = state.commands.contains {
                $0.server == name && $0.isOpen && $0.command.verb == .stageImage(offer)
            }
            guard !isUnderWay else { continue }
            issueDuty(.stageImage(offer), to: name, for: person, &turn, using: &generator)
        }
        turn.step.answer = .accepted(nil)
    }

    mutating func drop(
        _ image: Digest,
        on server: ServerName,
        for person: PersonName,
        _ turn: inout Turn,
        using generator: inout some RandomNumberGenerator
    ) {
        if let refusal = emergencyRefusal() { return turn.refuse(refusal) }
        guard isCommandable(server), let report = live[server].report else {
            return turn.refuse(notReady(server))
        }
        guard let staged = report.images.first(where: { $0.image == image }) else {
            return turn.refuse(
                TandemError(
                    .imageUnknown,
                    "\(server) holds no image \(image.short)",
                    remedy: "List what it holds with `tandem image list`."
                )
            )
        }
        var needed: [ReleaseID] = [report.software.release, report.previous].compactMap { $0 }
        if let operation = state.operation {
            needed += [operation.old.release, operation.new.release]
        }
        guard !needed.contains(staged.release) else {
            return turn.refuse(
                TandemError(
                    .imageNeeded,
                    "\(server) needs the image of \(staged.release)",
                    remedy: "Drop it when no operation and no way back needs it any more."
                )
            )
        }
        audit("drop \(staged.release)", by: person, on: server, "", &turn)
        issueDuty(.dropImage(image), to: server, for: person, &turn, using: &generator)
        turn.step.answer = .accepted(nil)
    }

    mutating func collectLogs(
        of server: ServerName,
        for person: PersonName,
        _ turn: inout Turn,
        using generator: inout some RandomNumberGenerator
    ) {
        if let refusal = emergencyRefusal() { return turn.refuse(refusal) }
        guard isCommandable(server) else { return turn.refuse(notReady(server)) }
        audit("collect logs", by: person, on: server, "", &turn)
        issueDuty(.collectLogs, to: server, for: person, &turn, using: &generator)
        turn.step.answer = .accepted(nil)
    }

    private func notReady(_ server: ServerName) -> TandemError {
        TandemError(
            .unreachable,
            "\(server) is not connected, or has not reported yet",
            remedy: "Check that its agent runs and reaches the controller."
        )
    }
}
