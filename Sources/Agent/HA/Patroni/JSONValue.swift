/// A JSON value, as far as Patroni's answers need one: no Foundation in a driver.
///
/// Numbers are kept as they are written. Nesting is bounded, and so is what is read.
enum JSONValue: Hashable {
    case null
    case flag(Bool)
    case number(String)
    case text(String)
    case list([JSONValue])
    case object([String: JSONValue])

    /// Reads a whole document; `nil` for one of another form.
    init?(_ bytes: [UInt8]) {
        var reader = JSONReader(bytes: bytes[...])
        guard let value = reader.value(depth: 0), reader.isAtEnd else { return nil }
        self = value
    }

    /// The member of an object; `nil` where there is none.
    subscript(_ key: String) -> JSONValue? {
        guard case .object(let members) = self else { return nil }
        return members[key]
    }

    var textValue: String? {
        guard case .text(let text) = self else { return nil }
        return text
    }

    /// A number that is not negative and has no fraction.
    var countValue: UInt64? {
        guard case .number(let digits) = self else { return nil }
        return UInt64(digits)
    }

    var listValue: [JSONValue]? {
        guard case .list(let values) = self else { return nil }
        return values
    }
}

/// A name as a JSON text.
func jsonText(_ name: String) -> String {
    "\"" + name.map { $0 == "\"" || $0 == "\\" ? "\\\($0)" : "\($0)" }.joined() + "\""
}

/// The text of one document from where the reading is.
private struct JSONReader {
    static let depthMax = 16

    var bytes: ArraySlice<UInt8>

    /// Whether only blanks are left.
    var isAtEnd: Bool {
        mutating get {
            skipBlanks()
            return bytes.isEmpty
        }
    }

    mutating func value(depth: Int) -> JSONValue? {
        skipBlanks()
        guard depth < Self.depthMax, let first = bytes.first else { return nil }
        switch first {
        case UInt8(ascii: "{"): return object(depth: depth)
        case UInt8(ascii: "["): return list(depth: depth)
        case UInt8(ascii: "\""): return string().map(JSONValue.text)
        case UInt8(ascii: "t"): return word("true", .flag(true))
        case UInt8(ascii: "f"): return word("false", .flag(false))
        case UInt8(ascii: "n"): return word("null", .null)
        case _: return number()
        }
    }

    private mutating func object(depth: Int) -> JSONValue? {
        bytes.removeFirst()
        var members: [String: JSONValue] = [:]
        if takes("}") { return .object(members) }
        repeat {
            skipBlanks()
            guard let key = string(), takes(":"), let value = value(depth: depth + 1) else {
                return nil
            }
            members[key] = value
        } while takes(",")
        return takes("}") ? .object(members) : nil
    }

    private mutating func list(depth: Int) -> JSONValue? {
        bytes.removeFirst()
        var values: [JSONValue] = []
        if takes("]") { return .list(values) }
        repeat {
            guard let value = value(depth: depth + 1) else { return nil }
            values.append(value)
        } while takes(",")
        return takes("]") ? .list(values) : nil
    }

    /// Escapes are kept as their letter, `\uXXXX` as `?`: names and states have none.
    private mutating func string() -> String? {
        guard bytes.first == UInt8(ascii: "\"") else { return nil }
        bytes.removeFirst()
        var text: [UInt8] = []
        while let byte = bytes.popFirst() {
            switch byte {
            case UInt8(ascii: "\""): return String(validating: text, as: UTF8.self)
            case UInt8(ascii: "\\"):
                guard let escaped = bytes.popFirst() else { return nil }
                guard escaped == UInt8(ascii: "u") else {
                    text.append(escaped)
                    continue
                }
                guard bytes.count >= 4 else { return nil }
                bytes.removeFirst(4)
                text.append(UInt8(ascii: "?"))
            case _: text.append(byte)
            }
        }
        return nil
    }

    private mutating func number() -> JSONValue? {
        let digits = bytes.prefix { byte in
            (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                || "+-.eE".utf8.contains(byte)
        }
        let text = String(decoding: digits, as: UTF8.self)
        guard Double(text) != nil else { return nil }
        bytes.removeFirst(digits.count)
        return .number(text)
    }

    private mutating func word(_ word: String, _ value: JSONValue) -> JSONValue? {
        guard bytes.starts(with: word.utf8) else { return nil }
        bytes.removeFirst(word.utf8.count)
        return value
    }

    private mutating func takes(_ sign: Unicode.Scalar) -> Bool {
        skipBlanks()
        guard bytes.first == UInt8(ascii: sign) else { return false }
        bytes.removeFirst()
        return true
    }

    private mutating func skipBlanks() {
        bytes = bytes.drop { $0 == 0x20 || $0 == 0x09 || $0 == 0x0a || $0 == 0x0d }
    }
}
