import Foundation

/// An `https` address in parts; nothing else is asked and nobody is sent elsewhere.
package struct SecureAddress: Sendable, Hashable {
    /// Longest address, in bytes.
    static let byteCountMax = 2048

    /// As it was written.
    package let text: String
    /// Without brackets around an IPv6 address.
    package let host: String
    package let port: Int
    /// Path and query, as a request names them.
    package let target: String

    /// Reads an address; `nil` unless it is plain `https` without user, password or fragment.
    package init?(_ text: String) {
        guard text.utf8.count <= Self.byteCountMax,
            text.utf8.allSatisfy({ (0x21..<0x7F).contains($0) }),
            let parts = URLComponents(string: text), parts.scheme == "https",
            parts.user == nil, parts.password == nil, parts.fragment == nil,
            let host = parts.host, !host.isEmpty
        else { return nil }
        let port = parts.port ?? 443
        guard (1...65535).contains(port) else { return nil }
        self.text = text
        self.host = host.trimmingCharacters(in: ["[", "]"])
        self.port = port
        let path = parts.percentEncodedPath.isEmpty ? "/" : parts.percentEncodedPath
        target = path + (parts.percentEncodedQuery.map { "?\($0)" } ?? "")
    }
}
