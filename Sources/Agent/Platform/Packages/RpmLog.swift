import Glibc
import TandemModel
import TandemSpawn

/// What one call of rpm said, added to a log at its end.
///
/// The log is begun anew when it is large, the one before is kept beside it.
struct RpmLog {
    private static let fileByteCountMax: UInt64 = 1024 * 1024
    private static let lineByteCountMax = 64 * 1024

    private let path: String
    private var lines: OutputTail

    /// Begins with what is called.
    init(path: String, began action: [String]) {
        self.path = path
        lines = OutputTail(byteCountMax: Self.lineByteCountMax)
        take("\(MachineClock.wallTime().milliseconds) rpm \(action.joined(separator: " "))")
    }

    /// One line that rpm or a script printed.
    mutating func take(_ line: String) { lines.append(Array("\(line)\n".utf8)) }

    /// Writes all, and how it ended; a disk that is full keeps none.
    func write(_ end: WatchedChild.End) {
        if (try? Files.byteCount(of: path)).map({ $0 > Self.fileByteCountMax }) == true {
            try? Files.rename(path, to: "\(path).1")
        }
        guard let file = try? Descriptor.open(path, flags: O_WRONLY | O_CREAT | O_APPEND) else {
            return
        }
        let ending = end.isTimedOut ? "ended at its limit" : "\(end.ending)"
        let text = "\(lines.text)\n\(MachineClock.wallTime().milliseconds) rpm: \(ending)\n"
        Array(text.utf8).withUnsafeBytes { try? file.writeAll($0, path: path) }
    }
}
