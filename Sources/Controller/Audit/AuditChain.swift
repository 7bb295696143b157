import Foundation
package import TandemCrypto
package import TandemModel

/// The chain of hashes over the audit: each stands for its entry and for all before it.
///
/// `h(i) = SHA-256(0x00 | h(i-1) | length of the entry, 8 bytes, big-endian | entry)`; `h(0)` is 32
/// zero bytes. The entry's bytes are those that the store keeps: nothing is encoded a second time.
package enum AuditChain {
    /// The hash before the first entry.
    package static let start = Digest.none

    /// The bytes that stand for an entry from now on.
    package static func bytes(of entry: AuditEntry) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        return Array(try encoder.encode(entry))
    }

    /// The hash of an entry that comes after one with the hash `previous`.
    package static func hash(of entry: [UInt8], after previous: Digest) -> Digest {
        var hasher = SHA256Hasher()
        hasher.update([0])
        hasher.update(previous.bytes)
        hasher.update(bigEndian(UInt64(entry.count)))
        hasher.update(entry)
        return hasher.finish()
    }
}

/// One entry as it is kept.
package struct ChainedEntry: Sendable, Hashable {
    /// 1 for the first, without gaps.
    package var row: UInt64
    /// JSON of `AuditEntry`.
    package var entry: [UInt8]
    package var hash: Digest

    /// An entry.
    package init(row: UInt64, entry: [UInt8], hash: Digest) {
        self.row = row
        self.entry = entry
        self.hash = hash
    }
}

/// How far the chain goes.
package struct AuditTip: Sendable, Hashable {
    /// Entries so far.
    package var count: UInt64
    /// The hash of the newest, or ``AuditChain/start``.
    package var hash: Digest

    /// A tip.
    package init(count: UInt64, hash: Digest) {
        self.count = count
        self.hash = hash
    }
}

/// A tip of the chain, signed: whoever has it can prove later that nothing before it was changed.
package struct AuditHead: Codable, Sendable, Hashable {
    private static let label = "tandem-audit-head-1"

    package var count: UInt64
    package var hash: Digest
    package var time: WallTime
    /// The fingerprint of the key that signed.
    package var key: Digest
    /// 128 hexadecimal digits.
    package var signature: String

    /// Signs a tip.
    package init(_ tip: AuditTip, at time: WallTime, by key: Ed25519.PrivateKey)
        throws(TandemError)
    {
        count = tip.count
        hash = tip.hash
        self.time = time
        self.key = key.publicKey.fingerprint
        let bytes = Self.signedBytes(count, hash, time)
        signature = hexadecimal(try key.sign(bytes, label: Self.label))
    }

    /// Whether this key signed exactly this.
    package func isSigned(by key: Ed25519.PublicKey) -> Bool {
        guard let bytes = binary(signature) else { return false }
        return key.verify(
            signature: bytes,
            over: Self.signedBytes(count, hash, time),
            label: Self.label
        )
    }

    private static func signedBytes(_ count: UInt64, _ hash: Digest, _ time: WallTime) -> [UInt8] {
        bigEndian(count) + hash.bytes + bigEndian(time.milliseconds)
    }
}

private func bigEndian(_ number: UInt64) -> [UInt8] {
    (0..<8).map { UInt8(truncatingIfNeeded: number >> (56 - 8 * UInt64($0))) }
}

private func hexadecimal(_ bytes: [UInt8]) -> String {
    let digits = Array("0123456789abcdef")
    return String(bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
}

private func binary(_ text: String) -> [UInt8]? {
    let digits = text.utf8.compactMap { Character(UnicodeScalar($0)).hexDigitValue }
    guard digits.count == text.utf8.count, digits.count.isMultiple(of: 2) else { return nil }
    return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
}
