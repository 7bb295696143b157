import COpenSSL
import TandemModel

/// The certificates and the key of a configuration, loaded and matched.
struct TLSCredentials {
    /// What this side shows of itself.
    struct Own {
        /// The certificate, then intermediate ones; never empty.
        let chain: [X509Handle]
        let key: KeyHandle
    }

    let own: Own?
    let authorities: [X509Handle]
    private let configuration: TLSConfiguration

    /// Reads all files.
    init(_ configuration: TLSConfiguration) throws(TandemError) {
        self.configuration = configuration
        authorities = try X509Handle.some(from: configuration.authorities)
        guard let chain = configuration.certificateChain, let key = configuration.privateKey else {
            guard configuration.certificateChain == nil, configuration.privateKey == nil else {
                throw TandemError(
                    .tlsConfiguration,
                    "a certificate without its key, or a key without its "
                        + "certificate",
                    remedy: "Configure both files, or none."
                )
            }
            own = nil
            return
        }
        own = Own(chain: try X509Handle.some(from: chain), key: try Self.key(from: key))
    }

    /// Puts everything into a context.
    func install(in context: OpaquePointer) throws(TandemError) {
        let store = SSL_CTX_get_cert_store(context)
        for authority in authorities {
            // The list is sent to clients, so that a browser knows which certificate to show.
            guard X509_STORE_add_cert(store, authority.raw) == 1,
                SSL_CTX_add1_to_CA_list(context, authority.raw) == 1
            else {
                throw refused(configuration.authorities, "as an authority")
            }
        }
        guard let own else { return }
        let chainSource = configuration.certificateChain ?? configuration.authorities
        let keySource = configuration.privateKey ?? configuration.authorities
        guard SSL_CTX_use_certificate(context, own.chain[0].raw) == 1 else {
            throw refused(chainSource, "as a certificate")
        }
        for intermediate in own.chain.dropFirst() {
            guard shim_SSL_CTX_add_chain(context, intermediate.raw) == 1 else {
                throw refused(chainSource, "as a certificate chain")
            }
        }
        guard SSL_CTX_use_PrivateKey(context, own.key.raw) == 1,
            SSL_CTX_check_private_key(context) == 1
        else {
            throw TandemError(
                .tlsConfiguration,
                "the key \(keySource.name) does not belong to the certificate \(chainSource.name)",
                remedy: "Name the two files that one `tandem ca` run made.",
                cause: ErrorQueue.drainText()
            )
        }
    }

    private static func key(from source: PEMSource) throws(TandemError) -> KeyHandle {
        let pem = try source.load()
        ErrorQueue.clear()
        guard let key = KeyHandle.privateKey(pem: pem) else {
            throw TandemError(
                .tlsConfiguration,
                "\(source.name) holds no readable private key",
                remedy: "Name an unencrypted PEM key, such as `tandem ca` makes.",
                cause: ErrorQueue.drainText()
            )
        }
        return key
    }

    private func refused(_ source: PEMSource, _ use: String) -> TandemError {
        TandemError(
            .tlsConfiguration,
            "libssl refuses \(source.name) \(use)",
            remedy: "Check the file with `openssl x509 -text`; `tandem ca` makes usable ones.",
            cause: ErrorQueue.drainText()
        )
    }
}
