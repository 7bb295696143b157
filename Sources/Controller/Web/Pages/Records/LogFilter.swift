import ControllerAPI
import Foundation
import TandemModel

/// Which lines of the upgrade log or of the audit somebody wants to see.
struct LineFilter: Sendable, Equatable {
    var cluster = ""
    var server = ""
    /// An action's id: its own line, its commands and their steps.
    var action = ""
    var person = ""
    /// For the log a result such as `failed`; for the audit a part of what was done.
    var what = ""
    /// As a form gives them: `2026-11-26T02:10`, UTC.
    var from = ""
    var to = ""

    /// Reads a query's terms.
    init(_ term: (String) -> String?) {
        func text(_ name: String) -> String {
            String((term(name) ?? "").replacing("+", with: " ").prefix(200))
                .trimmingCharacters(in: .whitespaces)
        }
        cluster = text("cluster")
        server = text("server")
        action = text("action")
        person = text("person")
        what = text("what")
        from = text("from")
        to = text("to")
    }

    /// Every line.
    init() {}

    /// The cluster to ask the controller for; a name that can't be one matches nothing anyway.
    var clusterName: ClusterName? {
        let name = ClusterName(cluster)
        return name.isValid ? name : nil
    }

    var isEmpty: Bool { self == LineFilter() }

    func admits(_ entry: UpgradeLogEntry) -> Bool {
        matches(cluster, entry.cluster.text) && matches(server, entry.server?.text ?? "")
            && matches(action, entry.action.description)
            && matches(person, entry.person.text) && matches(what, entry.result)
            && admits(entry.startedAt)
    }

    func admits(_ entry: AuditEntry) -> Bool {
        matches(cluster, entry.cluster?.text ?? "") && matches(server, entry.server?.text ?? "")
            && matches(person, entry.person.text)
            && (what.isEmpty || entry.what.localizedCaseInsensitiveContains(what))
            && admits(entry.time)
    }

    private func matches(_ wanted: String, _ value: String) -> Bool {
        wanted.isEmpty || wanted == value
    }

    private func admits(_ time: WallTime) -> Bool {
        if let start = Self.time(from), time.milliseconds < start.milliseconds { return false }
        // The minute that is named belongs to it.
        if let end = Self.time(to), time.milliseconds >= end.milliseconds + 60_000 { return false }
        return true
    }

    /// The time of `YYYY-MM-DDTHH:MM`, UTC; `nil` for anything else.
    static func time(_ text: String) -> WallTime? {
        guard text.utf8.count >= 16 else { return nil }
        let whole = String(text.prefix(16)) + ":00Z"
        guard let date = try? Date(whole, strategy: .iso8601), date.timeIntervalSince1970 >= 0
        else { return nil }
        return WallTime(milliseconds: UInt64(date.timeIntervalSince1970 * 1000))
    }

    /// The query again, to go on `before` a row.
    func query(before: UInt64? = nil) -> String {
        Query.text([
            ("cluster", cluster), ("server", server), ("action", action), ("person", person),
            ("what", what), ("from", from), ("to", to), ("before", before.map { "\($0)" }),
        ])
    }

    /// What a template puts into the form's fields.
    var values: Values {
        [
            "filterCluster": cluster, "filterServer": server, "filterPerson": person,
            "filterAction": action.isEmpty ? false : action as Any,
            "filterWhat": what, "filterFrom": from, "filterTo": to, "isFiltered": !isEmpty,
        ]
    }
}

/// Lines that match, out of as many pages as that takes, within a limit.
struct MatchingLines<Item: Codable & Sendable & Hashable> {
    /// So many lines make a page of ours full.
    static var countWanted: Int { 100 }
    /// Pages of the controller that one request reads at most: the next one goes on.
    static var pageCountMax: Int { 25 }

    var items: [Item] = []
    /// Where to go on; `nil` at the end.
    var next: UInt64?

    static func read(
        before: UInt64?,
        admits: (Item) -> Bool,
        page: (UInt64?) async throws -> Page<Item>
    ) async throws -> MatchingLines {
        var found = MatchingLines(next: before)
        for _ in 0..<pageCountMax {
            let page = try await page(found.next)
            found.items += page.items.filter(admits)
            found.next = page.next
            if page.next == nil || found.items.count >= countWanted { break }
        }
        return found
    }
}
