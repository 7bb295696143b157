import TandemModel

/// All that waits in a cluster: for whom or what, since when, and who ends it.
extension ClusterMachine {
    func waits(
        _ offers: [ButtonOffer],
        _ approvals: [PendingApproval],
        in cluster: ObservedCluster,
        at now: Tick
    ) -> [Waiting] {
        var all = approvals.map { request in
            Waiting(
                who: "a second person",
                what: "\(request.press.button.label), asked for by \(request.press.person)",
                since: request.requestedAt,
                unblockedBy: "a person other than \(request.press.person): tandem approve "
                    + "\(request.id)"
            )
        }
        all += silentServers(in: cluster, at: now)
        all += slots()
        if let action = state.action {
            all += actionWaits(action)
        } else if let stop = stopPoint(offers, in: cluster) {
            all.append(stop)
        }
        return all
    }

    private func silentServers(in cluster: ObservedCluster, at now: Tick) -> [Waiting] {
        cluster.servers.filter(\.isSilent).map { server in
            let heard = live[server.name].lastHeard != nil
            let wall = wall(at: now).milliseconds
            return Waiting(
                who: server.name.text,
                what: heard ? "the server is silent" : "the server has not been heard yet",
                since: WallTime(milliseconds: wall - min(wall, server.silence)),
                unblockedBy: "whoever keeps \(server.name): see that tandem-agent runs there and "
                    + "reaches this controller"
            )
        }
    }

    private func slots() -> [Waiting] {
        state.servers.filter { $0.replacedBy != nil }.map { slot in
            Waiting(
                who: slot.name.text,
                what: "a new machine for the slot",
                since: nil,
                unblockedBy: "an administrator: tandem server enrol \(slot.name)"
            )
        }
    }

    private func actionWaits(_ action: ActionState) -> [Waiting] {
        guard !live.waitsFor.isEmpty else { return [] }
        return [
            Waiting(
                who: action.instruction?.server?.text ?? state.definition.name.text,
                what: "\(action.text) waits for \(live.waitsFor)",
                since: live.waitingSince,
                unblockedBy: action.isStopRequested || action.instruction?.isUnstoppable == true
                    ? "nobody needs to: it ends by itself"
                    : "it goes on by itself, or an operator presses Stop"
            )
        ]
    }

    /// A stop point waits for an operator from the end of its last action on.
    private func stopPoint(_ offers: [ButtonOffer], in cluster: ObservedCluster) -> Waiting? {
        guard let operation = state.operation else { return nil }
        var labels: [String] = []
        for offer in offers where offer.isEnabled && !labels.contains(offer.button.label) {
            labels.append(offer.button.label)
        }
        if let stop = live.emergencyStop {
            return Waiting(
                who: "the emergency stop",
                what: "nothing begins: \(stop.reason)",
                since: stop.since,
                unblockedBy: "an operator: tandem emergency-stop off"
            )
        }
        // What keeps the way forward shut; for want of one the first button's reason.
        let forward = offers.first { $0.button.isForward } ?? offers.first
        let shut = forward.flatMap { offer in
            offer.isEnabled ? nil : "\(offer.button.label) is shut: \(offer.whyNot)"
        }
        guard !labels.isEmpty else {
            return shut.map { why in
                Waiting(
                    who: state.definition.name.text,
                    what: Texts.position(cluster.position),
                    since: operation.restingSince ?? operation.startedAt,
                    unblockedBy: why
                )
            }
        }
        let words = [Texts.position(cluster.position), shut].compactMap { $0 }
        return Waiting(
            who: "an operator",
            what: words.joined(separator: " "),
            since: operation.restingSince ?? operation.startedAt,
            unblockedBy: "an operator presses \(labels.joined(separator: " or "))"
        )
    }
}
