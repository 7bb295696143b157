import TandemModel

extension SearchResult {
    /// For people: the bound, whether it was gone through, the counts, what was left out, and what was
    /// found.
    package func text(_ bounds: Bounds) -> String {
        var lines = [
            "bound: \(bounds.faultCount) faults at most, \(bounds.restartCount) of them a death of the "
                + "controller, \(bounds.hasReferee ? "with" : "without") a referee, takeover "
                + "\(bounds.takeover.rawValue), disturbances: \(bounds.scope.rawValue), "
                + (bounds.buttonLimit.map { "\($0) buttons at most" } ?? "any number of buttons")
                + (bounds.isClose ? ", later faults close to the first" : ""),
            "\(stateCount) states, \(eventCount + strikeCount) transitions, depth \(depth); \(runCount) "
                + "runs, \(strikeCount) disturbances tried, \(rollbackCount) ways back followed to the end, "
                + "\(restlessCount) runs without a rest within \(Excursion.limitMilliseconds / 1_000) s, "
                + "\(excusedCount) pauses beyond safety.md 29",
            "rests: "
                + restCounts.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }
                .joined(separator: ", "),
        ]
        lines += Bounds.exclusions.map { "not searched: \($0)" }
        if !isComplete {
            let left = waitingCounts.enumerated().map { "\($0.element) after \($0.offset) faults" }
            lines.append("INCOMPLETE: departures left: \(left.joined(separator: ", "))")
        }
        lines += violations.prefix(5).map(\.text)
        lines.append(
            violations.isEmpty
                ? (isComplete ? "complete: nothing found" : "nothing found so far")
                : "\(violations.count) violations"
        )
        return lines.joined(separator: "\n")
    }
}
