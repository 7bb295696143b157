package import TandemModel

/// Who holds an alarm up: the controller, or the agent of a server.
package struct AlarmSource: Hashable, Sendable, Codable {
    /// `nil`: the controller itself.
    package var server: ServerName?
    package var severity: AlarmSeverity
    package var text: String
}

/// One active alarm: the OR of its sources; durable.
package struct AlarmRecord: Hashable, Sendable, Codable {
    package var number: AlarmNumber
    package var instance: String
    package var raisedAt: WallTime
    /// Never empty: without a source the alarm is clear and the record is gone.
    package var sources: [AlarmSource]
    /// Caused by the running action.
    package var isExpected: Bool
    /// Every source that holds it is silent.
    package var isStale: Bool
    /// Who sees to it; `nil` while nobody said so.
    package var acknowledgement: Acknowledgement?

    /// The entry people read: the worst source's severity, the controller's text first.
    var entry: AlarmEntry {
        let first = sources.first { $0.server == nil } ?? sources.first
        return AlarmEntry(
            number: number,
            severity: sources.map(\.severity).max() ?? .minor,
            instance: instance,
            text: first?.text ?? "",
            raisedAt: raisedAt,
            clearedAt: nil,
            isExpected: isExpected,
            isStale: isStale,
            acknowledgedBy: acknowledgement?.person,
            acknowledgedAt: acknowledgement?.at,
            acknowledgeNote: acknowledgement?.note
        )
    }
}
