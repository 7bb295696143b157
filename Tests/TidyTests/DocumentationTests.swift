import Testing

/// Doc comments on what crosses targets: the formatter checks `public` only.
///
/// Types, protocols and functions must have one. Fields, initializers, operators, aliases and types
/// without a body (tags) may do without where name and type say all there is; a reviewer judges
/// that. A function that fulfils a protocol is documented there.
struct DocumentationTests {
    @Test
    func whatCrossesTargetsIsDocumented() throws {
        let sources = Repository.shared.sources
        let required = try Set(sources.flatMap(requirements)).union(foreignRequirements)
        expectNone(try sources.flatMap { try undocumented(in: $0, except: required) })
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

    @Test
    func fulfilledRequirementPasses() throws {
        let file = SourceFile(
            path: "Sources/A.swift",
            text: """
                /// Text.
                package protocol P {
                    /// Text.
                    func asked(_ b: Int) throws -> Int
                }
                extension S: P {
                    package func asked(_ b: Int) throws -> Int { b }
                    package func extra() {}
                }
                """
        )
        let required = try Set(requirements(in: file))
        #expect(required == ["asked"])
        #expect(try undocumented(in: file, except: required).map(\.line) == [8])
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

/// Functions that protocols of other packages ask for: `Service.run()`.
private let foreignRequirements: Set<String> = ["run"]

/// Names of the functions that protocols ask for: those without a body.
private func requirements(in file: SourceFile) throws -> [String] {
    let withBody = Set(file.functions.map(\.firstLine))
    return try matches(of: #"\bfunc[ \t]+(\w+)"#, in: file.code)
        .filter { !withBody.contains($0.line) }.map(\.group)
}

private func undocumented(
    in file: SourceFile,
    except required: Set<String> = []
) throws -> [Finding] {
    let declarations = try matches(
        of: #"^[ \t]*(?:@\w+[ \t]+)*package(?:\(set\))?[ \t]+(?:\w+(?:\(set\))?[ \t]+)*?"#
            + #"(?:(?:struct|class|enum|actor|protocol)\b(?!.*\{\})|(?:func|subscript)\b"#
            + #"(?![ \t]*[-+*/%<>=!&|^~?])(?:[ \t]+(\w+))?)"#,
        in: file.code
    )
    guard !declarations.isEmpty else { return [] }
    let lines = file.file.text.split(separator: "\n", omittingEmptySubsequences: false)
        .map { $0.drop { $0 == " " } }
    return declarations.compactMap { found in
        guard !required.contains(found.group) else { return nil }
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
