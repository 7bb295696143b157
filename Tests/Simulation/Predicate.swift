/// The predicates of `safety.md` that are looked at, by their numbers there.
enum Predicate: Int, CaseIterable, Sendable {
    /// No step that stops service on a server that is active.
    case safety1 = 1
    /// At most one server of a cluster is being changed.
    case safety2 = 2
    /// At most one failover, and no change of packages beside it.
    case safety3 = 3
    /// Never two active, and none for a minute at most.
    case safety4 = 4
    /// A failover only to a server that is fit, of one mind with its mate, and holds all data.
    case safety5 = 5
    /// Few clusters at once, in their ranks, and none below its minimum cmp release.
    case safety7 = 7
    /// 70501 as observed.
    case safety9 = 9
    /// 70500 as observed.
    case safety10 = 10
    /// Raise and clear take turns.
    case safety11 = 11
    /// A button that is enabled is obeyed.
    case safety12 = 12
    /// No completed effect twice.
    case safety13 = 13
    /// Durable before sent.
    case safety14 = 14
    /// A part of an action counts as done by its agent's word and by what is observed.
    case safety16 = 16
    /// No new change for a server of which a change's result is unknown.
    case safety17 = 17
    /// No acknowledged record is lost, no torn one believed.
    case safety18 = 18
    /// Until it is accepted, what an upgrade began on can be had again.
    case safety20 = 20
    /// With peace everything ends.
    case safety22 = 22
    /// The epoch that an agent obeys never falls.
    case safety25 = 25
    /// Without its controller an agent begins nothing.
    case safety33 = 33
    /// Under the emergency stop nothing begins but what restores service, and both ways are open after it:
    /// the ninth of the design rules there.
    case rule9 = 0

    var name: String { self == .rule9 ? "design rule 9" : "safety \(rawValue)" }
}

/// How often predicates were looked at, and how often there was something to see: a predicate whose
/// premise never holds is true of everything and proves nothing.
struct Ledger: Sendable {
    struct Line: Sendable {
        /// Times looked at.
        var looks = 0
        /// Of these, times at which its premise held.
        var premises = 0
    }

    private(set) var lines: [Predicate: Line] = [:]

    mutating func note(_ predicate: Predicate, premise: Bool) {
        lines[predicate, default: Line()].looks += 1
        if premise { lines[predicate, default: Line()].premises += 1 }
    }

    mutating func add(_ other: Ledger) {
        lines.merge(other.lines) { mine, other in
            Line(looks: mine.looks + other.looks, premises: mine.premises + other.premises)
        }
    }

    subscript(_ predicate: Predicate) -> Line { lines[predicate] ?? Line() }

    /// One line per predicate, for people.
    func text(_ predicates: [Predicate]) -> [String] {
        predicates.map { predicate in
            let line = self[predicate]
            return "  \(predicate.name): looked \(line.looks) times, premise held \(line.premises)"
        }
    }
}

extension Checks {
    /// Looks at a predicate: wherever its premise holds, so must it.
    mutating func look(
        _ predicate: Predicate,
        premise: Bool,
        holds: @autoclosure () -> Bool,
        _ words: () -> String
    ) {
        ledger.note(predicate, premise: premise)
        guard premise, !holds() else { return }
        fail("\(predicate.name): \(words())")
    }
}
