package import TandemModel

/// Who is in charge, when, and of which alarm: decisions of people beside the buttons.
extension ClusterMachine {
    mutating func takeOver(by person: PersonName, _ reason: String, _ turn: inout Turn) {
        guard let operation = state.operation else {
            return turn.refuse(
                .blocked(
                    "no operation of \(state.definition.name) is open",
                    "Take over once one was started."
                )
            )
        }
        guard operation.owner != person else {
            return turn.refuse(
                .blocked("\(person) owns it already", "Press the buttons that are offered.")
            )
        }
        guard !reason.isEmpty else { return turn.refuse(.reasonMissing) }
        state.operation?.takenOverFrom = operation.owner
        state.operation?.owner = person
        state.operation?.ownedSince = turn.wall
        state.operation?.takeOverReason = reason
        audit("take over from \(operation.owner)", by: person, on: nil, reason, &turn)
        note("\(person) took the operation over from \(operation.owner): \(reason)", &turn)
        turn.step.answer = .accepted(nil)
    }

    mutating func setWindow(
        _ window: MaintenanceWindow?,
        by person: PersonName,
        _ reason: String,
        _ turn: inout Turn
    ) {
        guard !reason.isEmpty else { return turn.refuse(.reasonMissing) }
        if let refusal = window.flatMap({ unsound($0, at: turn.wall) }) {
            return turn.refuse(refusal)
        }
        keepWindow(window, by: person, reason, &turn)
        turn.step.answer = .accepted(nil)
    }

    /// Takes a window that was looked at before.
    mutating func keepWindow(
        _ window: MaintenanceWindow?,
        by person: PersonName,
        _ reason: String,
        _ turn: inout Turn
    ) {
        let words = window.map { "\(utcText($0.startsAt)) to \(utcText($0.endsAt))" } ?? "none"
        state.window = window
        audit("window \(words)", by: person, on: nil, reason, &turn)
        note("the maintenance window is \(words), says \(person): \(reason)", &turn)
        turn.step.changesView = true
    }

    /// Why a window can't be set; `nil` when it can.
    func unsound(_ window: MaintenanceWindow, at wall: WallTime) -> TandemError? {
        guard window.isSound else {
            return .blocked(
                "a window from \(utcText(window.startsAt)) to \(utcText(window.endsAt)) is none",
                "Let it end after it starts, and within a week."
            )
        }
        guard window.endsAt.milliseconds > wall.milliseconds else {
            return .blocked(
                "the window has ended at \(utcText(window.endsAt))",
                "Name one that ends later."
            )
        }
        return nil
    }

    mutating func acknowledge(
        _ number: AlarmNumber,
        _ instance: String,
        _ acknowledgement: Acknowledgement,
        _ turn: inout Turn
    ) {
        guard
            let index = state.alarms.firstIndex(where: {
                $0.number == number && $0.instance == instance
            })
        else { return turn.refuse(.unknownAlarm(number, instance)) }
        guard !acknowledgement.note.isEmpty else { return turn.refuse(.reasonMissing) }
        state.alarms[index].acknowledgement = acknowledgement
        audit(
            "acknowledge \(number.value) \(instance)",
            by: acknowledgement.person,
            on: nil,
            acknowledgement.note,
            &turn
        )
        turn.step.answer = .accepted(nil)
    }
}

/// Somebody knows of an alarm and sees to it; gone with the alarm.
package struct Acknowledgement: Hashable, Sendable, Codable {
    package var person: PersonName
    package var at: WallTime
    package var note: String

    /// An acknowledgement.
    package init(person: PersonName, at: WallTime, note: String) {
        self.person = person
        self.at = at
        self.note = note
    }
}

extension TandemError {
    /// A decision without a reason.
    package static let reasonMissing = TandemError.blocked(
        "the reason is missing",
        "Give a reason or a ticket number."
    )

    /// An alarm that is not active.
    package static func unknownAlarm(_ number: AlarmNumber, _ instance: String) -> TandemError {
        TandemError(
            .unknownName,
            "alarm \(number.value) of '\(instance.prefix(80))' is not active",
            remedy: "`tandem alarm list` shows the active alarms."
        )
    }
}
