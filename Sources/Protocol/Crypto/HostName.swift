import Glibc

/// A DNS name or a literal IP address.
struct HostName: Hashable, Sendable {
    let text: String

    init(_ text: String) { self.text = text }

    /// Whether it is a literal IPv4 or IPv6 address (without brackets).
    var isAddress: Bool {
        var four = in_addr()
        var six = in6_addr()
        return inet_pton(AF_INET, text, &four) == 1 || inet_pton(AF_INET6, text, &six) == 1
    }

    /// Whether it is an address, or letters, digits, `-` and `.` in labels of 1 to 63 (RFC 1123).
    var isWellFormed: Bool {
        if isAddress { return true }
        guard text.utf8.count <= 253 else { return false }
        let labels = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        return labels.allSatisfy { label in
            let dash = UInt8(ascii: "-")
            return (1...63).contains(label.count) && label.first != dash && label.last != dash
                && label.allSatisfy { $0 == dash || isLetterOrDigit($0) }
        }
    }
}

private func isLetterOrDigit(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"):
        true
    case _: false
    }
}
