import Glibc

/// An address in numbers, ready for `connect`.
struct SocketAddress {
    private var storage = sockaddr_storage()
    private var byteCount: socklen_t = 0
    let family: Int32

    /// Reads an IPv4 or IPv6 address without brackets; `nil` for a name.
    ///
    /// `getaddrinfo` is not used here: it would bring the name service into the agent's memory.
    init?(_ host: String, port: UInt16) {
        var v4 = sockaddr_in()
        var v6 = sockaddr_in6()
        if inet_pton(AF_INET, host, &v4.sin_addr) == 1 {
            family = AF_INET
            v4.sin_family = sa_family_t(AF_INET)
            v4.sin_port = port.bigEndian
            byteCount = socklen_t(MemoryLayout<sockaddr_in>.size)
            withUnsafeMutableBytes(of: &storage) { place in
                withUnsafeBytes(of: &v4) { place.copyMemory(from: $0) }
            }
        } else if inet_pton(AF_INET6, host, &v6.sin6_addr) == 1 {
            family = AF_INET6
            v6.sin6_family = sa_family_t(AF_INET6)
            v6.sin6_port = port.bigEndian
            byteCount = socklen_t(MemoryLayout<sockaddr_in6>.size)
            withUnsafeMutableBytes(of: &storage) { place in
                withUnsafeBytes(of: &v6) { place.copyMemory(from: $0) }
            }
        } else {
            return nil
        }
    }

    /// Begins to connect; 0, or -1 with `errno`.
    func connect(_ descriptor: Int32) -> Int32 {
        withUnsafeBytes(of: storage) { bytes in
            Glibc.connect(
                descriptor,
                bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self),
                byteCount
            )
        }
    }
}
