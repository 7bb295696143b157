import ControllerAPI
import Hummingbird
import NIOCore

extension Visitor {
    /// Who sent a request, as far as the connection and the browser tell.
    init(_ request: Request) {
        self.init(
            source: Caller.source,
            agent: String((request.headers[.userAgent] ?? "").prefix(200))
        )
    }

    /// What counts as one address: of IPv6 its first half, as each machine has many of the rest.
    static func source(_ address: SocketAddress?) -> String {
        guard let text = address?.ipAddress else { return "unknown" }
        guard text.contains(":") else { return text }
        if text.hasPrefix("::ffff:"), text.contains(".") { return String(text.dropFirst(7)) }
        let bare = text.split(separator: "%")[0]
        let head = bare.split(separator: "::", omittingEmptySubsequences: false)[0]
        let groups = head.split(separator: ":").prefix(4).map(String.init)
        let filled = groups + [String](repeating: "0", count: 4 - groups.count)
        return filled.joined(separator: ":") + "::/64"
    }
}
