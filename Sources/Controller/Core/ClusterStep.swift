package import TandemModel

/// How a person's request ended.
package enum Answer: Hashable, Sendable {
    /// Durable, and begun where it is an action.
    case accepted(ActionID?)
    /// Waits for a second person.
    case needsApproval(RequestID)
    /// Not allowed; nothing was changed.
    case refused(TandemError)
}

/// One message for one server.
package struct Send: Hashable, Sendable {
    package var server: ServerName
    package var message: ControllerMessage

    /// A message to a server.
    package init(_ server: ServerName, _ message: ControllerMessage) {
        self.server = server
        self.message = message
    }
}

/// A change of the active alarm list.
package struct AlarmChange: Hashable, Sendable {
    /// For each number and instance, `raised` and `cleared` take turns; `changed` comes between.
    package enum Kind: String, Hashable, Sendable {
        case raised
        /// It stands as before; its words, its severity or one of its marks are others.
        case changed
        case cleared
    }

    package var entry: AlarmEntry
    package var kind: Kind

    /// Whether it stands now.
    package var isRaised: Bool { kind != .cleared }

    /// A change.
    package init(entry: AlarmEntry, kind: Kind) {
        self.entry = entry
        self.kind = kind
    }

    /// What makes one list of active alarms into another.
    static func between(
        _ before: [AlarmEntry],
        _ after: [AlarmEntry],
        at wall: WallTime
    ) -> [AlarmChange] {
        func same(_ entry: AlarmEntry, in list: [AlarmEntry]) -> AlarmEntry? {
            list.first { $0.number == entry.number && $0.instance == entry.instance }
        }
        let standing = after.compactMap { entry -> AlarmChange? in
            guard let known = same(entry, in: before) else {
                return AlarmChange(entry: entry, kind: .raised)
            }
            return known == entry ? nil : AlarmChange(entry: entry, kind: .changed)
        }
        let gone = before.filter { same($0, in: after) == nil }.map { entry in
            var cleared = entry
            cleared.clearedAt = wall
            return AlarmChange(entry: cleared, kind: .cleared)
        }
        return standing + gone
    }
}

/// What the shell must do after one input, in this order: one transaction with the new state,
/// audit, log and alarms; then the sends; then the answer.
package struct ClusterStep: Hashable, Sendable {
    /// Why an input changed nothing.
    package enum Ignored: String, Hashable, Sendable {
        case early
        case stale
        case notApplicable
    }

    /// Whether ``ClusterMachine/state`` changed and must be durable before anything in `sends` leaves.
    package var writes = false
    package var audit: [AuditEntry] = []
    /// New or changed lines; a line is known by action, step index and server.
    package var log: [UpgradeLogEntry] = []
    package var alarms: [AlarmChange] = []
    /// How long what ended here has taken.
    package var durations: [DurationSample] = []
    /// Then these leave, in order.
    package var sends: [Send] = []
    /// The cluster is no more: its state is to be deleted instead of written.
    package var removesCluster = false
    /// For requests of people: how it ended.
    package var answer: Answer?
    /// Something an open page shows has changed.
    package var changesView = false
    /// Set when the input was dropped on purpose.
    package var ignored: Ignored?
    /// A broken invariant of ours: the operation is faulted, somebody must look; empty otherwise.
    package var fault = ""

    /// Nothing to do.
    package init() {}
}
