import TandemModel

/// The literal words of `domain.md` and `details.md` 22 that people and scripts know.
enum Texts {
    /// An action's name with its target: `<action> <target> (<direction>)`.
    ///
    /// `(next)` goes on in the operation's direction, `(back)` reverses it.
    static func action(
        _ intent: Intent,
        cluster: ClusterName,
        first: ServerName?,
        towards target: Letter,
        reverses: Bool
    ) -> String {
        let way = reverses ? "(back)" : "(next)"
        return "\(name(intent, cluster: cluster, first: first, towards: target)) \(way)"
    }

    private static func name(
        _ intent: Intent,
        cluster: ClusterName,
        first: ServerName?,
        towards target: Letter
    ) -> String {
        switch intent {
        case .start: "Initiate upgrade \(first?.text ?? cluster.text)"
        case .upgrade(let server): "Initiate upgrade \(server)"
        case .backOut(let server): "Initiate backout \(server)"
        case .repair(let server): "Reinstall \(server)"
        case .failover where target == .new: "Failover to new version \(cluster)"
        case .failover: "Failover to old version \(cluster)"
        case .reapply: "Reapply configuration \(cluster)"
        case .accept: "Accept upgrade \(cluster)"
        case .turnUp: "Resume upgrade \(cluster)"
        case .finishRollback: "Complete rollback \(cluster)"
        case .closeUnchanged: "Close \(cluster)"
        case .closeAsObserved: "Close as observed \(cluster)"
        case .stop: "Stop \(cluster)"
        case .recover(let server): "Recover \(server)"
        case .replace(let server): "Replace server \(server)"
        case .restore(let server): "Restore service \(server)"
        case .goOnSingle(let server): "Go on as a single server \(server)"
        case .declare(let server): "Declare outcome \(server)"
        case .demote(let server): "Demote \(server)"
        case .fence(let server): "Fence \(server)"
        case .hold(let server): "Hold \(server)"
        case .release(let server): "Release hold \(server)"
        }
    }

    /// An intent without its target: times are kept by it.
    static func word(of intent: Intent) -> String {
        switch intent {
        case .start, .upgrade: "upgrade"
        case .backOut: "backout"
        case .repair: "reinstall"
        case .failover: "failover"
        case .reapply: "reapply"
        case .accept: "accept"
        case .turnUp: "resume"
        case .finishRollback: "complete"
        case .closeUnchanged, .closeAsObserved: "close"
        case .stop: "stop"
        case .recover: "recover"
        case .replace: "replace"
        case .restore: "restore"
        case .goOnSingle: "go on"
        case .declare: "declare"
        case .demote: "demote"
        case .fence: "fence"
        case .hold: "hold"
        case .release: "release"
        }
    }

    /// The question before an action.
    static let prompt = "Are you sure that you want to perform this action?"

    /// The end of an action in the column and the log.
    static func ending(_ action: String, _ ending: ActionEnding, at wall: WallTime) -> String {
        switch ending {
        case .succeeded: "\(action) Completed Successfully at \(utcText(wall))"
        case .failed(let failure): "\(action) Failed at \(utcText(wall)): \(failure.message)"
        case .stopped: "\(action) Stopped at \(utcText(wall))"
        }
    }

    /// The column while a step runs.
    ///
    /// What is left is told by `measured`, how long the step took before; else by the agent's estimate.
    static func running(
        _ action: String,
        _ step: StepProgress,
        elapsed: UInt64,
        measured: UInt64? = nil
    ) -> String {
        let known = measured.flatMap { $0 > elapsed ? $0 - elapsed : nil }
        let rest = known ?? step.leftMilliseconds
        let left = rest > 0 ? ", about \(clock(rest)) left" : ""
        return "\(action) step \(step.index)/\(step.count): \(step.name) \(step.percent)% "
            + "(elapsed \(clock(elapsed))\(left))"
    }

    /// `m:ss`.
    static func clock(_ milliseconds: UInt64) -> String {
        let seconds = milliseconds / 1000
        let rest = seconds % 60
        return "\(seconds / 60):\(rest < 10 ? "0" : "")\(rest)"
    }

    static let zombie = "Zombie"

    /// What a way back could put back on a server.
    static func wayBack(_ report: ServerReport) -> String {
        let packages = report.isWayBackVerified ? "packages" : "packages not verified"
        return switch report.snapshots {
        case .possible: "\(packages), a snapshot of the root is possible"
        case .impossible(let why): "\(packages), no snapshot of the root: \(why)"
        case nil: packages
        }
    }

    /// The position in one sentence.
    static func position(_ position: Position) -> String {
        switch position {
        case .idle: "No operation is open."
        case .oldOld: "Both servers run the old release."
        case .oldNew: "The standby runs the new release, the active server the old one."
        case .newOld: "The active server runs the new release, the standby the old one."
        case .newNew: "Both servers run the new release."
        case .standbyBroken:
            "The standby is half-installed, blank, a zombie or runs a third release."
        case .standbySilent: "The standby is silent; the active server serves."
        case .activeSilent: "One server is silent and the other one is not active."
        case .noneActive: "No server is active."
        case .twoActive: "Two servers are active."
        case .activeUnknown:
            "The active server's release is not known, or a third one: stage its image."
        case .failoverUndecided: "A failover is under way and not decided."
        case .singleOld: "The server runs the old release."
        case .singleNew: "The server runs the new release."
        case .singleBroken: "The server is half-installed, blank, a zombie or runs a third release."
        case .unseen: "Not enough is reported to say where the cluster stands."
        }
    }
}

/// A wall time for people, `yyyy-mm-dd hh:mm:ss UTC`, by the civil calendar.
///
/// Days are turned into a date with the year beginning in March, so that the leap day comes last
/// (Hinnant, "chrono-compatible low-level date algorithms").
func utcText(_ wall: WallTime) -> String {
    let seconds = wall.milliseconds / 1000
    let shifted = seconds / 86_400 + 719_468
    let era = shifted / 146_097
    let dayOfEra = shifted % 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let monthFromMarch = (5 * dayOfYear + 2) / 153
    let day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
    let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
    let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    func padded(_ value: UInt64, _ width: Int) -> String {
        let text = String(value)
        return String(repeating: "0", count: max(0, width - text.count)) + text
    }
    let ofDay = seconds % 86_400
    let date = "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))"
    let time =
        "\(padded(ofDay / 3600, 2)):\(padded(ofDay / 60 % 60, 2)):\(padded(ofDay % 60, 2))"
    return "\(date) \(time) UTC"
}
