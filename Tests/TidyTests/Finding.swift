import Foundation
import Testing

/// One place that breaks a rule, with the reason of the rule: what a failing test prints.
struct Finding: Hashable, CustomStringConvertible {
    /// Path from the top of the repository.
    var path: String
    /// Counted from 1; 0 when the finding is about the file or folder as a whole.
    var line: Int = 0
    /// What stands there.
    var what: String
    /// Why it may not, and what to do instead.
    var why: String

    var description: String {
        let place = line == 0 ? path : "\(path):\(line)"
        return "\(place): \(what): \(why)"
    }
}

/// Fails the running test once per finding.
func expectNone(_ findings: [Finding], sourceLocation: SourceLocation = #_sourceLocation) {
    for finding in findings {
        Issue.record(Comment(rawValue: finding.description), sourceLocation: sourceLocation)
    }
}

/// A place in a text where a pattern was found.
struct Match: Hashable {
    /// Counted from 1.
    var line: Int
    /// The matched characters.
    var text: String
    /// The first capture group; empty when the pattern has none.
    var group: String
    /// UTF-16 offset of the match.
    var offset: Int
}

/// All matches of an ICU regular expression; `^` and `$` stand for line ends.
func matches(of pattern: String, in text: String) throws -> [Match] {
    let expression = try NSRegularExpression(pattern: pattern, options: [.anchorsMatchLines])
    let whole = NSRange(text.startIndex..., in: text)
    var line = 1
    var position = text.utf16.startIndex
    return expression.matches(in: text, range: whole).map { result in
        let start = text.utf16.index(text.utf16.startIndex, offsetBy: result.range.location)
        line += text.utf16[position..<start].count { $0 == 10 }
        position = start
        let group = result.numberOfRanges > 1 ? Range(result.range(at: 1), in: text) : nil
        return Match(
            line: line,
            text: Range(result.range, in: text).map { String(text[$0]) } ?? "",
            group: group.map { String(text[$0]) } ?? "",
            offset: result.range.location
        )
    }
}
