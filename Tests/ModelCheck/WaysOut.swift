import TandemModel

/// Whether every rest leads somewhere: to *closed*, and back to the old release.
struct WaysOut {
    private(set) var violations: [Violation] = []
    private(set) var rollbackCount = 0
    private let rests: [Rest]
    private let edges: [[(choice: Choice, rest: Int)]]

    /// What somebody presses who wants the old release, most wanted first.
    private static let wanted: [Button] = [
        .recovered, .restoreService, .release, .demote, .continueRollback, .startRollback,
        .tryAgain,
        .reapplyConfiguration, .close,
    ]

    init(rests: [Rest], edges: [[(choice: Choice, rest: Int)]]) {
        self.rests = rests
        self.edges = edges
        judgeClosing()
        judgeRollbacks()
    }

    /// `safety.md` 21b: backwards from every closed rest.
    private mutating func judgeClosing() {
        var sources: [[Int]] = Array(repeating: [], count: rests.count)
        for (rest, edges) in edges.enumerated() {
            for edge in edges { sources[edge.rest].append(rest) }
        }
        var queue = rests.indices.filter { rests[$0].isClosed }
        var reached = Set(queue)
        while let rest = queue.popLast() {
            for source in sources[rest] where reached.insert(source).inserted {
                queue.append(source)
            }
        }
        let lost = rests.indices.filter { !reached.contains($0) }
        guard let first = lost.min(by: { rests[$0].depth < rests[$1].depth }) else { return }
        violations.append(
            Violation(
                what: "safety 21b: no button leads to closed from \(rests[first].summary)",
                trail: rests[first].trail
            )
        )
    }

    /// `safety.md` 19: wherever a way back is offered, it ends as it began.
    private mutating func judgeRollbacks() {
        for rest in rests.indices where rests[rest].offersBack {
            rollbackCount += 1
            guard let end = rollBack(from: rest) else { continue }
            violations.append(
                Violation(what: "safety 19: \(end)", trail: rests[rest].trail)
            )
            return
        }
    }

    /// - Returns: what is wrong at the end; `nil`: nothing.
    private func rollBack(from start: Int) -> String? {
        var rest = start
        var seen: Set<Int> = []
        while seen.insert(rest).inserted {
            if let next = helped(rest, seen) {
                rest = next
                continue
            }
            if rests[rest].isClosed {
                let differences = rests[rest].differences
                return differences.isEmpty ? nil : "rolled back, and \(differences)"
            }
            guard let next = next(from: rest, seen) else { break }
            rest = next
        }
        return "the rollback from \(rests[start].summary) stays at \(rests[rest].summary)"
    }

    /// Where people lead who mend what is broken before they press anything.
    private func helped(_ rest: Int, _ seen: Set<Int>) -> Int? {
        edges[rest].first { edge in
            switch edge.choice {
            case .bringBack, .mend, .liftEmergencyStop: !seen.contains(edge.rest)
            case .press, .replace, .wait: false
            }
        }?.rest
    }

    private func next(from rest: Int, _ seen: Set<Int>) -> Int? {
        for button in Self.wanted {
            for edge in edges[rest] where !seen.contains(edge.rest) {
                if case .press(button, _) = edge.choice { return edge.rest }
            }
        }
        return edges[rest].first { $0.choice == .wait && !seen.contains($0.rest) }?.rest
    }
}
