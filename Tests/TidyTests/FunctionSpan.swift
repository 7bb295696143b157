/// One function, initializer, subscript or computed property with a body, and where it stands.
struct FunctionSpan: Hashable {
    /// `install`, `init`, `subscript`, ...
    var name: String
    /// The line of the declaring keyword, counted from 1.
    var firstLine: Int
    /// The line of the closing brace.
    var lastLine: Int

    /// Signature and both braces included.
    var lineCount: Int { lastLine - firstLine + 1 }
}

/// All bodies in a piece of code, in order of their first line; nested ones are listed too.
func functionSpans(in code: SwiftCode) -> [FunctionSpan] {
    var reader = TokenReader(bytes: code.bytes)
    var spans: [FunctionSpan] = []
    while let word = reader.nextWord() {
        guard declares(word, in: reader) else { continue }
        var ahead = reader
        let name = word.text == "func" || word.text == "var" ? ahead.nextName() : word.text
        guard let open = ahead.bodyBrace(staysOnLine: word.text == "var"),
            let close = ahead.closingBrace(of: open)
        else { continue }
        spans.append(
            FunctionSpan(
                name: name,
                firstLine: reader.line(of: word.start),
                lastLine: reader.line(of: close)
            )
        )
    }
    return spans
}

/// Whether the word begins a declaration: `self.init(` and `.init` do not.
private func declares(_ word: TokenReader.Word, in reader: TokenReader) -> Bool {
    switch word.text {
    case "func", "var", "deinit":
        true
    case "init", "subscript":
        reader.byte(before: word.start) != UInt8(ascii: ".")
            && [UInt8(ascii: "("), UInt8(ascii: "<"), UInt8(ascii: "?")]
                .contains(reader.byte(after: word.end))
    default:
        false
    }
}

/// Words and braces of blanked code.
private struct TokenReader {
    struct Word {
        var text: String
        var start: Int
        /// One past the last byte.
        var end: Int
    }

    let bytes: [UInt8]
    var at = 0

    /// Words that end the search for a body: the declaration before them had none.
    private static let declaring: Set<String> = [
        "func", "var", "let", "case", "init", "deinit", "subscript", "struct", "enum", "class",
        "actor", "extension", "typealias", "associatedtype", "static", "mutating", "package",
        "private", "fileprivate", "internal", "override", "import",
    ]

    init(bytes: [UInt8]) { self.bytes = bytes }

    mutating func nextWord() -> Word? {
        while at < bytes.count, !isWordByte(bytes[at]) { at += 1 }
        guard at < bytes.count else { return nil }
        return word()
    }

    /// The name after `func` or `var`: an identifier, a quoted identifier or an operator.
    mutating func nextName() -> String {
        while at < bytes.count, isSpace(bytes[at]) { at += 1 }
        guard at < bytes.count else { return "" }
        if isWordByte(bytes[at]) { return word().text }
        let start = at
        while at < bytes.count, !isSpace(bytes[at]), bytes[at] != UInt8(ascii: "(") { at += 1 }
        return String(decoding: bytes[start..<at], as: UTF8.self)
    }

    /// The `{` that opens the body of the declaration just read; nil when it has none.
    ///
    /// - Parameter staysOnLine: for `var`: a value (`=`) or a line end means a stored property.
    mutating func bodyBrace(staysOnLine: Bool) -> Int? {
        var depth = 0
        while at < bytes.count {
            switch bytes[at] {
            case UInt8(ascii: "("), UInt8(ascii: "["):
                depth += 1
            case UInt8(ascii: ")"), UInt8(ascii: "]"):
                depth -= 1
                if depth < 0 { return nil }
            case UInt8(ascii: "{") where depth == 0:
                return at
            case UInt8(ascii: "}") where depth == 0:
                return nil
            case UInt8(ascii: "="), UInt8(ascii: "\n"):
                if staysOnLine, depth == 0 { return nil }
            case let byte where isWordByte(byte):
                let found = word()
                if depth == 0, Self.declaring.contains(found.text) { return nil }
                continue
            default:
                break
            }
            at += 1
        }
        return nil
    }

    func closingBrace(of open: Int) -> Int? {
        var depth = 0
        for index in open..<bytes.count {
            switch bytes[index] {
            case UInt8(ascii: "{"):
                depth += 1
            case UInt8(ascii: "}"):
                depth -= 1
                if depth == 0 { return index }
            default:
                break
            }
        }
        return nil
    }

    func line(of offset: Int) -> Int {
        1 + bytes[..<offset].count { $0 == UInt8(ascii: "\n") }
    }

    func byte(before offset: Int) -> UInt8? { bytes[..<offset].last { !isSpace($0) } }

    func byte(after offset: Int) -> UInt8? { bytes[offset...].first { !isSpace($0) } }

    private mutating func word() -> Word {
        let start = at
        while at < bytes.count, isWordByte(bytes[at]) { at += 1 }
        return Word(text: String(decoding: bytes[start..<at], as: UTF8.self), start: start, end: at)
    }

    private func isWordByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), 0x80...0xFF:
            true
        default:
            false
        }
    }

    private func isSpace(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ") || byte == 9 || byte == 10
    }
}
