package import TandemModel

/// The newest alarm event taken from one boot of an agent.
package struct AlarmMark: Hashable, Sendable, Codable {
    package var boot: BootID
    package var sequence: UInt32
}

/// A person's word that a server is dead, kept until that server has been told.
package struct DeathNote: Hashable, Sendable, Codable {
    package var person: PersonName
    package var at: WallTime
    /// The failover id under which the mate was promoted.
    package var failover: FailoverID
    package var target: ServerName
}

/// What must be remembered of one server beside what can be observed; durable.
package struct ServerRecord: Hashable, Sendable, Codable {
    package var name: ServerName
    /// The journal last seen; `nil` before the first hello.
    package var journal: JournalID?
    package var journalHead: UInt64
    /// Ids that must become never at the next hello, before anything else.
    package var tombstones: [CommandID]
    package var alarmMarks: [AlarmMark]
    package var deathNote: DeathNote?
    /// Its mate's word that it will never take over, kept until it has been told or somebody serves.
    package var voided: VoidedFailover?
    /// Why it counts as a zombie beyond its own word; `nil` when it does not.
    package var zombieNote: String?
    /// Who pressed Replace Server; `nil` when nobody.
    package var replacedBy: PersonName?
    /// The release last noted, to tell when it moves without us; empty before.
    package var notedRelease: String
    /// The last action's end that concerned it, in the literal words.
    package var lastResult: String

    /// A server nothing is known of.
    package init(name: ServerName) {
        self.name = name
        journalHead = 0
        tombstones = []
        alarmMarks = []
        notedRelease = ""
        lastResult = ""
    }
}
