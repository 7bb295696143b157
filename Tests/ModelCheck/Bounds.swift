package import TandemModel
package import TandemSimulation

/// How far a search goes.
package struct Bounds: Sendable {
    /// Disturbances on one path at most.
    package var faultCount: Int
    /// Of these, deaths of the controller.
    package var restartCount: Int
    package var hasReferee: Bool
    package var takeover: TakeoverWhileMixed
    /// Buttons on one path at most; `nil`: as many as lead somewhere new.
    package var buttonLimit: Int?
    /// Which disturbances are tried.
    package var scope: Scope
    /// Runs after which the search stops, incomplete; `nil`: none.
    package var runLimit: Int?
    /// Whether nothing is told before the end.
    package var isQuiet = false
    /// A bug planted in the model of the HA system, to see that it is found.
    package var hasRunawayMate = false

    /// How many kinds of disturbances are tried at each boundary.
    package enum Scope: String, Sendable, CaseIterable {
        /// Deaths and lost connections.
        case crashes
        /// And all others.
        case all
    }

    package init(
        faultCount: Int = 1,
        restartCount: Int = 1,
        hasReferee: Bool = true,
        takeover: TakeoverWhileMixed = .allowed,
        scope: Scope = .all,
        runLimit: Int? = nil
    ) {
        self.faultCount = faultCount
        self.restartCount = restartCount
        self.hasReferee = hasReferee
        self.takeover = takeover
        self.scope = scope
        self.runLimit = runLimit
    }

    /// The cluster that is searched, at rest before its first upgrade.
    package var world: Joint {
        var setting = Setting(hasReferee: hasReferee, takeover: takeover)
        setting.hasRunawayMate = hasRunawayMate
        var joint = Joint(setting)
        joint.milestones.isKept = false
        return joint
    }

    /// What the search does not branch on; printed with each result.
    package static let exclusions = [
        "time: events come in the order of their due times, and disturbances stand at the boundaries "
            + "between them; timers move against each other only by pauses, late messages and deaths",
        "times in a state count in spans whose edges are the limits of details.md 10",
        "messages of one connection keep their order (TLS over TCP); they come late, twice, or are lost "
            + "with their connection",
        "losses of heartbeats, reports, views and alarms alone: they are told again by themselves; they "
            + "are lost with their connection",
        "without a referee, two active servers after a pause above 4 s (safety.md 29); how often it was tried is counted",
        "an outage after a second fault, or after the death of the server that serves (safety.md 8); "
            + "then only the alarms and the way out are looked at",
        "people tell the truth: Restore Service is pressed only when the other server is not active",
        "Replace Server, Hold, Fence, Declare Outcome, Go On As A Single Server and Close As Observed "
            + "are not pressed",
        "three servers, one server, a wrong clock, a full disk, staging of images under way",
    ]
}
