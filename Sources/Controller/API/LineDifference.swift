/// The difference of two texts, line by line.
package enum LineDifference {
    /// How many unchanged lines stand around a change.
    private static let contextCount = 3

    private struct Line {
        /// ` `, `-` or `+`.
        var mark: Character
        var text: Substring
        /// The numbers, from 1, of the first line in each text that is not yet behind this one.
        var old: Int
        var new: Int
    }

    /// The unified form: `---`, `+++` and hunks of `@@`; empty where the texts are the same.
    package static func unified(
        _ old: String,
        _ new: String,
        names: (old: String, new: String)
    ) -> String {
        guard old != new else { return "" }
        let lines = merged(split(old), split(new))
        let changes = lines.indices.filter { lines[$0].mark != " " }
        guard let first = changes.first else {
            return "--- \(names.old)\n+++ \(names.new)\nOnly the last line's end differs.\n"
        }
        var hunks: [Range<Int>] = []
        var start = max(0, first - contextCount)
        var last = first
        for index in changes {
            if index - last - 1 > 2 * contextCount {
                hunks.append(start..<min(lines.count, last + contextCount + 1))
                start = index - contextCount
            }
            last = index
        }
        hunks.append(start..<min(lines.count, last + contextCount + 1))
        return "--- \(names.old)\n+++ \(names.new)\n"
            + hunks.map { hunk(lines[$0]) }.joined()
    }

    private static func hunk(_ lines: ArraySlice<Line>) -> String {
        guard let first = lines.first else { return "" }
        let oldCount = lines.count { $0.mark != "+" }
        let newCount = lines.count { $0.mark != "-" }
        // A side without lines names the line before it.
        let old = oldCount == 0 ? first.old - 1 : first.old
        let new = newCount == 0 ? first.new - 1 : first.new
        return "@@ -\(old),\(oldCount) +\(new),\(newCount) @@\n"
            + lines.map { "\($0.mark)\($0.text)\n" }.joined()
    }

    /// A text that ends with a line end has no empty line behind it.
    private static func split(_ text: String) -> [Substring] {
        var lines = text.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }
        if lines.last?.isEmpty == true { lines.removeLast() }
        return lines
    }

    /// Both texts in one list: what goes before what comes in its place.
    private static func merged(_ old: [Substring], _ new: [Substring]) -> [Line] {
        let difference = new.difference(from: old)
        var removed: Set<Int> = []
        var inserted: Set<Int> = []
        for change in difference {
            switch change {
            case .remove(let offset, _, _): removed.insert(offset)
            case .insert(let offset, _, _): inserted.insert(offset)
            }
        }
        var lines: [Line] = []
        var (left, right) = (0, 0)
        while left < old.count || right < new.count {
            let isOld = left < old.count && removed.contains(left)
            let isNew = right < new.count && inserted.contains(right)
            let mark: Character = isOld ? "-" : isNew ? "+" : " "
            let text = mark == "+" ? new[right] : old[left]
            lines.append(Line(mark: mark, text: text, old: left + 1, new: right + 1))
            if mark != "+" { left += 1 }
            if mark != "-" { right += 1 }
        }
        return lines
    }
}
