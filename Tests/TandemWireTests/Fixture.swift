import Foundation

/// The committed byte vectors: added to, never edited.
enum Fixture {
    /// Set to `write-missing` to write vectors that do not exist yet, and the page's section of
    /// them; vectors that exist are never written.
    static let writesMissing =
        ProcessInfo.processInfo.environment["TANDEM_WIRE_VECTORS"] == "write-missing"

    static let root = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    static let folder = root.appending(path: "Tests/Fixtures/wire/v1")

    /// Names of all vectors, sorted.
    static func names() throws -> [String] {
        try missingAreWritten.get()
        return try FileManager.default.contentsOfDirectory(atPath: folder.path)
            .filter { $0.hasSuffix(".hex") }
            .map { String($0.dropLast(4)) }
            .sorted()
    }

    /// The bytes of a vector; `nil` when there is none.
    static func bytes(_ name: String) throws -> [UInt8]? {
        try missingAreWritten.get()
        let file = folder.appending(path: name + ".hex")
        guard FileManager.default.fileExists(atPath: file.path) else { return nil }
        return fromHex(try String(contentsOf: file, encoding: .utf8))
    }

    /// Writes the vectors that do not exist yet, once per run and only when asked to.
    static let missingAreWritten: Result<Void, any Error> = Result {
        guard writesMissing else { return }
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        for sample in Sample.all {
            try writeMissing(sample.file, sample.message.frame(correlation: Sample.correlation))
        }
        for value in Standalone.all { try writeMissing(value.name, value.encode()) }
    }

    private static func writeMissing(_ name: String, _ bytes: [UInt8]) throws {
        let file = folder.appending(path: name + ".hex")
        guard !FileManager.default.fileExists(atPath: file.path) else { return }
        try Data(hexLines(bytes, width: 32).utf8).write(to: file, options: .withoutOverwriting)
    }
}

/// Lower-case hexadecimal digits.
func hex(_ bytes: some Sequence<UInt8>) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
}

/// Hexadecimal digits in lines of `width` bytes.
func hexLines(_ bytes: [UInt8], width: Int) -> String {
    stride(from: 0, to: bytes.count, by: width)
        .map { hex(bytes[$0..<min($0 + width, bytes.count)]) + "\n" }
        .joined()
}

/// Bytes of hexadecimal digits, white space between them left out; `nil` for anything else.
func fromHex(_ text: String) -> [UInt8]? {
    let digits = text.filter { !$0.isWhitespace }.map(\.hexDigitValue)
    guard digits.count.isMultiple(of: 2), !digits.contains(nil) else { return nil }
    let values = digits.compactMap(\.self)
    return stride(from: 0, to: values.count, by: 2).map { UInt8(values[$0] << 4 | values[$0 + 1]) }
}
