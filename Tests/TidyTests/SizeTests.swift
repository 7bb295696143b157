import Testing

/// How long files and functions may grow.
private enum SizeLimit {
    static let fileLineCount = 500
    /// So many files may be longer: a table is sometimes better in one piece.
    static let longFileCount = 2
    static let medianLineCount = 160
    static let functionLineCount = 70
    static let architectureLineCount = 150
}

struct SizeTests {
    @Test
    func filesStayReadable() {
        expectNone(fileFindings(lineCounts(of: Repository.shared.sources)))
    }

    @Test
    func medianStaysSmall() {
        expectNone(medianFindings(lineCounts(of: Repository.shared.sources)))
    }

    @Test
    func functionsFitOnAScreen() {
        expectNone(Repository.shared.swift.flatMap(functionFindings))
    }

    @Test
    func architecturePageStaysShort() throws {
        let page = try Repository.shared.required(
            "ARCHITECTURE.md",
            "it is where a newcomer starts"
        )
        expectNone(architectureFindings(page))
    }

    // MARK: - Planted violations

    @Test
    func thirdLongFileIsFound() {
        let two: [String: Int] = ["a": 501, "b": 900, "c": 500]
        #expect(fileFindings(two).isEmpty)
        let found = fileFindings(two.merging(["d": 501]) { old, _ in old })
        #expect(found.map(\.path) == ["a", "b", "d"])
    }

    @Test
    func medianIsTakenOfAllFiles() {
        #expect(medianFindings([:]).isEmpty)
        #expect(medianFindings(["a": 1, "b": 160, "c": 400]).isEmpty)
        #expect(medianFindings(["a": 1, "b": 161, "c": 400]).count == 1)
        #expect(medianFindings(["a": 150, "b": 170]).isEmpty)
        #expect(medianFindings(["a": 152, "b": 170]).count == 1)
    }

    @Test
    func longFunctionIsFound() {
        func file(_ count: Int) -> SourceFile {
            let body = String(repeating: "    a()\n", count: count - 2)
            return SourceFile(path: "Sources/A.swift", text: "\nfunc b() {\n\(body)}\n")
        }
        #expect(functionFindings(in: file(70)).isEmpty)
        let found = functionFindings(in: file(71))
        #expect(found.map(\.line) == [2])
        #expect(found.first?.what.contains("b is 71 lines") == true)
    }

    @Test
    func longArchitecturePageIsFound() {
        func page(_ count: Int) -> RepositoryFile {
            RepositoryFile(path: "A.md", text: String(repeating: "a\n", count: count))
        }
        #expect(architectureFindings(page(150)).isEmpty)
        #expect(architectureFindings(page(151)).count == 1)
    }

    @Test
    func lineCountIgnoresTheLastLineBreak() {
        #expect(RepositoryFile(path: "a", text: "").lineCount == 0)
        #expect(RepositoryFile(path: "a", text: "b").lineCount == 1)
        #expect(RepositoryFile(path: "a", text: "b\n").lineCount == 1)
        #expect(RepositoryFile(path: "a", text: "b\nc").lineCount == 2)
    }
}

// MARK: - The rules

private func lineCounts(of files: [SourceFile]) -> [String: Int] {
    Dictionary(files.map { ($0.path, $0.file.lineCount) }, uniquingKeysWith: max)
}

private func fileFindings(_ counts: [String: Int]) -> [Finding] {
    let long = counts.filter { $0.value > SizeLimit.fileLineCount }
    guard long.count > SizeLimit.longFileCount else { return [] }
    return long.sorted { $0.key < $1.key }.map { path, count in
        Finding(
            path: path,
            what:
                "is \(count) lines long, one of \(long.count) files above \(SizeLimit.fileLineCount)",
            why: "at most \(SizeLimit.longFileCount) may be; the longest file is usually the one "
                + "where deciding and doing were not separated"
        )
    }
}

private func medianFindings(_ counts: [String: Int]) -> [Finding] {
    let sorted = counts.values.sorted()
    guard let last = sorted.indices.last else { return [] }
    let median = (sorted[last / 2] + sorted[(last + 1) / 2] + 1) / 2
    guard median > SizeLimit.medianLineCount else { return [] }
    return [
        Finding(
            path: "Sources",
            what: "the median file is \(median) lines long, above \(SizeLimit.medianLineCount)",
            why: "one main type per file, named for it: then the file list is a table of contents"
        )
    ]
}

private func functionFindings(in file: SourceFile) -> [Finding] {
    file.functions.filter { $0.lineCount > SizeLimit.functionLineCount }.map { span in
        Finding(
            path: file.path,
            line: span.firstLine,
            what:
                "\(span.name) is \(span.lineCount) lines long, above \(SizeLimit.functionLineCount)",
            why: "a function is read on one screen: give its parts names"
        )
    }
}

private func architectureFindings(_ page: RepositoryFile) -> [Finding] {
    guard page.lineCount > SizeLimit.architectureLineCount else { return [] }
    return [
        Finding(
            path: page.path,
            what: "is \(page.lineCount) lines long, above \(SizeLimit.architectureLineCount)",
            why: "it is read in one sitting; details belong into Docs/"
        )
    ]
}
