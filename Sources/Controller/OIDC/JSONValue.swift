import Foundation

/// A JSON document whose members are not known beforehand, such as the claims of a token.
enum JSONValue: Decodable, Sendable, Hashable {
    case null
    case bool(Bool)
    case number(Double)
    case text(String)
    case array([JSONValue])
    case object([String: JSONValue])

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(Bool.self) {
            self = .bool(value)
        } else if let value = try? container.decode(Double.self) {
            self = .number(value)
        } else if let value = try? container.decode(String.self) {
            self = .text(value)
        } else if let value = try? container.decode([JSONValue].self) {
            self = .array(value)
        } else {
            self = .object(try container.decode([String: JSONValue].self))
        }
    }

    /// The members of a document that is an object; `nil` for every other text.
    static func object(_ bytes: [UInt8]) -> [String: JSONValue]? {
        guard case .object(let members) = try? JSONDecoder().decode(Self.self, from: Data(bytes))
        else { return nil }
        return members
    }

    var text: String? { if case .text(let text) = self { text } else { nil } }

    /// The texts of an array that holds nothing else; `nil` for every other value.
    var texts: [String]? {
        guard case .array(let values) = self else { return nil }
        let texts = values.compactMap(\.text)
        return texts.count == values.count ? texts : nil
    }

    /// A time of a token (RFC 7519, section 2), in seconds since 1970.
    var seconds: Double? {
        guard case .number(let seconds) = self, (0...Self.secondsMax).contains(seconds) else {
            return nil
        }
        return seconds
    }

    /// The year 9999: what is later was meant as something else, such as milliseconds.
    private static let secondsMax = 253_402_300_799.0
}
