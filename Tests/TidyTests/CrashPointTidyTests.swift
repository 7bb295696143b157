import Testing

/// What lets a test kill our programs is in no program that people install.
struct CrashPointTidyTests {
    @Test
    func hooksStandUnderTheTraitOnly() {
        expectNone(Repository.shared.files.filter { $0.isUnder("Sources") }.flatMap(hookFindings))
    }

    @Test
    func traitIsNoDefault() throws {
        let manifest = try Repository.shared.required("Package.swift", "it names the traits")
        #expect(manifest.text.contains("name: \"CrashPoints\""))
        #expect(try matches(of: #"\.default\s*\("#, in: manifest.text).isEmpty)
    }

    // MARK: - Planted violations

    private static func lines(_ text: String) -> [Int] {
        hookFindings(in: RepositoryFile(path: "Sources/A.swift", text: text)).map(\.line)
    }

    @Test
    func bareHookIsFound() {
        #expect(Self.lines("a()\nCrashPoint.send.before()\n") == [2])
        #expect(Self.lines("#if CrashPoints\nb()\n#endif\nCrashPoint.send.after()\n") == [4])
        #expect(Self.lines("#if DEBUG\nCrashPoint.send.after()\n#endif\n") == [2])
        #expect(Self.lines("#if CrashPoints\n#else\nCrashPoint.send.after()\n#endif\n") == [3])
        #expect(Self.lines("let name = \"TANDEM_CRASH_FOLDER\"\n") == [1])
    }

    @Test
    func hookUnderTheTraitPasses() {
        #expect(Self.lines("#if CrashPoints\n    CrashPoint.send.before()\n#endif\na()\n").isEmpty)
    }
}

// MARK: - The rule

private func hookFindings(in file: RepositoryFile) -> [Finding] {
    var isUnderTrait = false
    var findings: [Finding] = []
    let lines = file.text.split(separator: "\n", omittingEmptySubsequences: false)
    for (index, line) in lines.enumerated() {
        let words = line.drop { $0 == " " }
        if words.hasPrefix("#") {
            isUnderTrait = words == "#if CrashPoints"
            continue
        }
        guard !isUnderTrait, line.contains("CrashPoint") || line.contains("TANDEM_CRASH") else {
            continue
        }
        findings.append(
            Finding(
                path: file.path,
                line: index + 1,
                what: "a crash point outside of `#if CrashPoints`",
                why: "a program that people install can't be told to die; see `CrashPoint.swift`"
            )
        )
    }
    return findings
}
