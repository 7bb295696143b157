/// How a state was reached, newest choice first; shared by all that follow.
package final class Trail: Sendable {
    let words: String
    let earlier: Trail?

    init(_ words: String, after earlier: Trail? = nil) {
        self.words = words
        self.earlier = earlier
    }

    /// All choices, oldest first, one a line.
    package var lines: [String] {
        var all: [String] = []
        var next: Trail? = self
        while let trail = next {
            all.append(trail.words)
            next = trail.earlier
        }
        return all.reversed()
    }
}

/// Something that must not be, and the way to it.
package struct Violation: Sendable {
    package let what: String
    package let trail: Trail

    /// For people.
    package var text: String {
        let steps = trail.lines.enumerated().map { "  \($0.offset + 1). \($0.element)" }
        return (["VIOLATION: \(what)"] + steps).joined(separator: "\n")
    }
}
