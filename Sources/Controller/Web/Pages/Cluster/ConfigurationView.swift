import ControllerAPI
import TandemModel

/// A cluster's configuration versions, and the difference of two of them, as values.
enum ConfigurationView {
    /// What a person has typed for a new version.
    struct Entry: Sendable, Hashable {
        var schema = ""
        var document = ""
        var reason = ""
    }

    static func page(
        _ cluster: ClusterStatus,
        _ versions: [ConfigurationInfo],
        from: String?,
        to: String?,
        entry: Entry?,
        person: KnownPerson
    ) -> Values {
        let newest = versions.reversed().map { $0 }
        let target = newest.first { key($0) == to } ?? newest.first
        let source = newest.first { key($0) == from } ?? newest.dropFirst().first
        let typed =
            entry
            ?? Entry(schema: newest.first?.schema ?? "", document: newest.first?.document ?? "")
        let reapply = ButtonState.all(for: cluster, person: person)
            .first { $0.button == .reapplyConfiguration }
        let why = reapply?.whyNot ?? "It is not offered."
        var values: Values = [
            "clusterName": cluster.name.text, "hasVersions": !newest.isEmpty,
            "versions": newest.map { version in
                [
                    "key": key(version), "label": label(version), "schema": version.schema,
                    "savedAt": Shown.time(version.savedAt), "author": version.person.text,
                    "why": version.reason, "isQueued": version.isQueued,
                    "digest": String(version.digest.description.prefix(12)),
                    "isFrom": source.map(key) == key(version),
                    "isTo": target.map(key) == key(version),
                ] as Values
            },
            "mayEdit": person.may(.editConfiguration), "typedSchema": typed.schema,
            "typedDocument": typed.document, "typedReason": typed.reason,
            "reapplyHref": why.isEmpty
                ? PressView.path(cluster.name, .reapplyConfiguration, server: nil) as Any : false,
            "reapplyWhy": why.isEmpty ? false : why as Any,
            "hasDifference": false, "problem": false, "saved": false,
        ]
        guard let source, let target else { return values }
        values["hasDifference"] = true
        values["fromLabel"] = label(source)
        values["toLabel"] = label(target)
        let lines = difference(source, target)
        values["isSame"] = lines.isEmpty
        values["lines"] = lines
        return values
    }

    /// Names a version in an address: a queued edit has no number of its own yet.
    private static func key(_ version: ConfigurationInfo) -> String {
        "\(version.isQueued ? "queued" : "version")-\(version.number)"
    }

    private static func label(_ version: ConfigurationInfo) -> String {
        version.isQueued ? "queued edit \(version.number)" : "version \(version.number)"
    }

    private static func difference(_ old: ConfigurationInfo, _ new: ConfigurationInfo) -> [Values] {
        LineDifference.unified(
            old.document,
            new.document,
            names: (label(old), label(new))
        ).split(separator: "\n", omittingEmptySubsequences: false).dropLast().map { line in
            let mark =
                switch line.first {
                case "+": "added"
                case "-": "removed"
                case "@": "place"
                case _: "same"
                }
            return ["mark": mark, "line": String(line)]
        }
    }
}
