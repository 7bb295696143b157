import COpenSSL
import TandemModel

/// A secret that nobody can guess: so many random bytes as hexadecimal digits.
package func newSecret(byteCount: Int = 32) -> String { hexadecimal(secureRandom(byteCount)) }

/// Whether both are the same bytes; the time it takes tells only their lengths.
package func areSame(_ one: [UInt8], _ other: [UInt8]) -> Bool {
    one.count == other.count && CRYPTO_memcmp(one, other, one.count) == 0
}

/// Whether both are the same text, likewise.
package func areSame(_ one: String, _ other: String) -> Bool {
    areSame(Array(one.utf8), Array(other.utf8))
}

/// Two lower-case hexadecimal digits for each byte.
package func hexadecimal(_ bytes: [UInt8]) -> String {
    let alphabet = Array("0123456789abcdef".utf8)
    let digits = bytes.flatMap { [alphabet[Int($0 >> 4)], alphabet[Int($0 & 15)]] }
    return String(decoding: digits, as: UTF8.self)
}

/// The bytes that hexadecimal digits say; `nil` for anything else.
package func bytes(ofHexadecimal text: some StringProtocol) -> [UInt8]? {
    let digits = text.utf8.compactMap(hexValue)
    guard digits.count == text.utf8.count, digits.count.isMultiple(of: 2) else { return nil }
    return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
}

/// A password that nobody can guess and that can be read out: 100 random bits, in groups of four.
package func newPassword() -> String {
    // Without l, o, 0 and 1, which look like others.
    let alphabet = Array("abcdefghijkmnpqrstuvwxyz23456789".utf8)
    let letters = secureRandom(20).map { alphabet[Int($0 & 31)] }
    let groups = stride(from: 0, to: 20, by: 4).map { letters[$0..<$0 + 4] }
    return groups.map { String(decoding: $0, as: UTF8.self) }.joined(separator: "-")
}
