package import TandemModel

/// Who a certificate says its owner is.
///
/// What a peer claimed and its authority signed; whether that key is still allowed is a question
/// for the allow-list, asked with ``publicKeyFingerprint`` after each handshake.
package struct PeerIdentity: Hashable, Sendable {
    /// The one URI of the alternative names (`urn:tandem:...`); `nil` without one or with several.
    package let uri: String?
    /// The SHA-256 of ``publicKeySPKI``.
    package let publicKeyFingerprint: Digest
    /// The public key as DER SubjectPublicKeyInfo.
    package let publicKeySPKI: [UInt8]
    /// The subject in the form of RFC 2253, for people only.
    package let subject: String
    /// The end of the certificate's validity.
    package let notAfter: WallTime

    init(_ certificate: X509Handle) {
        let spki = certificate.spki
        uri = certificate.uri
        publicKeyFingerprint = TandemCrypto.publicKeyFingerprint(spki: spki)
        publicKeySPKI = spki
        subject = certificate.subject
        notAfter = certificate.notAfter
    }

    /// The identity in the first certificate of a PEM text.
    ///
    /// Nothing is verified: for showing and pinning a certificate that a person named.
    package init(certificate: PEMSource) throws(TandemError) {
        let certificates = try X509Handle.some(from: certificate)
        self.init(certificates[0])
    }

    /// `SUBJECT (URI)`, for errors and logs.
    package var summary: String { uri.map { "\(subject) (\($0))" } ?? subject }
}
