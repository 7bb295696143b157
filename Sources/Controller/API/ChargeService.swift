package import TandemModel

/// What people do beside the buttons: stop everything, take over, set a window, acknowledge.
///
/// Each call names the person who asks, and leaves a line in the audit. Errors are
/// ``TandemModel/TandemError``.
package protocol ChargeService: Sendable {
    /// The emergency stop, while it is on.
    func emergencyStop() async throws -> EmergencyStop?
    /// Sets the emergency stop of the whole network, or ends it; the reason is never empty.
    func emergencyStop(on: Bool, reason: String, person: PersonName) async throws -> EmergencyStop?
    /// Makes the person the owner of the open operation.
    func takeOver(_ request: ReasonRequest, cluster: ClusterName, person: PersonName) async throws
        -> ClusterStatus
    /// Sets the maintenance window of a cluster.
    func setWindow(_ request: WindowRequest, cluster: ClusterName, person: PersonName) async throws
        -> ClusterStatus
    /// Takes the maintenance window away: the way forward is open at all times.
    func clearWindow(_ request: ReasonRequest, cluster: ClusterName, person: PersonName)
        async throws -> ClusterStatus
    /// Notes that somebody knows of an active alarm and sees to it.
    func acknowledge(_ request: AcknowledgeRequest, person: PersonName) async throws -> AlarmEntry
}

/// A reason or ticket number and nothing else; never empty.
package struct ReasonRequest: Codable, Sendable, Hashable {
    package var reason: String

    /// A reason.
    package init(reason: String) { self.reason = reason }
}

/// When a cluster may be moved forward.
package struct WindowRequest: Codable, Sendable, Hashable {
    package var startsAt: WallTime
    package var endsAt: WallTime
    package var reason: String

    /// A window.
    package init(startsAt: WallTime, endsAt: WallTime, reason: String) {
        self.startsAt = startsAt
        self.endsAt = endsAt
        self.reason = reason
    }
}

/// An active alarm is known, and seen to.
package struct AcknowledgeRequest: Codable, Sendable, Hashable {
    package var number: AlarmNumber
    package var instance: String
    /// What is being done about it; never empty.
    package var note: String

    /// An acknowledgement.
    package init(number: AlarmNumber, instance: String, note: String) {
        self.number = number
        self.instance = instance
        self.note = note
    }
}

/// Whether the emergency stop is on.
package struct EmergencyStopAnswer: Codable, Sendable, Hashable {
    /// `nil` while it is off.
    package var emergencyStop: EmergencyStop?

    /// An answer.
    package init(emergencyStop: EmergencyStop?) { self.emergencyStop = emergencyStop }
}
