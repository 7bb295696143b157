import ControllerAPI
import TandemModel

/// The page of one server: what is known of it, what happened on it, and its logs.
struct ServerView {
    var server: ServerStatus
    var cluster: ClusterStatus
    var alarms: [AlarmEntry]
    var history: [UpgradeLogEntry]
    var logs: LogCollection
    var images: [ImageInfo]
    var certificate: CertificateExpiry?
    var now: WallTime
    var person: KnownPerson

    /// The end of the collected logs that the page shows; the file has all of them.
    static let shownLogByteCount = 64 * 1024

    var values: Values {
        var values = facts
        let more: Values = [
            "server": server.name.text, "serverPath": Query.escaped(server.name.text),
            "cluster": cluster.name.text, "clusterPath": Query.escaped(cluster.name.text),
            "isZombie": server.isZombie, "hasAlarms": !alarms.isEmpty,
            "alarms": alarms.map(Shown.alarm),
            "hasImages": !server.images.isEmpty, "images": server.images.map(shown),
            "hasHistory": !history.isEmpty, "history": history.map(UpgradeLogView.shown),
            "historyPath": "/upgrade-log"
                + Query.text([("cluster", cluster.name.text), ("server", server.name.text)]),
            "buttons": buttons, "mayCollect": person.may(.handleImages),
            "certificate": certificate.map { Notes.shown($0, now: now) as Any } ?? false,
            "nextStep": cluster.nextStep.isEmpty ? false : cluster.nextStep as Any,
            "positionText": cluster.positionText,
        ]
        values.merge(more) { _, new in new }
        values.merge(logValues) { _, new in new }
        return values
    }

    private var facts: Values {
        let age = server.ageMilliseconds.map { "last heard \(Shown.duration($0)) ago" }
        let operation = server.isZombie ? "Zombie" : server.operation
        return [
            "connection": "\(server.isConnected ? "connected" : "not connected"), "
                + "\(age ?? "never heard")",
            "isStale": server.isStale, "role": server.role.rawValue,
            "service": server.isInService ? "in service" : "not in service",
            "running": server.runningRelease.isEmpty ? "unknown" : server.runningRelease,
            "previous": server.previousRelease.isEmpty ? "none" : server.previousRelease,
            "upToDate": server.isUpToDate ? "Y" : "N",
            "operation": operation.isEmpty ? "none" : operation,
            "health": server.health, "wayBack": server.wayBack ?? "not known",
            "generation": "\(server.generation)", "agent": server.agent.description,
            "hold": server.isHeld ? "held in standby" : "not held",
            "replication": server.isCaughtUp
                ? "in sync" : "behind by \(Size.text(server.lagBytes))",
            "configuration": server.configuration.map(Self.words) ?? "not known",
            "severity": Shown.severity(server.worstAlarm),
            "kind": cluster.kind.text, "site": cluster.site.text,
        ]
    }

    private static func words(_ applied: AppliedConfiguration) -> String {
        applied.number == 0
            ? "none of Tandem's (\(applied.schema))"
            : "version \(applied.number) (\(applied.schema))"
    }

    private func shown(_ staged: StagedImage) -> Values {
        let isKnown = images.contains { $0.image == staged.image }
        return [
            "release": staged.release.description, "short": staged.image.short,
            "path": isKnown ? "/images/\(staged.image)" as Any : false,
            "state": staged.isVerified ? "held, verified" : "held, not verified",
        ]
    }

    /// The buttons that concern this server: those that name it, and those of the whole cluster.
    private var buttons: [Values] {
        let states = ButtonState.all(for: cluster, person: person)
            .filter { $0.server == nil || $0.server == server.name }
        // What can be done first; then why the rest can't.
        return (states.filter(\.whyNot.isEmpty) + states.filter { !$0.whyNot.isEmpty })
            .map { state in
                [
                    "label": state.button.label, "action": state.action,
                    "href": state.whyNot.isEmpty
                        ? PressView.path(cluster.name, state.button, server: state.server) as Any
                        : false,
                    "scope": state.server == nil ? "cluster" : "server", "why": state.whyNot,
                ]
            }
    }

    private var logValues: Values {
        let end = logs.text.utf8.suffix(Self.shownLogByteCount)
        let isCut = end.count < logs.text.utf8.count
        return [
            "hasLogs": !logs.text.isEmpty,
            "logState": logs.text.isEmpty
                ? "Nothing has been collected yet."
                : logs.isComplete ? "The collection is complete." : "More is coming.",
            "isCollecting": !logs.isComplete && !logs.text.isEmpty,
            "logText": String(decoding: end, as: UTF8.self),
            "logCut": isCut ? "The last \(Size.text(UInt64(end.count))) are shown." as Any : false,
        ]
    }
}
