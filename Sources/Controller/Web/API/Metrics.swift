import ControllerAPI
import TandemModel

/// The network and the controller in the text format of Prometheus, version 0.0.4.
struct Metrics {
    private var text = ""

    static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    static func text(_ network: NetworkSnapshot, _ vitals: Vitals) -> String {
        var metrics = Metrics()
        metrics.write(network)
        metrics.write(vitals)
        metrics.family("build_info", .gauge, "The program that answers; always 1.")
        metrics.sample("build_info", ["version": vitals.version], "1")
        return metrics.text
    }

    private enum Kind: String {
        case counter
        case gauge
        case summary
    }

    private mutating func family(_ name: String, _ kind: Kind, _ help: String) {
        text += "# HELP tandem_\(name) \(help)\n# TYPE tandem_\(name) \(kind.rawValue)\n"
    }

    private mutating func sample(
        _ name: String,
        _ labels: KeyValuePairs<String, String>,
        _ value: String
    ) {
        let pairs = labels.map { "\($0.key)=\"\(Self.escaped($0.value))\"" }
        text += "tandem_\(name)" + (pairs.isEmpty ? "" : "{\(pairs.joined(separator: ","))}")
        text += " \(value)\n"
    }

    /// One family with one number.
    private mutating func single(_ name: String, _ kind: Kind, _ help: String, _ value: String) {
        family(name, kind, help)
        sample(name, [:], value)
    }

    private static func escaped(_ text: String) -> String {
        text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing(
            "\n",
            with: "\\n"
        )
    }

    private mutating func write(_ network: NetworkSnapshot) {
        family("clusters", .gauge, "Clusters by the position derived from what is observed.")
        for position in Position.allCases {
            let count = network.clusters.count { $0.position == position }
            sample("clusters", ["position": position.rawValue], "\(count)")
        }
        let servers = network.clusters.flatMap { cluster in
            cluster.servers.map { (cluster: cluster.name.text, server: $0) }
        }
        func perServer(_ name: String, _ help: String, _ holds: (ServerStatus) -> Bool) {
            family(name, .gauge, help)
            for entry in servers {
                sample(
                    name,
                    ["cluster": entry.cluster, "server": entry.server.name.text],
                    holds(entry.server) ? "1" : "0"
                )
            }
        }
        perServer("server_connected", "1 while the server's agent is connected.") { $0.isConnected }
        perServer("server_silent", "1 while nothing fresh is known of the server.") { $0.isStale }
        perServer("server_zombie", "1 while the server could not be brought back.") { $0.isZombie }
        family("alarms", .gauge, "Raised alarms by number and severity.")
        let alarms = Dictionary(grouping: network.alarms) { alarm in
            "\(alarm.number.value) \(alarm.severity.rawValue)"
        }
        for key in alarms.keys.sorted() {
            guard let one = alarms[key]?.first else { continue }
            let labels: KeyValuePairs = [
                "number": "\(one.number.value)", "name": one.name,
                "severity": one.severity.rawValue,
            ]
            sample("alarms", labels, "\(alarms[key]?.count ?? 0)")
        }
        let running = network.clusters.count { $0.action != nil }
        single("actions_running", .gauge, "Actions that run.", "\(running)")
        single(
            "epoch",
            .gauge,
            "The controller's epoch; it rises with each opening of the store.",
            "\(network.epoch)"
        )
    }

    private mutating func write(_ vitals: Vitals) {
        family("actions_ended_total", .counter, "Actions that ended since the start, by result.")
        for result in Set(vitals.actions.keys).union(["done", "failed", "stopped"]).sorted() {
            sample("actions_ended_total", ["result": result], "\(vitals.actions[result] ?? 0)")
        }
        family("commit_seconds", .summary, "What commits of the store took.")
        sample("commit_seconds_sum", [:], "\(vitals.commitSeconds)")
        sample("commit_seconds_count", [:], "\(vitals.commitCount)")
        single(
            "commit_failures_total",
            .counter,
            "Commits that the store refused.",
            "\(vitals.commitFailureCount)"
        )
        single("operations_open", .gauge, "Open operations.", "\(vitals.openOperationCount)")
        single("queue_length", .gauge, "Inputs that wait.", "\(vitals.queueLength)")
        single("agent_connections", .gauge, "Sessions of agents.", "\(vitals.agentCount)")
        single(
            "resident_memory_bytes",
            .gauge,
            "Resident memory of the controller.",
            "\(vitals.residentBytes)"
        )
    }
}
