import TandemSpawn
import Testing

struct ProcessEntryTableTests {

    @Test(arguments: [
        ("7 (sh)", "S", false), ("7 (a b) c) (d)", "R", false), ("7 ()", "Z", true),
        ("7 (x)", "X", true),
    ])
    func `any name of a process is read`(head: String, state: String, hasEnded: Bool) throws {
        let line = "\(head) \(state) 3 5 6 0 -1 4194560 0 0 0 0 0 0 0 0 20 0 1 0 4711 0 0\n"
        let entry = try #require(ProcessEntry(stat: Array(line.utf8)))
        #expect(entry.processID == 7)
        #expect(entry.parentID == 3)
        #expect(entry.sessionID == 6)
        #expect(entry.startTicks == 4711)
        #expect(entry.hasEnded == hasEnded)
    }

    @Test func `every cut line is refused or gives the same start`() {
        let line = Array("7 (sh) S 3 5 6 0 -1 4194560 0 0 0 0 0 0 0 0 20 0 1 0 4711 0 0\n".utf8)
        for count in 0..<line.count {
            let entry = ProcessEntry(stat: Array(line[..<count]))
            #expect(entry == nil || String(decoding: line[..<count], as: UTF8.self).contains(" 4"))
        }
    }
}
