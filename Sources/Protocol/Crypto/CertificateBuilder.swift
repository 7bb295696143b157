import COpenSSL
import TandemModel

/// One X.509 v3 certificate under construction.
struct CertificateBuilder {
    private let certificate: X509Handle
    private let subject: String

    /// Sets everything but issuer and extensions.
    init(
        subject: String,
        publicKey: P256.PublicKey,
        validity: CertificateValidity
    ) throws(TandemError) {
        ErrorQueue.clear()
        guard let certificate = X509Handle(owning: X509_new()) else {
            throw Self.failed(subject)
        }
        self.certificate = certificate
        self.subject = subject
        try setValidity(validity)
        guard X509_set_version(certificate.raw, Int(X509_VERSION_3)) == 1,
            X509_set_pubkey(certificate.raw, publicKey.handle.raw) == 1,
            Self.setName(X509_get_subject_name(certificate.raw), subject)
        else { throw Self.failed(subject) }
    }

    /// Begins from a certificate that is there: all but its serial number and validity stays.
    init(renewing old: X509Handle, validity: CertificateValidity) throws(TandemError) {
        ErrorQueue.clear()
        subject = old.subject
        guard let certificate = X509Handle(owning: X509_dup(old.raw)) else {
            throw Self.failed(subject)
        }
        self.certificate = certificate
        try setValidity(validity)
    }

    private func setValidity(_ validity: CertificateValidity) throws(TandemError) {
        guard validity.notBefore.milliseconds < validity.notAfter.milliseconds else {
            throw TandemError(
                .keyUnusable,
                "the certificate of \"\(subject)\" would end before it begins",
                remedy: "Give a validity of at least one day."
            )
        }
        guard Self.setRandomSerial(of: certificate.raw),
            Self.setTime(X509_getm_notBefore(certificate.raw), validity.notBefore),
            Self.setTime(X509_getm_notAfter(certificate.raw), validity.notAfter)
        else { throw Self.failed(subject) }
    }

    /// Makes it the certificate of an authority that signs end entities only.
    func addAuthorityExtensions() throws(TandemError) {
        guard X509_set_issuer_name(certificate.raw, X509_get_subject_name(certificate.raw)) == 1
        else { throw Self.failed(subject) }
        try add(NID_basic_constraints, "critical,CA:TRUE,pathlen:0", issuer: certificate)
        try add(NID_key_usage, "critical,keyCertSign,cRLSign", issuer: certificate)
        try add(NID_subject_key_identifier, "hash", issuer: certificate)
    }

    /// Makes it the certificate of an end entity.
    func addExtensions(
        of role: CertificateRole,
        issuer: X509Handle
    ) throws(TandemError) {
        guard X509_set_issuer_name(certificate.raw, X509_get_subject_name(issuer.raw)) == 1
        else { throw Self.failed(subject) }
        try add(NID_basic_constraints, "critical,CA:FALSE", issuer: issuer)
        try add(NID_key_usage, "critical,digitalSignature", issuer: issuer)
        try add(NID_ext_key_usage, role.extendedKeyUsage, issuer: issuer)
        try add(NID_subject_key_identifier, "hash", issuer: issuer)
        try add(NID_authority_key_identifier, "keyid:always", issuer: issuer)
        try addAlternativeNames(of: role)
    }

    /// Signs with SHA-256.
    func signed(by key: P256.PrivateKey) throws(TandemError) -> X509Handle {
        guard X509_sign(certificate.raw, key.handle.raw, EVP_sha256()) > 0 else {
            throw Self.failed(subject)
        }
        return certificate
    }

    /// A certificate as PEM.
    static func pem(of certificate: X509Handle) throws(TandemError) -> [UInt8] {
        guard let pem = certificate.pem() else { throw failed(certificate.subject) }
        return pem
    }

    /// Adds an extension of fixed text; nothing from outside goes through libcrypto's parser.
    private func add(_ kind: Int32, _ text: String, issuer: X509Handle) throws(TandemError) {
        var context = X509V3_CTX()
        X509V3_set_ctx(&context, issuer.raw, certificate.raw, nil, nil, 0)
        guard let value = X509V3_EXT_conf_nid(nil, &context, kind, text) else {
            throw Self.failed(subject)
        }
        defer { X509_EXTENSION_free(value) }
        guard X509_add_ext(certificate.raw, value, -1) == 1 else { throw Self.failed(subject) }
    }

    private func addAlternativeNames(of role: CertificateRole) throws(TandemError) {
        guard let names = shim_names_new() else { throw Self.failed(subject) }
        defer { GENERAL_NAMES_free(names) }
        if let uri = role.uri, shim_names_add_text(names, GEN_URI, uri) != 1 {
            throw Self.failed(subject)
        }
        for name in role.names {
            let isAdded =
                HostName(name).isAddress
                ? shim_names_add_address(names, name) : shim_names_add_text(names, GEN_DNS, name)
            guard isAdded == 1 else { throw Self.failed(subject) }
        }
        guard
            X509_add1_ext_i2d(
                certificate.raw,
                NID_subject_alt_name,
                UnsafeMutableRawPointer(names),
                0,
                0
            ) == 1
        else { throw Self.failed(subject) }
    }

    /// 20 random bytes, positive and never zero: as long as RFC 5280 allows.
    private static func setRandomSerial(of raw: OpaquePointer) -> Bool {
        var bytes = secureRandom(20)
        bytes[0] = bytes[0] & 0x7F | 0x40
        guard let number = BN_bin2bn(bytes, Int32(bytes.count), nil) else { return false }
        defer { BN_free(number) }
        return BN_to_ASN1_INTEGER(number, X509_get_serialNumber(raw)) != nil
    }

    private static func setTime(_ field: UnsafeMutablePointer<ASN1_TIME>?, _ time: WallTime) -> Bool
    {
        guard let seconds = Int(exactly: time.milliseconds / 1000) else { return false }
        return ASN1_TIME_set(field, seconds) != nil
    }

    /// Sets the common name; libcrypto refuses more than 64 characters.
    private static func setName(_ name: OpaquePointer?, _ commonName: String) -> Bool {
        let text = Array(commonName.utf8)
        return X509_NAME_add_entry_by_NID(
            name,
            NID_commonName,
            MBSTRING_UTF8,
            text,
            Int32(text.count),
            -1,
            0
        ) == 1
    }

    private static func failed(_ subject: String) -> TandemError {
        TandemError(
            .keyUnusable,
            "the certificate of \"\(subject)\" can't be made",
            remedy: "Use a name of 1 to 64 characters and dates before the year 10000.",
            cause: ErrorQueue.drainText()
        )
    }
}
