import Foundation

/// The layouts of `Docs/protocol.md`: its blocks marked `wire`, read by rules of their own.
struct PageLayout {
    /// How a value is written.
    indirect enum Form: Hashable {
        case number(byteCount: Int)
        case bool
        case opaque(byteCount: Int)
        case name(isFile: Bool)
        case text(limit: Int)
        case bytes(limit: Int)
        case list(limit: Int, Form)
        case maybe(Form)
        case record(Form)
        case magic(String)
        case named(String)
    }

    struct Field: Hashable {
        var name: String
        var form: Form
    }

    struct Case: Hashable {
        var number: UInt8
        var word: String
        var fields: [Field]
    }

    /// One entry of a block.
    struct Definition: Hashable {
        /// `message`, `record`, `fixed`, `choice` or `numbers`.
        var sort: String
        var name: String
        var number: UInt8?
        var fields: [Field] = []
        var optionals: [UInt16: Field] = [:]
        var cases: [Case] = []
    }

    private(set) var messages: [UInt8: Definition] = [:]
    private(set) var types: [String: Definition] = [:]

    static let page = Fixture.root.appending(path: "Docs/protocol.md")

    static func read() throws -> PageLayout {
        try PageLayout(String(contentsOf: page, encoding: .utf8))
    }

    init(_ text: String) throws {
        var isInside = false
        var definition: Definition?
        for rawLine in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if rawLine.hasPrefix("```") {
                isInside = rawLine == "```wire"
                try add(&definition)
                continue
            }
            let line = rawLine.prefix { $0 != "#" }
            let words = line.split(separator: " ").map(String.init)
            guard isInside, let first = words.first else { continue }
            if line.hasPrefix(" ") {
                guard definition != nil else { throw PageError(line: String(rawLine)) }
                do {
                    try definition?.add(first, Array(words.dropFirst()))
                } catch {
                    throw PageError(line: String(rawLine))
                }
            } else {
                try add(&definition)
                definition = Definition(
                    sort: first,
                    name: words.last ?? "",
                    number: first == "message" ? UInt8(words[1]) : nil
                )
            }
        }
    }

    private mutating func add(_ definition: inout Definition?) throws {
        guard let done = definition else { return }
        definition = nil
        if let number = done.number {
            guard messages.updateValue(done, forKey: number) == nil else {
                throw PageError(line: "two messages \(number)")
            }
        } else {
            guard types.updateValue(done, forKey: done.name) == nil else {
                throw PageError(line: "two types \(done.name)")
            }
        }
    }
}

struct PageError: Error {
    var line: String
}

extension PageLayout.Definition {
    /// Adds one line: `name type`, `TAG? name type`, or `NUMBER word [field, field]`.
    fileprivate mutating func add(_ first: String, _ words: [String]) throws {
        if sort == "choice" || sort == "numbers" {
            guard let number = UInt8(first), let word = words.first else {
                throw PageError(line: first)
            }
            let fields = try words.dropFirst().joined(separator: " ").split(separator: ",").map {
                let words = $0.split(separator: " ").map(String.init)
                return PageLayout.Field(name: words[0], form: try .init(words.dropFirst()))
            }
            cases.append(.init(number: number, word: word, fields: fields))
        } else if first.hasSuffix("?") {
            guard sort != "fixed", let tag = UInt16(first.dropLast()), let name = words.first else {
                throw PageError(line: first)
            }
            optionals[tag] = .init(name: name, form: try .init(words.dropFirst()))
        } else {
            fields.append(.init(name: first, form: try .init(words[...])))
        }
    }
}

extension PageLayout.Form {
    fileprivate init(_ words: ArraySlice<String>) throws {
        guard let first = words.first else { throw PageError(line: "no type") }
        let rest = words.dropFirst()
        func limit() throws -> Int {
            guard let limit = rest.first.flatMap({ Int($0) }) else {
                throw PageError(line: "no limit")
            }
            return limit
        }
        switch first {
        case "u8": self = .number(byteCount: 1)
        case "u16": self = .number(byteCount: 2)
        case "u32": self = .number(byteCount: 4)
        case "u64": self = .number(byteCount: 8)
        case "bool": self = .bool
        case "id": self = .opaque(byteCount: 16)
        case "digest": self = .opaque(byteCount: 32)
        case "name": self = .name(isFile: false)
        case "file-name": self = .name(isFile: true)
        case "text": self = .text(limit: try limit())
        case "bytes": self = .bytes(limit: try limit())
        case "list": self = .list(limit: try limit(), try .init(rest.dropFirst()))
        case "maybe": self = .maybe(try .init(rest))
        case "record": self = .record(try .init(rest))
        case "magic": self = .magic(rest.first ?? "")
        case _: self = .named(first)
        }
    }
}
