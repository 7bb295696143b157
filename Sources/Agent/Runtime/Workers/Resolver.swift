import AgentPlatform
import Glibc
import TandemModel

/// Turns names into addresses.
///
/// A name server may be silent for a long time, so names are looked up in a worker; addresses that
/// are numbers already need none.
enum Resolver {
    /// Most addresses of one name.
    private static let addressCountMax = 16

    /// Whether the host is an address in numbers.
    static func isNumeric(_ controller: AgentConfiguration.Controller) -> Bool {
        SocketAddress(controller.host, port: controller.port) != nil
    }

    /// The addresses of a host, in the resolver's order.
    static func addresses(
        of controller: AgentConfiguration.Controller
    ) throws(TandemError) -> [String] {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_flags = AI_ADDRCONFIG
        var list: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(controller.host, "\(controller.port)", &hints, &list)
        defer { if let list { freeaddrinfo(list) } }
        guard code == 0 else {
            throw TandemError(
                .unreachable,
                "the name \(controller.host) has no address",
                remedy: "Check `controller` in the agent's configuration and the name service.",
                cause: String(cString: gai_strerror(code))
            )
        }
        var addresses: [String] = []
        var entry = list
        while let current = entry, addresses.count < addressCountMax {
            if let text = numericHost(current.pointee), !addresses.contains(text) {
                addresses.append(text)
            }
            entry = current.pointee.ai_next
        }
        return addresses
    }

    private static func numericHost(_ entry: addrinfo) -> String? {
        var text = [CChar](repeating: 0, count: 128)
        let code = getnameinfo(
            entry.ai_addr,
            entry.ai_addrlen,
            &text,
            socklen_t(text.count),
            nil,
            0,
            NI_NUMERICHOST
        )
        guard code == 0 else { return nil }
        let bytes = text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:))
        return String(decoding: bytes, as: UTF8.self)
    }
}
