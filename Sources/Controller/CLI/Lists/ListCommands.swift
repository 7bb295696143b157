import ArgumentParser
import ControllerAPI
import TandemModel

/// `tandem alarm ...`.
struct AlarmCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "alarm",
        abstract: "Alarms that are raised, and were.",
        subcommands: [ListAlarms.self, AcknowledgeAlarm.self],
        defaultSubcommand: ListAlarms.self
    )
}

struct ListAlarms: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "The raised alarms, newest first."
    )

    @Flag(name: .long, help: "Cleared ones too.")
    var history = false

    @OptionGroup(title: "Connection")
    var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await reporting {
            let path = APIPath.alarms + (history ? "?history=true" : "")
            let page: Page<AlarmEntry> = try await connection.client().get(path)
            try output.show(page.items) { alarms in
                alarms.isEmpty ? "No alarm.\n" : ListText.alarms(alarms)
            }
        }
    }
}

/// `tandem log`.
struct LogCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "log",
        abstract: "The upgrade log: every action and step, the newest last."
    )

    @Argument(help: "Only this cluster.")
    var cluster: String?

    @OptionGroup var paging: PagingOptions
    @OptionGroup(title: "Connection")
    var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await reporting {
            var query: [String] = []
            if let cluster { query.append("cluster=\(try clusterName(cluster))") }
            let entries: [UpgradeLogEntry] = try await paging.entries(
                APIPath.log,
                query,
                try connection.client()
            )
            try output.show(entries) { entries in
                entries.isEmpty ? "Nothing yet.\n" : ListText.log(entries.reversed())
            }
        }
    }
}

/// How much of a long list is shown.
struct PagingOptions: ParsableArguments {
    @Option(name: .long, help: "So many lines at most; 0 for all.")
    var limit = 50

    func validate() throws {
        guard limit >= 0 else { throw ValidationError("--limit is 0 or more.") }
    }

    /// The newest entries, newest first, put together from as many pages as that takes.
    func entries<Item: Codable & Sendable & Hashable>(
        _ path: String,
        _ query: [String],
        _ client: APIClient
    ) async throws -> [Item] {
        try await client.list(path, query, limit: limit)
    }
}

extension APIClient {
    /// A list, newest first, put together from as many pages as that takes; all of it where `limit` is 0.
    func list<Item: Codable & Sendable & Hashable>(
        _ path: String,
        _ query: [String] = [],
        limit: Int = 0
    ) async throws -> [Item] {
        var items: [Item] = []
        var before: UInt64?
        while true {
            let terms = query + (before.map { ["before=\($0)"] } ?? [])
            let suffix = terms.isEmpty ? "" : "?" + terms.joined(separator: "&")
            let page: Page<Item> = try await get(path + suffix)
            items += page.items
            if limit > 0, items.count >= limit {
                return Array(items.prefix(limit))
            }
            // A page that does not lead further down would lead round in circles.
            guard let next = page.next, before.map({ next < $0 }) ?? true else { return items }
            before = next
        }
    }
}

/// Alarms, upgrade log and audit as tables.
enum ListText {
    static func alarms(_ alarms: [AlarmEntry]) -> String {
        var table = Table("Raised", "No.", "Name", "Severity", "Instance", "Cleared", "Text")
        for alarm in alarms {
            var marks: [String] = []
            if alarm.isExpected { marks.append("expected") }
            if alarm.isStale { marks.append("stale") }
            if let person = alarm.acknowledgedBy { marks.append("acknowledged by \(person)") }
            let tag = marks.isEmpty ? "" : " (\(marks.joined(separator: ", ")))"
            table.add(
                alarm.raisedAt.text,
                "\(alarm.number.value)",
                alarm.name,
                alarm.severity.rawValue + tag,
                alarm.instance,
                alarm.clearedAt?.text ?? "",
                alarm.text
            )
        }
        return table.text
    }

    /// Steps stand below their action, in the order given.
    static func log(_ entries: some Sequence<UpgradeLogEntry>) -> String {
        var table = Table("Started", "Cluster", "Server", "Action", "Duration", "Result", "Who")
        for entry in entries {
            let isAction = entry.stepIndex == 0
            table.add(
                entry.startedAt.text,
                entry.cluster.text,
                entry.server?.text ?? "",
                indent(entry) + entry.text,
                entry.endedAt == nil ? "" : durationText(entry.durationMilliseconds),
                entry.detail.isEmpty ? entry.result : "\(entry.result): \(firstLine(entry.detail))",
                isAction ? entry.person.text + (entry.isAutomatic ? " (automatic)" : "") : ""
            )
        }
        return table.text
    }

    static func audit(_ entries: some Sequence<AuditEntry>) -> String {
        var table = Table("Time", "Who", "What", "Cluster", "Server", "Reason")
        for entry in entries {
            table.add(
                entry.time.text,
                entry.person.text,
                entry.what,
                entry.cluster?.text ?? "",
                entry.server?.text ?? "",
                entry.reason
            )
        }
        return table.text
    }

    /// Commands stand below their action, steps below their command, whose number counts hundreds.
    private static func indent(_ entry: UpgradeLogEntry) -> String {
        guard entry.stepIndex > 0 else { return "" }
        return entry.stepIndex % 100 == 0 ? "  " : "    "
    }

    /// The whole diagnostic is for `--json`.
    private static func firstLine(_ text: String) -> Substring {
        text.split(whereSeparator: \.isNewline).first ?? ""
    }
}
