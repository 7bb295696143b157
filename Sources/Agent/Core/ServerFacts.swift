package import TandemModel

/// What this agent knows beyond its own looking: for checks to weigh, never for the interlock.
package struct ServerFacts: Hashable, Sendable {
    /// The mate as the controller last saw it.
    package struct Mate: Hashable, Sendable {
        package var server: ServerName
        package var role: ServerRole
        package var isConnected: Bool

        /// A mate.
        package init(server: ServerName, role: ServerRole, isConnected: Bool) {
            self.server = server
            self.role = role
            self.isConnected = isConnected
        }
    }

    /// `nil` in a one-server cluster, and before a controller has told.
    package var mate: Mate?
    package var isHeld: Bool
    /// What this agent has raised, oldest first.
    package var alarms: [AlarmEvent]
    /// Milliseconds by which the controller's wall clock is ahead of this server's, by its newest
    /// acknowledgement; `nil` before the first one.
    package var controllerAhead: Int64?

    /// Facts; without arguments those of an agent that knows nothing yet.
    package init(
        mate: Mate? = nil,
        isHeld: Bool = false,
        alarms: [AlarmEvent] = [],
        controllerAhead: Int64? = nil
    ) {
        self.mate = mate
        self.isHeld = isHeld
        self.alarms = alarms
        self.controllerAhead = controllerAhead
    }
}

extension AgentMachine {
    /// What checks may be told now.
    package var facts: ServerFacts {
        ServerFacts(
            mate: live.view?.mate.map { mate in
                ServerFacts.Mate(
                    server: mate.server,
                    role: mate.role,
                    isConnected: mate.isConnected
                )
            },
            isHeld: state.isHeld,
            alarms: state.alarms.active,
            controllerAhead: live.controllerAhead
        )
    }

    /// Compares the controller's clock with this server's; an acknowledgement that took long to come
    /// says too little about either.
    mutating func compareClocks(_ time: WallTime, _ turn: inout Turn) {
        let asked = live.session?.heartbeatAt ?? turn.now
        guard turn.now.since(asked) <= limits.clockAnswerMilliseconds else { return }
        let (theirs, ours) = (time.milliseconds, turn.wall.milliseconds)
        live.controllerAhead =
            theirs >= ours
            ? Int64(clamping: theirs - ours) : -Int64(clamping: ours - theirs)
    }
}
