package import TandemCrypto

/// A token whose signature was checked; what it claims is not judged yet.
package struct IDToken: Sendable {
    /// How a token may be signed here.
    static let algorithms = TokenAlgorithm.allCases
    /// Longest token, in bytes.
    package static let byteCountMax = 16 * 1024

    let claims: [String: JSONValue]

    /// What a token says of its signature, before any of it is believed.
    package struct Envelope: Sendable {
        package let algorithm: TokenAlgorithm
        package let keyID: String?
        fileprivate let signed: [UInt8]
        fileprivate let signature: [UInt8]
        fileprivate let payload: [UInt8]

        /// Takes a compact token apart (RFC 7515, section 7.1).
        package init(_ text: String) throws(ProviderRefusal) {
            guard text.utf8.count <= IDToken.byteCountMax else {
                throw ProviderRefusal("sent a token longer than \(IDToken.byteCountMax) bytes")
            }
            let parts = text.split(separator: ".", omittingEmptySubsequences: false)
            guard parts.count == 3, let header = Base64URL.bytes(parts[0]),
                let payload = Base64URL.bytes(parts[1]), let signature = Base64URL.bytes(parts[2]),
                let members = JSONValue.object(header)
            else { throw ProviderRefusal("sent something that is no signed token") }
            let name = members["alg"]?.text ?? "none"
            guard let algorithm = TokenAlgorithm(rawValue: name) else {
                throw ProviderRefusal(
                    "signed the token by '\(ProviderRefusal.shown(name))', which does not count here"
                )
            }
            // What a token calls critical must be understood, and we understand no extension.
            guard members["crit"] == nil else {
                throw ProviderRefusal("sent a token with extensions that must be understood")
            }
            self.algorithm = algorithm
            self.payload = payload
            self.signature = signature
            keyID = members["kid"]?.text
            signed = Array("\(parts[0]).\(parts[1])".utf8)
        }
    }

    /// Checks the signature with the one key of the set that the token can mean.
    ///
    /// Answers `nil` where the set has no such key: it may be an old set.
    package init?(_ envelope: Envelope, keys: KeySet) throws(ProviderRefusal) {
        guard let key = keys.key(id: envelope.keyID, algorithm: envelope.algorithm) else {
            return nil
        }
        guard key.verify(signature: envelope.signature, over: envelope.signed) else {
            throw ProviderRefusal("sent a token whose signature is wrong")
        }
        guard let claims = JSONValue.object(envelope.payload) else {
            throw ProviderRefusal("sent a token whose claims are no JSON object")
        }
        self.claims = claims
    }

    init(claims: [String: JSONValue]) { self.claims = claims }
}
