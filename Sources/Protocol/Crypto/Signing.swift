import COpenSSL
import TandemModel

/// What is really signed: `label` in UTF-8, one zero byte, then the bytes.
///
/// The label says what a signature is for, so that one made for a voucher never passes for one of
/// a manifest.
private func labelled(_ bytes: [UInt8], _ label: String) -> [UInt8] {
    precondition(!label.utf8.contains(0), "a signature label holds no zero byte")
    return Array(label.utf8) + [0] + bytes
}

extension KeyHandle {
    /// Signs; `hash` is `nil` for Ed25519, which hashes by itself.
    func signature(
        of bytes: [UInt8],
        label: String,
        hash: OpaquePointer?
    ) throws(TandemError) -> [UInt8] {
        let message = labelled(bytes, label)
        guard let context = EVP_MD_CTX_new() else { throw Self.signingFailed(label) }
        defer { EVP_MD_CTX_free(context) }
        var count = 0
        guard EVP_DigestSignInit(context, nil, hash, nil, raw) == 1,
            EVP_DigestSign(context, nil, &count, message, message.count) == 1
        else { throw Self.signingFailed(label) }
        var signature = [UInt8](repeating: 0, count: count)
        guard EVP_DigestSign(context, &signature, &count, message, message.count) == 1 else {
            throw Self.signingFailed(label)
        }
        // An ECDSA signature may turn out shorter than announced.
        return Array(signature.prefix(count))
    }

    /// Whether the signature was made by this key, for this label, over these bytes.
    func verifies(
        _ signature: [UInt8],
        over bytes: [UInt8],
        label: String,
        hash: OpaquePointer?
    ) -> Bool {
        verifies(signature, overExactly: labelled(bytes, label), hash: hash)
    }

    /// The same without a label, for signatures of a form that others have laid down.
    func verifies(
        _ signature: [UInt8],
        overExactly message: [UInt8],
        hash: OpaquePointer?
    ) -> Bool {
        guard let context = EVP_MD_CTX_new() else { return false }
        defer {
            EVP_MD_CTX_free(context)
            ErrorQueue.clear()
        }
        guard EVP_DigestVerifyInit(context, nil, hash, nil, raw) == 1 else { return false }
        return EVP_DigestVerify(
            context,
            signature,
            signature.count,
            message,
            message.count
        ) == 1
    }

    private static func signingFailed(_ label: String) -> TandemError {
        TandemError(
            .keyUnusable,
            "a private key can't sign for \(label)",
            remedy: "Check the key file; make a new key if it is damaged.",
            cause: ErrorQueue.drainText()
        )
    }
}
