import COpenSSL
import TandemModel

/// Failures in words: who was refused by whom, why, and what to do.
extension TLSEngine {
    /// The peer by certificate and address, or by address alone while it is unknown.
    var name: String { peer.map { "\($0.summary) at \(remoteName)" } ?? remoteName }

    static func unusable(_ remoteName: String) -> TandemError {
        TandemError(
            .tlsHandshake,
            "libssl begins no connection with \(remoteName)",
            remedy: "Check the expected host name, and that this machine has memory left.",
            cause: ErrorQueue.drainText()
        )
    }

    /// Explains the failure of the last call from the error queue, and empties it.
    func diagnose(duringHandshake: Bool) -> TandemError {
        let failures = ErrorQueue.drain()
        let cause = failures.map(\.text).joined(separator: "; ")
        if let refusal {
            let who = refusal.who.isEmpty ? "" : " with certificate \(refusal.who)"
            return TandemError(
                .identityRefused,
                "\(remoteName)\(who) is refused: \(refusal.why)",
                remedy: "Give it a valid certificate of this network's authority for its role, "
                    + "and check both clocks.",
                cause: cause
            )
        }
        if let alert = failures.lazy.compactMap(\.alert).first.map(TLSAlert.init) {
            return TandemError(
                .tlsHandshake,
                "\(name) refused this side: \(alert.name)",
                remedy: alert.remedy,
                cause: cause
            )
        }
        switch failures.first(where: \.isTLS)?.reason {
        case SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE:
            return TandemError(
                .identityRefused,
                "\(remoteName) is refused: it shows no certificate",
                remedy: "Configure a certificate and key there; `tandem ca` makes them.",
                cause: cause
            )
        case SSL_R_UNSUPPORTED_PROTOCOL where duringHandshake,
            SSL_R_WRONG_VERSION_NUMBER where duringHandshake,
            SSL_R_WRONG_SSL_VERSION where duringHandshake,
            SSL_R_HTTP_REQUEST where duringHandshake,
            SSL_R_HTTPS_PROXY_REQUEST where duringHandshake:
            return TandemError(
                .tlsHandshake,
                "\(remoteName) does not speak TLS 1.3",
                remedy: "Check that both ends are Tandem's, and that the port is the right one.",
                cause: cause
            )
        case SSL_R_NO_APPLICATION_PROTOCOL:
            return TandemError(
                .tlsHandshake,
                "\(remoteName) speaks none of the protocols of this port",
                remedy: "Agents dial the agent port, `tandem` and browsers the API port.",
                cause: cause
            )
        case _ where duringHandshake:
            return TandemError(
                .tlsHandshake,
                "the TLS handshake with \(remoteName) failed",
                remedy: "Check that both ends are Tandem's, and that the port is the right one.",
                cause: cause
            )
        case _:
            return TandemError(
                .protocolViolation,
                "\(name) sent bytes that are not its own TLS",
                remedy: "Look for a broken proxy or line between the two; it will reconnect.",
                cause: cause
            )
        }
    }
}

extension TandemError {
    static func cutDuringHandshake(_ remoteName: String) -> TandemError {
        TandemError(
            .connectionLost,
            "\(remoteName) hung up during the TLS handshake",
            remedy: "Look at that side's log for the reason."
        )
    }

    static func cut(_ name: String) -> TandemError {
        TandemError(
            .connectionLost,
            "the connection with \(name) ended without a goodbye",
            remedy: "Look whether that side died or the network broke."
        )
    }

    static func closedForWriting(_ name: String) -> TandemError {
        TandemError(
            .connectionLost,
            "this side has already said goodbye to \(name)",
            remedy: "Connect again."
        )
    }

    static func noProtocol(_ remoteName: String, _ wanted: [String]) -> TandemError {
        TandemError(
            .tlsHandshake,
            "\(remoteName) agrees to none of the protocols \(wanted)",
            remedy: "Agents dial the agent port, `tandem` and browsers the API port."
        )
    }
}
