import ArgumentParser
import Foundation

/// `--json`: the API's own answer, for scripts.
struct OutputOptions: ParsableArguments {
    @Flag(name: .long, help: "Print JSON instead of text.")
    var json = false

    /// Prints the value as JSON, or what `text` makes of it.
    func show<Value: Encodable>(_ value: Value, as text: (Value) -> String) throws {
        Terminal.write(json ? try Self.jsonText(value) : text(value))
    }

    /// Indented, with sorted keys: the same value always reads the same.
    static func jsonText(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(value), as: UTF8.self) + "\n"
    }

    /// The same on one line, for streams of values.
    static func jsonLine(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(value), as: UTF8.self) + "\n"
    }
}
