/// A 128-bit identifier whose tag says what it identifies.
///
/// Made from a random generator by whoever mints it; an id is never used twice.
package struct Identifier<Tag>: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// The first 64 bits.
    package let high: UInt64
    /// The last 64 bits.
    package let low: UInt64

    /// Joins two halves.
    package init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// Draws a new identifier.
    package static func random(using generator: inout some RandomNumberGenerator) -> Self {
        Self(high: generator.next(), low: generator.next())
    }

    /// Reads 32 hexadecimal digits, with or without the dashes of a UUID; `nil` for anything else.
    package init?(_ text: some StringProtocol) {
        var digits: [UInt8] = []
        for byte in text.utf8 where byte != UInt8(ascii: "-") {
            guard let value = hexValue(byte) else { return nil }
            digits.append(value)
        }
        guard digits.count == 32 else { return nil }
        self.init(
            high: digits[..<16].reduce(0) { $0 << 4 | UInt64($1) },
            low: digits[16...].reduce(0) { $0 << 4 | UInt64($1) }
        )
    }

    /// The form of a UUID: `xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx`.
    package var description: String {
        let digits = Array(hexText(high) + hexText(low))
        return [0..<8, 8..<12, 12..<16, 16..<20, 20..<32]
            .map { String(digits[$0]) }
            .joined(separator: "-")
    }

    package static func < (left: Self, right: Self) -> Bool {
        (left.high, left.low) < (right.high, right.low)
    }
}

extension Identifier: Codable {
    /// Reads the text form.
    package init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        guard let value = Self(text) else {
            throw DecodingError.dataCorrupted(
                .init(
                    codingPath: decoder.codingPath,
                    debugDescription: "not an identifier: \(text)"
                )
            )
        }
        self = value
    }

    /// Writes the text form.
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

/// Tags of ``Identifier``.
package enum IdentifierTag {
    package enum Agent: Sendable {}
    package enum Command: Sendable {}
    package enum Operation: Sendable {}
    package enum Action: Sendable {}
    package enum Failover: Sendable {}
    package enum Boot: Sendable {}
    package enum Journal: Sendable {}
    package enum Nonce: Sendable {}
    package enum Request: Sendable {}
}

/// Who speaks for a server: one enrolled agent; never used again after it is replaced.
package typealias AgentID = Identifier<IdentifierTag.Agent>
/// One command, from its durable intent to its result; the same id is the same command for ever.
package typealias CommandID = Identifier<IdentifierTag.Command>
/// One upgrade or rollback of one cluster, from Start to the end.
package typealias OperationID = Identifier<IdentifierTag.Operation>
/// One operator-confirmed part of an operation.
package typealias ActionID = Identifier<IdentifierTag.Action>
/// One failover: promote and demote of it carry the same id.
package typealias FailoverID = Identifier<IdentifierTag.Failover>
/// One boot of a server (the kernel's boot id).
package typealias BootID = Identifier<IdentifierTag.Boot>
/// One journal; a lost journal comes back under a new id.
package typealias JournalID = Identifier<IdentifierTag.Journal>
/// A fresh random value that makes an answer impossible to replay.
package typealias Nonce = Identifier<IdentifierTag.Nonce>
/// One request of a person that waits for the approval of a second one.
package typealias RequestID = Identifier<IdentifierTag.Request>

/// A name given by people, whose tag says what it names.
package struct Name<Tag>: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// The name as written.
    package let text: String

    /// Takes a name as it is; `isValid` says whether people may use it.
    package init(_ text: String) { self.text = text }

    package var description: String { text }

    /// Whether the name is 1 to 63 letters, digits, `.`, `_` or `-`, beginning with a letter or digit.
    package var isValid: Bool {
        guard let first = text.utf8.first, text.utf8.count <= 63 else { return false }
        func isWord(_ byte: UInt8) -> Bool {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                true
            case _: false
            }
        }
        return isWord(first)
            && text.utf8.allSatisfy {
                isWord($0) || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "_")
                    || $0 == UInt8(ascii: "-")
            }
    }

    package static func < (left: Self, right: Self) -> Bool { left.text < right.text }
}

extension Name: Codable {
    /// Reads plain text.
    package init(from decoder: any Decoder) throws {
        self.init(try decoder.singleValueContainer().decode(String.self))
    }

    /// Writes plain text.
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }
}

/// Tags of ``Name``.
package enum NameTag {
    package enum Cluster: Sendable {}
    package enum Server: Sendable {}
    package enum Site: Sendable {}
    package enum Person: Sendable {}
}

/// The name of a cluster.
package typealias ClusterName = Name<NameTag.Cluster>
/// The name of a server: a slot of a cluster, whichever agent speaks for it.
package typealias ServerName = Name<NameTag.Server>
/// The name of a site.
package typealias SiteName = Name<NameTag.Site>
/// The name of a person, from the client certificate or account.
package typealias PersonName = Name<NameTag.Person>

/// The value of one hexadecimal digit.
package func hexValue(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
    case _: nil
    }
}

private func hexText(_ value: UInt64) -> String {
    let text = String(value, radix: 16)
    return String(repeating: "0", count: 16 - text.count) + text
}
