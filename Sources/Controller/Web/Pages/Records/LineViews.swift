import ControllerAPI
import TandemModel

/// The page Upgrade Log: every action, command and step.
struct UpgradeLogView {
    var lines: [UpgradeLogEntry]
    var next: UInt64?
    var filter: LineFilter
    var clusters: [ClusterName]

    /// The results that commands and actions end with; a filter offers them.
    static let results = [
        "running", "done", "failed", "indeterminate", "stopped", "never began", "note",
    ]

    var values: Values {
        var values = filter.values
        let more: Values = [
            "hasLines": !lines.isEmpty, "lines": lines.map(Self.shown),
            "next": next.map { "/upgrade-log" + filter.query(before: $0) as Any } ?? false,
            "newest": "/upgrade-log" + filter.query(),
            "csv": "/upgrade-log.csv" + filter.query(),
            "json": "/upgrade-log.json" + filter.query(),
            "clusters": options(clusters.map(\.text), chosen: filter.cluster),
            "results": options(Self.results, chosen: filter.what),
        ]
        values.merge(more) { _, new in new }
        return values
    }

    static func shown(_ line: UpgradeLogEntry) -> Values {
        let isBad = ["failed", "indeterminate"].contains(line.result)
        let words = line.detail.split(separator: "\n", maxSplits: 1)
        let family = Query.text([
            ("cluster", line.cluster.text), ("action", line.action.description),
        ])
        return [
            "action": line.action.description, "short": String(line.action.description.prefix(8)),
            "scope": scope(line), "isAction": line.stepIndex == 0, "text": line.text,
            "cluster": line.cluster.text, "host": line.server?.text ?? "",
            "hostPath": line.server.map { "/servers/" + Query.escaped($0.text) as Any } ?? false,
            "start": Shown.time(line.startedAt), "end": Shown.time(line.endedAt),
            "duration": line.endedAt == nil ? "" : Shown.duration(line.durationMilliseconds),
            "own": line.ownMilliseconds.map { Shown.duration($0) as Any } ?? false,
            "familyPath": "/upgrade-log" + family,
            "clusterPath": "/clusters/" + Query.escaped(line.cluster.text),
            "result": line.result, "isBad": isBad,
            "detail": line.detail.isEmpty ? false : line.detail as Any,
            // Why something failed is read without a click; the rest of it is long.
            "why": isBad ? words.first.map(String.init) as Any? ?? false : false,
            "more": line.detail.isEmpty || isBad && words.count < 2 ? false : line.detail as Any,
            "who": line.person.text, "how": line.isAutomatic ? "automatic" : "by hand",
        ]
    }

    /// A line is an action's own, a command's (every hundredth) or a step's of the command before.
    static func scope(_ line: UpgradeLogEntry) -> String {
        if line.result == "note" { return "note" }
        if line.stepIndex == 0 { return "action" }
        return line.stepIndex % 100 == 0 ? "command" : "step"
    }
}

/// The choices of a list, one of them chosen.
private func options(_ texts: [String], chosen: String) -> [Values] {
    var texts = texts
    if !chosen.isEmpty, !texts.contains(chosen) { texts.append(chosen) }
    return texts.map { ["text": $0, "isChosen": $0 == chosen] }
}

/// The page Audit: who asked for or caused what.
struct AuditView {
    var lines: [AuditEntry]
    var next: UInt64?
    var filter: LineFilter

    var values: Values {
        var values = filter.values
        let more: Values = [
            "hasLines": !lines.isEmpty, "lines": lines.map(Self.shown),
            "next": next.map { "/audit" + filter.query(before: $0) as Any } ?? false,
            "newest": "/audit" + filter.query(),
            "jsonLines": "/audit.jsonl" + filter.query(),
        ]
        values.merge(more) { _, new in new }
        return values
    }

    static func shown(_ line: AuditEntry) -> Values {
        [
            "time": Shown.time(line.time), "who": line.person.text, "what": line.what,
            "isRefusal": line.what.hasPrefix("refused"), "cluster": line.cluster?.text ?? "",
            "server": line.server?.text ?? "", "reason": line.reason,
            "address": line.address ?? "", "means": line.means ?? "",
        ]
    }
}

/// The page Alarms: those that are raised, or those that were.
struct AlarmListView {
    var alarms: [AlarmEntry]
    var next: UInt64?
    var isHistory: Bool
    /// Those that end soon: each of them stands here, where other pages only count them.
    var certificates: [CertificateExpiry] = []
    var now: WallTime
    var person: KnownPerson

    var values: Values {
        [
            "isHistory": isHistory, "hasAlarms": !alarms.isEmpty,
            "alarms": (isHistory ? alarms : alarms.sorted(by: Self.isMoreUrgent)).map(shown),
            "next": next.map { "/alarms?history=true&before=\($0)" as Any } ?? false,
            "mayAcknowledge": person.may(.takeCharge) && !isHistory,
            "summary": summary, "hasCertificates": !certificates.isEmpty,
            "certificates": certificates.map { Notes.shown($0, now: now) },
        ]
    }

    /// `2 alarms: 1 critical, 1 minor`.
    var summary: String {
        let counts = AlarmSeverity.allCases.sorted(by: >).compactMap { severity in
            let count = alarms.count { $0.severity == severity }
            return count == 0 ? nil : "\(count) \(severity.rawValue)"
        }
        guard !counts.isEmpty else { return "no alarm" }
        return "\(Shown.count(alarms.count, "alarm")): \(counts.joined(separator: ", "))"
    }

    /// What is worse comes first, then what nobody sees to yet, then what is newer.
    static func isMoreUrgent(_ one: AlarmEntry, _ other: AlarmEntry) -> Bool {
        if one.severity != other.severity { return one.severity > other.severity }
        let (isSeenTo, isOtherSeenTo) = (one.acknowledgedBy != nil, other.acknowledgedBy != nil)
        if isSeenTo != isOtherSeenTo { return isOtherSeenTo }
        return one.raisedAt.milliseconds > other.raisedAt.milliseconds
    }

    /// The page of what an alarm is raised for; `nil` where that is a product.
    static func path(of alarm: AlarmEntry) -> String? {
        switch alarm.number {
        case .systemMixedVersion: nil
        case .clusterReplicationInhibited, .serverForcedStandby, .isoMismatch, .serverIsZombie,
            .supervisionLost, .journalDamaged:
            "/servers/" + Query.escaped(alarm.instance)
        case _: "/clusters/" + Query.escaped(alarm.instance)
        }
    }

    private func shown(_ alarm: AlarmEntry) -> Values {
        var values = Shown.alarm(alarm)
        values["path"] = Self.path(of: alarm) as Any? ?? false
        values["cleared"] = Shown.time(alarm.clearedAt)
        values["mayAcknowledge"] =
            person.may(.takeCharge) && !isHistory && alarm.acknowledgedBy == nil
        values["acknowledged"] =
            alarm.acknowledgedBy.map { person in
                [
                    "by": person.text, "at": Shown.time(alarm.acknowledgedAt),
                    "note": alarm.acknowledgeNote ?? "",
                ] as Values as Any
            } ?? false
        return values
    }
}
