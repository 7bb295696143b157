/// What PostgreSQL's control file says of a server that is down, as `pg_controldata` tells it.
struct ControlData: Hashable {
    /// The timeline that the server's log is on.
    let timeline: UInt32
    /// Whether it took writes when it last ran, whether it was stopped or crashed.
    let wasPrimary: Bool

    /// Reads the answer; `nil` for one of another form.
    init?(_ answer: String) {
        var values: [Substring: String] = [:]
        for line in answer.split(whereSeparator: \.isNewline) {
            let parts = line.split(separator: ":", maxSplits: 1)
            guard parts.count == 2 else { continue }
            values[parts[0]] = String(parts[1].drop { $0 == " " })
        }
        guard let state = values["Database cluster state"],
            let checkpoint = values["Latest checkpoint's TimeLineID"].flatMap({ UInt32($0) })
        else { return nil }
        let recovered = values["Min recovery ending loc's timeline"].flatMap { UInt32($0) }
        timeline = max(checkpoint, recovered ?? 0)
        wasPrimary = ["in production", "shut down", "shutting down", "in crash recovery"]
            .contains(state)
    }
}

/// The name of a timeline's history file.
func historyName(of timeline: UInt32) -> String {
    let digits = String(timeline, radix: 16, uppercase: true)
    return String(repeating: "0", count: 8 - digits.count) + digits + ".history"
}

/// Where each timeline of a history was left: `1 0/3000060`; the reasons behind that are not compared.
func forks(_ history: String) -> [String] {
    history.split(whereSeparator: \.isNewline).compactMap { line in
        let words = line.split { $0 == " " || $0 == "\t" }
        guard words.count >= 2, UInt32(words[0]) != nil else { return nil }
        return "\(words[0]) \(words[1])"
    }
}

/// Why `pg_rewind` would find nothing to do although the two logs have parted; `nil`: it can be asked.
///
/// It compares the numbers of the timelines first, and two servers that were promoted beside each other
/// reached the same number.
func obstacleToRewind(
    own: ControlData,
    ownHistory: String,
    mateTimeline: UInt32,
    mateHistory: String
) -> String? {
    guard own.timeline == mateTimeline else { return nil }
    let common = "both servers are on timeline \(mateTimeline)"
    guard forks(ownHistory) == forks(mateHistory) else {
        return "\(common), which each began elsewhere"
    }
    return own.wasPrimary ? "\(common), and both wrote to it" : nil
}
