package import TandemModel
package import TandemSpawn

/// What a check answered by the convention of monitoring plugins.
package struct PluginAnswer: Hashable, Sendable {
    package var level: CheckResult.Level
    /// The first line, without what stands behind `|` for graphs.
    package var text: String

    /// Reads exit code (0 ok, 1 warning, 2 critical, else unknown) and first line.
    package init(ending: ChildEnding, output: [UInt8]) {
        level =
            switch ending {
            case .exited(0): .ok
            case .exited(1): .warning
            case .exited(2): .critical
            case .exited, .signalled: .unknown
            }
        let line = firstLine(of: output)
        let words = line.split(separator: "|", maxSplits: 1, omittingEmptySubsequences: false)[0]
        let text = words.last == " " ? words.dropLast() : words
        self.text = text.isEmpty ? "\(ending)" : String(text)
    }
}
