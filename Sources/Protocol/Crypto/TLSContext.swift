import COpenSSL
package import TandemModel

/// The settings that many TLS connections share: TLS 1.3 only, certificates of both sides, no
/// resumption.
///
/// Resumption is off because a resumed session skips the checks of the certificate, and with them
/// a revocation. Sendable because libssl allows concurrent use of a context that no longer changes,
/// and nothing changes it after `init`.
package final class TLSContext: @unchecked Sendable {
    /// Which end of connections the context is for.
    package enum Side: Hashable, Sendable {
        case server
        case client
    }

    let raw: OpaquePointer
    /// Which end of connections this is.
    package let side: Side
    /// The protocols by ALPN name, most wanted first.
    package let applicationProtocols: [String]
    /// This side's own certificate, if it has one.
    package let ownIdentity: PeerIdentity?

    let requiresApplicationProtocol: Bool
    /// The names as on the wire, for the callbacks of libssl.
    let protocolNames: [[UInt8]]

    /// Loads certificates and keys and fixes all settings.
    ///
    /// - Throws: ``ErrorCode/fileUnavailable`` or ``ErrorCode/tlsConfiguration`` naming the file.
    package init(_ side: Side, _ configuration: TLSConfiguration) throws(TandemError) {
        ErrorQueue.clear()
        let method = side == .server ? TLS_server_method() : TLS_client_method()
        let credentials = try TLSCredentials(configuration)
        guard side == .client || credentials.own != nil else {
            throw TandemError(
                .tlsConfiguration,
                "a TLS server without a certificate and key of its own",
                remedy: "Configure both files; `tandem ca` makes them."
            )
        }
        guard let raw = SSL_CTX_new(method) else {
            throw TandemError(
                .tlsConfiguration,
                "libssl makes no context",
                remedy: "Check that this machine's libssl works: `openssl version`.",
                cause: ErrorQueue.drainText()
            )
        }
        self.raw = raw
        self.side = side
        applicationProtocols = configuration.applicationProtocols
        requiresApplicationProtocol = configuration.requiresApplicationProtocol
        protocolNames = configuration.applicationProtocols.map { Array($0.utf8) }
        ownIdentity = credentials.own.map { PeerIdentity($0.chain[0]) }
        try fixSettings()
        try credentials.install(in: raw)
        verifyPeers(required: side == .client || configuration.requiresClientCertificate)
        try announceProtocols()
    }

    deinit { SSL_CTX_free(raw) }

    private func fixSettings() throws(TandemError) {
        SSL_CTX_set_options(raw, shim_SSL_OPTIONS)
        // Idle connections keep no record buffers (34 kB each), and no certificate of the
        // authority is sent along that the peer has anyway.
        let modes =
            SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE
            | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_NO_AUTO_CHAIN
        shim_SSL_CTX_set_mode(raw, Int(modes))
        shim_SSL_CTX_cache_off(raw)
        // What a stranger may make us read before we know him: a chain of a few certificates.
        shim_SSL_CTX_set_max_cert_list(raw, 32 << 10)
        guard shim_SSL_CTX_only_tls13(raw) == 1, SSL_CTX_set_num_tickets(raw, 0) == 1,
            shim_SSL_CTX_set_groups(raw, "X25519:P-256") == 1
        else {
            throw TandemError(
                .tlsConfiguration,
                "libssl refuses TLS 1.3 with X25519 or P-256",
                remedy: "Check the machine's OpenSSL configuration (openssl.cnf).",
                cause: ErrorQueue.drainText()
            )
        }
    }

    private func verifyPeers(required: Bool) {
        let mode = SSL_VERIFY_PEER | (required ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0)
        SSL_CTX_set_verify_depth(raw, 4)
        SSL_CTX_set_verify(raw, mode) { isTrusted, store in
            TLSEngine.of(store: store)?.verify(isTrusted: isTrusted == 1, store: store) ?? 0
        }
    }

    private func announceProtocols() throws(TandemError) {
        let names = protocolNames
        guard !names.isEmpty, names.allSatisfy({ (1...255).contains($0.count) }) else {
            throw TandemError(
                .tlsConfiguration,
                "a TLS context without a usable protocol name",
                remedy: "Name at least one protocol of 1 to 255 bytes."
            )
        }
        switch side {
        case .client:
            let list = names.flatMap { [UInt8($0.count)] + $0 }
            // Unlike its neighbours this call answers 0 for success.
            guard SSL_CTX_set_alpn_protos(raw, list, UInt32(list.count)) == 0 else {
                throw TandemError(
                    .tlsConfiguration,
                    "libssl refuses the protocol names \(applicationProtocols)",
                    remedy: "Shorten them.",
                    cause: ErrorQueue.drainText()
                )
            }
        case .server:
            // Unretained: connections keep the context alive, and it outlives its own callbacks.
            let context = Unmanaged.passUnretained(self).toOpaque()
            SSL_CTX_set_alpn_select_cb(raw, selectProtocol, context)
            SSL_CTX_set_client_hello_cb(raw, demandProtocol, context)
        }
    }
}

/// Chooses the first of our protocols that the client offers too.
private let selectProtocol: SSL_CTX_alpn_select_cb_func = {
    _,
    chosen,
    chosenCount,
    offered,
    offeredCount,
    context in
    guard let context, let chosen, let chosenCount, let offered else {
        return SSL_TLSEXT_ERR_ALERT_FATAL
    }
    let ours = Unmanaged<TLSContext>.fromOpaque(context).takeUnretainedValue().protocolNames
    let end = Int(offeredCount)
    for name in ours {
        var index = 0
        while index < end {
            let count = Int(offered[index])
            let start = index + 1
            guard start + count <= end else { break }
            if name.elementsEqual(UnsafeBufferPointer(start: offered + start, count: count)) {
                // Points into the client's list, which libssl copies from before it goes away.
                chosen.pointee = offered + start
                chosenCount.pointee = UInt8(count)
                return SSL_TLSEXT_ERR_OK
            }
            index = start + count
        }
    }
    return SSL_TLSEXT_ERR_ALERT_FATAL
}

/// Refuses a client that names no protocol at all: libssl asks `selectProtocol` only about a list.
private let demandProtocol: SSL_client_hello_cb_fn = { ssl, alert, context in
    guard let context, let ssl else { return SSL_CLIENT_HELLO_ERROR }
    let ours = Unmanaged<TLSContext>.fromOpaque(context).takeUnretainedValue()
    guard ours.requiresApplicationProtocol else { return SSL_CLIENT_HELLO_SUCCESS }
    let extensionNumber = UInt32(TLSEXT_TYPE_application_layer_protocol_negotiation)
    var bytes: UnsafePointer<UInt8>?
    var count = 0
    if SSL_client_hello_get0_ext(ssl, extensionNumber, &bytes, &count) == 1 {
        return SSL_CLIENT_HELLO_SUCCESS
    }
    TLSEngine.of(ssl: ssl)?.refuse(
        "it names no protocol, expected was \(ours.applicationProtocols)"
    )
    alert?.pointee = SSL_AD_NO_APPLICATION_PROTOCOL
    return SSL_CLIENT_HELLO_ERROR
}
