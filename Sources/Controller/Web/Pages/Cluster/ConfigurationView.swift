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
        let newest = Array(versions.enumerated().map(Version.init).reversed())
        let target = newest.first { $0.key == to } ?? newest.first
        let source = newest.first { $0.key == from } ?? newest.dropFirst().first
        let typed =
            entry
            ?? Entry(
                schema: newest.first?.info.schema ?? "",
                document: newest.first?.info.document ?? ""
            )
        let reapply = ButtonState.all(for: cluster, person: person)
            .first { $0.button == .reapplyConfiguration }
        let why = reapply?.whyNot ?? "It is not offered."
        var values: Values = [
            "clusterName": cluster.name.text, "hasVersions": !newest.isEmpty,
            "versions": newest.map { version in
                let info = version.info
                return [
                    "key": version.key, "label": version.label, "schema": info.schema,
                    "savedAt": Shown.time(info.savedAt), "author": info.person.text,
                    "why": info.reason, "isQueued": info.isQueued,
                    "digest": String(info.digest.description.prefix(12)),
                    "isFrom": source?.key == version.key, "isTo": target?.key == version.key,
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
        values["fromLabel"] = source.label
        values["toLabel"] = target.label
        let lines = difference(source, target)
        values["isSame"] = lines.isEmpty
        values["lines"] = lines
        return values
    }

    /// A version as the page names it: queued edits have no number of their own yet, so they are counted.
    private struct Version {
        var key: String
        var label: String
        var info: ConfigurationInfo

        init(_ place: Int, _ info: ConfigurationInfo) {
            key = info.isQueued ? "queued-\(place)" : "version-\(info.number)"
            label = info.isQueued ? "queued edit at place \(place + 1)" : "version \(info.number)"
            self.info = info
        }
    }

    private static func difference(_ old: Version, _ new: Version) -> [Values] {
        LineDifference.unified(
            old.info.document,
            new.info.document,
            names: (old.label, new.label)
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
