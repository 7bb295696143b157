import Foundation
import TandemModel

extension WallTime {
    /// `2026-11-22 21:40:07 UTC`.
    var text: String { formatted { $0.time(includingFractionalSeconds: false) } + " UTC" }

    /// `2026-11-22`.
    var dayText: String { formatted { $0 } }

    private func formatted(
        _ addTime: (Date.ISO8601FormatStyle) -> Date.ISO8601FormatStyle
    ) -> String {
        let date = Date(timeIntervalSince1970: Double(milliseconds) / 1000)
        let day = Date.ISO8601FormatStyle(timeZone: .gmt).year().month().day()
        return date.formatted(addTime(day.dateTimeSeparator(.space)))
    }

    /// This machine's clock, for display.
    static var now: WallTime {
        WallTime(milliseconds: UInt64(max(0, Date().timeIntervalSince1970 * 1000)))
    }
}

/// `m:ss`.
func minutesText(_ milliseconds: UInt64) -> String {
    let seconds = milliseconds / 1000
    let rest = seconds % 60
    return "\(seconds / 60):\(rest < 10 ? "0" : "")\(rest)"
}

/// How long something took: `0.4 s`, `12 s`, `3:05`.
func durationText(_ milliseconds: UInt64) -> String {
    switch milliseconds {
    case ..<10_000: "\(milliseconds / 1000).\(milliseconds % 1000 / 100) s"
    case ..<60_000: "\(milliseconds / 1000) s"
    case _: minutesText(milliseconds)
    }
}
