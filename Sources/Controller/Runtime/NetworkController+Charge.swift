package import ControllerAPI
import ControllerCore
package import TandemModel

// MARK: - What people do beside the buttons

extension NetworkController {
    package func emergencyStop() async throws -> EmergencyStop? {
        published.contents.emergencyStop
    }

    package func emergencyStop(on: Bool, reason: String, person: PersonName) async throws
        -> EmergencyStop?
    {
        let reason = Self.line(reason)
        _ = try await queue.ask { .emergencyStop(on: on, reason: reason, person: person, $0) }
        return published.contents.emergencyStop
    }

    package func takeOver(_ request: ReasonRequest, cluster: ClusterName, person: PersonName)
        async throws -> ClusterStatus
    {
        try await change(cluster, .takeOver(person: person, reason: Self.line(request.reason)))
    }

    package func setWindow(_ request: WindowRequest, cluster: ClusterName, person: PersonName)
        async throws -> ClusterStatus
    {
        let window = MaintenanceWindow(startsAt: request.startsAt, endsAt: request.endsAt)
        return try await change(
            cluster,
            .setWindow(window, person: person, reason: Self.line(request.reason))
        )
    }

    package func clearWindow(_ request: ReasonRequest, cluster: ClusterName, person: PersonName)
        async throws -> ClusterStatus
    {
        let reason = Self.line(request.reason)
        return try await change(cluster, .setWindow(nil, person: person, reason: reason))
    }

    package func acknowledge(_ request: AcknowledgeRequest, person: PersonName) async throws
        -> AlarmEntry
    {
        var request = request
        request.note = Self.line(request.note)
        let asked = request
        _ = try await queue.ask { .acknowledge(asked, person: person, $0) }
        let entry = published.contents.alarms.first {
            $0.number == request.number && $0.instance == request.instance
        }
        guard let entry else {
            throw TandemError.unknownAlarm(request.number, request.instance)
        }
        return entry
    }

    /// These words are kept for long and stand in many answers: one line of each is enough.
    private static func line(_ words: String) -> String {
        let one = words.split(whereSeparator: \.isNewline).joined(separator: " ")
        return clipped(one, byteCountMax: TextLimit.line)
    }

    private func change(_ cluster: ClusterName, _ input: ClusterInput) async throws
        -> ClusterStatus
    {
        _ = try await ask(cluster, input)
        return try machine(cluster).status(at: clock.now, wall: wallNow())
    }
}
