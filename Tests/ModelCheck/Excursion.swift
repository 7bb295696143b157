package import TandemModel
import TandemSimulation

/// A state from which one run is made: a rest with a button, or the moment after a disturbance.
struct Departure: Sendable {
    var joint: Joint
    var trail: Trail
    var faultCount: Int
    var restartCount: Int
    /// The run it becomes.
    var run: Int
    var choice: Choice?
    /// When the last button was pressed: what times are told from.
    var pressedAt: UInt64
    /// Buttons before and with it, and minutes that were let pass.
    var buttonCount: Int
}

/// What an operator does at a rest.
package enum Choice: Hashable, Sendable {
    case press(Button, server: Int?)
    /// A dead server boots again.
    case bringBack(Int)
    /// Replace Server is pressed, and a blank machine takes its place.
    case replace(Int)
    /// The product's checks are well again.
    case mend(Int)
    case liftEmergencyStop
    case wait

    func words(in joint: Joint) -> String {
        switch self {
        case .press(let button, let server):
            "press \(button.label)"
                + (server.map { " (\(joint.nodes[$0].server))" } ?? "")
        case .bringBack(let index): "\(joint.nodes[index].server) is brought back by hand"
        case .replace(let index):
            "press Replace Server (\(joint.nodes[index].server)), and a new machine is enrolled"
        case .mend(let index): "the product on \(joint.nodes[index].server) is mended by hand"
        case .liftEmergencyStop: "the emergency stop is lifted"
        case .wait: "time passes: 60 s"
        }
    }
}

/// One run from a departure to the next rest, or to a state that is known; with a look aside at each
/// boundary.
struct Excursion {
    /// How a run ended.
    enum End: Sendable {
        case rest(Joint)
        case merged(Key)
        case broken
        /// The button was refused.
        case refused
    }

    /// What came of a run.
    struct Report: Sendable {
        var passed: [Key] = []
        var asides: [(key: Key, departure: Departure)] = []
        var end = End.broken
        var violations: [Violation] = []
        var eventCount = 0
        var strikeCount = 0
        var excusedCount = 0
        var isRestless = false
        var trail: Trail
    }

    /// Milliseconds for which nothing may be under way before it counts as a rest.
    static let calmMilliseconds: UInt64 = 6_000
    /// The same beside a dead server: every wait for it is over, and so is the dead-man.
    static let deadMilliseconds: UInt64 = 50_000
    /// Milliseconds after which a run ends, at rest or not.
    static let limitMilliseconds: UInt64 = 200_000

    let departure: Departure
    let bounds: Bounds
    let known: Known
    private(set) var report: Report
    private(set) var joint: Joint
    private var own: Set<Key> = []
    private var boundaryCount = 0

    init(_ departure: Departure, bounds: Bounds, known: Known) {
        self.departure = departure
        self.bounds = bounds
        self.known = known
        joint = departure.joint
        report = Report(trail: departure.trail)
    }

    private var faultsLeft: Int { bounds.faultCount - departure.faultCount }

    mutating func run() -> Report {
        guard begin() else { return report }
        let end = joint.now + Self.limitMilliseconds
        var calmSince: UInt64?
        while let next = joint.upcoming {
            if joint.isCalm {
                let since = calmSince ?? joint.now
                calmSince = since
                let isWhole = joint.nodes.allSatisfy { !$0.isDown }
                let limit = isWhole ? Self.calmMilliseconds : Self.deadMilliseconds
                if joint.now - since >= limit { break }
            } else {
                calmSince = nil
            }
            guard joint.now < end else {
                report.isRestless = true
                break
            }
            let before = joint
            joint.performNext()
            report.eventCount += 1
            if isBroken(joint, report.trail) { return report }
            guard isBoundary(next.work, before) else { continue }
            if look(at: before, next.work) { return report }
        }
        report.end = .rest(joint)
        return report
    }

    /// Does what the departure begins with.
    private mutating func begin() -> Bool {
        guard case .press(let button, let server) = departure.choice else { return help() }
        let before = joint
        let statement = joint.statement(with: button)
        let refusal = joint.press(
            button,
            server: server,
            statement: statement,
            acceptsDataLoss: true
        )
        guard refusal == nil else {
            report.end = .refused
            return false
        }
        guard faultsLeft > 0, departure.restartCount < bounds.restartCount else { return true }
        let pointCount = joint.controller.points - before.controller.points
        for point in 1...max(1, pointCount) where pointCount > 0 {
            var struck = before
            struck.controller.crashAt = struck.controller.points + point
            struck.press(button, server: server, statement: statement, acceptsDataLoss: true)
            struck.controller.crashAt = nil
            let words = Disturbance.controllerDies(point: point, seconds: 2).words(in: before)
            keep(struck, isRestart: true, words)
        }
        return true
    }

    /// What people do beside pressing a button.
    private mutating func help() -> Bool {
        switch departure.choice {
        case .wait: joint.run(for: 60_000)
        case .bringBack(let index): joint.powerOn(index)
        case .mend(let index): joint.nodes[index].platform.mend()
        case .liftEmergencyStop: joint.setEmergencyStop(false)
        case .replace(let index):
            guard joint.enrolBlankMachine(index) else {
                report.end = .refused
                return false
            }
        case .press, nil: break
        }
        return !isBroken(joint, report.trail)
    }

    /// What changes something durable, a role or packages, or carries a decision.
    private func isBoundary(_ work: Joint.Work, _ before: Joint) -> Bool {
        if work.isMessage, bounds.scope == .messages, faultsLeft > 0 { return true }
        if work.isWeighty || joint.controller.commitCount != before.controller.commitCount {
            return true
        }
        switch work {
        case .child, .inline, .drive: return true
        case _: break
        }
        for (now, then) in zip(joint.nodes, before.nodes) {
            if now.journalCount != then.journalCount || now.isActive != then.isActive {
                return true
            }
        }
        return false
    }

    /// - Returns: whether the run ends here: all that follows is known.
    private mutating func look(at before: Joint, _ work: Joint.Work) -> Bool {
        boundaryCount += 1
        // Without faults left a fingerprint costs more than the few events that it may save.
        if faultsLeft > 0 || boundaryCount % 8 == 1 {
            let key = Key(before, departure, bounds)
            if let run = known[key, faultsLeft], run != departure.run {
                report.end = .merged(key)
                return true
            }
            own.insert(key)
            report.passed.append(key)
        }
        guard faultsLeft > 0 else { return false }
        for disturbance in disturbances(at: before, work) {
            var struck = before
            if departure.faultCount + 1 > 1 { struck.checks.excusesOutage = true }
            if disturbance.isLongPause, !bounds.hasReferee {
                struck.checks.excusesTwoActive = true
                report.excusedCount += 1
            }
            guard disturbance.strike(&struck) else { continue }
            keep(struck, isRestart: disturbance.isControllerRestart, disturbance.words(in: before))
        }
        return false
    }

    private mutating func keep(_ struck: Joint, isRestart: Bool, _ words: String) {
        report.strikeCount += 1
        let after = (struck.now - min(struck.now, departure.pressedAt) + 50) / 100
        let trail = Trail("after \(after / 10).\(after % 10) s: \(words)", after: report.trail)
        guard !isBroken(struck, trail) else { return }
        var aside = departure
        aside.joint = struck
        aside.trail = trail
        aside.faultCount += 1
        aside.restartCount += isRestart ? 1 : 0
        aside.choice = nil
        let key = Key(struck, aside, bounds)
        guard known[key, bounds.faultCount - aside.faultCount] == nil, own.insert(key).inserted
        else { return }
        report.asides.append((key, aside))
    }

    private mutating func isBroken(_ joint: Joint, _ trail: Trail) -> Bool {
        guard let what = joint.checks.violations.first else { return false }
        report.violations.append(Violation(what: what, trail: trail))
        report.end = .broken
        return true
    }
}
