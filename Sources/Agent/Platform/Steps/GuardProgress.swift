import Glibc
package import TandemModel
import TandemSpawn

/// The newest progress of a guard, beside its record: written over and over in one small block.
package struct GuardProgress: Hashable, Sendable {
    package var percent: UInt8
    package var text: String

    private static let blockByteCount = 256

    private static func path(_ name: String, in state: StateFolder) -> String {
        "\(state.guards)/\(name).progress"
    }

    /// The newest progress under that name; `nil` before the first.
    package static func read(_ name: String, in state: StateFolder) -> GuardProgress? {
        guard let block = try? Files.read(path(name, in: state), byteCountMax: blockByteCount)
        else { return nil }
        let line = block.prefix { $0 != UInt8(ascii: "\n") }
        let words = String(decoding: line, as: UTF8.self).split(separator: " ", maxSplits: 1)
        guard let percent = words.first.flatMap({ UInt8($0) }) else { return nil }
        return GuardProgress(percent: percent, text: words.count == 2 ? String(words[1]) : "")
    }

    /// Where a guard writes its progress.
    package struct Writer {
        private let file: Descriptor

        /// Opens the place of that name.
        package init(_ name: String, in state: StateFolder) throws(TandemError) {
            file = try Descriptor.open(
                GuardProgress.path(name, in: state),
                flags: O_WRONLY | O_CREAT | O_TRUNC
            )
        }

        /// Shows progress; a disk that is full shows none.
        package func show(percent: UInt8, text: String) {
            let visible = text.filter { !$0.isNewline }
            let line = clipped("\(percent) \(visible)", byteCountMax: blockByteCount - 1) + "\n"
            var block = Array(line.utf8)
            block += [UInt8](repeating: UInt8(ascii: " "), count: blockByteCount - block.count)
            _ = pwrite(file.number, block, block.count, 0)
        }
    }
}
