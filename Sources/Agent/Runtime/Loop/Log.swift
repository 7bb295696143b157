package import AgentPlatform
import Glibc
import TandemModel
import TandemSpawn

/// One line per event on standard error; the newest lines are kept for `collect-logs`.
///
/// Never holds a secret: keys, documents and packages' data are not logged.
package final class Log {
    /// Most bytes of kept lines.
    private static let keptByteCountMax = 48 * 1024

    private let level: LogLevel
    private var kept: [UInt8] = []

    /// A log of lines at and above a level.
    package init(level: LogLevel) { self.level = level }

    /// Logs one line; line breaks in it become blanks.
    package func callAsFunction(_ level: LogLevel, _ text: @autoclosure () -> String) {
        guard level >= self.level else { return }
        let visible = text().utf8.map { $0 < 0x20 || $0 == 0x7f ? UInt8(ascii: " ") : $0 }
        let line = Array("tandem-agent: \(level.rawValue): ".utf8) + visible + [UInt8(ascii: "\n")]
        // Standard error may be gone; nobody is left to tell then.
        _ = write(STDERR_FILENO, line, line.count)
        keep(line)
    }

    private func keep(_ line: [UInt8]) {
        kept += Array("\(MachineClock.wallTime().milliseconds) ".utf8) + line
        guard kept.count > 2 * Self.keptByteCountMax else { return }
        kept.removeFirst(kept.count - Self.keptByteCountMax)
    }

    /// The newest lines, each after its wall time in milliseconds.
    package var tail: [UInt8] { Array(kept.suffix(Self.keptByteCountMax)) }
}
