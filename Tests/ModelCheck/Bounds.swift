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
    /// Seconds of processor time after which the search stops, incomplete; `nil`: none.
    package var secondLimit: Int?
    /// Whether faults after the first strike before the next rest only, and a party only right before an
    /// event of its own.
    package var isClose = false
    /// Whether nothing is told before the end.
    package var isQuiet = false
    /// A bug planted in the model of the HA system, to see that it is found.
    package var hasRunawayMate = false

    /// Which kinds of disturbances are tried at each boundary.
    package enum Scope: String, Sendable, CaseIterable {
        /// One short death of each process, and each connection breaks: for more than one fault.
        case brief
        /// Deaths and lost connections.
        case crashes
        /// Any message: twice, late, or the last one of its connection.
        case messages
        /// A server dies, and stays away until a person brings it back or replaces it.
        case servers
        /// Stop and the emergency stop, each pressed anywhere.
        case stops
        /// All of these and all others.
        case all
    }

    package init(
        faultCount: Int = 1,
        restartCount: Int = 1,
        hasReferee: Bool = true,
        takeover: TakeoverWhileMixed = .allowed,
        buttonLimit: Int? = nil,
        scope: Scope = .all,
        runLimit: Int? = nil,
        secondLimit: Int? = nil
    ) {
        self.faultCount = faultCount
        self.restartCount = restartCount
        self.hasReferee = hasReferee
        self.takeover = takeover
        self.scope = scope
        self.runLimit = runLimit
        self.buttonLimit = buttonLimit
        self.secondLimit = secondLimit
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
        "order within a connection, and the loss of one message out of it: TLS notices both and ends the "
            + "connection; what is lost is lost with it, from any message on",
        "order across a reconnect, but that the agent's last words come before its new hello: the "
            + "controller hears nothing of an old connection once a new one has said hello, and the agent "
            + "nothing once it has dialled",
        "without a referee, two active servers after a pause above 4 s (safety.md 29); how often it was tried is counted",
        "an outage after a second fault, or after the death of the server that serves (safety.md 8); "
            + "then only the alarms and the way out are looked at",
        "people tell the truth: Restore Service is pressed only when the other server is not active, Go On "
            + "As A Single Server, Declare Outcome and Replace Server only for one that is dead or a zombie; "
            + "Declare Outcome says failed",
        "three servers, one server from the beginning, a wrong clock, a full disk, staging of images under "
            + "way but to a new machine",
    ]
}
