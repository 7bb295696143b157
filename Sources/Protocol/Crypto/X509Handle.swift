import COpenSSL
import TandemModel

/// A certificate inside libcrypto, freed with its last user.
///
/// Sendable because a certificate is never changed after it was read or signed.
final class X509Handle: @unchecked Sendable {
    let raw: OpaquePointer

    /// Takes over the caller's reference.
    init?(owning raw: OpaquePointer?) {
        guard let raw else { return nil }
        self.raw = raw
    }

    deinit { X509_free(raw) }

    /// Reads all certificates of a PEM text, in order; `nil` when one of them is damaged.
    static func all(pem: [UInt8]) -> [X509Handle]? {
        withMemory(pem) { bio in
            var certificates: [X509Handle] = []
            while let certificate = X509Handle(owning: PEM_read_bio_X509(bio, nil, nil, nil)) {
                certificates.append(certificate)
            }
            // The end of the text shows as "no start line"; anything else is damage.
            let isAtEnd = ErrorQueue.drain().last?.reason == PEM_R_NO_START_LINE
            return isAtEnd ? certificates : nil
        }
    }

    /// Reads at least one certificate.
    static func some(from source: PEMSource) throws(TandemError) -> [X509Handle] {
        let pem = try source.load()
        ErrorQueue.clear()
        guard let certificates = all(pem: pem), !certificates.isEmpty else {
            throw TandemError(
                .tlsConfiguration,
                "\(source.name) holds no readable certificate",
                remedy: "Name a PEM file of certificates, such as `tandem ca` makes."
            )
        }
        return certificates
    }

    /// The certificate as PEM.
    func pem() -> [UInt8]? { collected { bio in PEM_write_bio_X509(bio, raw) == 1 } }

    /// The subject as one line of RFC 2253, with control characters escaped.
    var subject: String {
        let text = collected { bio in
            let flags = shim_RFC2253
            return X509_NAME_print_ex(bio, X509_get_subject_name(raw), 0, flags) >= 0
        }
        return String(decoding: text ?? [], as: UTF8.self)
    }

    /// The public key as DER SubjectPublicKeyInfo, exactly as the certificate carries it.
    var spki: [UInt8] {
        let key = X509_get_X509_PUBKEY(raw)
        return derBytes { i2d_X509_PUBKEY(key, $0) }
    }

    /// The one URI among the alternative names.
    ///
    /// `nil` when there is none, when there are two (then nobody can say which one counts), or
    /// when it holds anything but printable ASCII.
    var uri: String? {
        guard let names = X509_get_ext_d2i(raw, NID_subject_alt_name, nil, nil) else { return nil }
        let list = OpaquePointer(names)
        defer { GENERAL_NAMES_free(list) }
        var uris: [[UInt8]] = []
        for index in 0..<shim_names_count(list) {
            var count: Int32 = 0
            guard let start = shim_names_uri(list, index, &count) else { continue }
            uris.append(Array(UnsafeBufferPointer(start: start, count: Int(count))))
        }
        guard uris.count == 1, let uri = uris.first, !uri.isEmpty,
            uri.allSatisfy({ (0x21...0x7E).contains($0) })
        else { return nil }
        return String(decoding: uri, as: UTF8.self)
    }

    var notBefore: WallTime { Self.wallTime(X509_get0_notBefore(raw)) }
    var notAfter: WallTime { Self.wallTime(X509_get0_notAfter(raw)) }

    private static func wallTime(_ time: UnsafePointer<ASN1_TIME>?) -> WallTime {
        let seconds = shim_ASN1_TIME_seconds(time)
        return WallTime(milliseconds: UInt64(max(0, seconds)) * 1000)
    }
}
