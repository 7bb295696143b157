import COpenSSL

/// A key inside libcrypto, freed with its last user.
///
/// Sendable because a key is never changed after it was made and libcrypto counts references
/// atomically.
final class KeyHandle: @unchecked Sendable {
    let raw: OpaquePointer

    /// Takes over the caller's reference.
    init?(owning raw: OpaquePointer?) {
        guard let raw else { return nil }
        self.raw = raw
    }

    deinit { EVP_PKEY_free(raw) }

    /// Reads an unencrypted private key; never asks a terminal for a pass phrase.
    static func privateKey(pem: [UInt8]) -> KeyHandle? {
        withMemory(pem) { bio in
            KeyHandle(owning: PEM_read_bio_PrivateKey(bio, nil, { _, _, _, _ in -1 }, nil))
        }
    }

    /// Reads a SubjectPublicKeyInfo; refuses bytes behind it.
    static func publicKey(spki: [UInt8]) -> KeyHandle? {
        spki.withUnsafeBufferPointer { bytes in
            var cursor = bytes.baseAddress
            guard let key = KeyHandle(owning: d2i_PUBKEY(nil, &cursor, bytes.count)) else {
                return nil
            }
            return cursor == bytes.baseAddress.map { $0 + bytes.count } ? key : nil
        }
    }

    /// The private key as PKCS#8 PEM, unencrypted.
    func privatePEM() -> [UInt8]? {
        collected { bio in PEM_write_bio_PKCS8PrivateKey(bio, raw, nil, nil, 0, nil, nil) == 1 }
    }

    /// The public half as DER SubjectPublicKeyInfo; empty when libcrypto can't write it.
    func spki() -> [UInt8] { derBytes { i2d_PUBKEY(raw, $0) } }

    var isEd25519: Bool { EVP_PKEY_is_a(raw, "ED25519") == 1 }

    var isP256: Bool {
        var name = [CChar](repeating: 0, count: 64)
        var count = 0
        guard EVP_PKEY_is_a(raw, "EC") == 1,
            EVP_PKEY_get_group_name(raw, &name, name.count, &count) == 1
        else { return false }
        return OBJ_sn2nid(name) == NID_X9_62_prime256v1
    }
}

/// Runs `body` with a BIO that reads `bytes`.
func withMemory<Value>(_ bytes: [UInt8], _ body: (OpaquePointer) -> Value?) -> Value? {
    guard !bytes.isEmpty else { return nil }
    return bytes.withUnsafeBytes { buffer in
        guard let bio = BIO_new_mem_buf(buffer.baseAddress, Int32(clamping: buffer.count)) else {
            return nil
        }
        defer { BIO_free(bio) }
        return body(bio)
    }
}

/// What `write` wrote to a BIO; `nil` when it answered `false`.
func collected(_ write: (OpaquePointer) -> Bool) -> [UInt8]? {
    // The secure variant wipes its memory, since it may hold a private key.
    guard let bio = BIO_new(BIO_s_secmem()) else { return nil }
    defer { BIO_free(bio) }
    guard write(bio) else { return nil }
    var start: UnsafeMutablePointer<CChar>?
    let count = shim_BIO_memory(bio, &start)
    return [UInt8](UnsafeRawBufferPointer(start: start, count: count))
}

/// The bytes of one of libcrypto's `i2d_` functions; empty when it fails.
func derBytes(
    _ encode: (UnsafeMutablePointer<UnsafeMutablePointer<UInt8>?>?) -> Int32
) -> [UInt8] {
    let count = Int(encode(nil))
    guard count > 0 else { return [] }
    return [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
        var cursor = buffer.baseAddress
        filled = max(0, Int(encode(&cursor)))
    }
}
