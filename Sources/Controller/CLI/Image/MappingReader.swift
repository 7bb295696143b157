import TandemModel

/// Takes the values out of one mapping and notes everything that is wrong with it.
///
/// Nothing is thrown on the way: an author wants to see all mistakes at once. What a key should have
/// held is then replaced by something harmless, which nobody uses, since any problem is refused.
struct MappingReader {
    private let entries: [PlainYAML.Entry]
    private let line: Int
    /// How messages call the mapping, such as `hooks`; empty for the document itself.
    private let place: String
    /// Whether there is a mapping to ask; if not, that was said once and for all.
    private let isMapping: Bool
    private var known: [String] = []
    private(set) var problems: [YAMLProblem] = []

    /// A reader of a mapping; anything else is noted as a problem and reads as empty.
    init(_ value: PlainYAML, place: String) {
        self.place = place
        line = value.line
        guard case .mapping(let entries) = value.content else {
            self.entries = []
            isMapping = false
            let what = place.isEmpty ? "the document" : place
            problems = [YAMLProblem(line: value.line, "\(what): a mapping is expected")]
            return
        }
        self.entries = entries
        isMapping = true
    }

    /// Notes a problem of this mapping.
    mutating func note(_ line: Int, _ text: String) {
        problems.append(YAMLProblem(line: line, place.isEmpty ? text : "\(place): \(text)"))
    }

    /// Takes over what was wrong with a mapping inside this one.
    mutating func take(_ problems: [YAMLProblem]) { self.problems += problems }

    /// Everything that was wrong, with a note for each key that nobody has asked for.
    consuming func finish() -> [YAMLProblem] {
        for entry in entries where !known.contains(entry.key) {
            let near = known.first { isNear($0, entry.key) }
            let hint = near.map { "; is `\($0)` meant?" } ?? ""
            note(entry.line, "`\(entry.key)` is no known key\(hint)")
        }
        return problems
    }

    /// The value of a key, if it is there; from then on the key is known.
    mutating func value(_ key: String) -> PlainYAML? {
        known.append(key)
        return entries.first { $0.key == key }?.value
    }

    /// The value of a key that has to be there.
    mutating func required(_ key: String) -> PlainYAML? {
        let found = value(key)
        if found == nil, isMapping { note(line, "`\(key)` is missing") }
        return found
    }

    // MARK: - Scalars

    /// A text; `nil` where the key is missing.
    mutating func text(_ key: String) -> String? {
        guard let value = value(key) else { return nil }
        return text(value, key)
    }

    /// A text that has to be there and to say something.
    mutating func requiredText(_ key: String) -> String {
        guard let value = required(key), let text = text(value, key) else { return "" }
        if text.isEmpty { note(value.line, "`\(key)` is empty") }
        return text
    }

    /// `true` or `false`; `false` where the key is missing.
    mutating func flag(_ key: String) -> Bool {
        guard let value = value(key), let text = text(value, key) else { return false }
        if text != "true" && text != "false" {
            note(value.line, "`\(key)` is `true` or `false`, not '\(text)'")
        }
        return text == "true"
    }

    /// A whole number in decimal digits.
    mutating func number(_ key: String, _ value: PlainYAML) -> UInt64 {
        guard let text = text(value, key) else { return 0 }
        guard isDigits(text), let number = UInt64(text) else {
            note(value.line, "`\(key)` is a whole number, not '\(text)'")
            return 0
        }
        return number
    }

    /// One of the words that `Choice` knows; `nil` where the key is missing or says another.
    mutating func choice<Choice: RawRepresentable & CaseIterable>(
        _ key: String,
        _ value: PlainYAML?,
        _ type: Choice.Type = Choice.self
    ) -> Choice? where Choice.RawValue == String {
        guard let value, let text = text(value, key) else { return nil }
        if let choice = Choice(rawValue: text) { return choice }
        let words = Choice.allCases.map(\.rawValue).joined(separator: ", ")
        note(value.line, "`\(key)` is one of \(words), not '\(text)'")
        return nil
    }

    private mutating func text(_ value: PlainYAML, _ key: String) -> String? {
        guard case .text(let text) = value.content else {
            note(value.line, "`\(key)` is a text, not \(value.form)")
            return nil
        }
        return text
    }

    // MARK: - Lists

    /// The elements of a list; none where the key is missing.
    mutating func list(_ key: String) -> [PlainYAML] {
        guard let value = value(key) else { return [] }
        return list(key, value)
    }

    /// The elements of a list that has to be there and to hold something.
    mutating func requiredList(_ key: String) -> [PlainYAML] {
        guard let value = required(key) else { return [] }
        let elements = list(key, value)
        if elements.isEmpty, case .list = value.content {
            note(value.line, "`\(key)` is an empty list")
        }
        return elements
    }

    /// The texts of a list.
    mutating func texts(_ key: String, of elements: [PlainYAML]) -> [(text: String, line: Int)] {
        elements.compactMap { element in
            guard let text = text(element, key) else { return nil }
            if text.isEmpty { note(element.line, "`\(key)` holds an empty text") }
            return (text, element.line)
        }
    }

    /// The texts of a list that may be missing.
    mutating func texts(_ key: String) -> [String] { texts(key, of: list(key)).map(\.text) }

    private mutating func list(_ key: String, _ value: PlainYAML) -> [PlainYAML] {
        guard case .list(let elements) = value.content else {
            note(value.line, "`\(key)` is a list, not \(value.form)")
            return []
        }
        return elements
    }
}

/// Whether a text is decimal digits only: Swift's own reading would also take a sign.
func isDigits(_ text: some StringProtocol) -> Bool {
    !text.isEmpty && text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
}

/// Whether two keys differ by little enough that one may stand for the other.
private func isNear(_ known: String, _ written: String) -> Bool {
    let plain = { (text: String) in text.lowercased().filter { $0 != "_" && $0 != "-" } }
    let (one, other) = (plain(known), plain(written))
    return one == other || one.difference(from: other).count <= 2
}
