import COpenSSL

/// How a token is signed (RFC 7518): the ways with a public key that we accept, and no other.
///
/// `none` and the shared-secret ways are no values of it, so nobody can ask for them.
package enum TokenAlgorithm: String, Hashable, Sendable, CaseIterable {
    /// RSA, PKCS #1 v1.5, SHA-256.
    case rs256 = "RS256"
    /// ECDSA on P-256 with SHA-256; a signature is r and s, 32 bytes each.
    case es256 = "ES256"
    /// Ed25519.
    case edDSA = "EdDSA"
}

/// A public key that checks the signatures of tokens, each by the one algorithm it was made for.
package struct TokenKey: Sendable {
    /// The only algorithm that the key is used for, whatever a token says of itself.
    package let algorithm: TokenAlgorithm
    private let handle: KeyHandle

    /// The sizes of RSA keys that count, in bits: below it is weak, above it is only work.
    package static let rsaBitCounts = 2048...8192

    /// An RSA key, of the numbers `n` and `e` in big-endian bytes; `nil` if it is weak or malformed.
    package init?(modulus: [UInt8], exponent: [UInt8]) {
        // Longer exponents than four bytes are unheard of and cost time at each check.
        guard (1...4).contains(exponent.count), modulus.count <= Self.rsaBitCounts.upperBound / 8
        else { return nil }
        let value = exponent.reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        guard value >= 3, value % 2 == 1 else { return nil }
        let key = DER.sequence(DER.integer(modulus) + DER.integer(exponent))
        let spki = DER.sequence(DER.rsaEncryption + DER.bitString(key))
        ErrorQueue.clear()
        defer { ErrorQueue.clear() }
        guard let handle = KeyHandle.publicKey(spki: spki), EVP_PKEY_is_a(handle.raw, "RSA") == 1,
            Self.rsaBitCounts.contains(Int(EVP_PKEY_get_bits(handle.raw)))
        else { return nil }
        self.handle = handle
        algorithm = .rs256
    }

    /// A P-256 key, of its coordinates in 32 bytes each; `nil` for a point that is not on the curve.
    package init?(x: [UInt8], y: [UInt8]) {
        guard x.count == 32, y.count == 32,
            let key = P256.PublicKey(spki: DER.sequence(DER.p256 + DER.bitString([4] + x + y)))
        else { return nil }
        handle = key.handle
        algorithm = .es256
    }

    /// An Ed25519 key of 32 bytes.
    package init?(ed25519 bytes: [UInt8]) {
        guard bytes.count == 32 else { return nil }
        ErrorQueue.clear()
        defer { ErrorQueue.clear() }
        let raw = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nil, bytes, bytes.count)
        guard let handle = KeyHandle(owning: raw) else { return nil }
        self.handle = handle
        algorithm = .edDSA
    }

    /// Whether `signature` is this key's over `bytes`, by this key's algorithm.
    package func verify(signature: [UInt8], over bytes: [UInt8]) -> Bool {
        ErrorQueue.clear()
        switch algorithm {
        case .rs256:
            return handle.verifies(signature, overExactly: bytes, hash: EVP_sha256())
        case .es256:
            guard signature.count == 64 else { return false }
            let pair = DER.integer(Array(signature[..<32])) + DER.integer(Array(signature[32...]))
            return handle.verifies(DER.sequence(pair), overExactly: bytes, hash: EVP_sha256())
        case .edDSA:
            return handle.verifies(signature, overExactly: bytes, hash: nil)
        }
    }
}

/// The little of DER that turns the numbers of a token key into what libcrypto reads.
private enum DER {
    /// AlgorithmIdentifier of RSA keys: its number and NULL.
    static let rsaEncryption: [UInt8] = [
        0x30, 0x0D, 0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x01, 0x05, 0x00,
    ]
    /// AlgorithmIdentifier of keys on the curve P-256.
    static let p256: [UInt8] = [
        0x30, 0x13, 0x06, 0x07, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01, 0x06, 0x08, 0x2A, 0x86,
        0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07,
    ]

    static func sequence(_ content: [UInt8]) -> [UInt8] { [0x30] + length(content) + content }

    static func bitString(_ content: [UInt8]) -> [UInt8] {
        [0x03] + length([0] + content) + [0] + content
    }

    /// A number that is not negative, of big-endian bytes.
    static func integer(_ bytes: [UInt8]) -> [UInt8] {
        var digits = Array(bytes.drop { $0 == 0 })
        // A first bit of 1 would make it negative; and no bytes at all are no number.
        if digits.first.map({ $0 >= 0x80 }) ?? true { digits.insert(0, at: 0) }
        return [0x02] + length(digits) + digits
    }

    private static func length(_ content: [UInt8]) -> [UInt8] {
        let count = content.count
        switch count {
        case ..<0x80: return [UInt8(count)]
        case ..<0x100: return [0x81, UInt8(count)]
        case _: return [0x82, UInt8(count >> 8 & 0xFF), UInt8(count & 0xFF)]
        }
    }
}
