/// Lines of `key = value`: the form of the agent's configuration and of an HA driver's answers.
///
/// Blank lines and lines that begin with `#` mean nothing; everything else needs a `=`. Keys are
/// lower-case letters, digits, `.` and `-`; values are the rest of the line without the blanks
/// around it, in UTF-8 and without control characters. There are no quotes and no continuation.
package struct KeyValueFile: Hashable, Sendable {
    /// One line.
    package struct Entry: Hashable, Sendable {
        /// From 1.
        package var line: Int
        package var key: String
        package var value: String
    }

    /// Why a text has not this form, or does not say what its reader needs.
    package struct Problem: Error, Hashable, Sendable, CustomStringConvertible {
        /// From 1; 0 when the problem is what is missing.
        package var line: Int
        package var text: String

        /// A problem.
        package init(line: Int, _ text: String) {
            self.line = line
            self.text = text
        }

        /// `line N: text`, or the text alone.
        package var description: String { line == 0 ? text : "line \(line): \(text)" }
    }

    /// Longest text, in bytes.
    package static let byteCountMax = 64 * 1024
    /// Most lines that say something.
    package static let entryCountMax = 1024

    /// In the order of the lines.
    package let entries: [Entry]

    /// Parses a text.
    package init(_ bytes: [UInt8]) throws(Problem) {
        guard bytes.count <= Self.byteCountMax else {
            throw Problem(line: 0, "longer than \(Self.byteCountMax) bytes")
        }
        var entries: [Entry] = []
        let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        for (index, line) in lines.enumerated() {
            guard let entry = try Self.entry(line, number: index + 1) else { continue }
            entries.append(entry)
        }
        guard entries.count <= Self.entryCountMax else {
            throw Problem(line: 0, "more than \(Self.entryCountMax) lines")
        }
        self.entries = entries
    }

    /// The value of a key that may stand once; `nil` when it does not.
    package func value(_ key: String) throws(Problem) -> String? {
        let found = entries.filter { $0.key == key }
        guard found.count <= 1 else {
            throw Problem(
                line: found[1].line,
                "`\(key)` stands in line \(found[0].line) already"
            )
        }
        return found.first?.value
    }

    /// All entries of a key that may stand several times.
    package func all(_ key: String) -> [Entry] { entries.filter { $0.key == key } }

    /// Refuses keys that are neither in the list nor begin with one of the prefixes.
    package func refuseUnknown(
        known: Set<String>,
        prefixes: [String] = []
    ) throws(Problem) {
        for entry in entries {
            let isKnown =
                known.contains(entry.key) || prefixes.contains { entry.key.hasPrefix($0) }
            guard isKnown else { throw Problem(line: entry.line, "`\(entry.key)` is no known key") }
        }
    }

    private static func entry(
        _ bytes: ArraySlice<UInt8>,
        number: Int
    ) throws(Problem) -> Entry? {
        let line = trimmed(bytes)
        guard let first = line.first, first != UInt8(ascii: "#") else { return nil }
        guard let equals = line.firstIndex(of: UInt8(ascii: "=")) else {
            throw Problem(line: number, "not of the form `key = value`")
        }
        let key = trimmed(line[..<equals])
        let value = trimmed(line[(equals + 1)...])
        guard !key.isEmpty, key.allSatisfy(isKeyByte) else {
            throw Problem(
                line: number,
                "a key is lower-case letters, digits, `.` and `-`"
            )
        }
        guard !value.contains(where: { $0 < 0x20 || $0 == 0x7f }),
            let text = String(validating: value, as: UTF8.self)
        else {
            throw Problem(line: number, "the value is not plain UTF-8 text")
        }
        return Entry(line: number, key: String(decoding: key, as: UTF8.self), value: text)
    }

    private static func isKeyByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
            UInt8(ascii: "."), UInt8(ascii: "-"):
            true
        case _: false
        }
    }

    private static func trimmed(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        func isBlank(_ byte: UInt8) -> Bool {
            byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") || byte == UInt8(ascii: "\r")
        }
        guard let start = bytes.firstIndex(where: { !isBlank($0) }),
            let end = bytes.lastIndex(where: { !isBlank($0) })
        else { return [] }
        return bytes[start...end]
    }
}
