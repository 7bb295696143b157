import COpenSSL

/// The checks that libssl asks for in the middle of a handshake.
extension TLSEngine {
    /// Where libssl keeps a connection's engine; index 0 is the one it leaves to applications.
    static let ownerIndex: Int32 = 0

    /// The engine of a connection.
    static func of(ssl: OpaquePointer?) -> TLSEngine? {
        guard let ssl, let owner = SSL_get_ex_data(ssl, ownerIndex) else { return nil }
        return Unmanaged<TLSEngine>.fromOpaque(owner).takeUnretainedValue()
    }

    /// The engine whose peer's certificates are being verified.
    static func of(store: OpaquePointer?) -> TLSEngine? {
        let index = SSL_get_ex_data_X509_STORE_CTX_idx()
        return of(ssl: X509_STORE_CTX_get_ex_data(store, index).map { OpaquePointer($0) })
    }

    /// Notes why this side ends the handshake before the peer has shown a certificate.
    func refuse(_ why: String) { refusal = ("", why) }

    /// Judges one certificate of the peer's chain; libssl has found it trusted or not.
    ///
    /// Answers 1 to go on. Called from the authority down to the peer's own, and for each fault.
    func verify(isTrusted: Bool, store: OpaquePointer?) -> Int32 {
        guard let borrowed = X509_STORE_CTX_get0_cert(store), X509_up_ref(borrowed) == 1,
            let certificate = X509Handle(owning: borrowed)
        else { return 0 }
        let depth = X509_STORE_CTX_get_error_depth(store)
        guard isTrusted else {
            let error = X509_STORE_CTX_get_error(store)
            var why = String(cString: X509_verify_cert_error_string(Int(error)))
            if case .host(let host) = expectation,
                error == X509_V_ERR_HOSTNAME_MISMATCH
                    || error == X509_V_ERR_IP_ADDRESS_MISMATCH
            {
                why += ", expected was \(host)"
            }
            if depth > 0 { why += " (its authority)" }
            refusal = (PeerIdentity(certificate).summary, why)
            return 0
        }
        guard depth == 0, let objection = expectation.objection(to: certificate.uri) else {
            return 1
        }
        refusal = (PeerIdentity(certificate).summary, objection)
        X509_STORE_CTX_set_error(store, X509_V_ERR_CERT_REJECTED)
        return 0
    }

    /// Makes libssl check the expected host; `true` when there is nothing to check.
    func demandHost() -> Bool {
        guard case .host(let host) = expectation else { return true }
        let parameters = SSL_get0_param(ssl)
        if HostName(host).isAddress {
            return X509_VERIFY_PARAM_set1_ip_asc(parameters, host) == 1
        }
        let flags = X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT
        X509_VERIFY_PARAM_set_hostflags(parameters, UInt32(flags))
        return HostName(host).isWellFormed
            && X509_VERIFY_PARAM_set1_host(parameters, host, 0) == 1
            && (SSL_is_server(ssl) == 1 || shim_SSL_set_server_name(ssl, host) == 1)
    }
}
