/// Swift source whose comments and string literals are replaced by spaces.
///
/// Line breaks stay, so line numbers stay true. Code inside `\(...)` is kept: it is code. Known
/// limit: a bare `/regex/` literal is read as code; one that holds quotes or braces has to be
/// written `#/.../#`.
struct SwiftCode {
    /// The blanked source, byte for byte as long as the source.
    let bytes: [UInt8]

    /// The blanked source as text.
    var text: String { String(decoding: bytes, as: UTF8.self) }

    init(_ source: String) {
        var scanner = Scanner(source: Array(source.utf8))
        scanner.run()
        bytes = scanner.out
    }
}

/// Walks the source once, with a stack because literals nest in interpolations and back.
private struct Scanner {
    enum Mode {
        /// Inside `\(`, with this many parentheses open beyond the interpolation's own.
        case interpolation(open: Int)
        case literal(hashes: Int, isMultiline: Bool)
    }

    let source: [UInt8]
    var out: [UInt8] = []
    var at = 0
    var modes: [Mode] = []

    init(source: [UInt8]) {
        self.source = source
        out.reserveCapacity(source.count)
    }

    mutating func run() {
        while at < source.count {
            if case .literal(let hashes, let isMultiline)? = modes.last {
                literal(hashes: hashes, isMultiline: isMultiline)
            } else {
                code()
            }
        }
    }

    private mutating func code() {
        if starts(with: "//") {
            while at < source.count, source[at] != newline { blank(1) }
        } else if starts(with: "/*") {
            blockComment()
        } else if openLiteral() {
            return
        } else if hashesHere() > 0, peek(hashesHere()) == UInt8(ascii: "/") {
            extendedRegex(hashes: hashesHere())
        } else {
            countParenthesis()
        }
    }

    private mutating func countParenthesis() {
        guard case .interpolation(let open)? = modes.last else { return keep() }
        switch source[at] {
        case UInt8(ascii: "("):
            modes[modes.count - 1] = .interpolation(open: open + 1)
            keep()
        case UInt8(ascii: ")") where open == 0:
            modes.removeLast()
            blank(1)
        case UInt8(ascii: ")"):
            modes[modes.count - 1] = .interpolation(open: open - 1)
            keep()
        default:
            keep()
        }
    }

    private mutating func blockComment() {
        var depth = 0
        repeat {
            if starts(with: "/*") {
                depth += 1
                blank(2)
            } else if starts(with: "*/") {
                depth -= 1
                blank(2)
            } else {
                blank(1)
            }
        } while depth > 0 && at < source.count
    }

    /// Swallows `"`, `"""`, `#"`, ... and returns whether there was one.
    private mutating func openLiteral() -> Bool {
        let hashes = hashesHere()
        guard peek(hashes) == quote else { return false }
        let isMultiline = peek(hashes + 1) == quote && peek(hashes + 2) == quote
        blank(hashes + (isMultiline ? 3 : 1))
        modes.append(.literal(hashes: hashes, isMultiline: isMultiline))
        return true
    }

    private mutating func literal(hashes: Int, isMultiline: Bool) {
        let fence = isMultiline ? 3 : 1
        if source[at] == backslash, hashesHere(from: 1) >= hashes {
            let isInterpolation = peek(1 + hashes) == UInt8(ascii: "(")
            blank(2 + hashes)
            if isInterpolation { modes.append(.interpolation(open: 0)) }
        } else if isFence(fence), hashesHere(from: fence) >= hashes {
            blank(fence + hashes)
            modes.removeLast()
        } else if source[at] == newline, !isMultiline {
            modes.removeLast()  // an unterminated literal: never let it swallow the file
        } else {
            blank(1)
        }
    }

    private mutating func extendedRegex(hashes: Int) {
        blank(hashes + 1)
        while at < source.count {
            if source[at] == UInt8(ascii: "/"), hashesHere(from: 1) >= hashes {
                return blank(1 + hashes)
            }
            blank(source[at] == backslash ? 2 : 1)
        }
    }

    // MARK: - Single steps

    private mutating func keep() {
        out.append(source[at])
        at += 1
    }

    private mutating func blank(_ count: Int) {
        for _ in 0..<count where at < source.count {
            out.append(source[at] == newline ? newline : UInt8(ascii: " "))
            at += 1
        }
    }

    private func peek(_ distance: Int) -> UInt8? {
        at + distance < source.count ? source[at + distance] : nil
    }

    private func starts(with text: StaticString) -> Bool {
        text.withUTF8Buffer { wanted in
            wanted.indices.allSatisfy { peek($0) == wanted[$0] }
        }
    }

    private func isFence(_ count: Int) -> Bool {
        (0..<count).allSatisfy { peek($0) == quote }
    }

    private func hashesHere(from distance: Int = 0) -> Int {
        var count = 0
        while peek(distance + count) == UInt8(ascii: "#") { count += 1 }
        return count
    }
}

private let newline = UInt8(ascii: "\n")
private let quote = UInt8(ascii: "\"")
private let backslash = UInt8(ascii: "\\")
