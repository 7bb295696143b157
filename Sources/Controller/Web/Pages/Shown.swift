import ControllerAPI
import Foundation
import TandemModel

/// What a template is given: numbers, texts, and more of these.
typealias Values = [String: Any]

/// Values as every page words them.
enum Shown {
    /// A time for `<time>`: the machine's form, and UTC for people; scripts add the reader's own zone.
    static func time(_ time: WallTime) -> Values {
        let date = Date(timeIntervalSince1970: Double(time.milliseconds) / 1000)
        let day = Date.ISO8601FormatStyle(timeZone: .gmt).year().month().day()
        let second = day.time(includingFractionalSeconds: false)
        return [
            "iso": date.formatted(second) + "Z",
            "utc": date.formatted(second.dateTimeSeparator(.space)) + " UTC",
        ]
    }

    /// The time, or `false`: a section of it is left out then.
    static func time(_ time: WallTime?) -> Any { time.map { self.time($0) as Any } ?? false }

    /// `m:ss`, or `h:mm:ss` from an hour on.
    static func duration(_ milliseconds: UInt64) -> String {
        let seconds = milliseconds / 1000
        let (hours, minutes) = (seconds / 3600, seconds / 60 % 60)
        let start = hours > 0 ? "\(hours):\(twoDigits(minutes))" : "\(minutes)"
        return "\(start):\(twoDigits(seconds % 60))"
    }

    private static func twoDigits(_ number: UInt64) -> String {
        number < 10 ? "0\(number)" : "\(number)"
    }

    /// A text that ends with a time, such as that of an ended action, in two: a time is not broken
    /// at its hyphens then.
    static func splitTime(_ text: String) -> (words: String, time: String?) {
        let form = "yyyy-mm-dd hh:mm:ss UTC"
        guard text.hasSuffix(" UTC"), text.count > form.count else { return (text, nil) }
        return (String(text.dropLast(form.count)), String(text.suffix(form.count)))
    }

    /// A severity for a tag; `false` where nothing is wrong.
    static func severity(_ severity: AlarmSeverity?) -> Any { severity?.rawValue ?? false }

    /// `1 cluster`, `2 clusters`.
    static func count(_ count: Int, _ one: String) -> String {
        "\(count) \(one)\(count == 1 ? "" : "s")"
    }

    static func alarm(_ alarm: AlarmEntry) -> Values {
        [
            "number": "\(alarm.number.value)", "alarmName": alarm.name,
            "severity": alarm.severity.rawValue, "instance": alarm.instance, "text": alarm.text,
            "raised": time(alarm.raisedAt), "isExpected": alarm.isExpected,
            "isStale": alarm.isStale,
            "acknowledgedBy": alarm.acknowledgedBy?.text as Any? ?? false,
            "acknowledgeNote": alarm.acknowledgeNote as Any? ?? false,
        ]
    }

    /// What a form of this permission asks for, so that the person proves anew who that is; or `false`.
    static func proof(_ person: KnownPerson, for permission: Permission, provider: String?) -> Any {
        guard permission.needsFreshProof, let owed = person.owes else { return false }
        return [
            "minutes": owed.minutes, "isPassword": owed.kind == .password,
            "isCode": owed.kind == .code, "provider": provider as Any? ?? false,
            "isLost": owed.kind == .signIn && provider == nil,
        ] as Values
    }

    /// A refusal, or `false`.
    static func problem(_ error: TandemError?) -> Any {
        guard let error else { return false }
        return ["message": error.message, "code": error.code.id, "remedy": error.remedy] as Values
    }

    static func failure(_ failure: TandemFailure?) -> Any {
        guard let failure else { return false }
        return [
            "message": failure.message, "code": failure.code,
            "remedy": failure.remedy,
            "diagnostic": failure.diagnostic.isEmpty ? false : failure.diagnostic as Any,
        ] as Values
    }
}

extension ClusterStatus {
    /// Whether it is a person for whom this cluster waits.
    var waitsForPerson: Bool { !nextStep.isEmpty && (action == nil || !approvals.isEmpty) }

    /// An operation is open, or the servers don't serve as they should; not merely never heard of.
    var needsLooking: Bool { position != .idle && (position != .unseen || operation != nil) }

    var worstAlarm: AlarmSeverity? { alarms.map(\.severity).max() }

    /// Since when the cluster has waited as it does now; `nil` where no record says so.
    var waitsSince: WallTime? {
        if let request = approvals.first { return request.requestedAt }
        if let action { return action.startedAt }
        return nil
    }

    /// The step of the running action on this server, where one is told.
    func step(on server: ServerStatus) -> StepProgress? {
        guard let action, let step = action.step,
            server.operation.hasPrefix("\(action.text) step ")
        else { return nil }
        return step
    }
}
