import TandemModel

/// One connection to a controller.
struct Session: Sendable {
    /// Acknowledgements kept as anchors of deadlines: ten minutes of them at 5 s.
    static let anchorCountMax = 128

    let connectedAt: Tick
    private(set) var welcome: Welcome?
    private(set) var welcomedAt: Tick
    /// When the controller was last heard acknowledging.
    private(set) var heardAt: Tick
    private var anchors: [Anchor] = []
    var heartbeatSequence: UInt32 = 0
    var heartbeatAt: Tick?
    var heartbeat: Heartbeat?
    var reportSequence: UInt32 = 0
    var report: ServerReport?
    /// Results sent, with the heartbeat after which they were.
    private var sentResults: [SentResult] = []

    private struct Anchor: Sendable {
        var sequence: UInt32
        var at: Tick
    }

    private struct SentResult: Sendable {
        var command: CommandID
        var afterHeartbeat: UInt32
    }

    init(at now: Tick) {
        connectedAt = now
        welcomedAt = now
        heardAt = now
    }

    /// The period the controller asked for.
    var period: UInt64? {
        welcome.map { UInt64(max($0.heartbeatMilliseconds, 1)) }
    }

    mutating func open(_ welcome: Welcome, at now: Tick) {
        self.welcome = welcome
        welcomedAt = now
        heardAt = now
        anchors = [Anchor(sequence: 0, at: now)]
    }

    /// Takes an acknowledgement.
    ///
    /// - Returns: commands whose results the controller has now: messages keep their order, so it
    ///   read them before the heartbeat that it acknowledges.
    mutating func acknowledge(_ sequence: UInt32, at now: Tick) -> [CommandID] {
        guard sequence > 0, sequence <= heartbeatSequence else { return [] }
        heardAt = now
        anchors.append(Anchor(sequence: sequence, at: now))
        if anchors.count > Self.anchorCountMax { anchors.removeFirst() }
        let arrived = sentResults.filter { $0.afterHeartbeat < sequence }.map(\.command)
        sentResults.removeAll { $0.afterHeartbeat < sequence }
        return arrived
    }

    /// When that acknowledgement (0: the welcome) came; `nil` when too old or never.
    func anchor(_ sequence: UInt32) -> Tick? {
        anchors.last { $0.sequence == sequence }?.at
    }

    mutating func noteSent(_ command: CommandID) {
        sentResults.removeAll { $0.command == command }
        sentResults.append(SentResult(command: command, afterHeartbeat: heartbeatSequence))
    }

    /// Whether the controller has been silent for so long that the connection is given up.
    func isSilent(at now: Tick, within limits: AgentLimits) -> Bool {
        let periods = (period ?? 0) * limits.silencePeriodCount
        return now.since(heardAt) > max(periods, limits.silenceMilliseconds)
    }
}
