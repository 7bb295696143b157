import ControllerAPI
import Foundation
import TandemModel

/// What stands above a page's content: what went wrong, and certificates that end soon.
enum Notes {
    /// How long before its end a certificate is warned of.
    static let warningMilliseconds: UInt64 = 30 * 86_400_000

    static func values(
        problem: TandemError?,
        certificates: [CertificateExpiry],
        now: WallTime
    ) -> Values {
        [
            "problem": problem.map { shown($0) as Any } ?? false,
            "expiring": expiring(certificates, now: now),
        ]
    }

    /// One line for all that end soon, however many: a count, and the one that ends first.
    static func expiring(_ certificates: [CertificateExpiry], now: WallTime) -> Any {
        let soon = certificates.filter { endsSoon($0, now: now) }
        guard let first = soon.min(by: { $0.expiresAt.milliseconds < $1.expiresAt.milliseconds })
        else { return false }
        var values = shown(first, now: now)
        values["count"] = Shown.count(soon.count, "certificate")
        values["isOne"] = soon.count == 1
        return values
    }

    static func shown(_ error: TandemError) -> Values {
        ["message": error.message, "remedy": error.remedy, "code": error.code.id]
    }

    static func shown(_ expiry: CertificateExpiry, now: WallTime) -> Values {
        [
            "owner": expiry.owner, "end": Shown.time(expiry.expiresAt),
            "left": left(until: expiry.expiresAt, now: now),
            "isSoon": endsSoon(expiry, now: now),
        ]
    }

    /// What ends by then is warned of.
    static func limit(at now: WallTime) -> WallTime {
        WallTime(milliseconds: now.milliseconds + warningMilliseconds)
    }

    static func endsSoon(_ expiry: CertificateExpiry, now: WallTime) -> Bool {
        expiry.expiresAt.milliseconds <= limit(at: now).milliseconds
    }

    /// `in 12 days`, `in 3 h`, or that it has ended.
    static func left(until end: WallTime, now: WallTime) -> String {
        guard end.milliseconds > now.milliseconds else { return "has ended" }
        let hours = (end.milliseconds - now.milliseconds) / 3_600_000
        return hours >= 48 ? "in \(hours / 24) days" : "in \(hours) h"
    }
}

/// Sizes as pages word them.
enum Size {
    /// `1.2 GiB`, `512 B`.
    static func text(_ byteCount: UInt64) -> String {
        var (value, unit) = (Double(byteCount), 0)
        let units = ["B", "KiB", "MiB", "GiB", "TiB"]
        while value >= 1024, unit < units.count - 1 {
            value /= 1024
            unit += 1
        }
        let tenths = Int((value * 10).rounded(.down))
        return unit == 0
            ? "\(byteCount) B" : "\(tenths / 10).\(tenths % 10) \(units[unit])"
    }

    static func percent(_ part: UInt64, of whole: UInt64) -> Int {
        whole == 0 ? 0 : Int(min(part, whole) * 100 / whole)
    }
}

/// A query put together again, such as for the link to the next page.
enum Query {
    /// `?a=b&c=d` of the terms that have a value; empty where none has.
    static func text(_ terms: [(String, String?)]) -> String {
        let parts = terms.compactMap { name, value in
            value.flatMap { $0.isEmpty ? nil : "\(name)=\(escaped($0))" }
        }
        return parts.isEmpty ? "" : "?" + parts.joined(separator: "&")
    }

    /// A text as one part of a path or query.
    static func escaped(_ text: String) -> String {
        text.utf8.reduce(into: "") { escaped, byte in
            let scalar = Unicode.Scalar(byte)
            let isPlain =
                scalar.isASCII && (scalar.properties.isAlphabetic || (48...57).contains(byte))
                || [UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_")].contains(byte)
            escaped += isPlain ? String(scalar) : "%" + hex(byte)
        }
    }

    private static func hex(_ byte: UInt8) -> String {
        let text = String(byte, radix: 16, uppercase: true)
        return text.count == 1 ? "0" + text : text
    }
}
