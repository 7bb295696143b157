import ControllerAPI
import TandemModel

/// A cluster's page as values for its template.
enum ClusterView {
    /// So many lines of the upgrade log stand on the page.
    private static let timelineCount = 60

    static func page(
        _ cluster: ClusterStatus,
        log: [UpgradeLogEntry],
        person: KnownPerson
    ) -> Values {
        let states = ButtonState.all(for: cluster, person: person)
        let possible = states.filter(\.whyNot.isEmpty)
        let greyed = states.filter { !$0.whyNot.isEmpty }
        var values: Values = [
            "clusterName": cluster.name.text, "kind": cluster.kind.description,
            "site": cluster.site.text, "isPrimary": cluster.isPrimarySite,
            "positionText": cluster.positionText,
            "hasNext": !cluster.nextStep.isEmpty, "next": cluster.nextStep,
            "since": Shown.time(cluster.waitsSince),
            "stops": cluster.waitsForPerson ? cluster.name.text : "",
            "approvals": cluster.approvals.map(approval),
            "operation": operation(cluster), "running": running(cluster),
            "failure": failure(cluster),
            "possible": possible.map { offer($0, in: cluster) },
            "hasPossible": !possible.isEmpty,
            "greyed": greyed.enumerated().map { index, state in
                var values = offer(state, in: cluster)
                values["index"] = index
                return values
            },
            "servers": cluster.servers.map(server),
            "configurationNumber": cluster.configurationNumber > 0
                ? Int(cluster.configurationNumber) as Any : false,
            "queuedEdits": cluster.queuedEditCount > 0
                ? Shown.count(cluster.queuedEditCount, "edit") as Any : false,
            "mayRemove": person.may(.changeNetwork),
        ]
        values["window"] = window(cluster.window)
        values["waits"] = Board.waits(cluster)
        values["hasWaits"] = !(cluster.waits ?? []).isEmpty
        values["hasAlarms"] = !cluster.alarms.isEmpty
        values["alarms"] = cluster.alarms.map(Shown.alarm)
        values["hasTimeline"] = !log.isEmpty
        values["timeline"] = log.prefix(timelineCount).map(entry)
        return values
    }

    /// The controller's certificates and those of this cluster's agents; others are no matter here.
    static func expiring(
        _ certificates: [CertificateExpiry],
        of cluster: ClusterStatus,
        now: WallTime
    ) -> Any {
        let servers = cluster.servers.map(\.name)
        let own = certificates.filter { $0.server.map(servers.contains) ?? true }
        return Notes.expiring(own, now: now)
    }

    private static func approval(_ pending: PendingApproval) -> Values {
        [
            "id": pending.id.description, "asker": pending.press.person.text,
            "button": pending.press.button.label, "reason": pending.press.reason,
            "left": ApprovalPage.left(pending),
        ]
    }

    private static func operation(_ cluster: ClusterStatus) -> Any {
        guard let operation = cluster.operation else { return false }
        let isUp = operation.direction == .up
        let isOpen = cluster.position != .idle
        return [
            "way": (isOpen ? "" : "last: ") + (isUp ? "upgrade" : "rollback"),
            "from": (isUp ? operation.old : operation.new).description,
            "to": (isUp ? operation.new : operation.old).description,
            "owner": isOpen ? operation.ownerText : operation.owner.text,
            "takeOverReason": operation.takeOverReason as Any? ?? false,
            "opReason": operation.reason.isEmpty ? false : operation.reason as Any,
            "begun": Shown.time(operation.startedAt),
            "lastResult": lastResult(cluster) as Any? ?? false,
        ] as Values
    }

    private static func lastResult(_ cluster: ClusterStatus) -> String? {
        let result = cluster.endedActions?.last?.result ?? cluster.operation?.lastResult ?? ""
        return result.isEmpty ? nil : result
    }

    private static func running(_ cluster: ClusterStatus) -> Any {
        guard let action = cluster.action else { return false }
        return [
            "action": action.text, "by": action.person.text,
            "started": Shown.time(action.startedAt),
            "actionElapsed": action.elapsedMilliseconds.map(Shown.duration) as Any? ?? false,
            "actionLeft": action.aboutLeftMilliseconds.map(Shown.duration) as Any? ?? false,
            "step": action.step.map(Board.stepValues) as Any? ?? false,
            "waitsFor": action.waitsFor.isEmpty ? false : action.waitsFor as Any,
        ] as Values
    }

    /// The window's clock, or `false` where no window is set.
    static func window(_ window: WindowStatus?) -> Any {
        guard let window else { return false }
        return [
            "starts": Shown.time(window.startsAt), "ends": Shown.time(window.endsAt),
            "isOpen": window.isOpen, "left": Shown.duration(window.leftMilliseconds),
            "thisStep": window.thisStepMilliseconds.map(Shown.duration) as Any? ?? false,
            "wayBack": window.wayBackMilliseconds.map(Shown.duration) as Any? ?? false,
        ] as Values
    }

    private static func failure(_ cluster: ClusterStatus) -> Any {
        let ended = cluster.action == nil ? cluster.endedActions?.last?.failure : nil
        return Shown.failure(cluster.operation?.failure ?? ended)
    }

    private static func offer(_ state: ButtonState, in cluster: ClusterStatus) -> Values {
        [
            "buttonLabel": state.button.label, "server": state.server?.text as Any? ?? false,
            "action": state.action, "whyNot": state.whyNot, "needsTwo": state.peopleNeeded > 1,
            "href": PressView.path(cluster.name, state.button, server: state.server),
        ]
    }

    private static func server(_ server: ServerStatus) -> Values {
        [
            "serverName": server.name.text, "severity": Shown.severity(server.worstAlarm),
            "current": server.isUpToDate ? "Y" : "N", "role": server.role.description,
            "marks": ClusterRows.marks(of: server).map { ["tag": $0] },
            "previous": server.previousRelease, "runningRelease": server.runningRelease,
            "operationText": server.operation, "health": server.health,
            "data": server.isCaughtUp ? "caught up" : "behind by \(server.lagBytes) bytes",
            "wayBack": server.wayBack ?? "not known",
        ]
    }

    private static func entry(_ entry: UpgradeLogEntry) -> Values {
        [
            "start": Shown.time(entry.startedAt), "entry": entry.text,
            "isStep": entry.stepIndex > 0, "host": entry.server?.text ?? "",
            "took": entry.endedAt == nil ? "" : Shown.duration(entry.durationMilliseconds),
            "result": entry.result, "who": entry.person.text,
            "isAutomatic": entry.isAutomatic,
            "detail": entry.detail.isEmpty ? false : entry.detail as Any,
        ]
    }
}
