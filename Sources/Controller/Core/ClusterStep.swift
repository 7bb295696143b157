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
    package var entry: AlarmEntry
    /// Raised (or its text or severity changed), or cleared.
    package var isRaised: Bool

    /// A change.
    package init(entry: AlarmEntry, isRaised: Bool) {
        self.entry = entry
        self.isRaised = isRaised
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
    /// Then these leave, in order.
    package var sends: [Send] = []
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
