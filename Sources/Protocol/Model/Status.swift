/// Where a cluster's operation stands: derived from observation, never remembered.
package enum Position: String, Hashable, Sendable, Codable, CaseIterable {
    /// No operation is open.
    case idle
    case oldOld = "oo"
    case oldNew = "on"
    case newOld = "no"
    case newNew = "nn"
    /// The standby is half-installed, blank or runs a third release.
    case standbyBroken = "standby-broken"
    case standbySilent = "standby-silent"
    case activeSilent = "active-silent"
    case noneActive = "none-active"
    case twoActive = "two-active"
    /// One active server whose release is not known or a third one.
    case activeUnknown = "active-unknown"
    case failoverUndecided = "failover-undecided"
    /// One-server clusters.
    case singleOld = "o"
    case singleNew = "n"
    case singleBroken = "half"
    /// Not enough fresh reports to say.
    case unseen
}

/// One server as an operator reads it.
package struct ServerStatus: Hashable, Sendable, Codable {
    package var name: ServerName
    package var agent: AgentID
    package var isConnected: Bool
    /// Milliseconds since the newest report or heartbeat; `nil` when there was none.
    package var ageMilliseconds: UInt64?
    /// Older than T_fresh (30 s): shown as stale.
    package var isStale: Bool
    package var role: ServerRole
    package var isInService: Bool
    package var generation: UInt64
    package var isHeld: Bool
    package var isCaughtUp: Bool
    package var lagBytes: UInt64
    /// `ReleaseID.description`, or what stands for it.
    package var runningRelease: String
    package var previousRelease: String
    /// `Y` where the running release is the operation's (or the newest accepted) one.
    package var isUpToDate: Bool
    /// The text of the Upgrade Operation column.
    package var operation: String
    package var isZombie: Bool
    package var worstAlarm: AlarmSeverity?
    package var images: [StagedImage]
    package var configuration: AppliedConfiguration?
    /// `healthy`, or the failing check's words.
    package var health: String
    /// What a way back could put back; `nil` where that is not known.
    package var wayBack: String?

    /// A server's status.
    package init(
        name: ServerName,
        agent: AgentID,
        isConnected: Bool,
        ageMilliseconds: UInt64?,
        isStale: Bool,
        role: ServerRole,
        isInService: Bool,
        generation: UInt64,
        isHeld: Bool,
        isCaughtUp: Bool,
        lagBytes: UInt64,
        runningRelease: String,
        previousRelease: String,
        isUpToDate: Bool,
        operation: String,
        isZombie: Bool,
        worstAlarm: AlarmSeverity?,
        images: [StagedImage],
        configuration: AppliedConfiguration?,
        health: String,
        wayBack: String? = nil
    ) {
        self.name = name
        self.agent = agent
        self.isConnected = isConnected
        self.ageMilliseconds = ageMilliseconds
        self.isStale = isStale
        self.role = role
        self.isInService = isInService
        self.generation = generation
        self.isHeld = isHeld
        self.isCaughtUp = isCaughtUp
        self.lagBytes = lagBytes
        self.runningRelease = runningRelease
        self.previousRelease = previousRelease
        self.isUpToDate = isUpToDate
        self.operation = operation
        self.isZombie = isZombie
        self.worstAlarm = worstAlarm
        self.images = images
        self.configuration = configuration
        self.health = health
        self.wayBack = wayBack
    }
}

/// The open action of a cluster.
package struct ActionStatus: Hashable, Sendable, Codable {
    package var id: ActionID
    package var button: Button
    /// In the words of `domain.md`, such as `Initiate upgrade cmp-2 (next)`.
    package var text: String
    package var startedAt: WallTime
    package var person: PersonName
    /// The running command's step, where there is one.
    package var step: StepProgress?
    /// Whom or what it waits for, since when it is shown; empty when it is at work.
    package var waitsFor: String
    /// Milliseconds since it began; `nil` from a controller that does not tell.
    package var elapsedMilliseconds: UInt64?
    /// What is left by the median of those that ended before; `nil` where none did.
    package var aboutLeftMilliseconds: UInt64?

    /// An action's status.
    package init(
        id: ActionID,
        button: Button,
        text: String,
        startedAt: WallTime,
        person: PersonName,
        step: StepProgress?,
        waitsFor: String,
        elapsedMilliseconds: UInt64? = nil,
        aboutLeftMilliseconds: UInt64? = nil
    ) {
        self.id = id
        self.button = button
        self.text = text
        self.startedAt = startedAt
        self.person = person
        self.step = step
        self.waitsFor = waitsFor
        self.elapsedMilliseconds = elapsedMilliseconds
        self.aboutLeftMilliseconds = aboutLeftMilliseconds
    }
}

/// An action that has ended, and how: known by its id, whatever was begun since.
package struct EndedAction: Hashable, Sendable, Codable {
    /// How an action ends.
    package enum Ending: String, Hashable, Sendable, Codable {
        case done
        case failed
        /// A person's Stop ended it before its goal.
        case stopped
    }

    package var id: ActionID
    package var ending: Ending
    /// In the literal words, such as `Fence cmp-1 (next) Completed Successfully at ...`.
    package var result: String
    /// What failed; `nil` unless it ended failed.
    package var failure: TandemFailure?

    /// An ended action.
    package init(id: ActionID, ending: Ending, result: String, failure: TandemFailure?) {
        self.id = id
        self.ending = ending
        self.result = result
        self.failure = failure
    }
}

/// The open (or last) operation of a cluster.
package struct OperationStatus: Hashable, Sendable, Codable {
    package var id: OperationID
    package var direction: Direction
    package var old: ReleaseID
    package var new: ReleaseID
    package var owner: PersonName
    package var reason: String
    package var startedAt: WallTime
    package var action: ActionStatus?
    /// The last action's end, such as `Initiate upgrade cmp-2 (next) Completed Successfully at ...`.
    package var lastResult: String
    /// What failed and has not been dealt with; `nil` when nothing.
    package var failure: TandemFailure?
    /// Since when the owner has it; `nil` from a controller that does not tell.
    package var ownedSince: WallTime?
    /// Whose it was before; `nil` while it is with whoever started it.
    package var takenOverFrom: PersonName?
    /// Why it was taken over.
    package var takeOverReason: String?

    /// Such as `owned by ada since 02:10 UTC, taken over from bob`.
    package var ownerText: String {
        let since = (ownedSince ?? startedAt).clockText
        let from = takenOverFrom.map { ", taken over from \($0)" } ?? ""
        return "owned by \(owner) since \(since) UTC\(from)"
    }

    /// An operation's status.
    package init(
        id: OperationID,
        direction: Direction,
        old: ReleaseID,
        new: ReleaseID,
        owner: PersonName,
        reason: String,
        startedAt: WallTime,
        action: ActionStatus?,
        lastResult: String,
        failure: TandemFailure?,
        ownedSince: WallTime? = nil,
        takenOverFrom: PersonName? = nil,
        takeOverReason: String? = nil
    ) {
        self.id = id
        self.direction = direction
        self.old = old
        self.new = new
        self.owner = owner
        self.reason = reason
        self.startedAt = startedAt
        self.action = action
        self.lastResult = lastResult
        self.failure = failure
        self.ownedSince = ownedSince
        self.takenOverFrom = takenOverFrom
        self.takeOverReason = takeOverReason
    }
}

/// A request that waits for a second person.
package struct PendingApproval: Hashable, Sendable, Codable {
    package var id: RequestID
    package var press: ButtonPress
    package var requestedAt: WallTime
    /// Nobody can approve it any more after so long; `nil` in what an older controller stored.
    package var leftMilliseconds: UInt64?

    /// A pending request.
    package init(
        id: RequestID,
        press: ButtonPress,
        requestedAt: WallTime,
        leftMilliseconds: UInt64? = nil
    ) {
        self.id = id
        self.press = press
        self.requestedAt = requestedAt
        self.leftMilliseconds = leftMilliseconds
    }
}

/// A cluster as an operator reads it: everything a page or a command shows.
package struct ClusterStatus: Hashable, Sendable, Codable {
    package var name: ClusterName
    package var kind: ClusterKind
    package var site: SiteName
    package var isPrimarySite: Bool
    package var position: Position
    /// The position in one sentence.
    package var positionText: String
    package var servers: [ServerStatus]
    package var operation: OperationStatus?
    package var buttons: [ButtonOffer]
    /// Digest of what is seen (`details.md` 21); goes back with a press.
    package var seen: String
    /// What `seen` covers, one line each, so that a difference can be told.
    package var seenLines: [String]
    /// Who must do what next; empty when nobody must.
    package var nextStep: String
    package var approvals: [PendingApproval]
    /// The newest configuration version's number; 0 when there is none.
    package var configurationNumber: UInt32
    /// Edits that wait because versions are mixed.
    package var queuedEditCount: Int
    /// The active alarms of the cluster and its servers, by number and instance.
    package var alarms: [AlarmEntry]
    /// The running action, of an operation or of none.
    package var action: ActionStatus?
    /// The newest ended actions, oldest first; `nil` from a controller that does not tell.
    package var endedActions: [EndedAction]?
    /// The maintenance window; `nil` where none is set: the way forward is open at all times.
    package var window: WindowStatus?
    /// All that waits, each with who ends the waiting; `nil` from a controller that does not tell.
    package var waits: [Waiting]?

    /// A cluster's status.
    package init(
        name: ClusterName,
        kind: ClusterKind,
        site: SiteName,
        isPrimarySite: Bool,
        position: Position,
        positionText: String,
        servers: [ServerStatus],
        operation: OperationStatus?,
        buttons: [ButtonOffer],
        seen: String,
        seenLines: [String],
        nextStep: String,
        approvals: [PendingApproval],
        configurationNumber: UInt32,
        queuedEditCount: Int,
        alarms: [AlarmEntry] = [],
        action: ActionStatus? = nil,
        endedActions: [EndedAction]? = nil,
        window: WindowStatus? = nil,
        waits: [Waiting]? = nil
    ) {
        self.name = name
        self.kind = kind
        self.site = site
        self.isPrimarySite = isPrimarySite
        self.position = position
        self.positionText = positionText
        self.servers = servers
        self.operation = operation
        self.buttons = buttons
        self.seen = seen
        self.seenLines = seenLines
        self.nextStep = nextStep
        self.approvals = approvals
        self.configurationNumber = configurationNumber
        self.queuedEditCount = queuedEditCount
        self.alarms = alarms
        self.action = action
        self.endedActions = endedActions
        self.window = window
        self.waits = waits
    }
}

/// One active or past alarm as an operator reads it.
package struct AlarmEntry: Hashable, Sendable, Codable {
    package var number: AlarmNumber
    package var name: String
    package var severity: AlarmSeverity
    package var instance: String
    package var text: String
    package var raisedAt: WallTime
    package var clearedAt: WallTime?
    /// Caused by the running action, and expected until it ends.
    package var isExpected: Bool
    /// Its source is silent: kept, not confirmed.
    package var isStale: Bool
    /// Who said that it is known and being seen to; that neither clears nor unblocks anything.
    package var acknowledgedBy: PersonName?
    package var acknowledgedAt: WallTime?
    package var acknowledgeNote: String?

    /// An entry.
    package init(
        number: AlarmNumber,
        severity: AlarmSeverity,
        instance: String,
        text: String,
        raisedAt: WallTime,
        clearedAt: WallTime?,
        isExpected: Bool,
        isStale: Bool,
        acknowledgedBy: PersonName? = nil,
        acknowledgedAt: WallTime? = nil,
        acknowledgeNote: String? = nil
    ) {
        self.number = number
        self.name = number.name
        self.severity = severity
        self.instance = instance
        self.text = text
        self.raisedAt = raisedAt
        self.clearedAt = clearedAt
        self.isExpected = isExpected
        self.isStale = isStale
        self.acknowledgedBy = acknowledgedBy
        self.acknowledgedAt = acknowledgedAt
        self.acknowledgeNote = acknowledgeNote
    }
}

/// One line of the upgrade log: an action or a step of one.
package struct UpgradeLogEntry: Hashable, Sendable, Codable {
    /// The action; steps carry their action's id too.
    package var action: ActionID
    /// The operation it belongs to; `nil` for actions outside one.
    package var operation: OperationID?
    /// 0 for the action's own line, else the step's number.
    package var stepIndex: UInt16
    package var text: String
    package var cluster: ClusterName
    /// The server it ran on; `nil` for the cluster as a whole.
    package var server: ServerName?
    package var startedAt: WallTime
    package var endedAt: WallTime?
    package var durationMilliseconds: UInt64
    /// For a command that has ended: milliseconds of it that were Tandem's own (details 27).
    package var ownMilliseconds: UInt64?
    /// `running`, `done`, `failed`, `indeterminate`, `stopped`, or a note's own word.
    package var result: String
    /// The diagnostic of a failure; empty otherwise.
    package var detail: String
    package var person: PersonName
    /// Whether Tandem began it by itself.
    package var isAutomatic: Bool

    /// A line.
    package init(
        action: ActionID,
        operation: OperationID?,
        stepIndex: UInt16,
        text: String,
        cluster: ClusterName,
        server: ServerName?,
        startedAt: WallTime,
        endedAt: WallTime?,
        durationMilliseconds: UInt64,
        ownMilliseconds: UInt64? = nil,
        result: String,
        detail: String,
        person: PersonName,
        isAutomatic: Bool
    ) {
        self.action = action
        self.operation = operation
        self.stepIndex = stepIndex
        self.text = text
        self.cluster = cluster
        self.server = server
        self.startedAt = startedAt
        self.endedAt = endedAt
        self.durationMilliseconds = durationMilliseconds
        self.ownMilliseconds = ownMilliseconds
        self.result = result
        self.detail = detail
        self.person = person
        self.isAutomatic = isAutomatic
    }
}

/// One line of the audit: who asked for or caused which command.
package struct AuditEntry: Hashable, Sendable, Codable {
    package var time: WallTime
    package var person: PersonName
    package var cluster: ClusterName?
    package var server: ServerName?
    /// Such as `press start-upgrade`, `command install`, `refused TDM-5003`.
    package var what: String
    package var reason: String
    /// Where the request came from; `nil` for what no request caused, and in older lines.
    package var address: String?
    /// How the person was known: `certificate`, `session` or `token ID`; `nil` likewise.
    package var means: String?

    /// A line.
    package init(
        time: WallTime,
        person: PersonName,
        cluster: ClusterName?,
        server: ServerName?,
        what: String,
        reason: String,
        address: String? = nil,
        means: String? = nil
    ) {
        self.time = time
        self.person = person
        self.cluster = cluster
        self.server = server
        self.what = what
        self.reason = reason
        self.address = address
        self.means = means
    }
}
