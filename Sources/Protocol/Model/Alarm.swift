/// A state that is raised and cleared, known to the network operations centre by number.
package struct AlarmNumber: Hashable, Sendable, Codable, Comparable, CustomStringConvertible {
    /// Such as 70501.
    package let value: UInt32

    /// Any number, such as one from a newer agent.
    package init(_ value: UInt32) { self.value = value }

    package static let systemMixedVersion = AlarmNumber(70500)
    package static let clusterMixedVersion = AlarmNumber(70501)
    package static let clusterReplicationInhibited = AlarmNumber(70502)
    package static let serverForcedStandby = AlarmNumber(70503)
    package static let isoMismatch = AlarmNumber(70505)
    package static let upgradeOperationFailed = AlarmNumber(70506)
    package static let upgradeInProgress = AlarmNumber(70507)
    package static let serverIsZombie = AlarmNumber(70508)
    package static let clusterNoActive = AlarmNumber(70580)
    package static let clusterTwoActive = AlarmNumber(70581)
    package static let supervisionLost = AlarmNumber(70582)
    package static let noTakeover = AlarmNumber(70583)
    package static let journalDamaged = AlarmNumber(70584)
    package static let signInLockedOut = AlarmNumber(70585)

    /// The name operators know, such as `CLUSTER_MIXED_VERSION`; `ALARM_n` for a number we don't know.
    package var name: String { Self.names[value] ?? "ALARM_\(value)" }

    /// Whether this version knows the number.
    package var isKnown: Bool { Self.names[value] != nil }

    private static let names: [UInt32: String] = [
        70500: "SYSTEM_MIXED_VERSION",
        70501: "CLUSTER_MIXED_VERSION",
        70502: "CLUSTER_REPLICATION_INHIBITED",
        70503: "SERVER_FORCED_STANDBY",
        70505: "ISO_MISMATCH",
        70506: "UPGRADE_OPERATION_FAILED",
        70507: "UPGRADE_IN_PROGRESS",
        70508: "SERVER_IS_ZOMBIE",
        70580: "CLUSTER_NO_ACTIVE",
        70581: "CLUSTER_TWO_ACTIVE",
        70582: "SUPERVISION_LOST",
        70583: "NO_TAKEOVER",
        70584: "JOURNAL_DAMAGED",
        70585: "SIGN_IN_LOCKED_OUT",
    ]

    package var description: String { "\(value) \(name)" }

    package static func < (left: AlarmNumber, right: AlarmNumber) -> Bool {
        left.value < right.value
    }

    /// Reads the plain number.
    package init(from decoder: any Decoder) throws {
        self.init(try decoder.singleValueContainer().decode(UInt32.self))
    }

    /// Writes the plain number.
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(value)
    }
}

/// How bad an alarm is.
package enum AlarmSeverity: String, Hashable, Sendable, Codable, Comparable, CaseIterable {
    case minor
    case major
    case critical

    private var order: Int {
        switch self {
        case .minor: 0
        case .major: 1
        case .critical: 2
        }
    }

    package static func < (left: AlarmSeverity, right: AlarmSeverity) -> Bool {
        left.order < right.order
    }
}

/// One raise or clear of one alarm by one source.
package struct AlarmEvent: Hashable, Sendable, Codable {
    package var number: AlarmNumber
    /// The cluster, server or product that the alarm is about.
    package var instance: String
    package var severity: AlarmSeverity
    /// Raised, or cleared.
    package var isRaised: Bool
    package var text: String
    /// When, for display.
    package var time: WallTime
    /// Counts the source's events of one boot, from 1, without gaps.
    package var sequence: UInt32
    /// The source's boot.
    package var boot: BootID

    /// An event.
    package init(
        number: AlarmNumber,
        instance: String,
        severity: AlarmSeverity,
        isRaised: Bool,
        text: String,
        time: WallTime,
        sequence: UInt32,
        boot: BootID
    ) {
        self.number = number
        self.instance = instance
        self.severity = severity
        self.isRaised = isRaised
        self.text = text
        self.time = time
        self.sequence = sequence
        self.boot = boot
    }
}
