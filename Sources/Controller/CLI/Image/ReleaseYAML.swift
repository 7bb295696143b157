import TandemImage
import TandemModel

/// Reads `release.yaml`, the form that `Docs/release-yaml.md` describes.
enum ReleaseYAML {
    /// The longest description, in bytes.
    static let byteCountMax = 1 << 20

    /// The release that a text describes; file names in it count from `folder`.
    ///
    /// - Throws: `manifestInvalid` with every problem and its line; `path` names the file in it.
    static func draft(
        parsing text: String,
        path: String,
        folder: String
    ) throws(TandemError) -> ReleaseDraft {
        let document: PlainYAML
        do {
            document = try PlainYAML(parsing: text)
        } catch {
            throw invalid(path, [error])
        }
        var reader = MappingReader(document, place: "")
        let draft = draft(&reader, folder: folder)
        let problems = reader.finish()
        guard problems.isEmpty else { throw invalid(path, problems) }
        return draft
    }

    private static func invalid(_ path: String, _ problems: [YAMLProblem]) -> TandemError {
        let lines = problems.sorted { $0.line < $1.line }.map { "\n  \($0)" }.joined()
        return TandemError(
            .manifestInvalid,
            "\(path) is no release description:\(lines)",
            remedy: "Mend the file; Docs/release-yaml.md explains every key."
        )
    }

    // MARK: - The document

    private static func draft(_ reader: inout MappingReader, folder: String) -> ReleaseDraft {
        let packages = paths("packages", of: reader.requiredList("packages"), &reader)
        let carried = reader.value("carry") == nil ? nil : reader.texts("carry")
        let hooks = hooks(&reader)
        let spaceNeeded = reader.value("space-needed").map { reader.number("space-needed", $0) }
        return ReleaseDraft(
            manifest: manifest(&reader),
            packagePaths: packages.map { "\(folder)/\($0)" },
            hooks: hooks.map { hook in
                var hook = hook
                hook.path = "\(folder)/\(hook.path)"
                return hook
            },
            carriedFiles: carried,
            spaceNeeded: spaceNeeded
        )
    }

    private static func manifest(_ reader: inout MappingReader) -> ReleaseManifest {
        let format = reader.value("format")
        let takeover = reader.value("takeover-while-mixed")
        return ReleaseManifest(
            release: ReleaseID(
                product: reader.requiredText("product"),
                version: reader.requiredText("version")
            ),
            format: reader.choice("format", format) ?? .deb,
            kinds: reader.texts("kinds", of: reader.requiredList("kinds"))
                .map { ClusterKind($0.text) },
            installsOver: reader.texts("installs-over"),
            installsOnBlank: reader.flag("installs-on-blank"),
            rollsBackTo: reader.texts("rolls-back-to"),
            minimumAgent: reader.text("minimum-agent") ?? "",
            minimumController: reader.text("minimum-controller") ?? "",
            minimumCMP: reader.text("minimum-cmp") ?? "",
            packages: [],
            carriedFiles: [],
            hooks: [],
            upgradeSteps: steps("upgrade-steps", &reader),
            backOutSteps: steps("back-out-steps", &reader),
            configuration: configuration(&reader),
            service: reader.requiredText("service"),
            buildID: reader.requiredText("build-id"),
            identifyHook: reader.requiredText("identify-hook"),
            healthHook: reader.text("health-hook"),
            replicatesData: reader.flag("replicates-data"),
            replicatesWith: reader.texts("replicates-with"),
            dataCarryHook: reader.text("data-carry-hook"),
            takeoverWhileMixed: reader.choice("takeover-while-mixed", takeover) ?? .held,
            notices: reader.texts("notices"),
            spaceNeeded: 0,
            dateSeconds: date(&reader)
        )
    }

    // MARK: - Parts

    /// File names that stay below the description's own folder.
    private static func paths(
        _ key: String,
        of elements: [PlainYAML],
        _ reader: inout MappingReader
    ) -> [String] {
        reader.texts(key, of: elements).map { name, line in
            let parts = name.split(separator: "/", omittingEmptySubsequences: false)
            if parts.contains("..") || parts.contains("") {
                reader.note(
                    line,
                    "`\(key)`: '\(name)' is not a path below the folder of the description"
                )
            }
            return name
        }
    }

    private static func hooks(_ reader: inout MappingReader) -> [ReleaseDraft.Hook] {
        reader.list("hooks").map { element in
            var entry = MappingReader(element, place: "hooks")
            let file = entry.required("file").map { paths("file", of: [$0], &entry) } ?? []
            let hook = ReleaseDraft.Hook(
                path: file.first ?? "",
                isRepeatable: entry.flag("repeatable"),
                observes: entry.flag("observes")
            )
            reader.take(entry.finish())
            return hook
        }
    }

    private static func steps(
        _ key: String,
        _ reader: inout MappingReader
    ) -> [StepDefinition] {
        reader.requiredList(key).enumerated().map { index, element in
            var entry = MappingReader(element, place: "\(key), step \(index + 1)")
            let action = entry.required("action")
            let failure = entry.value("on-failure")
            let step = StepDefinition(
                name: entry.requiredText("name"),
                action: entry.choice("action", action) ?? .check,
                arguments: entry.texts("arguments"),
                expectedSeconds: seconds("expected-seconds", &entry),
                limitSeconds: seconds("limit-seconds", &entry),
                isSafeAfter: entry.flag("safe-after"),
                onFailure: entry.choice("on-failure", failure) ?? .stop
            )
            reader.take(entry.finish())
            return step
        }
    }

    private static func seconds(_ key: String, _ reader: inout MappingReader) -> UInt32 {
        guard let value = reader.required(key) else { return 0 }
        let number = reader.number(key, value)
        guard let seconds = UInt32(exactly: number) else {
            reader.note(value.line, "`\(key)`: \(number) is too long")
            return 0
        }
        return seconds
    }

    private static func configuration(_ reader: inout MappingReader) -> ConfigurationSchema? {
        guard let value = reader.value("configuration") else { return nil }
        var entry = MappingReader(value, place: "configuration")
        let schema = ConfigurationSchema(
            schema: entry.requiredText("schema"),
            path: entry.requiredText("path"),
            applyHook: entry.text("apply-hook")
        )
        reader.take(entry.finish())
        return schema
    }

    /// Seconds since 1970, or a day, which stands for its first moment in UTC.
    private static func date(_ reader: inout MappingReader) -> UInt64 {
        let line = reader.value("date")?.line ?? 0
        let text = reader.requiredText("date")
        guard !text.isEmpty else { return 0 }
        if isDigits(text), let seconds = UInt64(text) { return seconds }
        guard let seconds = secondsOfDay(text) else {
            reader.note(line, "`date` is a number of seconds or YYYY-MM-DD, not '\(text)'")
            return 0
        }
        return seconds
    }

    /// Midnight UTC of `YYYY-MM-DD`; `nil` unless that day exists, from 1970 on.
    static func secondsOfDay(_ text: String) -> UInt64? {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.map(\.utf8.count) == [4, 2, 2], parts.allSatisfy(isDigits),
            let year = Int(parts[0]), year >= 1970,
            let month = Int(parts[1]), (1...12).contains(month), let day = Int(parts[2]), day >= 1
        else { return nil }
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        let lengths = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        guard day <= lengths[month - 1] else { return nil }
        let before = year - 1
        let leapDays =
            before / 4 - before / 100 + before / 400 - (1969 / 4 - 1969 / 100 + 1969 / 400)
        let days = (year - 1970) * 365 + leapDays + lengths[..<(month - 1)].reduce(0, +) + day - 1
        return UInt64(days) * 86_400
    }
}
