import TandemModel

/// What a measured time is of.
package struct DurationKey: Hashable, Sendable, Codable {
    /// The release that it leads to.
    package var release: String
    package var kind: String
    /// `action upgrade`, or a step's name.
    package var what: String

    /// A key.
    package init(release: String, kind: String, what: String) {
        self.release = release
        self.kind = kind
        self.what = what
    }
}

/// How long one thing took once.
package struct DurationSample: Hashable, Sendable {
    package var key: DurationKey
    package var milliseconds: UInt64

    /// A sample.
    package init(key: DurationKey, milliseconds: UInt64) {
        self.key = key
        self.milliseconds = milliseconds
    }
}

/// Measured times of what has ended well: the newest of each thing, the newest things; durable.
package struct DurationBook: Hashable, Sendable, Codable {
    /// One thing with its times.
    package struct Line: Hashable, Sendable, Codable {
        package var key: DurationKey
        /// Milliseconds, oldest first.
        package var times: [UInt64]
    }

    package static let timeCountMax = 20
    package static let lineCountMax = 256

    /// The one that was measured last stands last.
    package private(set) var lines: [Line] = []

    /// Nothing measured.
    package init() {}

    /// Keeps a time; the thing that was not measured for longest makes room.
    package mutating func note(_ sample: DurationSample) {
        var line = Line(key: sample.key, times: [])
        if let index = lines.firstIndex(where: { $0.key == sample.key }) {
            line = lines.remove(at: index)
        }
        line.times = line.times.suffix(Self.timeCountMax - 1) + [sample.milliseconds]
        lines = lines.suffix(Self.lineCountMax - 1) + [line]
    }

    /// The median of what was measured; `nil` where nothing was.
    package func median(_ key: DurationKey) -> UInt64? {
        guard let times = lines.first(where: { $0.key == key })?.times.sorted(), !times.isEmpty
        else { return nil }
        return times[times.count / 2]
    }
}

/// How long things took, and what is left by that.
extension ClusterMachine {
    private func key(_ what: String, to release: ReleaseID) -> DurationKey {
        DurationKey(
            release: release.description,
            kind: state.definition.kind.text,
            what: what
        )
    }

    /// The release that the open operation leads to now.
    private var goalRelease: ReleaseID? { state.operation?.goal.release }

    func measured(_ intent: Intent, to release: ReleaseID) -> UInt64? {
        live.durations.median(key("action \(Texts.word(of: intent))", to: release))
    }

    func measured(step name: String) -> UInt64? {
        goalRelease.flatMap { live.durations.median(key(name, to: $0)) }
    }

    /// An action that has reached its goal counts, where this process saw it from its begin on.
    mutating func measure(_ action: ActionState, _ turn: inout Turn) {
        guard let since = live.actionSince, let intent = action.attempt?.intent,
            let release = goalRelease ?? state.baseline
        else { return }
        let word = "action \(Texts.word(of: intent))"
        turn.step.durations.append(
            DurationSample(key: key(word, to: release), milliseconds: turn.now.since(since))
        )
    }

    mutating func measure(step name: String, _ milliseconds: UInt64, _ turn: inout Turn) {
        guard let release = goalRelease else { return }
        turn.step.durations.append(
            DurationSample(key: key(name, to: release), milliseconds: milliseconds)
        )
    }

    /// Since the action began: by our own clock where this process saw it begin.
    func elapsed(of action: ActionState, at now: Tick) -> UInt64 {
        if let since = live.actionSince { return now.since(since) }
        let wall = wall(at: now).milliseconds
        let began = action.startedAt.milliseconds
        return wall > began ? wall - began : 0
    }

    /// What is left of the running action; `nil` where none like it was measured, or it takes longer.
    func aboutLeft(of action: ActionState, at now: Tick) -> UInt64? {
        guard let intent = action.attempt?.intent, let release = goalRelease,
            let median = measured(intent, to: release)
        else { return nil }
        let elapsed = elapsed(of: action, at: now)
        return median > elapsed ? median - elapsed : nil
    }

    /// The wall clock at a moment of ours, by the last input; for display and windows only.
    func wall(at now: Tick) -> WallTime {
        guard let noted = live.wallNoted else { return WallTime(milliseconds: 0) }
        return WallTime(milliseconds: noted.wall.milliseconds + now.since(noted.tick))
    }
}
