package import TandemModel

/// A configuration document as a person saved it.
package struct SavedConfiguration: Hashable, Sendable, Codable {
    /// `number` is 0 while the edit waits in the queue.
    package var version: ConfigurationVersion
    package var person: PersonName
    package var reason: String
    package var savedAt: WallTime
}

/// The decision to go on with the one server that is left.
package struct SingleNote: Hashable, Sendable, Codable {
    package var survivor: ServerName
    package var person: PersonName
    package var at: WallTime
}

/// Everything of one cluster that must survive the controller; never an observation.
package struct ClusterState: Hashable, Sendable, Codable {
    /// The form of this record; 1.
    package var version: Int
    package var definition: ClusterDefinition
    /// One per server, in the definition's order.
    package var servers: [ServerRecord]
    package var operation: OperationState?
    /// How the last operation stood as it ended.
    package var lastOperation: OperationStatus?
    /// The newest closed operations, oldest first, at most 8.
    package var closedRecords: [OperationRecord]
    package var action: ActionState?
    /// The newest ended actions, oldest first, at most 8; `nil` in what an older controller stored.
    package var endedActions: [EndedAction]?
    /// Open commands, and the ended ones of the open action.
    package var commands: [CommandRecord]
    /// What failed and has not been dealt with (70506).
    package var failure: TandemFailure?
    /// What Try Again does about ``failure``; `nil` in what an older controller stored.
    package var failedAttempt: Attempt?
    package var approvals: [PendingApproval]
    /// Numbered versions, oldest first.
    package var configurations: [SavedConfiguration]
    /// The highest number given to a configuration version; numbers are never given out twice.
    package var configurationCount: UInt32
    /// Edits made while versions were mixed, oldest first.
    package var queuedEdits: [SavedConfiguration]
    package var alarms: [AlarmRecord]
    package var single: SingleNote?
    /// Our last demotion, for as long as its server may take the role back by itself: Restore Service
    /// waits that long, also in a new process.
    package var demotion: FailoverID?
    /// The newest accepted release.
    package var baseline: ReleaseID?
    /// Who was active when we last looked, to tell when roles move without us.
    package var notedActive: ServerName?
    /// When the cluster may be moved forward; `nil`: at all times.
    package var window: MaintenanceWindow?

    /// A cluster nothing has happened to.
    package init(definition: ClusterDefinition) {
        version = 1
        self.definition = definition
        servers = definition.servers.map { ServerRecord(name: $0.name) }
        closedRecords = []
        commands = []
        approvals = []
        configurations = []
        configurationCount = 0
        queuedEdits = []
        alarms = []
    }

    /// The record of a server; a new one for a server the definition does not hold.
    subscript(_ server: ServerName) -> ServerRecord {
        get { servers.first { $0.name == server } ?? ServerRecord(name: server) }
        set {
            guard let index = servers.firstIndex(where: { $0.name == server }) else { return }
            servers[index] = newValue
        }
    }
}
