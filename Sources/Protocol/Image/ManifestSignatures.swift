package import TandemCrypto
package import TandemModel

/// The content of `manifest.sig`: who signed the manifest's bytes.
///
/// One byte: how many; then for each the SHA-256 of the public key and the 64 bytes of the Ed25519
/// signature, in the order of the former, each key once.
package struct ManifestSignatures: Hashable, Sendable {
    /// One signature.
    package struct Entry: Hashable, Sendable {
        /// SHA-256 of the signer's raw public key.
        package var key: Digest
        /// 64 bytes.
        package var signature: [UInt8]
    }

    /// The domain label of signatures over a manifest.
    package static let label = "tandem-manifest-1"
    /// Longest `manifest.sig` in bytes; readers refuse a longer one unread.
    package static let byteCountMax = 8 * 1024

    private static let signatureByteCount = 64
    private static let entryByteCount = 32 + signatureByteCount
    private static let entryCountMax = (byteCountMax - 1) / entryByteCount

    /// As they stand in the file; a key may stand twice in one that is not ours.
    package private(set) var entries: [Entry]

    /// No signature yet.
    package init() { entries = [] }

    /// Reads `manifest.sig`; `nil` when it is not of that form to the last byte.
    package init?(bytes: [UInt8]) {
        guard bytes.count <= Self.byteCountMax, let count = bytes.first,
            bytes.count == 1 + Int(count) * Self.entryByteCount
        else { return nil }
        entries = []
        for start in stride(from: 1, to: bytes.count, by: Self.entryByteCount) {
            guard let key = Digest(bytes: Array(bytes[start..<start + 32])) else { return nil }
            let signature = Array(bytes[start + 32..<start + Self.entryByteCount])
            entries.append(Entry(key: key, signature: signature))
        }
    }

    /// The bytes of `manifest.sig`.
    package var bytes: [UInt8] {
        entries.reduce(into: [UInt8(entries.count)]) { $0 += $1.key.bytes + $1.signature }
    }

    /// Signs a manifest's bytes, in the place of an earlier signature of the same key.
    package mutating func sign(
        manifest: [UInt8],
        with key: Ed25519.PrivateKey
    ) throws(TandemError) {
        let fingerprint = key.publicKey.fingerprint
        let signature = try key.sign(manifest, label: Self.label)
        entries.removeAll { $0.key == fingerprint }
        guard entries.count < Self.entryCountMax else {
            throw TandemError(
                .manifestInvalid,
                "the manifest already has \(entries.count) signatures",
                remedy: "Build the image again and sign it with the keys that count."
            )
        }
        entries.append(Entry(key: fingerprint, signature: signature))
        entries.sort { $0.key < $1.key }
    }

    /// Checks the signatures over a manifest's bytes and answers the keys whose signature is valid.
    ///
    /// A key counts once however often it stands there. Throws `imageUntrusted`, which says how
    /// many valid ones there are of how many needed, and what is wrong with each other one; `image`
    /// names the image in it.
    package func verify(
        manifest: [UInt8],
        trust: TrustFile,
        image: String
    ) throws(TandemError) -> [Ed25519.PublicKey] {
        var valid: [Ed25519.PublicKey] = []
        var notes: [String] = []
        for entry in entries {
            guard let key = trust.keys.first(where: { $0.fingerprint == entry.key }) else {
                notes.append("key \(entry.key.short) is not trusted here")
                continue
            }
            let isValid = key.verify(
                signature: entry.signature,
                over: manifest,
                label: Self.label
            )
            if !isValid {
                notes.append("the signature of key \(entry.key.short) does not match")
            } else if valid.contains(key) {
                notes.append("key \(entry.key.short) signed twice and counts once")
            } else {
                valid.append(key)
            }
        }
        guard valid.count >= trust.threshold else {
            let asked = trust.keys.map(\.fingerprint.short).joined(separator: ", ")
            throw TandemError(
                .imageUntrusted,
                "\(image): manifest.sig holds \(valid.count) valid signatures for manifest.bin of "
                    + "\(trust.threshold) needed" + notes.map { "; \($0)" }.joined(),
                remedy: "Get the image again if it was changed on its way; else have it signed "
                    + "with `tandem image sign` by \(trust.threshold) of the keys \(asked)."
            )
        }
        return valid
    }
}
