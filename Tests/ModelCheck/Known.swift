import TandemSimulation

/// A state, with what of the bounds is used up and does not show in the world.
struct Key: Hashable, Sendable {
    var fingerprint: Fingerprint
    /// Whether the controller may not die any more.
    var isRestartUsed: Bool

    init(_ joint: Joint, _ departure: Departure, _ bounds: Bounds) {
        fingerprint = Fingerprint(joint)
        isRestartUsed = departure.restartCount >= bounds.restartCount
    }

    private init(_ fingerprint: Fingerprint, isRestartUsed: Bool) {
        self.fingerprint = fingerprint
        self.isRestartUsed = isRestartUsed
    }

    /// The same with the other answer.
    var twin: Key { Key(fingerprint, isRestartUsed: !isRestartUsed) }
}

/// States that have been met, and the runs that pass through them.
///
/// Runs with fewer faults are all made before those with more, so what is known may still do all that
/// a new run may, but for the controller's death.
struct Known: Sendable {
    private var runs: [Key: Int] = [:]

    var count: Int { runs.count }

    /// The run that goes on from there with at least as much left; `nil` when none does.
    subscript(_ key: Key, _ faultsLeft: Int) -> Int? {
        if let run = runs[key] { return run }
        guard key.isRestartUsed || faultsLeft == 0 else { return nil }
        return runs[key.twin]
    }

    /// - Returns: whether it is new.
    mutating func insert(_ key: Key, run: Int) -> Bool {
        guard runs[key] == nil else { return false }
        runs[key] = run
        return true
    }
}
