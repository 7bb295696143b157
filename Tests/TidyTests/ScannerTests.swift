import Testing

/// The scanner all rules stand on: what it takes for code, and where a body ends.
struct ScannerTests {
    struct Blanking: Sendable {
        var source: String
        /// The code words that must be left, joined by single spaces.
        var left: String

        init(_ source: String, _ left: String) {
            self.source = source
            self.left = left
        }
    }

    static let blanking: [Blanking] = [
        Blanking("a // b", "a"),
        Blanking("a // b\nc", "a c"),
        Blanking("a /* b */ c", "a c"),
        Blanking("a /* b /* c */ d */ e", "a e"),
        Blanking("a \"b\" c", "a c"),
        Blanking(#"a "b\"c" d"#, "a d"),
        Blanking(#"a "\\" b"#, "a b"),
        Blanking(#"a "b \(c) d" e"#, "a c e"),
        Blanking(#"a "b \(c("d \(e)")) f" g"#, "a c( e ) g"),
        Blanking(##"a #"b \(c) "d" \#(e)"# f"##, "a e f"),
        Blanking("a \"\"\"\n b \"c\" }\n \"\"\" d", "a d"),
        Blanking("a #\"\"\"\n b \"\"\" c\n \"\"\"# d", "a d"),
        Blanking("a \"\"\"\n \\(b)\n \"\"\" c", "a b c"),
        Blanking(##"a #/b"c{/# d"##, "a d"),
        Blanking("a \"b\nc", "a c"),
        Blanking("#if a\n#endif", "#if a #endif"),
        Blanking("\"// a\" b", "b"),
        Blanking("a \"\" b \"\" c", "a b c"),
    ]

    @Test(arguments: blanking)
    func commentsAndLiteralsAreNoCode(_ row: Blanking) {
        let code = SwiftCode(row.source)
        #expect(code.bytes.count == row.source.utf8.count)
        #expect(code.text.split(whereSeparator: \.isWhitespace).joined(separator: " ") == row.left)
        #expect(code.text.filter(\.isNewline).count == row.source.filter(\.isNewline).count)
    }

    struct Spans: Sendable {
        var source: String
        /// `name:first-last` of each body.
        var found: [String]

        init(_ source: String, _ found: [String]) {
            self.source = source
            self.found = found
        }
    }

    static let spans: [Spans] = [
        Spans("func a() {}", ["a:1-1"]),
        Spans("func a(\n  b: Int = { 3 }()\n) -> [Int] {\n  let c = \"}\"\n}", ["a:1-5"]),
        Spans("protocol P {\n  func a()\n  func b() -> Int\n}\nfunc c() {\n}", ["c:5-6"]),
        Spans("protocol P { func a() }\nstruct S {}", []),
        Spans("func a() {\n  func b() {\n  }\n}", ["a:1-4", "b:2-3"]),
        Spans("init(a: Int) {\n  self.init(b: a)\n}", ["init:1-3"]),
        Spans("let a = S.init(b: 1)\nif c {\n}", []),
        Spans("init?<T>(_ a: T) {}\ndeinit {\n}", ["init:1-1", "deinit:2-3"]),
        Spans("subscript(a: Int) -> Int {\n  a\n}", ["subscript:1-3"]),
        Spans("static func == (a: S, b: S) -> Bool {\n  true\n}", ["==:1-3"]),
        Spans("var a: Int {\n  3\n}\nvar b = 3\nvar c: Int\nif d {\n}", ["a:1-3"]),
        Spans("var a = { 3 }()\nvar b: Int { 3 }", ["b:2-2"]),
        Spans("func a<T>(_ b: T) where T: P {\n  // }\n  /* } */\n}", ["a:1-4"]),
        Spans("func a() throws(E) -> @Sendable () -> Void {\n}", ["a:1-2"]),
        Spans("func `default`() {\n}", ["`default`:1-2"]),
        Spans("func a() {", []),
    ]

    @Test(arguments: spans)
    func bodiesAreMeasured(_ row: Spans) {
        let spans = functionSpans(in: SwiftCode(row.source))
        #expect(spans.map { "\($0.name):\($0.firstLine)-\($0.lastLine)" } == row.found)
    }

    @Test
    func importsAreSeenInEveryForm() throws {
        let file = SourceFile(
            path: "Sources/Planted.swift",
            text: """
                import A
                package import B
                @preconcurrency import C
                @_exported import struct D.E
                @_spi(X) package import F
                // import G
                let h = "import H"
                """
        )
        #expect(try file.imports().map(\.group) == ["A", "B", "C", "D", "F"])
        #expect(try file.imports().map(\.line) == [1, 2, 3, 4, 5])
    }

    @Test
    func repositoryIsFound() {
        #expect(Repository.shared.file("Package.swift") != nil)
        #expect(Repository.shared.sources.count > 10)
        #expect(Repository.shared.file(".gitignore") != nil)
    }
}
