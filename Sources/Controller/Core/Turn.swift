import TandemModel

/// One input being worked on: its moment, and what the shell is to do about it.
struct Turn {
    let now: Tick
    let wall: WallTime
    var step = ClusterStep()
    /// Texts for the upgrade log that no action wrote.
    var notes: [String] = []

    init(now: Tick, wall: WallTime) {
        self.now = now
        self.wall = wall
    }

    mutating func send(_ server: ServerName, _ message: ControllerMessage) {
        step.sends.append(Send(server, message))
    }

    mutating func refuse(_ error: TandemError) { step.answer = .refused(error) }

    mutating func ignore(_ why: ClusterStep.Ignored) { step.ignored = why }
}

extension PersonName {
    /// Who is named where nobody pressed: the controller itself.
    static let tandem = PersonName("tandem")
}
