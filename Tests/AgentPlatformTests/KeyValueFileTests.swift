@testable import AgentPlatform
import TandemModel
import Testing

struct KeyValueFileTests {
    private func parse(_ text: String) throws -> KeyValueFile { try KeyValueFile(Array(text.utf8)) }

    @Test
    func linesBlanksAndCommentsAreRead() throws {
        let file = try parse("# first\n\n a = b = c \r\nx.y-1=\n\t# more\nlast = ü")
        #expect(file.entries.map(\.key) == ["a", "x.y-1", "last"])
        #expect(file.entries.map(\.value) == ["b = c", "", "ü"])
        #expect(file.entries.map(\.line) == [3, 4, 6])
    }

    @Test(arguments: [
        ("a = 1\nplain\n", 2), ("A = 1", 1), (" = 1", 1), ("a b = 1", 1), ("a = \u{1}", 1),
        ("ok = 1\n\nsch\u{f6}n = 1", 3),
    ])
    func malformedLinesAreNamed(_ text: String, _ line: Int) {
        let problem = #expect(throws: KeyValueFile.Problem.self) { try parse(text) }
        #expect(problem?.line == line)
    }

    @Test
    func bytesThatAreNoTextAreRefused() {
        let bytes = Array("a = ".utf8) + [0xff]
        #expect(throws: KeyValueFile.Problem.self) { try KeyValueFile(bytes) }
        let long = [UInt8](repeating: UInt8(ascii: "#"), count: KeyValueFile.byteCountMax + 1)
        #expect(throws: KeyValueFile.Problem.self) { try KeyValueFile(long) }
    }

    @Test
    func keyThatMayStandOnceIsRefusedTwice() throws {
        let file = try parse("a = 1\nb = 2\na = 3\n")
        #expect(try file.value("b") == "2")
        #expect(try file.value("c") == nil)
        #expect(file.all("a").map(\.value) == ["1", "3"])
        let problem = #expect(throws: KeyValueFile.Problem.self) { try file.value("a") }
        #expect(problem?.description == "line 3: `a` stands in line 1 already")
    }

    @Test
    func unknownKeysAreNamed() throws {
        let file = try parse("a = 1\nha.x = 2\nb = 3")
        try file.refuseUnknown(known: ["a", "b"], prefixes: ["ha."])
        let problem = #expect(throws: KeyValueFile.Problem.self) {
            try file.refuseUnknown(known: ["a"], prefixes: ["ha."])
        }
        #expect(problem?.line == 3)
    }

    @Test(
        arguments: [
            ("0", 0), ("1", 1000), ("1.5", 1500), ("0.25", 250), ("3.125", 3125), ("007", 7000),
            ("1.2345", nil), ("", nil), (".5", nil), ("1.", nil), ("-1", nil), ("+1", nil),
            ("1e3", nil), ("1.+5", nil), ("99999999999999999999", nil),
        ] as [(String, UInt64?)]
    )
    func secondsAreRead(_ text: String, _ milliseconds: UInt64?) {
        #expect(millisecondsOfSeconds(text) == milliseconds)
    }
}
