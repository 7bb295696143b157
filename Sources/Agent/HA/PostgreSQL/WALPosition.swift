/// A place in PostgreSQL's log, such as `0/3000060`.
struct WALPosition: Hashable, Comparable {
    let byte: UInt64

    /// Reads PostgreSQL's own form: two hexadecimal numbers of 32 bits.
    init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let high = UInt32(parts[0], radix: 16),
            let low = UInt32(parts[1], radix: 16)
        else { return nil }
        byte = UInt64(high) << 32 | UInt64(low)
    }

    /// PostgreSQL's own form.
    var text: String {
        let parts = [byte >> 32, byte & 0xffff_ffff].map { String($0, radix: 16, uppercase: true) }
        return parts.joined(separator: "/")
    }

    static func < (left: WALPosition, right: WALPosition) -> Bool { left.byte < right.byte }

    /// How far behind another place this one is; 0 when it is not.
    func lag(behind other: WALPosition) -> UInt64 { other.byte > byte ? other.byte - byte : 0 }
}

/// The newest timeline that a list of `pg_wal` names: of its segments and its history files.
///
/// Each promotion begins a timeline and writes its history file first; both servers see it, running
/// or not. It is the driver's token.
func newestTimeline(in names: [String]) -> UInt32 {
    names.reduce(0) { newest, name in
        let digits = name.prefix(8)
        let isLogFile =
            name.hasSuffix(".history") ? name.utf8.count == 16 : name.utf8.count == 24
        guard isLogFile, let timeline = UInt32(digits, radix: 16) else { return newest }
        return max(newest, timeline)
    }
}
