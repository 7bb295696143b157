package import TandemModel

/// The alarms an agent holds, and the events the controller has not acknowledged.
package struct AlarmLedger: Hashable, Sendable {
    /// Events kept for a controller that is away; the snapshot stands in for older ones.
    static let undeliveredCountMax = 256

    /// What is raised now, oldest first: the events that raised it.
    package private(set) var active: [AlarmEvent] = []
    /// Events not acknowledged, oldest first.
    package private(set) var undelivered: [AlarmEvent] = []
    /// Boot and sequence of the newest event.
    package private(set) var newest: AlarmMark?

    /// The newest sequence of that boot; 0 when it has none.
    package func sequence(of boot: BootID) -> UInt32 {
        newest.map { $0.boot == boot ? $0.sequence : 0 } ?? 0
    }

    /// Whether the alarm is raised.
    package func isActive(_ number: AlarmNumber) -> Bool {
        active.contains { $0.number == number }
    }

    /// The newest event that an acknowledgement covers; `nil` when it covers none.
    func covers(boot: BootID, sequence: UInt32) -> Bool {
        undelivered.contains { $0.boot == boot && $0.sequence <= sequence }
    }

    mutating func add(_ event: AlarmEvent) {
        active.removeAll { $0.number == event.number && $0.instance == event.instance }
        if event.isRaised { active.append(event) }
        undelivered.append(event)
        if undelivered.count > Self.undeliveredCountMax { undelivered.removeFirst() }
        newest = AlarmMark(boot: event.boot, sequence: event.sequence)
    }

    /// Events leave in order, so an acknowledgement covers all before the one it names.
    mutating func markDelivered(boot: BootID, sequence: UInt32) {
        if let last = undelivered.lastIndex(where: { $0.boot == boot && $0.sequence <= sequence }) {
            undelivered.removeSubrange(...last)
        }
        guard undelivered.isEmpty else { return }
        let known = newest.map { $0.boot == boot ? $0.sequence : 0 } ?? 0
        newest = AlarmMark(boot: boot, sequence: max(known, sequence))
    }

    /// Records whose fold is this ledger.
    var compacted: [JournalRecord] {
        let delivered = active.filter { !undelivered.contains($0) }
        var records = delivered.map(JournalRecord.alarm)
        if let last = delivered.last {
            records.append(.alarmsDelivered(boot: last.boot, sequence: last.sequence))
        }
        records += undelivered.map(JournalRecord.alarm)
        if undelivered.isEmpty, let newest {
            records.append(.alarmsDelivered(boot: newest.boot, sequence: newest.sequence))
        }
        return records
    }
}

/// One place in a source's run of alarm events.
package struct AlarmMark: Hashable, Sendable {
    package var boot: BootID
    package var sequence: UInt32
}
