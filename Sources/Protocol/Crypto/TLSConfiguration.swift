/// What one side of TLS connections is made of.
package struct TLSConfiguration: Sendable {
    /// This side's certificate, followed by intermediate ones if there are any; `nil` for a client
    /// without one.
    package var certificateChain: PEMSource?
    /// The unencrypted private key of the certificate; `nil` for a client without one.
    package var privateKey: PEMSource?
    /// The certificates of the authorities that may have signed the peer's.
    package var authorities: PEMSource
    /// The protocols of the connection by ALPN name, most wanted first.
    package var applicationProtocols: [String]
    /// Whether a peer that names none of them is refused with a fatal alert; `false` for HTTP,
    /// where a peer may leave the extension out.
    package var requiresApplicationProtocol = true
    /// Server only: whether a client without a certificate is refused.
    ///
    /// When `false` one is still asked for, and one that is sent must verify.
    package var requiresClientCertificate = true

    /// ALPN name of the port for agents.
    package static let agentProtocol = "tandem/1"
    /// ALPN name of the HTTP API.
    package static let httpProtocol = "http/1.1"

    /// A configuration that demands everything: certificates of both sides and the protocol.
    package init(
        certificateChain: PEMSource?,
        privateKey: PEMSource?,
        authorities: PEMSource,
        applicationProtocols: [String]
    ) {
        self.certificateChain = certificateChain
        self.privateKey = privateKey
        self.authorities = authorities
        self.applicationProtocols = applicationProtocols
    }
}

/// Whom a connection may lead to, beyond "signed by one of the authorities".
package enum PeerExpectation: Hashable, Sendable {
    /// Anybody whose certificate verifies.
    case anyTrusted
    /// A certificate for this DNS name or IP address.
    case host(String)
    /// A certificate with exactly this URI, e.g. `urn:tandem:controller:c1`.
    case uri(String)
    /// A certificate whose URI begins so and goes on, e.g. `urn:tandem:agent:`.
    case uriPrefix(String)

    /// Why a certificate with that URI is not the expected one; `nil` when it is, or when only
    /// libssl can tell.
    func objection(to uri: String?) -> String? {
        let actual = uri ?? "no single URI"
        switch self {
        case .anyTrusted, .host:
            return nil
        case .uri(let wanted):
            return uri == wanted ? nil : "it names \(actual), expected was \(wanted)"
        case .uriPrefix(let prefix):
            guard let uri, uri.utf8.count > prefix.utf8.count, uri.hasPrefix(prefix) else {
                return "it names \(actual), expected was \(prefix)..."
            }
            return nil
        }
    }
}
