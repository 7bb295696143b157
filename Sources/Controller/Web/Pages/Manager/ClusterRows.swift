import ControllerAPI
import TandemModel

/// A cluster's rows in the table: its own, and those of its servers where they are shown.
enum ClusterRows {
    static func values(
        _ cluster: ClusterStatus,
        isOpen: Bool,
        isChecked: Bool,
        columns: [ManagerQuery.Column]
    ) -> Values {
        [
            "name": cluster.name.text, "kind": cluster.kind.description,
            "site": cluster.site.text, "isOpen": isOpen, "isChecked": isChecked,
            "serverCount": Shown.count(cluster.servers.count, "server"),
            "cells": columns.map { cell(cluster, $0) },
            "servers": isOpen
                ? cluster.servers.map { row($0, in: cluster, columns) } : [Values](),
        ]
    }

    private static func row(
        _ server: ServerStatus,
        in cluster: ClusterStatus,
        _ columns: [ManagerQuery.Column]
    ) -> Values {
        [
            "serverName": server.name.text,
            "serverCells": columns.map { cell(server, in: cluster, $0) },
        ]
    }

    /// Every cell has the same keys, so that none is looked for further out.
    private static func cell(
        _ text: String,
        label: String,
        severity: AlarmSeverity? = nil,
        tags: [String] = [],
        percent: Int? = nil
    ) -> Values {
        let (words, time) = Shown.splitTime(text)
        return [
            "text": words, "when": time as Any? ?? false, "label": label,
            "severity": Shown.severity(severity),
            "tags": tags.map { ["tag": $0] },
            "progress": percent.map { ["percent": $0] } as Any? ?? false,
        ]
    }

    private static func cell(_ cluster: ClusterStatus, _ column: ManagerQuery.Column) -> Values {
        let servers = cluster.servers
        switch column {
        case .severity:
            return cell("", label: column.label, severity: cluster.worstAlarm)
        case .current:
            return cell(servers.allSatisfy(\.isUpToDate) ? "Y" : "N", label: column.label)
        case .role:
            return cell(
                servers.map(\.role.description).joined(separator: " + "),
                label: column.label
            )
        case .previous:
            return cell(unique(servers.map(\.previousRelease)), label: column.label)
        case .running:
            return cell(unique(servers.map(\.runningRelease)), label: column.label)
        case .operation:
            var tags: [String] = []
            if cluster.waitsForPerson { tags.append("waits for a person") }
            return cell(
                cluster.action?.text ?? cluster.positionText,
                label: column.label,
                tags: tags,
                percent: cluster.action?.step.map { Int(min($0.percent, 100)) }
            )
        }
    }

    private static func cell(
        _ server: ServerStatus,
        in cluster: ClusterStatus,
        _ column: ManagerQuery.Column
    ) -> Values {
        switch column {
        case .severity:
            return cell("", label: column.label, severity: server.worstAlarm)
        case .current: return cell(server.isUpToDate ? "Y" : "N", label: column.label)
        case .role:
            return cell(server.role.description, label: column.label, tags: marks(of: server))
        case .previous: return cell(server.previousRelease, label: column.label)
        case .running: return cell(server.runningRelease, label: column.label)
        case .operation:
            return cell(
                server.operation,
                label: column.label,
                percent: cluster.step(on: server).map { Int(min($0.percent, 100)) }
            )
        }
    }

    /// What stands beside a role: how far it can be believed, and who holds the server.
    static func marks(of server: ServerStatus) -> [String] {
        var marks: [String] = []
        if !server.isConnected { marks.append("not connected") }
        if server.isStale {
            let age = server.ageMilliseconds.map { ", \(Shown.duration($0)) old" } ?? ""
            marks.append("stale\(age)")
        }
        if server.isHeld { marks.append("held") }
        return marks
    }

    private static func unique(_ texts: [String]) -> String {
        var all: [String] = []
        for text in texts where !text.isEmpty && !all.contains(text) { all.append(text) }
        return all.joined(separator: ", ")
    }
}
