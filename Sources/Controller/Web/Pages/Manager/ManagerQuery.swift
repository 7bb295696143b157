import Foundation
import TandemModel

/// What a person wants to see on the Upgrade Manager; stands in the page's address.
struct ManagerQuery: Sendable, Hashable {
    /// A column that can be left out.
    enum Column: String, CaseIterable, Sendable {
        case severity, current, role, previous, running, operation

        var label: String {
            switch self {
            case .severity: "Alarm Severity"
            case .current: "Up to Date"
            case .role: "Server Role"
            case .previous: "Prev Release"
            case .running: "Running Release"
            case .operation: "Upgrade Operation"
            }
        }
    }

    var text = ""
    var kind = ""
    var site = ""
    var waitsOnly = false
    var alarmsOnly = false
    var columns = Set(Column.allCases)
    /// Clusters whose servers are shown, or not, against what they would be by themselves.
    var open: Set<ClusterName> = []
    var closed: Set<ClusterName> = []
    /// Clusters with a check.
    var checked: Set<ClusterName> = []
    /// The cluster whose [+] or [-] was pressed.
    var toggled: ClusterName?

    /// Everything, as it is by itself.
    init() {}

    /// Reads an address's parameters; what is not understood is left out.
    init(_ parameters: some Sequence<(key: Substring, value: Substring)>) {
        var shown: Set<Column> = []
        var choosesColumns = false
        for (key, raw) in parameters {
            let value = String(raw.prefix(200)).trimmingCharacters(in: .whitespaces)
            switch key {
            case "q": text = value
            case "kind": kind = value
            case "site": site = value
            case "waits": waitsOnly = value == "1"
            case "alarms": alarmsOnly = value == "1"
            case "columns": choosesColumns = value == "1"
            case "show": if let column = Column(rawValue: value) { shown.insert(column) }
            case "open": open.insert(ClusterName(value))
            case "closed": closed.insert(ClusterName(value))
            case "cluster": checked.insert(ClusterName(value))
            case "toggle": toggled = ClusterName(value)
            case _: break
            }
        }
        if choosesColumns { columns = shown }
    }

    /// What the page's forms carry on, so that each of them changes only what it is for.
    func fields(without left: Set<String> = []) -> [(name: String, value: String)] {
        var all: [(name: String, value: String)] = []
        if !text.isEmpty { all.append(("q", text)) }
        if !kind.isEmpty { all.append(("kind", kind)) }
        if !site.isEmpty { all.append(("site", site)) }
        if waitsOnly { all.append(("waits", "1")) }
        if alarmsOnly { all.append(("alarms", "1")) }
        if columns != Set(Column.allCases) {
            all.append(("columns", "1"))
            all += Column.allCases.filter(columns.contains).map { ("show", $0.rawValue) }
        }
        all += open.sorted().map { ("open", $0.text) }
        all += closed.sorted().map { ("closed", $0.text) }
        all += checked.sorted().map { ("cluster", $0.text) }
        return all.filter { !left.contains($0.name) }
    }

    /// The same as an address's query, without the question mark.
    func text(without left: Set<String> = []) -> String {
        fields(without: left).map { field in
            let value =
                field.value.addingPercentEncoding(withAllowedCharacters: .alphanumerics)
                ?? ""
            return "\(field.name)=\(value)"
        }.joined(separator: "&")
    }

    /// Whether a cluster's servers are shown.
    func isOpen(_ cluster: ClusterStatus, isSmallNetwork: Bool) -> Bool {
        if open.contains(cluster.name) { return true }
        if closed.contains(cluster.name) { return false }
        return isSmallNetwork || cluster.needsLooking || cluster.action != nil
    }

    /// Takes in the [+] or [-] that was pressed.
    mutating func toggle(in clusters: [ClusterStatus], isSmallNetwork: Bool) {
        guard let name = toggled, let cluster = clusters.first(where: { $0.name == name }) else {
            return
        }
        let wasOpen = isOpen(cluster, isSmallNetwork: isSmallNetwork)
        open.remove(name)
        closed.remove(name)
        if wasOpen { closed.insert(name) } else { open.insert(name) }
        toggled = nil
    }

    /// Whether a cluster passes the filter.
    func shows(_ cluster: ClusterStatus) -> Bool {
        if !kind.isEmpty, cluster.kind.description != kind { return false }
        if !site.isEmpty, cluster.site.text != site { return false }
        if waitsOnly, !cluster.waitsForPerson { return false }
        if alarmsOnly, cluster.alarms.isEmpty { return false }
        guard !text.isEmpty else { return true }
        let wanted = text.lowercased()
        var texts = [
            cluster.name.text, cluster.site.text, cluster.kind.description, cluster.positionText,
        ]
        for server in cluster.servers { texts += [server.name.text, server.runningRelease] }
        return texts.contains { $0.lowercased().contains(wanted) }
    }

    var isFiltering: Bool {
        !text.isEmpty || !kind.isEmpty || !site.isEmpty || waitsOnly || alarmsOnly
    }
}
