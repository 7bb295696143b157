import AgentCore
import ControllerCore
import TandemModel

/// How values of a type, or under a name, count in a fingerprint.
enum Likeness {
    case nothing
    case number
    case text
    case moment
    case digest
    case manifest
    case failure
    case event
    case entry
    case command
    case child
    case identifier(@Sendable (Any) -> (UInt64, UInt64))
    case parts

    /// Looked up by type; what is not in the table is walked through.
    static func of(_ type: Any.Type) -> Likeness { table[ObjectIdentifier(type)] ?? .parts }

    private static let table = values.merging(identifiers) { first, _ in first }

    private static let identifiers: [ObjectIdentifier: Likeness] = Dictionary(
        uniqueKeysWithValues: [
            entry(AgentID.self), entry(CommandID.self), entry(OperationID.self),
            entry(ActionID.self), entry(FailoverID.self), entry(BootID.self),
            entry(JournalID.self), entry(Nonce.self), entry(RequestID.self),
        ]
    )

    private static func entry<Tag>(_ type: Identifier<Tag>.Type) -> (ObjectIdentifier, Likeness) {
        let halves: @Sendable (Any) -> (UInt64, UInt64) = { value in
            (value as? Identifier<Tag>).map { ($0.high, $0.low) } ?? (0, 0)
        }
        return (ObjectIdentifier(type), .identifier(halves))
    }

    private static let values: [ObjectIdentifier: Likeness] = [
        ObjectIdentifier(Bool.self): .number, ObjectIdentifier(Int.self): .number,
        ObjectIdentifier(UInt64.self): .number, ObjectIdentifier(UInt32.self): .number,
        ObjectIdentifier(UInt16.self): .number, ObjectIdentifier(UInt8.self): .number,
        ObjectIdentifier(Int32.self): .number, ObjectIdentifier(String.self): .text,
        ObjectIdentifier(Tick.self): .moment, ObjectIdentifier(Digest.self): .digest,
        ObjectIdentifier(ReleaseManifest.self): .manifest,
        ObjectIdentifier(TandemFailure.self): .failure,
        ObjectIdentifier(AlarmEvent.self): .event, ObjectIdentifier(AlarmEntry.self): .entry,
        ObjectIdentifier(CommandEntry.self): .command,
        ObjectIdentifier(ChildIdentity.self): .child,
        ObjectIdentifier(OperationRecord.self): .nothing,
        ObjectIdentifier(WallTime.self): .nothing, ObjectIdentifier(AgentLimits.self): .nothing,
        ObjectIdentifier(ClusterLimits.self): .nothing,
        ObjectIdentifier(ClusterDefinition.self): .nothing,
        ObjectIdentifier(ClusterView.self): .nothing,
        ObjectIdentifier(CatalogueImage.self): .nothing,
        ObjectIdentifier(OperationStatus.self): .nothing,
        ObjectIdentifier(ConfigurationVersion.self): .nothing,
    ]

    /// Names of what is only shown, logged or counted, or follows from the rest.
    static let skipped: Set<String> = [
        "head", "journalHead", "tombstones", "sequence", "reportSequence", "heartbeatSequence",
        "heartbeat", "issuedCount", "arrivedCount", "ticket", "nonces", "anchors", "anchor",
        "afterHeartbeat", "commandSequence", "commandCount", "seenPages", "shownAlarms",
        "shownSilent", "closedRecords", "lastOperation", "lastResult", "text", "progressText",
        "progress", "why", "waitsFor", "undecided", "blocker", "vouchTrouble",
        "durationMilliseconds",
        "ownMilliseconds", "foreignMilliseconds", "childMilliseconds", "loadHundredths",
        "completed", "catalogue", "manifests", "stagedBytes", "pinned", "newest", "alarmMarks",
        "reason", "person", "owner", "checks", "time", "views", "view", "settled", "asked",
        "resent", "relayed", "buried", "sentResults", "sentAt", "verified", "lag", "lagBytes",
        "lagMilliseconds", "rerunCount", "progressAt", "stepAt", "stepSince", "requestsSince",
        "network", "hello", "image", "takenAt", "phaseSince", "startedAt", "instructionSince",
        "agentVersion", "limits", "startBy", "deadlineMilliseconds", "issuedAt", "digestsAtStart",
        "configurations", "configurationCount", "connectedAt", "welcomedAt", "controllerAhead",
        "endedActions",
        "remarkCount", "restingSince", "ownedSince", "takenOverFrom", "takeOverReason",
        "waitingSince", "actionSince", "wallNoted", "durations", "acknowledgement",
    ]

    /// Names of numbers and texts of which only equality matters.
    static let renamed: Set<String> = [
        "generation", "token", "countedToken", "epoch", "process", "link", "killCount", "pid",
        "startTime",
    ]

    /// Clocks of keep-alives: whatever is younger than a lost connection is fresh.
    static let unhurried: Set<String> = [
        "heardAt", "heartbeatAt", "observedAt", "lastHeard", "silentSince", "housekeepingAt",
        "releaseUnknownSince",
    ]
    /// Moments of which only matters whether they have come.
    static let deadlines: Set<String> = [
        "quietUntil", "notBefore", "pausedUntil", "cutUntil", "nextAt", "dueAt", "until",
        "deadline", "due", "dutyAfter",
    ]
    static let longEdges: [UInt64] = [15_000, 30_000, 60_000]
    /// Milliseconds: the deadlines of a demotion, a voucher, an armed target, a promotion, the dead-man
    /// and a failover.
    static let edges: [UInt64] = [1_000, 5_000, 10_000, 15_000, 20_000, 45_000, 60_000]
}
