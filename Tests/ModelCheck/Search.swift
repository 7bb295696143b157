import Glibc
import TandemModel
import TandemSimulation

/// A search through every state that the bounds allow, fewest disturbances first, then fewest buttons.
package struct Search {
    /// Runs made side by side before their results are put together, in order.
    private static let batchCount = 64

    private let bounds: Bounds
    private var known = Known()
    private var rests: [Rest] = []
    private var restByKey: [Key: Int] = [:]
    private var ends: [RunEnd] = []
    /// By the number of faults that came before, then by that of buttons.
    private var waiting: [[Int: [Departure]]]
    private var result = SearchResult()
    private var toldCount = 0

    /// Where a run leads.
    private enum RunEnd {
        case open
        case rest(Int)
        case into(Int)
        case nowhere
    }

    private init(_ bounds: Bounds) {
        self.bounds = bounds
        waiting = Array(repeating: [:], count: bounds.faultCount + 1)
    }

    /// Searches.
    ///
    /// - Parameter tell: told a line of progress now and then, unless the bounds say to be quiet.
    package static func run(_ bounds: Bounds, tell: (String) -> Void = { _ in }) async
        -> SearchResult
    {
        var search = Search(bounds)
        return await search.run(tell)
    }

    private mutating func run(_ tell: (String) -> Void) async -> SearchResult {
        var start = bounds.world
        start.checkRest()
        meet(start, Trail("the cluster runs the old release on both servers"), after: nil)
        search: for level in waiting.indices {
            while let batch = nextBatch(of: level) {
                let reports = await Self.play(batch, bounds, known)
                for (departure, report) in zip(batch, reports) { take(report, of: departure) }
                result.waitingCounts = waiting.map { $0.values.reduce(0) { $0 + $1.count } }
                result.stateCount = known.count + rests.count
                tellProgress(tell)
                if !result.violations.isEmpty { break search }
                if isOver { break search }
            }
        }
        result.isComplete = waiting.allSatisfy(\.isEmpty)
        if result.violations.isEmpty, result.isComplete, bounds.buttonLimit == nil { judgeEnds() }
        return result
    }

    private var isOver: Bool {
        if let limit = bounds.runLimit, result.runCount >= limit { return true }
        guard let limit = bounds.secondLimit else { return false }
        return clock() / CLOCKS_PER_SEC >= limit
    }

    /// Takes the departures that come next, those with the fewest buttons; `nil`: none is left.
    private mutating func nextBatch(of level: Int) -> [Departure]? {
        guard let buttonCount = waiting[level].keys.min(),
            let all = waiting[level][buttonCount]
        else { return nil }
        let batch = Array(all.prefix(Self.batchCount))
        let left = Array(all.dropFirst(batch.count))
        waiting[level][buttonCount] = left.isEmpty ? nil : left
        return batch
    }

    private static func play(_ batch: [Departure], _ bounds: Bounds, _ known: Known) async
        -> [Excursion.Report]
    {
        await withTaskGroup(of: (Int, [Excursion.Report]).self) { group in
            let size = 8
            for first in stride(from: 0, to: batch.count, by: size) {
                group.addTask {
                    let part = batch[first..<min(first + size, batch.count)]
                    return (
                        first,
                        part.map { departure in
                            var excursion = Excursion(departure, bounds: bounds, known: known)
                            return excursion.run()
                        }
                    )
                }
            }
            var parts: [(Int, [Excursion.Report])] = []
            for await part in group { parts.append(part) }
            return parts.sorted { $0.0 < $1.0 }.flatMap(\.1)
        }
    }

    private mutating func tellProgress(_ tell: (String) -> Void) {
        guard !bounds.isQuiet, result.runCount >= toldCount + 500 else { return }
        toldCount = result.runCount
        tell("... \(result.stateCount) states, \(toldCount) runs, waiting \(result.waitingCounts)")
    }

    // MARK: - Putting together

    private mutating func take(_ report: Excursion.Report, of departure: Departure) {
        result.runCount += 1
        result.eventCount += report.eventCount
        result.strikeCount += report.strikeCount
        result.excusedCount += report.excusedCount
        result.violations += report.violations
        if report.isRestless { result.restlessCount += 1 }
        for key in report.passed { _ = known.insert(key, run: departure.run) }
        for aside in report.asides {
            let level = aside.departure.faultCount
            guard known[aside.key, bounds.faultCount - level] == nil else { continue }
            var departure = aside.departure
            departure.run = newRun()
            _ = known.insert(aside.key, run: departure.run)
            waiting[level][departure.buttonCount, default: []].append(departure)
        }
        switch report.end {
        case .rest(let joint): meet(joint, report.trail, after: departure)
        case .merged(let key):
            let run = known[key, bounds.faultCount - departure.faultCount]
            ends[departure.run] = run.map { .into($0) } ?? .nowhere
        case .broken, .refused: ends[departure.run] = .nowhere
        }
    }

    private mutating func newRun() -> Int {
        ends.append(.open)
        return ends.count - 1
    }

    /// Comes to a rest: the known one, or a new one with its buttons to be pressed.
    private mutating func meet(_ joint: Joint, _ trail: Trail, after departure: Departure?) {
        var joint = joint
        joint.settleAtRest()
        joint.checkRest()
        if let what = joint.checks.violations.first {
            result.violations.append(Violation(what: what, trail: trail))
        }
        let origin =
            departure
            ?? Departure(
                joint: joint,
                trail: trail,
                faultCount: 0,
                restartCount: 0,
                run: 0,
                choice: nil,
                pressedAt: 0,
                buttonCount: 0
            )
        let key = Key(joint, origin, bounds)
        let place =
            restByKey[key]
            ?? restByKey[key.twin].flatMap {
                key.isRestartUsed || origin.faultCount == bounds.faultCount ? $0 : nil
            }
        if let departure { ends[departure.run] = .rest(place ?? rests.count) }
        guard place == nil else { return }
        restByKey[key] = rests.count
        var rest = Rest(joint, trail)
        let isLast = bounds.buttonLimit.map { origin.buttonCount >= $0 } ?? false
        for choice in isLast ? [] : joint.choices {
            var next = origin
            next.buttonCount += 1
            if bounds.isClose, origin.faultCount > 0 { next.faultCount = bounds.faultCount }
            next.joint = joint
            next.choice = choice
            next.pressedAt = joint.now
            next.trail = Trail(
                "\(choice.words(in: joint)) at \(joint.position.rawValue)",
                after: trail
            )
            next.run = newRun()
            rest.edges.append((choice, next.run))
            waiting[next.faultCount][next.buttonCount, default: []].append(next)
        }
        rests.append(rest)
        result.restCounts[joint.position.rawValue, default: 0] += 1
        result.depth = max(result.depth, rest.depth)
    }

    // MARK: - Ways out

    private func rest(after run: Int) -> Int? {
        var run = run
        while true {
            switch ends[run] {
            case .rest(let rest): return rest
            case .into(let next): run = next
            case .open, .nowhere: return nil
            }
        }
    }

    /// `safety.md` 21b and 19, over all rests.
    private mutating func judgeEnds() {
        let graph = rests.map { rest in
            rest.edges.compactMap { edge in
                self.rest(after: edge.run).map { (choice: edge.choice, rest: $0) }
            }
        }
        let ways = WaysOut(rests: rests, edges: graph)
        result.rollbackCount = ways.rollbackCount
        result.violations += ways.violations
    }
}

/// What a search found, and how much it went through.
package struct SearchResult: Sendable {
    package var violations: [Violation] = []
    package var stateCount = 0
    package var runCount = 0
    package var eventCount = 0
    package var strikeCount = 0
    /// Pauses beyond what `safety.md` 29 assumes.
    package var excusedCount = 0
    /// Runs that came to no rest within their limit.
    package var restlessCount = 0
    /// Rests by position.
    package var restCounts: [String: Int] = [:]
    /// Buttons and disturbances on the longest path.
    package var depth = 0
    /// Rests from which the way back was followed to its end.
    package var rollbackCount = 0
    /// Departures that were not made, by the number of faults before them.
    package var waitingCounts: [Int] = []
    package var isComplete = false

    /// As the program ends.
    package var exitCode: Int32 { violations.isEmpty ? (isComplete ? 0 : 3) : 1 }
}
