/// The fields of a form as browsers send it (`application/x-www-form-urlencoded`), each named once.
package struct FormFields: Sendable, Hashable {
    package let values: [String: String]

    /// Reads a form; `nil` for a malformed one: a name that comes twice, or what is no text.
    package init?(_ body: String) {
        var values: [String: String] = [:]
        for pair in body.split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = Self.decoded(parts[0]),
                let value = Self.decoded(parts.count > 1 ? parts[1] : ""),
                values.updateValue(value, forKey: name) == nil
            else { return nil }
        }
        self.values = values
    }

    private static func decoded(_ text: Substring) -> String? {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "+"): bytes.append(UInt8(ascii: " "))
            case UInt8(ascii: "%"):
                guard let high = digit(rest.popFirst()), let low = digit(rest.popFirst()) else {
                    return nil
                }
                bytes.append(high << 4 | low)
            case _: bytes.append(byte)
            }
        }
        return String(validating: bytes, as: UTF8.self)
    }

    private static func digit(_ byte: UInt8?) -> UInt8? {
        guard let byte, byte < 0x80 else { return nil }
        return Character(UnicodeScalar(byte)).hexDigitValue.map(UInt8.init)
    }
}

/// Where a reader of the event stream stands: the id of the last event it knows.
package struct EventPosition: Sendable, Hashable {
    package var epoch: UInt64
    package var version: UInt64

    /// A position.
    package init(epoch: UInt64, version: UInt64) {
        self.epoch = epoch
        self.version = version
    }

    /// Reads `EPOCH-VERSION`, as ``id`` writes it.
    package init?(_ id: some StringProtocol) {
        let parts = id.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, let epoch = UInt64(plain: parts[0]),
            let version = UInt64(plain: parts[1])
        else { return nil }
        self.init(epoch: epoch, version: version)
    }

    package var id: String { "\(epoch)-\(version)" }
}

extension UInt64 {
    /// Reads a number in the one form that it is written in: no sign, no zeros before it.
    package init?(plain text: some StringProtocol) {
        guard let number = UInt64(text), "\(number)" == text else { return nil }
        self = number
    }
}

/// What proves a person in a request's head.
package enum Credentials {
    /// The token of an `Authorization` header; `nil` where it is no bearer token.
    package static func bearerToken(of authorization: String) -> String? {
        let parts = authorization.utf8.split(
            separator: UInt8(ascii: " "),
            maxSplits: 1,
            omittingEmptySubsequences: false
        )
        guard parts.count == 2, String(Substring(parts[0])).lowercased() == "bearer",
            !parts[1].isEmpty, parts[1].allSatisfy(isVisible)
        else { return nil }
        return String(Substring(parts[1]))
    }

    /// All values that `Cookie` headers give a name.
    ///
    /// More than one leaves open who asks.
    package static func cookies(_ name: String, in headers: [String]) -> [String] {
        headers.flatMap { header in
            header.utf8.split(separator: UInt8(ascii: ";")).compactMap { part in
                let pair = part.drop { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
                guard pair.starts(with: "\(name)=".utf8) else { return nil }
                let value = pair.dropFirst(name.utf8.count + 1)
                // What is no cookie's text counts as one that nobody was given.
                return value.allSatisfy(isVisible) ? String(Substring(value)) : ""
            }
        }
    }

    private static func isVisible(_ byte: UInt8) -> Bool { (0x21...0x7e).contains(byte) }
}
