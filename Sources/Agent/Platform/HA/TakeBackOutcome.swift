package import AgentCore

/// A ``TakeBackResult`` as a line of text, for the file of a dead-man and the answer of a worker.
package struct TakeBackOutcome: Hashable, Sendable {
    package var result: TakeBackResult

    /// A result.
    package init(_ result: TakeBackResult) { self.result = result }

    /// Reads ``text``; `nil` for anything else.
    package init?(text: String) {
        let line = text.split(whereSeparator: \.isNewline).first.map(String.init) ?? ""
        switch line {
        case "moved": result = .moved
        case "returned": result = .returned
        case _ where line.hasPrefix(Self.undecidedPrefix):
            result = .undecided(String(line.dropFirst(Self.undecidedPrefix.count)))
        case _: return nil
        }
    }

    private static let undecidedPrefix = "undecided "

    /// One line.
    package var text: String {
        switch result {
        case .moved: "moved\n"
        case .returned: "returned\n"
        case .undecided(let why):
            Self.undecidedPrefix + why.filter { !$0.isNewline } + "\n"
        }
    }
}
