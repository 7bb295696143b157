import ControllerAPI
import Foundation
import NIOCore
import TandemModel
import Testing

@testable import ControllerWeb

/// Filters, pages and files of the upgrade log and the audit.
struct LogExportTests {
    private static func line(_ number: Int, person: String = "ada") -> UpgradeLogEntry {
        UpgradeLogEntry(
            action: ActionID(high: 0, low: UInt64(number)),
            operation: nil,
            stepIndex: 0,
            text: "line \(number)",
            cluster: ClusterName("cmp-a"),
            server: nil,
            startedAt: WallTime(milliseconds: UInt64(number) * 60_000),
            endedAt: nil,
            durationMilliseconds: 0,
            result: "done",
            detail: "",
            person: PersonName(person),
            isAutomatic: false
        )
    }

    /// A list of `count` lines in pages of ten, newest first.
    private static func page(_ count: Int, before: UInt64?) -> Page<UpgradeLogEntry> {
        let top = Int(before.map { $0 - 1 } ?? UInt64(count))
        let rows = stride(from: top, to: max(0, top - 10), by: -1)
        return Page(
            items: rows.map { line($0, person: $0.isMultiple(of: 50) ? "bob" : "ada") },
            next: top > 10 ? UInt64(top - 9) : nil
        )
    }

    @Test(arguments: [
        ("plain", "plain"), ("", ""), ("a,b", "\"a,b\""), ("a\"b", "\"a\"\"b\""),
        ("a\nb", "\"a\nb\""), ("a\r\nb", "\"a\r\nb\""), ("=1+1", "'=1+1"), ("+1", "'+1"),
        ("-1", "'-1"), ("@x", "'@x"), ("\tx", "'\tx"), ("\rx", "\"'\rx\""),
        ("=a,\"b\"", "\"'=a,\"\"b\"\"\""), ("a=b", "a=b"), ("<b>", "<b>"),
    ])
    func aCellIsQuotedAndIsNoFormula(_ text: String, _ cell: String) {
        #expect(CSV.cell(text) == cell)
    }

    @Test func aLineHasACellForEachHead() {
        #expect(LogExport.cells(Self.line(1)).count == LogExport.header.count)
        #expect(CSV.line(["a", "b"]) == "a,b\r\n")
    }

    @Test func allPagesComeAndOneAtATime() async throws {
        let list = ExportedList<UpgradeLogEntry>(
            head: "[",
            tail: "]",
            admits: { _ in true },
            page: { Self.page(95, before: $0) },
            text: { line, isFirst in (isFirst ? "" : ",") + (try LogExport.json(line)) }
        )
        var text = ""
        var largest = 0
        for try await piece in list {
            largest = max(largest, piece.readableBytes)
            text += String(buffer: piece)
        }
        let lines = try JSONDecoder().decode([UpgradeLogEntry].self, from: Data(text.utf8))
        #expect(lines.map(\.text) == (1...95).reversed().map { "line \($0)" })
        #expect(largest < text.utf8.count / 9)
    }

    @Test func aListThatLeadsRoundInCirclesEnds() async throws {
        let list = ExportedList<UpgradeLogEntry>(
            admits: { _ in true },
            page: { _ in Page(items: [Self.line(1)], next: 5) },
            text: { line, _ in line.text }
        )
        var count = 0
        for try await _ in list { count += 1 }
        #expect(count == 2)
    }

    @Test func aPageIsFilledFromAsManyAsItTakes() async throws {
        var filter = LineFilter()
        filter.person = "bob"
        let found = try await MatchingLines<UpgradeLogEntry>.read(
            before: nil,
            admits: filter.admits
        ) { Self.page(1000, before: $0) }
        #expect(
            found.items.map(\.text) == [
                "line 1000", "line 950", "line 900", "line 850", "line 800",
            ]
        )
        // So many pages were read and no more: the link goes on behind them.
        #expect(found.next == 751)
        let rest = try await MatchingLines<UpgradeLogEntry>.read(
            before: 751,
            admits: { _ in true }
        ) { Self.page(1000, before: $0) }
        #expect(rest.items.count == MatchingLines<UpgradeLogEntry>.countWanted)
        #expect(rest.items.first?.text == "line 750")
    }

    @Test func aFilterReadsAndWritesItsQuery() {
        let terms = ["cluster": "a b", "from": "1970-01-01T00:05", "to": "1970-01-01T00:06"]
        let filter = LineFilter { terms[$0] }
        #expect(
            filter.query(before: 9)
                == "?cluster=a%20b&from=1970-01-01T00%3A05&to=1970-01-01T00%3A06&before=9"
        )
        #expect(filter.clusterName == nil)
        var times = filter
        times.cluster = ""
        #expect((3...8).filter { times.admits(Self.line($0)) } == [5, 6])
        #expect(LineFilter { _ in nil }.isEmpty)
        #expect(LineFilter.time("yesterday, I think") == nil)
    }

    @Test func aPathTakesAnyName() {
        #expect(Query.escaped("a/b?<ä>") == "a%2Fb%3F%3C%C3%A4%3E")
    }
}
