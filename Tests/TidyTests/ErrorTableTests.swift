import Testing

/// `Docs/errors.md` against the codes in the source; `Scripts/errors` writes the page.
struct ErrorTableTests {
    @Test
    func pageListsEveryCodeAndNoOther() throws {
        let page = try Repository.shared.required(
            "Docs/errors.md",
            "operators look codes up there; Scripts/errors writes it"
        )
        let codes = try sources.flatMap(errorCodes)
        #expect(!codes.isEmpty, "no codes found: were the declarations rewritten?")
        expectNone(tableFindings(codes: codes, page: page))
    }

    @Test
    func codesAreGivenOnce() throws {
        expectNone(doubleFindings(try sources.flatMap(errorCodes)))
    }

    private var sources: [RepositoryFile] {
        Repository.shared.files.filter {
            $0.isUnder("Sources/Protocol/Model") && $0.name.hasPrefix("ErrorCode")
                && $0.name.hasSuffix(".swift")
        }
    }

    // MARK: - Planted violations

    private static let source = RepositoryFile(
        path: "Sources/ErrorCode.swift",
        text: """
            extension ErrorCode {
                /// A file
                /// is gone.
                ///
                /// Also when | it was never there.
                package static let fileGone = ErrorCode(1001)
                /// It is Monday.
                package static let monday = ErrorCode(1002)
            }
            """
    )
    private static let page = """
        | Code | Name | Meaning |
        | --- | --- | --- |
        | TDM-1001 | `fileGone` | A file is gone. Also when \\| it was never there. |
        | TDM-1002 | `monday` | It is Monday. |

        """

    private func found(in page: String) throws -> [Finding] {
        tableFindings(
            codes: try errorCodes(in: Self.source),
            page: RepositoryFile(path: "Docs/errors.md", text: page)
        )
    }

    @Test
    func codesAreReadWithTheirComments() throws {
        #expect(
            try errorCodes(in: Self.source).map(\.row) == [
                "| TDM-1001 | `fileGone` | A file is gone. Also when \\| it was never there. |",
                "| TDM-1002 | `monday` | It is Monday. |",
            ]
        )
    }

    @Test
    func agreeingPagePasses() throws {
        #expect(try found(in: Self.page).isEmpty)
    }

    @Test
    func missingRowIsFound() throws {
        let page = Self.page.replacing("| TDM-1002 | `monday` | It is Monday. |\n", with: "")
        #expect(try found(in: page).map(\.path) == ["Sources/ErrorCode.swift"])
    }

    @Test
    func changedTextIsFound() throws {
        #expect(try found(in: Self.page.replacing("Monday", with: "Tuesday")).count == 2)
    }

    @Test
    func rowWithoutCodeIsFound() throws {
        let more = Self.page + "| TDM-1003 | `gone` | Nobody knows. |\n"
        #expect(try found(in: more).map(\.line) == [5])
    }

    @Test
    func undocumentedAndDoubleCodesAreFound() throws {
        let bad = RepositoryFile(
            path: "Sources/ErrorCode.swift",
            text: """
                    package static let a = ErrorCode(1)
                    /// Text.
                    package static let b = ErrorCode(1)
                """
        )
        let codes = try errorCodes(in: bad)
        #expect(doubleFindings(codes).count == 1)
        let page = RepositoryFile(
            path: "Docs/errors.md",
            text: codes.map(\.row).joined(separator: "\n")
        )
        #expect(tableFindings(codes: codes, page: page).count == 1)
    }
}

// MARK: - The rules

/// One declared code.
private struct DeclaredCode {
    var path: String
    var line: Int
    var number: String
    var name: String
    /// The whole doc comment on one line.
    var meaning: String

    /// The line that has to stand in the page.
    var row: String {
        "| TDM-\(number) | `\(name)` | \(meaning.replacing("|", with: "\\|")) |"
    }
}

private func errorCodes(in file: RepositoryFile) throws -> [DeclaredCode] {
    let lines = file.text.split(separator: "\n", omittingEmptySubsequences: false)
    return try matches(of: #"static let (\w+ = \w+\(\d+)\)"#, in: file.text).map { found in
        let words = found.group.split { !$0.isLetter && !$0.isNumber && $0 != "_" }.map(String.init)
        var comment: [String] = []
        for line in lines[..<(found.line - 1)].reversed() {
            let text = line.drop { $0 == " " }
            guard text.hasPrefix("///") else { break }
            comment.insert(String(text.dropFirst(3).drop { $0 == " " }), at: 0)
        }
        return DeclaredCode(
            path: file.path,
            line: found.line,
            number: words.last ?? "",
            name: words.first ?? "",
            meaning: comment.filter { !$0.isEmpty }.joined(separator: " ")
        )
    }
}

private func tableFindings(codes: [DeclaredCode], page: RepositoryFile) -> [Finding] {
    let why = "operators and scripts look codes up; run Scripts/errors and commit the page"
    let rows = page.text.split(separator: "\n", omittingEmptySubsequences: false)
        .enumerated().filter { $0.element.hasPrefix("| TDM-") }
    let known = Set(codes.map(\.row))
    let listed = Set(rows.map { String($0.element) })
    let missing = codes.filter { !listed.contains($0.row) || $0.meaning.isEmpty }.map { code in
        let what =
            code.meaning.isEmpty ? "has no comment" : "is not in \(page.path) as it stands here"
        return Finding(path: code.path, line: code.line, what: "\(code.name) \(what)", why: why)
    }
    let unknown = rows.filter { !known.contains(String($0.element)) }.map { row in
        Finding(
            path: page.path,
            line: row.offset + 1,
            what: "no code says: \(row.element)",
            why: why
        )
    }
    return missing + unknown
}

private func doubleFindings(_ codes: [DeclaredCode]) -> [Finding] {
    var seen: Set<String> = []
    return codes.filter { !seen.insert($0.number).inserted || !seen.insert($0.name).inserted }.map {
        Finding(
            path: $0.path,
            line: $0.line,
            what: "TDM-\($0.number) (\($0.name)) is given twice",
            why: "a code is stable for ever and means one thing; take the next free number"
        )
    }
}
