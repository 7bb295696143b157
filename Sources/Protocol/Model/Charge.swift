/// The emergency stop of the whole network, while it is on: nothing is commanded.
package struct EmergencyStop: Hashable, Sendable, Codable {
    /// Who set it.
    package var person: PersonName
    package var since: WallTime
    package var reason: String

    /// A stop.
    package init(person: PersonName, since: WallTime, reason: String) {
        self.person = person
        self.since = since
        self.reason = reason
    }
}

/// When a cluster may be moved forward; the way back asks for no window.
package struct MaintenanceWindow: Hashable, Sendable, Codable {
    package var startsAt: WallTime
    /// The first moment after it.
    package var endsAt: WallTime

    /// A window.
    package init(startsAt: WallTime, endsAt: WallTime) {
        self.startsAt = startsAt
        self.endsAt = endsAt
    }

    /// Whether it ends after it starts, and is no longer than a week.
    package var isSound: Bool {
        endsAt.milliseconds > startsAt.milliseconds
            && endsAt.milliseconds - startsAt.milliseconds <= 7 * 86_400_000
    }
}

/// A cluster's window against the clock.
package struct WindowStatus: Hashable, Sendable, Codable {
    package var startsAt: WallTime
    package var endsAt: WallTime
    /// Until it ends: 0 once it is over; the whole length before it opens.
    package var leftMilliseconds: UInt64
    package var isOpen: Bool
    /// What the running action, or else the next one forward, still takes; `nil` where none was measured.
    package var thisStepMilliseconds: UInt64?
    /// What the way back from there takes; `nil` where it was never measured.
    package var wayBackMilliseconds: UInt64?

    /// A window at a moment.
    package init(
        startsAt: WallTime,
        endsAt: WallTime,
        leftMilliseconds: UInt64,
        isOpen: Bool,
        thisStepMilliseconds: UInt64?,
        wayBackMilliseconds: UInt64?
    ) {
        self.startsAt = startsAt
        self.endsAt = endsAt
        self.leftMilliseconds = leftMilliseconds
        self.isOpen = isOpen
        self.thisStepMilliseconds = thisStepMilliseconds
        self.wayBackMilliseconds = wayBackMilliseconds
    }
}

/// One thing that waits: for what, since when, and who can end it.
package struct Waiting: Hashable, Sendable, Codable {
    /// The person, server or thing that is waited for.
    package var who: String
    package var what: String
    package var since: WallTime?
    /// Who can end the waiting, and how.
    package var unblockedBy: String

    /// A wait.
    package init(who: String, what: String, since: WallTime?, unblockedBy: String) {
        self.who = who
        self.what = what
        self.since = since
        self.unblockedBy = unblockedBy
    }
}

extension WallTime {
    /// `hh:mm`, in UTC.
    package var clockText: String {
        let minutes = milliseconds / 60_000 % 1440
        func padded(_ value: UInt64) -> String { value < 10 ? "0\(value)" : "\(value)" }
        return "\(padded(minutes / 60)):\(padded(minutes % 60))"
    }
}
