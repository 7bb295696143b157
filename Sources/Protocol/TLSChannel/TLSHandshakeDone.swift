package import TandemCrypto

/// The inbound event that tells who the peer is, before its first plaintext.
///
/// Whether that key is still allowed is for the receiver to decide.
package struct TLSHandshakeDone: Hashable, Sendable {
    /// The peer, by the certificate it proved.
    package let peer: PeerIdentity
    /// The protocol agreed on by ALPN; `nil` when none was.
    package let applicationProtocol: String?
}

/// The same for a client that showed no certificate where none was required.
///
/// An event of its own, so that nobody takes a stranger for a peer by oversight.
package struct TLSAnonymousHandshakeDone: Hashable, Sendable {
    /// The protocol agreed on by ALPN; `nil` when none was.
    package let applicationProtocol: String?
}
