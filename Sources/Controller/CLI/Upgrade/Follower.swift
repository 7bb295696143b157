import ControllerAPI
import TandemModel

/// Follows one action of a cluster until it has ended, with a bar where somebody looks on.
struct Follower {
    let client: APIClient
    let isQuiet: Bool

    /// So long the controller may be away before following is given up; the action goes on anyway.
    static let silenceMax = Duration.seconds(600)

    /// How the action ended, and the status after that.
    func follow(_ action: ActionID, of cluster: ClusterName) async throws -> FollowedEnd {
        // Times go on between two reports where somebody looks on.
        let wait = Terminal.isInteractive ? 1 : 10
        let clock = ContinuousClock()
        var heard = clock.now
        var version: UInt64 = 0
        var line = ProgressLine(isQuiet: isQuiet)
        while true {
            let path = "\(APIPath.cluster(cluster))?after=\(version)&wait=\(wait)"
            let snapshot: ClusterSnapshot
            do {
                snapshot = try await client.get(path, waitSeconds: wait)
            } catch  where Self.isSilence(error) {
                // The controller may be failing over under its own feet; the action goes on.
                guard heard.duration(to: clock.now) < Self.silenceMax else { throw error }
                line.note("controller not reachable, asking again")
                try await clock.sleep(for: .milliseconds(500))
                continue
            }
            heard = clock.now
            version = snapshot.version
            if let running = snapshot.status.runningAction, running.id == action {
                line.show(running, at: heard)
                continue
            }
            let end = try FollowedEnd(of: action, snapshot.status)
            line.end(end)
            return end
        }
    }

    /// Whether an error says no more than that nobody answered.
    static func isSilence(_ error: any Error) -> Bool {
        switch error {
        case let error as TandemError:
            error.code == .unreachable || error.code == .connectionLost
        // A controller that is about to hand over can't read its store any more.
        case let refusal as ControllerRefusal: refusal.error.code == .storeUnavailable
        case _: false
        }
    }
}

/// What became of one action, whatever has begun since.
struct FollowedEnd: Hashable {
    let action: EndedAction
    let status: ClusterStatus

    /// - Throws: `stateIndeterminate` when so many actions have ended since that nobody tells any more.
    init(of id: ActionID, _ status: ClusterStatus) throws {
        self.status = status
        if let ended = status.endedActions {
            guard let action = ended.last(where: { $0.id == id }) else {
                throw TandemError(
                    .stateIndeterminate,
                    "the controller does not tell how action \(id) of \(status.name) ended",
                    remedy: "`tandem log \(status.name)` lists every action with its end."
                )
            }
            self.action = action
        } else {
            // A controller of an older version: all it tells is the operation's last result.
            let failure = status.operation?.failure
            action = EndedAction(
                id: id,
                ending: failure == nil ? .done : .failed,
                result: status.operation?.lastResult ?? "",
                failure: failure
            )
        }
    }
}

extension ClusterStatus {
    /// The running action, also as an older controller tells it.
    var runningAction: ActionStatus? { action ?? operation?.action }
}

/// The one line that is redrawn while an action runs; plain lines where nobody looks on.
struct ProgressLine {
    let isQuiet: Bool
    private var last = ""
    private var lastKey = ""
    private var clock = StepClock()

    init(isQuiet: Bool) { self.isQuiet = isQuiet }

    mutating func show(_ action: ActionStatus, at now: ContinuousClock.Instant) {
        let moved = clock.advanced(action, at: now)
        let text = ProgressLine.text(moved)
        let key = ProgressLine.key(action)
        guard text != last, !isQuiet else { return }
        if Terminal.isInteractive {
            draw(ProgressLine.text(moved, fitting: Terminal.size.columnCount - 1))
        } else if key != lastKey, !key.isEmpty || last.isEmpty {
            // A line per step is enough; percents, and the pause after a step, would flood a log.
            Terminal.write("\(text)\n")
        }
        last = text
        lastKey = key
    }

    mutating func note(_ text: String) {
        guard text != last, !isQuiet else { return }
        last = text
        lastKey = ""
        if Terminal.isInteractive { draw(text) } else { Terminal.write("\(text)\n") }
    }

    func end(_ end: FollowedEnd) {
        guard !isQuiet else { return }
        if Terminal.isInteractive { Terminal.write("\r\u{1B}[K") }
        let status = end.status
        let result = end.action.result
        Terminal.write(Terminal.cleanLine(result.isEmpty ? status.positionText : result) + "\n")
        if let failure = end.action.failure {
            Terminal.write(ClusterText.failure(failure, isTold: result.contains(failure.message)))
        }
        if !status.nextStep.isEmpty {
            Terminal.write("Next: \(Terminal.cleanLine(status.nextStep))\n")
        }
    }

    /// A line longer than the terminal is wide could not be redrawn in place.
    private func draw(_ text: String) {
        let line = Terminal.cut(text, to: Terminal.size.columnCount - 1)
        Terminal.write("\r\u{1B}[K\(line)")
    }

    /// The bar, then the action in its literal words.
    static func text(_ action: ActionStatus) -> String {
        guard let step = action.step else {
            let waits = action.waitsFor.isEmpty ? "" : ": waits for \(action.waitsFor)"
            return Terminal.cleanLine(action.text + waits)
        }
        let words = step.text.isEmpty ? "" : " \(step.text)"
        return line(step, bar: ProgressBar.width, "\(action.text) ", words)
    }

    /// The same for a terminal: what matters least goes first where it is too narrow.
    static func text(_ action: ActionStatus, fitting columnCount: Int) -> String {
        var lines = [text(action)]
        if let step = action.step {
            lines.append(line(step, bar: ProgressBar.width, "\(action.text) ", ""))
            lines.append(line(step, bar: 10, "\(action.text) ", ""))
            // Whoever follows an action knows which; how far it is, nobody knows.
            lines.append(line(step, bar: 10, "", ""))
        }
        let last = lines.last ?? ""
        return lines.first { $0.count <= columnCount } ?? Terminal.cut(last, to: columnCount)
    }

    private static func line(
        _ step: StepProgress,
        bar width: Int,
        _ before: String,
        _ after: String
    ) -> String {
        let left =
            step.leftMilliseconds > 0 ? ", about \(minutesText(step.leftMilliseconds)) left" : ""
        let elapsed = "(elapsed \(minutesText(step.elapsedMilliseconds))\(left))"
        let bar = ProgressBar.text(percent: Int(step.percent), width: width)
        return Terminal.cleanLine(
            "\(bar) \(before)step \(step.index)/\(step.count): \(step.name) \(step.percent)% "
                + elapsed + after
        )
    }

    /// What tells one step, or one thing waited for, from the next.
    static func key(_ action: ActionStatus) -> String {
        guard let step = action.step else { return action.waitsFor }
        return "step \(step.index)/\(step.count): \(step.name)"
    }
}

/// Lets the times of running steps go on between two reports.
///
/// An agent tells them when something happens; a person who looks on wants to see them move.
struct StepClock {
    private struct Reading {
        var elapsedMilliseconds: UInt64
        var takenAt: ContinuousClock.Instant
    }

    private var readings: [CommandID: Reading] = [:]

    /// The action with its step's times moved to `now`; a new report sets them anew.
    mutating func advanced(
        _ action: ActionStatus,
        at now: ContinuousClock.Instant
    ) -> ActionStatus {
        guard var step = action.step else { return action }
        var reading = Reading(elapsedMilliseconds: step.elapsedMilliseconds, takenAt: now)
        if let known = readings[step.command],
            known.elapsedMilliseconds == step.elapsedMilliseconds
        {
            reading = known
        }
        readings[step.command] = reading
        let (seconds, attoseconds) = reading.takenAt.duration(to: now).components
        let passed = UInt64(clamping: seconds * 1000 + attoseconds / 1_000_000_000_000_000)
        step.elapsedMilliseconds += passed
        // Never down to none: that would read as "not known" while it still runs.
        if step.leftMilliseconds > 0 {
            step.leftMilliseconds -= min(passed, step.leftMilliseconds - 1)
        }
        var action = action
        action.step = step
        return action
    }
}
