import Synchronization

/// `[#####...............]`: how far something is, for people.
enum ProgressBar {
    static let width = 20

    /// The bar at a percentage; more than all counts as all.
    static func text(percent: Int, width: Int = ProgressBar.width) -> String {
        let filled = min(width, max(0, percent) * width / 100)
        return "[" + String(repeating: "#", count: filled)
            + String(repeating: ".", count: width - filled) + "]"
    }
}

/// A bar over bytes, redrawn where somebody looks on; elsewhere a line every tenth.
final class ByteProgress: Sendable {
    private let what: String
    private let isQuiet: Bool
    private let lastStep = Mutex(-1)

    init(_ what: String, isQuiet: Bool) {
        self.what = what
        self.isQuiet = isQuiet
    }

    func show(_ done: Int64, of total: Int64) {
        guard !isQuiet, total > 0 else { return }
        let percent = Int(done * 100 / total)
        let step = Terminal.isInteractive ? percent : percent / 10
        let isNew = lastStep.withLock { last in
            defer { last = step }
            return last != step
        }
        guard isNew else { return }
        let line = Self.text(what, done, of: total)
        Terminal.writeError(Terminal.isInteractive ? "\r\u{1B}[K\(line)" : "\(line)\n")
    }

    /// Ends the line that was redrawn.
    func end() {
        if !isQuiet, Terminal.isInteractive { Terminal.writeError("\r\u{1B}[K") }
    }

    static func text(_ what: String, _ done: Int64, of total: Int64) -> String {
        let percent = total > 0 ? Int(done * 100 / total) : 100
        let sizes = "\(sizeText(UInt64(max(0, done)))) of \(sizeText(UInt64(max(0, total))))"
        return Terminal.cleanLine(
            "\(ProgressBar.text(percent: percent)) \(what) \(percent)% (\(sizes))"
        )
    }
}

/// `512 B`, `5.3 MB`: decimal units, one digit after the point below 100.
func sizeText(_ byteCount: UInt64) -> String {
    guard byteCount >= 1000 else { return "\(byteCount) B" }
    var value = Double(byteCount) / 1000
    for unit in ["kB", "MB", "GB", "TB"] {
        // What would be printed as 1000 belongs to the next unit.
        if value < 999.5 {
            let tenths = (value * 10).rounded() / 10
            return tenths < 100 ? "\(tenths) \(unit)" : "\(Int(value.rounded())) \(unit)"
        }
        value /= 1000
    }
    return "\(Int(value.rounded())) PB"
}
