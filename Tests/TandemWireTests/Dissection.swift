/// Bytes taken apart by the layouts of the protocol page: a second decoder, that shares nothing
/// with the first.
struct Dissection {
    /// Some bytes, what they are and what they say.
    struct Part: Hashable {
        var path: String
        var bytes: [UInt8]
        var value: String
    }

    struct Refusal: Error {
        var path: String
        var why: String
    }

    private let layout: PageLayout
    private let bytes: [UInt8]
    private var offset = 0
    private var end: Int
    private(set) var parts: [Part] = []

    /// Takes a frame apart.
    static func frame(_ bytes: [UInt8], _ layout: PageLayout) throws -> [Part] {
        var dissection = Dissection(layout: layout, bytes: bytes)
        let length = try dissection.number("length", 4)
        guard length == bytes.count - 4 else {
            throw Refusal(path: "length", why: "\(length) of \(bytes.count - 4)")
        }
        try dissection.number("version", 1)
        let kind = UInt8(try dissection.number("kind", 1))
        guard let message = layout.messages[kind] else {
            throw Refusal(path: "kind", why: "\(kind) is not on the page")
        }
        dissection.explain(message.name)
        try dissection.number("flags", 2)
        try dissection.number("correlation", 8)
        try dissection.open(message, at: "")
        return dissection.parts
    }

    /// Takes a value of that type apart.
    static func value(_ bytes: [UInt8], of type: String, _ layout: PageLayout) throws -> [Part] {
        var dissection = Dissection(layout: layout, bytes: bytes)
        try dissection.read(.named(type), at: "")
        guard dissection.offset == bytes.count else {
            throw Refusal(path: type, why: "bytes left over")
        }
        return dissection.parts
    }

    private init(layout: PageLayout, bytes: [UInt8]) {
        self.layout = layout
        self.bytes = bytes
        end = bytes.count
    }
}

extension Dissection {
    private mutating func take(_ path: String, _ count: Int, _ value: String = "") throws -> [UInt8]
    {
        guard count <= end - offset else { throw Refusal(path: path, why: "ends too early") }
        let taken = Array(bytes[offset..<offset + count])
        offset += count
        parts.append(Part(path: path, bytes: taken, value: value))
        return taken
    }

    /// Gives the newest part its meaning.
    private mutating func explain(_ value: String) {
        parts[parts.count - 1].value = value
    }

    @discardableResult
    private mutating func number(_ path: String, _ byteCount: Int) throws -> Int {
        let value = try take(path, byteCount).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        explain("\(value)")
        return Int(truncatingIfNeeded: value)
    }

    private mutating func read(_ form: PageLayout.Form, at path: String) throws {
        switch form {
        case .number(let byteCount): try number(path, byteCount)
        case .bool: try yesOrNo(path, "yes", "no")
        case .opaque(let byteCount): _ = try take(path, byteCount)
        case .name: try text(path, lengthByteCount: 1, limit: 255)
        case .text(let limit): try text(path, lengthByteCount: 2, limit: limit)
        case .bytes(let limit): try counted(path, 4, limit: limit, "bytes")
        case .list(let limit, let element):
            let count = try number(path, 2)
            explain("list of \(count)")
            guard count <= limit else { throw Refusal(path: path, why: "above \(limit)") }
            for index in 0..<count { try read(element, at: "\(path)[\(index)]") }
        case .maybe(let value):
            if try yesOrNo(path, "present", "none") { try read(value, at: path) }
        case .record(let value): try bounded(path, "record") { try $0.read(value, at: path) }
        case .magic(let word):
            guard try take(path, word.utf8.count, word) == Array(word.utf8) else {
                throw Refusal(path: path, why: "not \(word)")
            }
        case .named(let name): try named(name, at: path)
        }
    }

    private mutating func named(_ name: String, at path: String) throws {
        guard let type = layout.types[name] else {
            throw Refusal(path: path, why: "\(name) is not on the page")
        }
        switch type.sort {
        case "fixed": try fields(type.fields, at: path)
        case "record": try open(type, at: path)
        case _:
            let number = UInt8(try number(path, 1))
            guard let found = type.cases.first(where: { $0.number == number }) else {
                throw Refusal(path: path, why: "\(number) is no \(name)")
            }
            explain(found.word)
            try fields(found.fields, at: path)
        }
    }

    private mutating func fields(_ fields: [PageLayout.Field], at path: String) throws {
        for field in fields { try read(field.form, at: join(path, field.name)) }
    }

    /// Fixed fields, then optional ones up to the end.
    private mutating func open(_ type: PageLayout.Definition, at path: String) throws {
        try fields(type.fields, at: path)
        while offset < end {
            let tag = UInt16(try number(join(path, "tag"), 2))
            guard let field = type.optionals[tag] else {
                throw Refusal(path: path, why: "tag \(tag) of \(type.name) is not on the page")
            }
            explain("\(tag)?")
            let path = join(path, field.name)
            try bounded(path, "optional field") { try $0.read(field.form, at: path) }
        }
    }

    private mutating func bounded(
        _ path: String,
        _ what: String,
        _ read: (inout Dissection) throws -> Void
    ) throws {
        let count = try number(path, 4)
        explain("\(what) of \(count) bytes")
        guard count <= end - offset else { throw Refusal(path: path, why: "ends too early") }
        let outer = end
        end = offset + count
        try read(&self)
        guard offset == end else { throw Refusal(path: path, why: "bytes left over") }
        end = outer
    }

    @discardableResult
    private mutating func yesOrNo(_ path: String, _ yes: String, _ no: String) throws -> Bool {
        let number = try number(path, 1)
        guard number < 2 else { throw Refusal(path: path, why: "\(number) is no bool") }
        explain(number == 1 ? yes : no)
        return number == 1
    }

    private mutating func text(_ path: String, lengthByteCount: Int, limit: Int) throws {
        let content = try counted(path, lengthByteCount, limit: limit, "")
        guard let text = String(validating: content, as: UTF8.self) else {
            throw Refusal(path: path, why: "not UTF-8")
        }
        explain("\"" + text.replacing("\n", with: "\\n") + "\"")
    }

    /// A length and its bytes as one part; the bytes.
    @discardableResult
    private mutating func counted(
        _ path: String,
        _ lengthByteCount: Int,
        limit: Int,
        _ what: String
    ) throws -> [UInt8] {
        let count = try number(path, lengthByteCount)
        guard count <= limit else { throw Refusal(path: path, why: "\(count) above \(limit)") }
        let content = try take(path, count, "\(count) \(what)")
        let last = parts.removeLast()
        parts[parts.count - 1].bytes += last.bytes
        explain(last.value)
        return content
    }

    private func join(_ path: String, _ name: String) -> String {
        path.isEmpty ? name : "\(path).\(name)"
    }
}
