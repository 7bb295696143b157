import Glibc
package import TandemModel

/// What a child that was waited for left behind.
package struct ChildResult: Hashable, Sendable {
    package var ending: ChildEnding
    /// The first bytes it wrote, up to the cap.
    package var standardOutput: [UInt8]
    /// The first bytes it wrote, up to the cap.
    package var standardError: [UInt8]
    /// Whether it was ended because its time was over.
    package var isTimedOut: Bool
    /// Whether it was ended because the reader wanted no more of its output.
    package var isStopped: Bool
    /// Whether output beyond the cap was thrown away.
    package var isTruncated: Bool

    /// Standard output as text.
    package var outputText: String { String(decoding: standardOutput, as: UTF8.self) }

    /// Standard error as text.
    package var errorText: String { String(decoding: standardError, as: UTF8.self) }

    /// Throws `childFailed` unless the child exited with 0 in its time.
    package func check(_ command: ChildCommand) throws(TandemError) {
        guard !isTimedOut else {
            throw TandemError(
                .childFailed,
                "\(command.program) did not end in time and was ended",
                remedy: "See whether the machine is overloaded or a disk hangs, then try again.",
                cause: tail
            )
        }
        guard ending.isSuccess else {
            throw TandemError(
                .childFailed,
                "\(command.program) failed: \(ending)",
                remedy: "See what the program says, then try again.",
                cause: tail
            )
        }
    }

    /// The last lines of what it said, on one line.
    private var tail: String {
        let said = standardError.isEmpty ? standardOutput : standardError
        return String(decoding: said.suffix(400), as: UTF8.self)
            .split(whereSeparator: \.isNewline)
            .suffix(4)
            .joined(separator: " / ")
    }
}
