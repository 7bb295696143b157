import COpenSSL
package import TandemModel

/// ECDSA on P-256 with SHA-256: the keys of TLS certificates, which also sign vouchers.
package enum P256 {
    /// A key that signs.
    package struct PrivateKey: Sendable {
        let handle: KeyHandle
        /// The half that others check with.
        package let publicKey: PublicKey

        /// Draws a new key.
        package static func generate() throws(TandemError) -> PrivateKey {
            ErrorQueue.clear()
            guard let handle = KeyHandle(owning: shim_generate_p256()) else {
                throw TandemError(
                    .keyUnusable,
                    "libcrypto can't make a P-256 key",
                    remedy: "Check that this machine's libssl allows P-256.",
                    cause: ErrorQueue.drainText()
                )
            }
            return PrivateKey(handle)
        }

        /// Reads an unencrypted PEM key.
        package init(pem: [UInt8]) throws(TandemError) {
            ErrorQueue.clear()
            guard let handle = KeyHandle.privateKey(pem: pem), handle.isP256 else {
                throw TandemError(
                    .keyUnusable,
                    "this is not an unencrypted P-256 private key in PEM form",
                    remedy: "Name a key made by `tandem ca`.",
                    cause: ErrorQueue.drainText()
                )
            }
            self.init(handle)
        }

        private init(_ handle: KeyHandle) {
            self.handle = handle
            publicKey = PublicKey(handle)
        }

        /// The key as unencrypted PKCS#8.
        package func pem() throws(TandemError) -> [UInt8] {
            try pkcs8(of: handle)
        }

        /// Signs `label` utf8, a zero byte and `bytes`; a DER signature of at most 72 bytes.
        ///
        /// The label names what the signature is for and holds no zero byte.
        package func sign(_ bytes: [UInt8], label: String) throws(TandemError) -> [UInt8] {
            ErrorQueue.clear()
            return try handle.signature(of: bytes, label: label, hash: EVP_sha256())
        }
    }

    /// A key that checks signatures; equal when its encoding is.
    package struct PublicKey: Hashable, Sendable {
        let handle: KeyHandle
        /// The key as DER SubjectPublicKeyInfo, as it stands in a certificate.
        package let spki: [UInt8]

        /// Reads a DER SubjectPublicKeyInfo; `nil` unless it is one P-256 key and nothing else.
        package init?(spki: [UInt8]) {
            ErrorQueue.clear()
            defer { ErrorQueue.clear() }
            guard let handle = KeyHandle.publicKey(spki: spki), handle.isP256 else { return nil }
            self.handle = handle
            self.spki = spki
        }

        fileprivate init(_ handle: KeyHandle) {
            self.handle = handle
            spki = handle.spki()
        }

        /// The SHA-256 of ``spki``: what allow-lists hold.
        package var fingerprint: Digest { publicKeyFingerprint(spki: spki) }

        /// Whether `signature` was made with this key's private half for `label` over `bytes`.
        package func verify(
            signature: [UInt8],
            over bytes: [UInt8],
            label: String
        ) -> Bool {
            ErrorQueue.clear()
            return handle.verifies(signature, over: bytes, label: label, hash: EVP_sha256())
        }

        package static func == (left: PublicKey, right: PublicKey) -> Bool {
            left.spki == right.spki
        }

        /// Hashes the encoding.
        package func hash(into hasher: inout Hasher) { hasher.combine(spki) }
    }
}

/// The SHA-256 of a DER SubjectPublicKeyInfo: how a peer's key is named in allow-lists.
package func publicKeyFingerprint(spki: [UInt8]) -> Digest { sha256(spki) }
