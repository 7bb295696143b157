import COpenSSL
package import TandemModel

/// Ed25519 (RFC 8032): the signatures of release manifests.
package enum Ed25519 {
    /// A key that signs.
    package struct PrivateKey: Sendable {
        private let handle: KeyHandle
        /// The half that others check with.
        package let publicKey: PublicKey

        /// Draws a new key.
        package static func generate() throws(TandemError) -> PrivateKey {
            ErrorQueue.clear()
            guard let handle = KeyHandle(owning: shim_generate_ed25519()) else {
                throw TandemError(
                    .keyUnusable,
                    "libcrypto can't make an Ed25519 key",
                    remedy: "Check that this machine's libssl allows Ed25519.",
                    cause: ErrorQueue.drainText()
                )
            }
            return try PrivateKey(handle)
        }

        /// Reads an unencrypted PKCS#8 key.
        package init(pem: [UInt8]) throws(TandemError) {
            ErrorQueue.clear()
            guard let handle = KeyHandle.privateKey(pem: pem), handle.isEd25519 else {
                throw TandemError(
                    .keyUnusable,
                    "this is not an unencrypted Ed25519 private key in PEM form",
                    remedy: "Name a key made by `tandem image key`.",
                    cause: ErrorQueue.drainText()
                )
            }
            try self.init(handle)
        }

        private init(_ handle: KeyHandle) throws(TandemError) {
            var bytes = [UInt8](repeating: 0, count: 32)
            var count = bytes.count
            guard EVP_PKEY_get_raw_public_key(handle.raw, &bytes, &count) == 1,
                let publicKey = PublicKey(rawBytes: bytes)
            else {
                throw TandemError(
                    .keyUnusable,
                    "an Ed25519 private key without its public half",
                    remedy: "Make a new key.",
                    cause: ErrorQueue.drainText()
                )
            }
            self.handle = handle
            self.publicKey = publicKey
        }

        /// The key as unencrypted PKCS#8.
        package func pem() throws(TandemError) -> [UInt8] {
            try pkcs8(of: handle)
        }

        /// Signs `label` utf8, a zero byte and `bytes`; 64 bytes.
        ///
        /// The label names what the signature is for and holds no zero byte.
        package func sign(_ bytes: [UInt8], label: String) throws(TandemError) -> [UInt8] {
            try handle.signature(of: bytes, label: label, hash: nil)
        }
    }

    /// A key that checks signatures; equal when its 32 bytes are.
    package struct PublicKey: Hashable, Sendable {
        /// The 32 bytes of RFC 8032.
        package let rawBytes: [UInt8]

        /// Takes exactly 32 bytes.
        package init?(rawBytes: [UInt8]) {
            guard rawBytes.count == 32 else { return nil }
            self.rawBytes = rawBytes
        }

        /// The SHA-256 of the 32 bytes: the name of the key in signature files.
        package var fingerprint: Digest { sha256(rawBytes) }

        /// Whether `signature` was made with this key's private half for `label` over `bytes`.
        package func verify(
            signature: [UInt8],
            over bytes: [UInt8],
            label: String
        ) -> Bool {
            ErrorQueue.clear()
            let raw = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nil, rawBytes, rawBytes.count)
            guard let handle = KeyHandle(owning: raw) else {
                ErrorQueue.clear()
                return false
            }
            return handle.verifies(signature, over: bytes, label: label, hash: nil)
        }
    }
}

/// A private key as unencrypted PKCS#8 PEM.
func pkcs8(of handle: KeyHandle) throws(TandemError) -> [UInt8] {
    guard let pem = handle.privatePEM() else {
        throw TandemError(
            .keyUnusable,
            "a private key can't be written as PEM",
            remedy: "Check that this machine's libssl works: `openssl version`.",
            cause: ErrorQueue.drainText()
        )
    }
    return pem
}
