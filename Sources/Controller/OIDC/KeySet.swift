import TandemCrypto

/// The public keys of a provider (RFC 7517), as far as tokens are checked with them.
package struct KeySet: Sendable {
    /// Most keys that are read; providers have two or three.
    static let keyCountMax = 64

    private struct Entry: Sendable {
        var id: String?
        var key: TokenKey
    }

    private let entries: [Entry]

    /// Reads a set; keys for other purposes and of other kinds are left out.
    package init(_ bytes: [UInt8]) throws(ProviderRefusal) {
        guard case .array(let keys) = JSONValue.object(bytes)?["keys"] else {
            throw ProviderRefusal("has a set of keys that is no JSON object with `keys`")
        }
        guard keys.count <= Self.keyCountMax else {
            throw ProviderRefusal("has more than \(Self.keyCountMax) keys")
        }
        entries = keys.compactMap { Self.entry($0) }
    }

    /// The keys that a token of this header may be signed with.
    ///
    /// A token that names no key is checked only where no other key could be meant.
    func key(id: String?, algorithm: TokenAlgorithm) -> TokenKey? {
        let suitable = entries.filter {
            $0.key.algorithm == algorithm && (id == nil || $0.id == id)
        }
        return suitable.count == 1 ? suitable[0].key : nil
    }

    private static func entry(_ value: JSONValue) -> Entry? {
        guard case .object(let members) = value,
            members["use"].map({ $0 == .text("sig") }) ?? true,
            members["key_ops"].map({ $0.texts?.contains("verify") == true }) ?? true,
            let key = key(members),
            members["alg"].map({ $0 == .text(key.algorithm.rawValue) }) ?? true
        else { return nil }
        return Entry(id: members["kid"]?.text, key: key)
    }

    private static func key(_ members: [String: JSONValue]) -> TokenKey? {
        func bytes(_ name: String) -> [UInt8]? {
            members[name]?.text.flatMap { Base64URL.bytes($0) }
        }
        switch (members["kty"]?.text, members["crv"]?.text) {
        case ("RSA", _):
            guard let modulus = bytes("n"), let exponent = bytes("e") else { return nil }
            return TokenKey(modulus: modulus, exponent: exponent)
        case ("EC", "P-256"):
            guard let x = bytes("x"), let y = bytes("y") else { return nil }
            return TokenKey(x: x, y: y)
        case ("OKP", "Ed25519"):
            return bytes("x").flatMap { TokenKey(ed25519: $0) }
        case _: return nil
        }
    }
}
