import Testing

/// Decision records, links between pages, and what must not be committed.
struct RecordTests {
    @Test
    func decisionsAreNumberedAndComplete() {
        expectNone(
            decisionFindings(Repository.shared.files.filter { $0.isUnder("Docs/decisions") })
        )
    }

    @Test
    func everyPackageHasItsDecision() throws {
        let manifest = try Repository.shared.required("Package.swift", "it names the packages")
        expectNone(
            try packageFindings(
                Manifest(manifest.text).packages,
                decisions: Repository.shared.files.filter { $0.isUnder("Docs/decisions") }
            )
        )
    }

    @Test
    func linksBetweenPagesLead() throws {
        let tree = Repository.shared
        let paths = Set(tree.files.map(\.path))
        expectNone(
            try tree.files.filter { $0.path.hasSuffix(".md") }
                .flatMap { try linkFindings(in: $0, paths: paths) }
        )
    }

    @Test
    func nothingNamesTheMachineItWasMadeOn() throws {
        expectNone(try Repository.shared.files.flatMap(machineFindings))
    }

    @Test
    func resolvedVersionsAreIgnored() throws {
        let ignore = try Repository.shared.required(".gitignore", "it keeps builds out")
        expectNone(resolvedFindings(ignore))
    }

    // MARK: - Planted violations

    private static func decision(_ name: String, _ text: String? = nil) -> RepositoryFile {
        let number = name.prefix(4)
        let sections = ["Problem", "Options", "Choice", "Consequence", "Status"]
        let whole = "# \(number) Title\n" + sections.map { "## \($0)\nText.\n" }.joined()
        return RepositoryFile(path: "Docs/decisions/\(name)", text: text ?? whole)
    }

    @Test
    func completeDecisionsPass() {
        #expect(decisionFindings([Self.decision("0001-a.md"), Self.decision("0002-b.md")]).isEmpty)
    }

    @Test
    func gapsDoublesAndOddNamesAreFound() {
        let one = Self.decision("0001-a.md")
        #expect(decisionFindings([one, Self.decision("0003-b.md")]).count == 1)
        #expect(decisionFindings([one, Self.decision("0001-b.md")]).count == 1)
        #expect(decisionFindings([one, Self.decision("two.md")]).count == 1)
        #expect(decisionFindings([]).count == 1)
    }

    @Test
    func incompleteDecisionIsFound() {
        let bare = Self.decision("0001-a.md", "# 0001 Title\n## Problem\n## Choice\n## Status\n")
        #expect(decisionFindings([bare]).count == 2)
        let other = Self.decision("0001-a.md").text.replacing("# 0001", with: "# 0002")
        #expect(decisionFindings([Self.decision("0001-a.md", other)]).count == 1)
    }

    @Test
    func packageWithoutDecisionIsFound() {
        let record = Self.decision("0001-a.md", "We take swift-nio.")
        #expect(packageFindings(["swift-nio"], decisions: [record]).isEmpty)
        #expect(packageFindings(["swift-nio", "Yams"], decisions: [record]).count == 1)
    }

    @Test
    func deadLinkIsFound() throws {
        let page = RepositoryFile(
            path: "Docs/a/b.md",
            text: """
                [good](c.md) [up](../d.md#part) [out](https://example.org/x) [here](#part)
                [bad](../e.md) [folder](../a) `[code](nowhere.md)`
                """
        )
        let found = try linkFindings(in: page, paths: ["Docs/a/b.md", "Docs/a/c.md", "Docs/d.md"])
        #expect(found.map(\.line) == [2])
    }

    @Test
    func machineNamesAreFound() throws {
        // In pieces, so that this file does not accuse itself.
        let planted = [
            "see /wo" + "rk/x", "https://py" + "pi.org/simple", "http://deb.deb" + "ian.org",
        ]
        for text in planted {
            let file = RepositoryFile(path: "Docs/a.md", text: "\n" + text)
            #expect(try machineFindings(in: file).map(\.line) == [2], "not found: \(text)")
        }
        for text in ["$root/wo" + "rk/x", "deb" + "ian 12", "https://example.org/py" + "pi"] {
            let file = RepositoryFile(path: "Docs/a.md", text: text)
            #expect(try machineFindings(in: file).isEmpty, "wrongly accused: \(text)")
        }
    }

    @Test
    func unignoredResolvedFileIsFound() {
        let bare = RepositoryFile(path: ".gitignore", text: ".build\n")
        #expect(resolvedFindings(bare).count == 1)
        let good = RepositoryFile(path: ".gitignore", text: ".build\nPackage.resolved\n")
        #expect(resolvedFindings(good).isEmpty)
    }
}

// MARK: - The rules

private func decisionFindings(_ files: [RepositoryFile]) -> [Finding] {
    let why = "records are cited by number: count on without gaps, never reuse one"
    guard !files.isEmpty else {
        return [Finding(path: "Docs/decisions", what: "holds no record", why: why)]
    }
    var findings: [Finding] = []
    for (index, file) in files.sorted(by: { $0.path < $1.path }).enumerated() {
        let digits = String(index + 1)
        let number = String(repeating: "0", count: max(0, 4 - digits.count)) + digits
        guard file.name.hasPrefix(number + "-"), file.name.hasSuffix(".md") else {
            let what = "should be named \(number)-title.md"
            findings.append(Finding(path: file.path, what: what, why: why))
            continue
        }
        if !file.text.hasPrefix("# \(number) ") {
            let what = "does not begin with `# \(number) Title`"
            findings.append(Finding(path: file.path, line: 1, what: what, why: why))
        }
        for section in ["Problem", "Options", "Choice", "Consequence", "Status"]
        where !file.text.contains("\n## \(section)\n") {
            findings.append(
                Finding(
                    path: file.path,
                    what: "has no section `## \(section)`",
                    why: "who comes later needs to know what was weighed, not only what was taken"
                )
            )
        }
    }
    return findings
}

private func packageFindings(_ packages: [String], decisions: [RepositoryFile]) -> [Finding] {
    packages.filter { package in !decisions.contains { $0.text.contains(package) } }.map {
        package in
        Finding(
            path: "Package.swift",
            what: "no record in Docs/decisions mentions \(package)",
            why: "each package is code we answer for: say what it is for and what else was weighed"
        )
    }
}

private func linkFindings(in page: RepositoryFile, paths: Set<String>) throws -> [Finding] {
    try matches(of: #"(?<!`)\[[^\]\n]*\]\(([^)\s]+)\)"#, in: page.text).compactMap { found in
        let target = found.group.split(separator: "#", omittingEmptySubsequences: false).first ?? ""
        guard !target.isEmpty, !target.contains(":") else { return nil }
        var parts = page.path.split(separator: "/").dropLast()
        for part in target.split(separator: "/") where part != "." {
            if part == ".." { parts = parts.dropLast() } else { parts.append(part) }
        }
        let path = parts.joined(separator: "/")
        let leads = paths.contains(path) || paths.contains { $0.hasPrefix(path + "/") }
        guard !leads else { return nil }
        return Finding(
            path: page.path,
            line: found.line,
            what: "links to \(found.group), which is not there",
            why: "a newcomer follows it; mend the link or write the page"
        )
    }
}

private func machineFindings(in file: RepositoryFile) throws -> [Finding] {
    // In pieces, so that this file does not accuse itself.
    let folders = #"(?<![\w.}$)-])/(?:wo"# + #"rk|fa"# + #"rm)/"#
    let hosts =
        #"https?://[\w.-]*(?:py"# + #"pi|pythonhos"# + #"ted|deb"# + #"ian|np"# + #"mjs|rubyg"#
        + #"ems)\."#
    return try matches(of: folders + "|" + hosts, in: file.text).map { found in
        Finding(
            path: file.path,
            line: found.line,
            what: "names `\(found.text)`",
            why: "it works on one machine only; take the place from an argument, the environment "
                + "or the repository's own folder"
        )
    }
}

private func resolvedFindings(_ ignore: RepositoryFile) -> [Finding] {
    let lines = ignore.text.split(separator: "\n")
    guard !lines.contains("Package.resolved") else { return [] }
    return [
        Finding(
            path: ignore.path,
            what: "does not leave out Package.resolved",
            why: "it holds the addresses that this machine fetched from"
        )
    ]
}
