/// Everything a person can ask of a cluster; one table for the core, the API, the command line and
/// the page.
package enum Button: String, Hashable, Sendable, Codable, CaseIterable {
    case startUpgrade = "start-upgrade"
    case continueUpgrade = "continue-upgrade"
    case resumeUpgrade = "resume-upgrade"
    case startRollback = "start-rollback"
    case continueRollback = "continue-rollback"
    case reapplyConfiguration = "reapply-configuration"
    case tryAgain = "try-again"
    case accept
    /// End the running action at its next safe boundary.
    case stop
    /// End an operation that changed nothing.
    case close
    /// End an operation that can go nowhere (two people; the difference is recorded).
    case closeAsObserved = "close-as-observed"
    /// A person declares a zombie recovered: everything is observed anew.
    case recovered
    /// A new machine fills the slot.
    case replaceServer = "replace-server"
    /// Promote one server where none is active.
    case restoreService = "restore-service"
    /// Go on with the one server that is left (two people; service stops while it is changed).
    case goOnSingle = "go-on-single"
    /// Say what became of an open command of a server that stays silent.
    case declareOutcome = "declare-outcome"
    /// Where two are active: demote this one.
    case demote
    /// Stop a server from serving at once.
    case fence
    /// Hold a standby back on purpose (70503).
    case hold
    /// End a hold.
    case release
    /// Forget a cluster of the network (two people). Offered nowhere: it is no part of an upgrade.
    case removeCluster = "remove-cluster"

    /// What stands on the button.
    package var label: String {
        switch self {
        case .startUpgrade: "Start Upgrade"
        case .continueUpgrade: "Continue Upgrade"
        case .resumeUpgrade: "Resume Upgrade"
        case .startRollback: "Start Rollback"
        case .continueRollback: "Continue Rollback"
        case .reapplyConfiguration: "Reapply Configuration"
        case .tryAgain: "Try Again"
        case .accept: "Accept Upgrade"
        case .stop: "Stop"
        case .close: "Close"
        case .closeAsObserved: "Close As Observed"
        case .recovered: "Recovered"
        case .replaceServer: "Replace Server"
        case .restoreService: "Restore Service"
        case .goOnSingle: "Go On As A Single Server"
        case .declareOutcome: "Declare Outcome"
        case .demote: "Demote"
        case .fence: "Fence"
        case .hold: "Hold"
        case .release: "Release Hold"
        case .removeCluster: "Remove Cluster"
        }
    }

    /// Whether the button always needs two different people.
    package var alwaysNeedsTwoPeople: Bool {
        switch self {
        case .closeAsObserved, .goOnSingle, .removeCluster: true
        case .startUpgrade, .continueUpgrade, .resumeUpgrade, .startRollback, .continueRollback,
            .reapplyConfiguration, .tryAgain, .accept, .stop, .close, .recovered, .replaceServer,
            .restoreService, .declareOutcome, .demote, .fence, .hold, .release:
            false
        }
    }

    /// Whether it leads forward, so that blocking alarms and four-eyes policies apply (`safety.md` 24).
    package var isForward: Bool {
        switch self {
        case .startUpgrade, .continueUpgrade, .resumeUpgrade, .accept: true
        case .startRollback, .continueRollback, .reapplyConfiguration, .tryAgain, .stop, .close,
            .closeAsObserved, .recovered, .replaceServer, .restoreService, .goOnSingle,
            .declareOutcome, .demote, .fence, .hold, .release, .removeCluster:
            false
        }
    }
}

/// One press of a button by one person.
package struct ButtonPress: Hashable, Sendable, Codable {
    package var button: Button
    /// For buttons that name a server.
    package var server: ServerName?
    /// For Start Upgrade: the release to go to.
    package var release: ReleaseID?
    /// For Declare Outcome: `done` or `failed`; for Restore Service: `fenced` or `dead`.
    package var statement: String
    package var person: PersonName
    /// Reason or ticket number; never empty for the way forward.
    package var reason: String
    /// The token of what the person saw; the press is refused when it is no longer so.
    package var seen: String
    /// Notices of the image that the person acknowledges (Start only).
    package var acknowledgesNotices: Bool
    /// The texts of the notices that the person acknowledges, each by name; `nil`: by the mark above.
    package var acknowledgedNotices: [String]?
    /// For Start: the maintenance window that is set with it.
    package var window: MaintenanceWindow?
    /// The person confirms that data written since the last replication will be lost.
    package var acceptsDataLoss: Bool

    /// A press.
    package init(
        button: Button,
        server: ServerName? = nil,
        release: ReleaseID? = nil,
        statement: String = "",
        person: PersonName,
        reason: String,
        seen: String,
        acknowledgesNotices: Bool = false,
        acknowledgedNotices: [String]? = nil,
        window: MaintenanceWindow? = nil,
        acceptsDataLoss: Bool = false
    ) {
        self.button = button
        self.server = server
        self.release = release
        self.statement = statement
        self.person = person
        self.reason = reason
        self.seen = seen
        self.acknowledgesNotices = acknowledgesNotices
        self.acknowledgedNotices = acknowledgedNotices
        self.window = window
        self.acceptsDataLoss = acceptsDataLoss
    }
}

/// What a press of an offered button must say, beside what was seen.
package struct PressDemands: Hashable, Sendable, Codable {
    /// A press without a reason or ticket number is refused.
    package var needsReason: Bool
    /// What data would be lost, which the person must accept; `nil` where none would.
    package var loss: String?
    /// The words of which the person must state one; empty where nothing is to be stated.
    package var statements: [String]

    /// What a press must say.
    package init(needsReason: Bool = false, loss: String? = nil, statements: [String] = []) {
        self.needsReason = needsReason
        self.loss = loss
        self.statements = statements
    }
}

/// What a person may do now, and what it would do.
package struct ButtonOffer: Hashable, Sendable, Codable {
    package var button: Button
    /// The server it would act on, where it is one.
    package var server: ServerName?
    package var isEnabled: Bool
    /// Why it is greyed, and what would change that; empty when enabled.
    package var whyNot: String
    /// The action in the words of `domain.md`, such as `Initiate upgrade cmp-2 (next)`.
    package var action: String
    /// What the person should know before pressing, one sentence each.
    package var warnings: [String]
    /// Different people needed: 1 or 2.
    package var peopleNeeded: Int
    /// What the press must say; `nil` from a controller that does not tell.
    package var demands: PressDemands?

    /// An offer.
    package init(
        button: Button,
        server: ServerName?,
        isEnabled: Bool,
        whyNot: String,
        action: String,
        warnings: [String],
        peopleNeeded: Int,
        demands: PressDemands? = nil
    ) {
        self.button = button
        self.server = server
        self.isEnabled = isEnabled
        self.whyNot = whyNot
        self.action = action
        self.warnings = warnings
        self.peopleNeeded = peopleNeeded
        self.demands = demands
    }
}
