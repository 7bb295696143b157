import COpenSSL

/// One entry of libssl's error queue.
struct LibraryFailure: Hashable {
    /// The reason number; only meaningful together with `isTLS`.
    let reason: Int32
    /// Whether the TLS layer reported it (then reasons from 1000 on are alerts of the peer).
    let isTLS: Bool
    /// The library's own words.
    let text: String

    /// The number of the alert that the peer sent, if this entry reports one.
    var alert: Int32? {
        // RFC 8446 alerts fit one byte; libssl reports a received one as 1000 + its number.
        guard isTLS, (1000..<1256).contains(reason) else { return nil }
        return reason - 1000
    }
}

/// libssl's error queue of the current thread.
///
/// Stale entries make `SSL_get_error` lie, so it is cleared before each call into a connection.
enum ErrorQueue {
    static func clear() { ERR_clear_error() }

    /// Removes all entries, oldest first: the oldest is the cause, the others are its echoes.
    static func drain() -> [LibraryFailure] {
        var failures: [LibraryFailure] = []
        while true {
            let code = ERR_get_error()
            guard code != 0 else { return failures }
            let reason = shim_ERR_reason(code)
            let text = ERR_reason_error_string(code).map { String(cString: $0) }
            failures.append(
                LibraryFailure(
                    reason: reason,
                    isTLS: shim_ERR_is_ssl(code) != 0,
                    text: text ?? "libcrypto error \(String(code, radix: 16))"
                )
            )
        }
    }

    /// The drained queue as one line, for ``TandemError/cause``.
    static func drainText() -> String { drain().map(\.text).joined(separator: "; ") }
}
