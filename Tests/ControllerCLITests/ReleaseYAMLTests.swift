import TandemImage
import TandemModel
import Testing

@testable import tandem

/// The reader of release descriptions.
struct ReleaseYAMLTests {
    /// All that has to be there, and nothing else.
    static let least = """
        product: scef-fe
        version: 12.10
        date: 2025-01-02
        kinds: [scef-fe]
        packages:
          - packages/one.deb
        upgrade-steps:
          - {name: Install, action: install-packages, expected-seconds: 2, limit-seconds: 60}
        back-out-steps:
          - name: Install
            action: install-packages
            expected-seconds: 3
            limit-seconds: 60
        service: scef-fe
        build-id: 1.0e3
        identify-hook: identify

        """

    /// The rest.
    static let most =
        least + """
            format: rpm
            installs-over: [12.9, "12.8", 010]
            installs-on-blank: true
            rolls-back-to:
              - 12.9
            minimum-agent: 1.2
            minimum-controller: "1.3"
            minimum-cmp: ""
            carry: [one.deb]
            hooks:
              - file: hooks/identify
                repeatable: true
              - file: migrate
                observes: "true"
            configuration:
              schema: scef-fe-1
              path: /etc/scef-fe/cluster.conf
              apply-hook: apply
            health-hook: health
            replicates-data: true
            replicates-with: []
            data-carry-hook: carry
            takeover-while-mixed: allowed
            notices:
              - "Yes: sessions end."
              - |
                Two
                lines.
            space-needed: 123

            """

    private static func draft(_ text: String) throws -> ReleaseDraft {
        try ReleaseYAML.draft(parsing: text, path: "r.yaml", folder: "/f")
    }

    private static func problems(_ text: String) -> [String] {
        guard let error = failure({ _ = try draft(text) }) else { return [] }
        #expect(error.code == .manifestInvalid)
        #expect(error.message.hasPrefix("r.yaml is no release description:"))
        return error.message.split(separator: "\n").dropFirst().map { String($0.dropFirst(2)) }
    }

    @Test
    func leastIsReadWithItsDefaults() throws {
        let draft = try Self.draft(Self.least)
        let manifest = draft.manifest
        #expect(manifest.release == ReleaseID(product: "scef-fe", version: "12.10"))
        #expect(manifest.format == .deb)
        #expect(manifest.dateSeconds == 1_735_776_000)
        #expect(manifest.kinds == [.scefFE])
        #expect(manifest.buildID == "1.0e3")
        #expect(manifest.takeoverWhileMixed == .held)
        #expect(!manifest.installsOnBlank && !manifest.replicatesData)
        #expect(manifest.configuration == nil && manifest.healthHook == nil)
        #expect(manifest.notices.isEmpty && manifest.installsOver.isEmpty)
        #expect(draft.packagePaths == ["/f/packages/one.deb"])
        #expect(draft.carriedFiles == nil && draft.spaceNeeded == nil && draft.hooks.isEmpty)
        let step = StepDefinition(
            name: "Install",
            action: .installPackages,
            arguments: [],
            expectedSeconds: 2,
            limitSeconds: 60,
            isSafeAfter: false,
            onFailure: .stop
        )
        #expect(manifest.upgradeSteps == [step])
        #expect(manifest.backOutSteps.map(\.expectedSeconds) == [3])
    }

    @Test
    func everythingIsRead() throws {
        let draft = try Self.draft(Self.most)
        let manifest = draft.manifest
        #expect(manifest.format == .rpm)
        // Texts as they stand there: no number, no octal, no truth is made of them.
        #expect(manifest.installsOver == ["12.9", "12.8", "010"])
        #expect(manifest.rollsBackTo == ["12.9"])
        #expect(manifest.installsOnBlank && manifest.replicatesData)
        #expect(manifest.minimumAgent == "1.2" && manifest.minimumController == "1.3")
        #expect(manifest.minimumCMP.isEmpty)
        #expect(draft.carriedFiles == ["one.deb"])
        let hooks = [
            ReleaseDraft.Hook(path: "/f/hooks/identify", isRepeatable: true, observes: false),
            ReleaseDraft.Hook(path: "/f/migrate", isRepeatable: false, observes: true),
        ]
        #expect(draft.hooks == hooks)
        let configuration = ConfigurationSchema(
            schema: "scef-fe-1",
            path: "/etc/scef-fe/cluster.conf",
            applyHook: "apply"
        )
        #expect(manifest.configuration == configuration)
        #expect(manifest.healthHook == "health" && manifest.dataCarryHook == "carry")
        #expect(manifest.takeoverWhileMixed == .allowed)
        #expect(manifest.notices == ["Yes: sessions end.", "Two\nlines.\n"])
        #expect(draft.spaceNeeded == 123)
    }

    struct Bad: Sendable, CustomTestStringConvertible {
        /// What stands in the place of `old`, both whole lines or parts of them.
        var old: String
        var new: String
        var problem: String
        var testDescription: String { problem }
    }

    static let bad: [Bad] = [
        Bad(
            old: "rolls-back-to:",
            new: "rolls-backs-to:",
            problem: "line 20: `rolls-backs-to` is no known key; is `rolls-back-to` meant?"
        ),
        Bad(old: "notices:", new: "colour:", problem: "line 40: `colour` is no known key"),
        Bad(old: "kinds: [scef-fe]", new: "kinds: []", problem: "line 4: `kinds` is an empty list"),
        Bad(
            old: "kinds: [scef-fe]",
            new: "kinds: scef-fe",
            problem: "line 4: `kinds` is a list, not a text"
        ),
        Bad(
            old: "kinds: [scef-fe]",
            new: "kinds: [[scef-fe]]",
            problem: "line 4: `kinds` is a text, not a list"
        ),
        Bad(
            old: "version: 12.10",
            new: "version: {a: b}",
            problem: "line 2: `version` is a text, not a mapping"
        ),
        Bad(old: "version: 12.10", new: "version:", problem: "line 2: `version` is empty"),
        Bad(old: "product: scef-fe\n", new: "", problem: "line 1: `product` is missing"),
        Bad(
            old: "format: rpm",
            new: "format: zip",
            problem: "line 17: `format` is one of deb, rpm, not 'zip'"
        ),
        Bad(
            old: "installs-on-blank: true",
            new: "installs-on-blank: yes",
            problem: "line 19: `installs-on-blank` is `true` or `false`, not 'yes'"
        ),
        Bad(
            old: "space-needed: 123",
            new: "space-needed: -1",
            problem: "line 45: `space-needed` is a whole number, not '-1'"
        ),
        Bad(
            old: "space-needed: 123",
            new: "space-needed: +1",
            problem: "line 45: `space-needed` is a whole number, not '+1'"
        ),
        Bad(
            old: "expected-seconds: 3",
            new: "expected-seconds: 4294967296",
            problem: "line 12: back-out-steps, step 1: `expected-seconds`: 4294967296 is too long"
        ),
        Bad(
            old: "expected-seconds: 3",
            new: "expect-seconds: 3",
            problem:
                "line 12: back-out-steps, step 1: `expect-seconds` is no known key; is `expected-seconds` meant?"
        ),
        Bad(
            old: "action: install-packages\n",
            new: "action: install\n",
            problem:
                "line 11: back-out-steps, step 1: `action` is one of check, stop-service, snapshot, install-packages, configure, hook, data-carry, reboot, start-service, verify, not 'install'"
        ),
        Bad(
            old: "repeatable: true",
            new: "repeatables: true",
            problem: "line 28: hooks: `repeatables` is no known key; is `repeatable` meant?"
        ),
        Bad(
            old: "  - file: migrate",
            new: "  - migrate: now",
            problem: "line 29: hooks: `file` is missing"
        ),
        Bad(
            old: "file: hooks/identify",
            new: "file: ../identify",
            problem:
                "line 27: hooks: `file`: '../identify' is not a path below the folder of the description"
        ),
        Bad(
            old: "packages/one.deb",
            new: "/packages/one.deb",
            problem:
                "line 6: `packages`: '/packages/one.deb' is not a path below the folder of the description"
        ),
        Bad(
            old: "  schema: scef-fe-1\n",
            new: "",
            problem: "line 32: configuration: `schema` is missing"
        ),
        Bad(
            old: "date: 2025-01-02",
            new: "date: 2025-02-29",
            problem: "line 3: `date` is a number of seconds or YYYY-MM-DD, not '2025-02-29'"
        ),
        Bad(
            old: "version: 12.10",
            new: "version: &v 12.10",
            problem: "line 2: anchors (&name) and aliases are not allowed"
        ),
        Bad(
            old: "kinds: [scef-fe]",
            new: "kinds: &k [scef-fe]",
            problem: "line 4: anchors (&name) and aliases are not allowed"
        ),
        Bad(
            old: "version: 12.10",
            new: "version: !!str 12.10",
            problem: "line 2: tags (!name) are not allowed"
        ),
        Bad(
            old: "version: 12.10",
            new: "version: !release 12.10",
            problem: "line 2: tags (!name) are not allowed"
        ),
        Bad(
            old: "version: 12.10",
            new: "version: !!float 12.10",
            problem: "line 2: tags (!name) are not allowed"
        ),
        Bad(old: "service: scef-fe", new: "service: *s", problem: "line 14: found undefined alias"),
        Bad(
            old: "version: 12.10",
            new: "version: 12.10\nversion: 12.11",
            problem: "line 2: a key stands twice in this mapping: version"
        ),
        Bad(
            old: "service: scef-fe",
            new: "service: [a",
            problem: "line 15: did not find expected ',' or ']'"
        ),
        Bad(
            old: "service: scef-fe",
            new: "---\nservice: scef-fe",
            problem: "line 14: but found another document"
        ),
    ]

    @Test(arguments: bad)
    func mistakeIsNamedWithItsLine(_ row: Bad) throws {
        let place = try #require(Self.most.firstRange(of: row.old))
        var text = Self.most
        text.replaceSubrange(place, with: row.new)
        #expect(Self.problems(text).contains(row.problem), "\(Self.problems(text))")
    }

    @Test(arguments: ["", "# nothing\n", "--- \n"])
    func emptyDocumentIsRefused(_ text: String) {
        #expect(Self.problems(text).count == 1)
    }

    @Test(arguments: ["- a\n", "text", "[a, b]"])
    func documentThatIsNoMappingIsRefusedInOneLine(_ text: String) {
        #expect(Self.problems(text) == ["line 1: the document: a mapping is expected"])
    }

    @Test
    func mergeKeyIsAnUnknownKey() {
        #expect(Self.problems(Self.least + "<<: {a: b}\n") == ["line 17: `<<` is no known key"])
    }

    @Test
    func allMistakesAreToldAtOnceInOrder() {
        let text = "colour: red\n" + Self.least.replacing("version", with: "versions")
        let lines = Self.problems(text)
        #expect(lines.count == 3)
        #expect(lines.first == "line 1: `version` is missing")
        #expect(lines.last?.hasPrefix("line 3: `versions` is no known key") == true)
    }

    @Test(
        arguments: [
            ("1970-01-01", 0), ("2000-02-29", 951_782_400), ("2024-12-31", 1_735_603_200),
            ("2100-03-01", 4_107_542_400), ("2100-02-29", nil), ("1969-12-31", nil),
            ("2025-13-01", nil), ("2025-00-10", nil), ("2025-1-1", nil), ("2025-+1-01", nil),
            ("2025-01-01 ", nil), ("", nil),
        ] as [(String, UInt64?)]
    )
    func daysAreCounted(_ text: String, _ seconds: UInt64?) {
        #expect(ReleaseYAML.secondsOfDay(text) == seconds)
    }

    @Test
    func everyTruncationEndsWithoutTrouble() {
        let text = Self.most
        for count in stride(from: 0, to: text.count, by: 7) {
            _ = try? Self.draft(String(text.prefix(count)))
        }
    }
}
