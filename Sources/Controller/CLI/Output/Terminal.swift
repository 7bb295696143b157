import Foundation
import Glibc

/// Standard output and error as people see them.
enum Terminal {
    /// Whether somebody looks on: then bars are redrawn in place.
    static let isInteractive = isatty(STDOUT_FILENO) == 1 && !isDumb

    private static let isDumb = (ProcessInfo.processInfo.environment["TERM"] ?? "dumb") == "dumb"

    /// Columns and rows of the terminal; 80 and 24 where none says.
    static var size: (columnCount: Int, rowCount: Int) {
        var window = winsize()
        guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &window) == 0, window.ws_col > 0,
            window.ws_row > 0
        else { return (80, 24) }
        return (Int(window.ws_col), Int(window.ws_row))
    }

    static func write(_ text: String) {
        do {
            try FileHandle.standardOutput.write(contentsOf: Data(text.utf8))
        } catch {
            // Nobody reads any more, as behind `| head`: there is nothing left to do.
            exit(1)
        }
    }

    static func writeError(_ text: String) {
        try? FileHandle.standardError.write(contentsOf: Data(text.utf8))
    }

    /// Asks on the terminal; `nil` at the end of input.
    ///
    /// Questions go to standard error, so that standard output holds nothing but the answer asked for.
    static func ask(_ question: String) -> String? {
        writeError(question)
        return readLine()
    }

    /// Whether a person says yes; no answer is a no.
    static func confirms(_ question: String) -> Bool {
        ["y", "yes"].contains((ask("\(question) [y/N] ") ?? "").lowercased())
    }

    /// Text from servers is data: control characters (escape sequences too) never reach a terminal.
    static func clean(_ text: String) -> String {
        String(
            String.UnicodeScalarView(
                text.unicodeScalars.map { scalar in
                    isControl(scalar) && scalar != "\n" ? "\u{FFFD}" : scalar
                }
            )
        )
    }

    /// The same for what has to stay on one line: line ends become spaces.
    static func cleanLine(_ text: String) -> String {
        clean(text.split(whereSeparator: \.isNewline).joined(separator: " "))
    }

    /// Control, format (such as right-to-left marks), and the separators that end a line.
    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator: true
        case _: false
        }
    }

    /// A line cut to what fits into so many columns, the last of which then says so.
    static func cut(_ line: String, to columnCount: Int) -> String {
        guard line.count > columnCount else { return line }
        return line.prefix(max(0, columnCount - 1)) + "…"
    }
}
