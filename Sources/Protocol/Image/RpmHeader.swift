/// One header of an `.rpm` file: an index of entries, and the bytes they point into.
struct RpmHeader {
    /// Why a file is no package.
    struct Problem: Error, Hashable {
        var text: String

        init(_ text: String) { self.text = text }
    }

    /// The entries that are read; the numbers are rpm's.
    enum Tag: UInt32 {
        case name = 1000
        case version = 1001
        case release = 1002
        case epoch = 1003
        case architecture = 1022
        case fileFlags = 1037
        /// The source package that a binary package was made of; a source package has none.
        case sourcePackage = 1044
        case folderIndexes = 1116
        case baseNames = 1117
        case folderNames = 1118
    }

    private enum Kind {
        static let int32: UInt32 = 4
        static let text: UInt32 = 6
        static let textList: UInt32 = 8
        static let localizedText: UInt32 = 9
    }

    private struct Entry {
        var kind: UInt32
        var offset: Int
        var count: Int
    }

    /// Magic and version, four unused bytes, the count of entries, the count of bytes.
    static let startByteCount: UInt64 = 16
    private static let magic: [UInt8] = [0x8e, 0xad, 0xe8, 0x01]
    private static let entryByteCount = 16

    private let data: ArraySlice<UInt8>
    private var entries: [UInt32: Entry] = [:]

    /// How many bytes follow a header's first 16.
    static func byteCount(start: [UInt8]) throws(Problem) -> UInt64 {
        guard start.count == startByteCount, start.starts(with: magic) else {
            throw Problem("a header has another form than rpm's version 3 or 4")
        }
        return UInt64(number(start[8...])) * UInt64(entryByteCount) + UInt64(number(start[12...]))
    }

    /// Reads a header: its first 16 bytes, and what follows.
    init(start: [UInt8], body: [UInt8]) throws(Problem) {
        guard try Self.byteCount(start: start) == body.count else {
            throw Problem("a header ends too early")
        }
        let count = Int(Self.number(start[8...]))
        data = body[(count * Self.entryByteCount)...]
        for index in 0..<count {
            let words = body[(index * Self.entryByteCount)...]
            let entry = Entry(
                kind: Self.number(words.dropFirst(4)),
                offset: Int(Self.number(words.dropFirst(8))),
                count: Int(Self.number(words.dropFirst(12)))
            )
            let tag = Self.number(words)
            guard Tag(rawValue: tag) != nil else { continue }
            // Of what a tag says twice nobody knows which one rpm takes.
            guard entries.updateValue(entry, forKey: tag) == nil else {
                throw Problem("a header says something twice")
            }
        }
    }

    private static func number(_ bytes: ArraySlice<UInt8>) -> UInt32 {
        bytes.prefix(4).reduce(0) { $0 << 8 | UInt32($1) }
    }

    /// Whether an entry is there.
    func hasEntry(_ tag: Tag) -> Bool { entries[tag.rawValue] != nil }

    /// A text that must be there.
    func text(_ tag: Tag) throws(Problem) -> String {
        guard let text = try texts(tag).first else { throw Problem("it has no \(tag)") }
        return text
    }

    /// A list of texts; empty when there is none.
    func texts(_ tag: Tag) throws(Problem) -> [String] {
        guard let entry = entries[tag.rawValue] else { return [] }
        guard [Kind.text, Kind.textList, Kind.localizedText].contains(entry.kind) else {
            throw Problem("its \(tag) is no text")
        }
        var rest = try bytes(of: entry, tag)
        var texts: [String] = []
        // Each text takes at least its ending zero: no count can ask for more than is there.
        while texts.count < (entry.kind == Kind.text ? 1 : entry.count) {
            guard let end = rest.firstIndex(of: 0),
                let text = String(validating: rest[..<end], as: UTF8.self)
            else { throw Problem("its \(tag) is no text") }
            texts.append(text)
            rest = rest[(end + 1)...]
        }
        return texts
    }

    /// A list of numbers of 32 bits; empty when there is none.
    func numbers(_ tag: Tag) throws(Problem) -> [UInt32] {
        guard let entry = entries[tag.rawValue] else { return [] }
        let rest = try bytes(of: entry, tag)
        guard entry.kind == Kind.int32, rest.count / 4 >= entry.count else {
            throw Problem("its \(tag) is no list of numbers")
        }
        return (0..<entry.count).map { Self.number(rest.dropFirst($0 * 4)) }
    }

    private func bytes(of entry: Entry, _ tag: Tag) throws(Problem) -> ArraySlice<UInt8> {
        guard entry.offset <= data.count else { throw Problem("its \(tag) lies outside") }
        return data.dropFirst(entry.offset)
    }
}
