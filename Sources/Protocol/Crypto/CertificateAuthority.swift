import COpenSSL
package import TandemModel

/// A small certificate authority: one P-256 key that signs the certificates of one network.
///
/// Agents, controllers and people get theirs from it; it keeps no list of what it issued, since
/// what counts is the allow-list of enrolled keys.
package struct CertificateAuthority: Sendable {
    /// The authority's own certificate as PEM, to be given to everybody.
    package let certificatePEM: [UInt8]
    /// The authority's private key as unencrypted PKCS#8 PEM; whoever has it makes identities.
    package let privateKeyPEM: [UInt8]

    private let certificate: X509Handle
    private let key: P256.PrivateKey

    /// Makes a new authority with a self-signed certificate.
    package static func create(
        commonName: String,
        validity: CertificateValidity
    ) throws(TandemError) -> CertificateAuthority {
        let key = try P256.PrivateKey.generate()
        let builder = try CertificateBuilder(
            subject: commonName,
            publicKey: key.publicKey,
            validity: validity
        )
        try builder.addAuthorityExtensions()
        let certificate = try builder.signed(by: key)
        return try CertificateAuthority(certificate: certificate, key: key)
    }

    /// Makes a new authority that counts from now on for that many days.
    package static func create(
        commonName: String,
        validityDays: Int
    ) throws(TandemError) -> CertificateAuthority {
        try create(commonName: commonName, validity: .days(validityDays))
    }

    /// Loads an authority made earlier.
    package init(certificate: PEMSource, privateKey: PEMSource) throws(TandemError) {
        let certificates = try X509Handle.some(from: certificate)
        let key = try P256.PrivateKey(pem: try privateKey.load())
        guard certificates[0].spki == key.publicKey.spki else {
            throw TandemError(
                .keyUnusable,
                "the key \(privateKey.name) does not belong to the certificate \(certificate.name)",
                remedy: "Name the two files that one `tandem ca` run made."
            )
        }
        try self.init(certificate: certificates[0], key: key)
    }

    private init(certificate: X509Handle, key: P256.PrivateKey) throws(TandemError) {
        self.certificate = certificate
        self.key = key
        certificatePEM = try CertificateBuilder.pem(of: certificate)
        privateKeyPEM = try key.pem()
    }

    /// Makes a key and a certificate for it.
    package func issue(
        _ role: CertificateRole,
        validity: CertificateValidity
    ) throws(TandemError) -> IssuedCertificate {
        let owner = try P256.PrivateKey.generate()
        let certificatePEM = try issue(role, publicKey: owner.publicKey, validity: validity)
        return IssuedCertificate(
            certificatePEM: certificatePEM,
            privateKeyPEM: try owner.pem(),
            publicKeyFingerprint: owner.publicKey.fingerprint
        )
    }

    /// Makes a key and a certificate that counts from now on for that many days.
    package func issue(
        _ role: CertificateRole,
        validityDays: Int
    ) throws(TandemError) -> IssuedCertificate {
        try issue(role, validity: .days(validityDays))
    }

    /// A certificate, as PEM, for a key whose private half stays where it was made.
    package func issue(
        _ role: CertificateRole,
        publicKey: P256.PublicKey,
        validity: CertificateValidity
    ) throws(TandemError) -> [UInt8] {
        try role.validate()
        let builder = try CertificateBuilder(
            subject: role.commonName,
            publicKey: publicKey,
            validity: validity
        )
        try builder.addExtensions(of: role, issuer: certificate)
        return try CertificateBuilder.pem(of: try builder.signed(by: key))
    }

    /// Whether this authority signed a certificate, its own among them.
    package func signed(_ certificate: PEMSource) throws(TandemError) -> Bool {
        let certificate = try X509Handle.some(from: certificate)[0]
        defer { ErrorQueue.clear() }
        return X509_verify(certificate.raw, key.handle.raw) == 1
    }

    /// A certificate that it signed, or its own, with another validity, as PEM.
    ///
    /// Owner, names and key stay, so that allow-lists and what a renewed authority signed stay good.
    /// The old end may be past.
    package func renew(
        _ certificate: PEMSource,
        validity: CertificateValidity
    ) throws(TandemError) -> [UInt8] {
        let old = try X509Handle.some(from: certificate)[0]
        let builder = try CertificateBuilder(renewing: old, validity: validity)
        return try CertificateBuilder.pem(of: try builder.signed(by: key))
    }
}

/// A certificate fresh from the authority, with its private key.
package struct IssuedCertificate: Hashable, Sendable {
    /// The certificate as PEM.
    package let certificatePEM: [UInt8]
    /// The private key as unencrypted PKCS#8 PEM.
    package let privateKeyPEM: [UInt8]
    /// The SHA-256 of the public key, for the allow-list.
    package let publicKeyFingerprint: Digest
}
