import ControllerAPI
import TandemModel

/// The whole picture of `tandem watch`: table, running actions, who must act, alarms.
enum WatchPicture {
    static func text(_ view: WatchView) -> String {
        let network = view.network
        var text = "Controller \(Terminal.cleanLine(network.controller)), \(network.time.text)\n\n"
        if let stop = network.emergencyStop { text += "\(EmergencyStopText.line(stop))\n\n" }
        text += network.clusters.isEmpty ? "No cluster.\n" : ClusterText.table(network.clusters)
        let actions = network.clusters.compactMap { cluster in
            cluster.runningAction.map { "\(cluster.name): \(ProgressLine.text($0))" }
        }
        text += section("Running", actions)
        text += section("Waits for a person", network.clusters.flatMap(waiting))
        return text + "\n" + alarms(view.alarms)
    }

    /// What a cluster waits for a person to do.
    private static func waiting(_ cluster: ClusterStatus) -> [String] {
        var lines = cluster.approvals.map { pending in
            "\(cluster.name): \(pending.press.button.label) by \(pending.press.person) needs a second "
                + "person: tandem approve \(pending.id)"
        }
        if cluster.runningAction == nil, !cluster.nextStep.isEmpty {
            lines.append("\(cluster.name): \(cluster.nextStep)")
        }
        if let failure = cluster.operation?.failure {
            lines.append("\(cluster.name): failed: \(failure.message) [\(failure.code)]")
        }
        return lines
    }

    private static func section(_ head: String, _ lines: [String]) -> String {
        guard !lines.isEmpty else { return "" }
        return "\n\(head)\n" + lines.map { "  \(Terminal.cleanLine($0))\n" }.joined()
    }

    private static func alarms(_ alarms: [AlarmEntry]) -> String {
        alarms.isEmpty ? "No alarm.\n" : "Alarms\n" + ListText.alarms(alarms)
    }
}

/// What changed from one view to the next, a line each.
enum WatchEvents {
    /// Everything, for who begins to watch.
    static func beginning(_ view: WatchView) -> [String] {
        var lines = view.network.clusters.flatMap { cluster in
            ["\(cluster.name): \(cluster.positionText)"]
                + cluster.servers.map { "\($0.name): \(state($0))" } + action(nil, cluster)
        }
        lines += view.alarms.map { "alarm \(alarm($0))" }
        if let stop = view.network.emergencyStop { lines.append(EmergencyStopText.line(stop)) }
        return lines.map(Terminal.cleanLine)
    }

    static func lines(from old: WatchView, to new: WatchView) -> [String] {
        var lines: [String] = []
        if new.network.emergencyStop != old.network.emergencyStop {
            let stop = new.network.emergencyStop.map(EmergencyStopText.line)
            lines.append(stop ?? "The emergency stop is off.")
        }
        for cluster in new.network.clusters {
            let before = old.network.clusters.first { $0.name == cluster.name }
            lines += changes(before, cluster)
        }
        for cluster in old.network.clusters
        where !new.network.clusters.contains(where: { $0.name == cluster.name }) {
            lines.append("\(cluster.name): removed")
        }
        lines += new.alarms.filter { entry in !old.alarms.contains { isSame($0, entry) } }
            .map { "alarm raised: \(alarm($0))" }
        lines += old.alarms.filter { entry in !new.alarms.contains { isSame($0, entry) } }
            .map { "alarm cleared: \(alarm($0))" }
        return lines.map(Terminal.cleanLine)
    }

    private static func changes(_ old: ClusterStatus?, _ new: ClusterStatus) -> [String] {
        var lines: [String] = []
        for server in new.servers {
            let before = old?.servers.first { $0.name == server.name }
            if before.map(state) != state(server) {
                lines.append("\(server.name): \(state(server))")
            }
        }
        lines += action(old, new)
        lines += results(old, new).map { "\(new.name): \($0)" }
        if new.positionText != old?.positionText {
            lines.append("\(new.name): \(new.positionText)")
        }
        if let failure = new.operation?.failure, failure != old?.operation?.failure {
            lines.append("\(new.name): failed: \(failure.message) [\(failure.code)]")
        }
        for pending in new.approvals
        where old?.approvals.contains(where: { $0.id == pending.id }) != true {
            lines.append("\(new.name): needs a second person: tandem approve \(pending.id)")
        }
        return lines
    }

    /// The ends that the older view does not know; nothing where there is no older view.
    private static func results(_ old: ClusterStatus?, _ new: ClusterStatus) -> [String] {
        guard let old else { return [] }
        if let ended = new.endedActions {
            let known = Set((old.endedActions ?? []).map(\.id))
            return ended.filter { !known.contains($0.id) }.map(\.result)
        }
        let result = new.operation?.lastResult ?? ""
        return result.isEmpty || result == old.operation?.lastResult ? [] : [result]
    }

    /// A line for each step that begins; percents would flood a log.
    private static func action(_ old: ClusterStatus?, _ new: ClusterStatus) -> [String] {
        guard let action = new.runningAction else { return [] }
        let before = old?.runningAction
        let key = ProgressLine.key(action)
        // Between two steps there is nothing to tell.
        guard before?.id != action.id || !key.isEmpty && before.map(ProgressLine.key) != key else {
            return []
        }
        return ["\(new.name): \(ProgressLine.text(action))"]
    }

    private static func state(_ server: ServerStatus) -> String {
        let link = server.isConnected ? "" : ", not connected"
        let service = server.isInService ? ", in service" : ""
        let release = server.runningRelease.isEmpty ? "no known release" : server.runningRelease
        return "\(server.role.rawValue)\(service), runs \(release)\(link)"
    }

    private static func isSame(_ one: AlarmEntry, _ other: AlarmEntry) -> Bool {
        one.number == other.number && one.instance == other.instance
            && one.severity == other.severity
    }

    private static func alarm(_ alarm: AlarmEntry) -> String {
        let expected = alarm.isExpected ? " (expected)" : ""
        return
            "\(alarm.number) \(alarm.severity.rawValue) \(alarm.instance)\(expected): \(alarm.text)"
    }
}
