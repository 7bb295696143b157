import Testing

/// Doc comments on what crosses targets: the formatter checks `public` only.
///
/// Types, protocols and functions must have one. Fields, initializers, operators and types without
/// a body (tags) may do without where name and type say all there is; a reviewer judges that.
struct DocumentationTests {
    @Test
    func whatCrossesTargetsIsDocumented() throws {
        expectNone(try Repository.shared.sources.flatMap(undocumented))
    }

    // MARK: - Planted violations

    @Test(arguments: [
        "package struct A { let b: Int }",
        "// Not a doc comment.\npackage func a() {}",
        "/// Of another one.\nlet b = 1\npackage static func a() {}",
        "@discardableResult\npackage mutating func a() {}",
        "/// Text.\n\npackage indirect enum A {\n}",
    ])
    func undocumentedDeclarationIsFound(_ text: String) throws {
        let found = try undocumented(in: SourceFile(path: "Sources/A.swift", text: text))
        #expect(found.count == 1)
    }

    @Test(arguments: [
        "/// Text.\npackage struct A {}",
        "/// Text.\n@discardableResult\npackage func a() {}",
        "package import A",
        "package extension A {}",
        "struct A {}",
        "package var count: Int",
        "package enum Tag: Sendable {}",
        "package static func < (a: A, b: A) -> Bool {}",
        "let package = 1",
    ])
    func documentedDeclarationPasses(_ text: String) throws {
        #expect(try undocumented(in: SourceFile(path: "Sources/A.swift", text: text)).isEmpty)
    }
}

private func undocumented(in file: SourceFile) throws -> [Finding] {
    let declarations = try matches(
        of: #"^[ \t]*(?:@\w+[ \t]+)*package(?:\(set\))?[ \t]+(?:\w+(?:\(set\))?[ \t]+)*?"#
            + #"(?:(?:struct|class|enum|actor|protocol)\b(?!.*\{\})|(?:typealias|func|subscript)\b"#
            + #"(?![ \t]*[-+*/%<>=!&|^~?]))"#,
        in: file.code
    )
    guard !declarations.isEmpty else { return [] }
    let lines = file.file.text.split(separator: "\n", omittingEmptySubsequences: false)
        .map { $0.drop { $0 == " " } }
    return declarations.compactMap { found in
        let above = lines[..<(found.line - 1)].last { !$0.hasPrefix("@") }
        guard above?.hasPrefix("///") != true else { return nil }
        return Finding(
            path: file.path,
            line: found.line,
            what: "has no doc comment",
            why: "another target uses it: say in one sentence what it is, then units, edges, errors"
        )
    }
}
