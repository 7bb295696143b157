import ControllerAPI
import Foundation
import NIOCore
import TandemModel

/// The upgrade log as a file for other programs.
enum LogExport {
    /// The first line of the CSV form.
    static let header = [
        "action", "operation", "step", "scope", "text", "cluster", "host", "start", "end",
        "duration_ms", "own_ms", "result", "detail", "who", "automatic",
    ]

    static func cells(_ line: UpgradeLogEntry) -> [String] {
        [
            line.action.description, line.operation?.description ?? "", "\(line.stepIndex)",
            UpgradeLogView.scope(line), line.text, line.cluster.text, line.server?.text ?? "",
            time(line.startedAt), line.endedAt.map(time) ?? "", "\(line.durationMilliseconds)",
            line.ownMilliseconds.map { "\($0)" } ?? "", line.result, line.detail,
            line.person.text, line.isAutomatic ? "yes" : "no",
        ]
    }

    private static func time(_ time: WallTime) -> String {
        Shown.time(time)["iso"] as? String ?? ""
    }

    static func json(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }
}

/// Comma-separated values (RFC 4180) that no spreadsheet takes for a formula.
enum CSV {
    static func line(_ cells: [String]) -> String {
        cells.map(cell).joined(separator: ",") + "\r\n"
    }

    /// A cell; one that a spreadsheet would compute gets an apostrophe in front.
    static func cell(_ text: String) -> String {
        let formulas: [Unicode.Scalar] = ["=", "+", "-", "@", "\t", "\r"]
        let first = text.unicodeScalars.first
        let safe = first.map(formulas.contains) == true ? "'" + text : text
        let needsQuotes = safe.unicodeScalars.contains { scalar in
            scalar == "," || scalar == "\"" || scalar == "\n" || scalar == "\r"
        }
        return needsQuotes ? "\"" + safe.replacing("\"", with: "\"\"") + "\"" : safe
    }
}

/// The matching lines of a list as a file's pieces, one page of the list after the other.
///
/// The next page is only asked for when the piece before was taken: a slow reader costs no memory.
struct ExportedList<Item: Codable & Sendable & Hashable>: AsyncSequence, Sendable {
    var head = ""
    var tail = ""
    let admits: @Sendable (Item) -> Bool
    let page: @Sendable (UInt64?) async throws -> Page<Item>
    let text: @Sendable (Item, _ isFirst: Bool) throws -> String

    struct AsyncIterator: AsyncIteratorProtocol {
        private enum Place {
            case head
            case list(before: UInt64?)
            case tail
            case end
        }

        private let list: ExportedList
        private var place = Place.head
        private var isFirst = true

        init(_ list: ExportedList) { self.list = list }

        mutating func next() async throws -> ByteBuffer? {
            while true {
                switch place {
                case .head:
                    place = .list(before: nil)
                    if !list.head.isEmpty { return ByteBuffer(string: list.head) }
                case .list(let before):
                    let piece = try await stretch(before)
                    if !piece.isEmpty { return ByteBuffer(string: piece) }
                case .tail:
                    place = .end
                    if !list.tail.isEmpty { return ByteBuffer(string: list.tail) }
                case .end: return nil
                }
            }
        }

        private mutating func stretch(_ before: UInt64?) async throws -> String {
            let page = try await list.page(before)
            var piece = ""
            for item in page.items where list.admits(item) {
                piece += try list.text(item, isFirst)
                isFirst = false
            }
            // A page that does not lead further down would lead round in circles.
            if let next = page.next, before.map({ next < $0 }) ?? true {
                place = .list(before: next)
            } else {
                place = .tail
            }
            return piece
        }
    }

    func makeAsyncIterator() -> AsyncIterator { AsyncIterator(self) }
}
