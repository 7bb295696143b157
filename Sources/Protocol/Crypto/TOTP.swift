import COpenSSL

/// One-time codes of six digits that change every 30 s (RFC 6238, HMAC-SHA1).
///
/// SHA-1, as that is what every authenticator app computes; HMAC with it is still sound.
package enum TOTP {
    /// Seconds for which one code stands.
    package static let stepSeconds: UInt64 = 30
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".utf8)

    /// A new secret: as long as a SHA-1, which RFC 4226 asks for.
    package static func newKey() -> [UInt8] { secureRandom(20) }

    /// The code of a step: the number of whole 30 s since 1970.
    package static func code(key: [UInt8], step: UInt64) -> String {
        let message = (0..<8).map { UInt8(truncatingIfNeeded: step >> (56 - 8 * $0)) }
        let mac = hmacSHA1(key: key, message)
        let offset = Int(mac[19] & 15)
        let number = mac[offset..<offset + 4].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        let text = String((number & 0x7fff_ffff) % 1_000_000)
        return String(repeating: "0", count: 6 - text.count) + text
    }

    /// The secret as apps take it: base32 (RFC 4648) without padding.
    package static func text(ofKey key: [UInt8]) -> String {
        var (digits, pending, bitCount) = ([UInt8](), UInt32(0), 0)
        for byte in key {
            pending = pending << 8 | UInt32(byte)
            bitCount += 8
            while bitCount >= 5 {
                bitCount -= 5
                digits.append(alphabet[Int(pending >> UInt32(bitCount) & 31)])
            }
        }
        if bitCount > 0 { digits.append(alphabet[Int(pending << UInt32(5 - bitCount) & 31)]) }
        return String(decoding: digits, as: UTF8.self)
    }

    /// HMAC-SHA1: 20 bytes.
    static func hmacSHA1(key: [UInt8], _ message: [UInt8]) -> [UInt8] {
        var mac = [UInt8](repeating: 0, count: 20)
        var byteCount = 0
        let made = EVP_Q_mac(
            nil,
            "HMAC",
            nil,
            "SHA1",
            nil,
            key,
            key.count,
            message,
            message.count,
            &mac,
            mac.count,
            &byteCount
        )
        // Fails only without memory or without SHA-1 in the library: nothing can go on then.
        precondition(made != nil && byteCount == 20, "libcrypto has no HMAC-SHA1")
        return mac
    }
}
