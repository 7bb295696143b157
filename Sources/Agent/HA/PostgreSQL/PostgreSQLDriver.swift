import AgentHA
import TandemModel
import TandemSpawn

/// A pair of PostgreSQL servers, one streaming from the other; nobody elects.
///
/// So the exclusion is `none`: what keeps two primaries apart is the agents' proofs and clocks, a look
/// at the mate before and after each promotion, and that a server always starts as a standby: it
/// becomes writable by `promote` or `take-back` only.
struct PostgreSQLDriver: HADriverProgram {
    /// What a server remembers beside PostgreSQL.
    enum Mark: String {
        case held = "postgresql-held"
        case inhibited = "postgresql-inhibited"
    }

    /// To write what is dirty while it still serves.
    static let checkpointMilliseconds: UInt64 = 1500
    /// What a demotion keeps of its time for the start as a standby.
    static let startMilliseconds: UInt64 = 2000

    let settings: Settings
    let database: Database
    /// Where the marks lie.
    let folder: String
    let deadline: CallDeadline

    var standbyFiles: StandbyFiles { StandbyFiles(data: settings.data) }

    init(settings: Settings, control: String, folder: String, deadline: CallDeadline) {
        self.settings = settings
        database = Database(settings: settings, control: control)
        self.folder = folder
        self.deadline = deadline
    }

    func status() throws(TandemError) -> HAStatus {
        let mate = database.lookAtMate()
        let peer: PeerRole = mate.map { $0.isInRecovery ? .other : .active } ?? .unseen
        let token = "\(try standbyFiles.timeline())"
        let isHeld = try has(.held)
        var own = database.look()
        if own == nil, database.isRunning, !database.isStartingAsStandby,
            deadline.left > Database.questionMilliseconds
        {
            // It may have come up between the two looks.
            own = database.look()
        }
        // The mark alone would tell of an inhibition that failed half way.
        let isFollowing = own.map(\.isFollowing) ?? (try? standbyFiles.isFollowing) ?? true
        let isInhibited = try has(.inhibited) && !isFollowing
        guard let own else {
            guard !database.isRunning || database.isStartingAsStandby else {
                throw Database.problem("PostgreSQL runs and does not answer")
            }
            return HAStatus(
                role: .outOfService,
                isInService: false,
                peerRole: peer,
                replication: ReplicationState(isCaughtUp: false, isInhibited: isInhibited),
                exclusion: .none,
                switchover: .twoStep,
                token: token,
                isHeld: isHeld
            )
        }
        return HAStatus(
            role: own.isInRecovery ? .standby : .active,
            isInService: !own.isInRecovery,
            peerRole: peer,
            replication: replication(own, mate: mate, isInhibited: isInhibited),
            exclusion: .none,
            switchover: .twoStep,
            token: token,
            position: own.position.text,
            isHeld: isHeld
        )
    }

    /// How far a server is behind the newest place that anybody knows of.
    ///
    /// An active mate still writes: near is enough, since its demotion sends the rest. A mate that has
    /// stopped writing must have nothing that is not here; one that can't be asked may have.
    func replication(
        _ own: DatabaseLook,
        mate: DatabaseLook?,
        isInhibited: Bool
    ) -> ReplicationState {
        guard own.isInRecovery else {
            return ReplicationState(isCaughtUp: true, isInhibited: isInhibited)
        }
        let lag = own.position.lag(behind: max(own.known, mate?.known ?? own.known))
        let isCaughtUp: Bool
        if let mate {
            isCaughtUp =
                mate.isInRecovery
                ? lag == 0 : own.follows(mate) && lag <= settings.caughtUpByteCount
        } else {
            isCaughtUp = false
        }
        return ReplicationState(
            isCaughtUp: isCaughtUp,
            lagBytes: lag,
            lagMilliseconds: lag == 0 ? 0 : own.replayAge,
            isInhibited: isInhibited
        )
    }

    func perform(_ request: DriverRequest) -> DriverEnd {
        do throws(TandemError) {
            switch request {
            case .status: return .done
            case .promote(let token):
                return try starting { () throws(TandemError) in try promote(token) }
            case .takeBack: return try starting(takeBack)
            case .demote: return try demote()
            case .fence: return try fence()
            case .hold: return try hold()
            case .unhold: return try set(.held, false)
            case .inhibitReplication: return try inhibit()
            case .allowReplication: return try allow()
            }
        } catch {
            return .failed(error.message)
        }
    }
}

// MARK: - Marks and whom to follow

extension PostgreSQLDriver {
    func has(_ mark: Mark) throws(TandemError) -> Bool {
        try Files.kind(of: "\(folder)/\(mark.rawValue)") != nil
    }

    func set(_ mark: Mark, _ isSet: Bool) throws(TandemError) -> DriverEnd {
        let path = "\(folder)/\(mark.rawValue)"
        if isSet {
            try Files.createDirectory(folder)
            try Files.replace(path, with: [])
        } else if try has(mark) {
            try Files.removeFile(path)
        }
        return .done
    }

    private func hold() throws(TandemError) -> DriverEnd {
        if let own = database.look(), !own.isInRecovery {
            return .refused("this server is active")
        }
        return try set(.held, true)
    }

    /// Whom this server follows when it stands by; empty: nobody.
    private var followed: String {
        get throws(TandemError) { try has(.inhibited) ? "" : settings.replication }
    }

    /// Tells PostgreSQL whom to follow, running or not; a receiver that runs changes at once.
    func follow() throws(TandemError) {
        let followed = try followed
        guard database.isRunning else {
            return try standbyFiles.set("primary_conninfo", followed)
        }
        try database.change([
            "alter system set primary_conninfo = \(literal(followed))", "select pg_reload_conf()",
        ])
    }

    private func inhibit() throws(TandemError) -> DriverEnd {
        if try !has(.inhibited), let mate = database.lookAtMate(), !mate.isInRecovery,
            !mate.synchronous.isEmpty
        {
            guard settings.reducesByItself else {
                return .refused(
                    "the mate waits for this server with each commit: "
                        + "call reduce-synchronous there first"
                )
            }
            try database.changeMate(Self.reduction)
        }
        let wasSet = try has(.inhibited)
        _ = try set(.inhibited, true)
        do throws(TandemError) {
            try follow()
        } catch {
            // A mark without its effect would make the next try believe that there is nothing to do.
            if !wasSet {
                _ = try? set(.inhibited, false)
                try? follow()
            }
            throw error
        }
        return waitsUntil(isFollowing: false)
    }

    private func allow() throws(TandemError) -> DriverEnd {
        _ = try set(.inhibited, false)
        try follow()
        return waitsUntil(isFollowing: true)
    }

    /// PostgreSQL reads its settings anew a moment after it was told to.
    private func waitsUntil(isFollowing: Bool) -> DriverEnd {
        guard database.isRunning else { return .done }
        return deadline.waits { database.look()?.isFollowing == isFollowing }
            ? .done : .unknown("PostgreSQL has not read whom to follow anew")
    }

    static let reduction = [
        "alter system set synchronous_standby_names = ''", "select pg_reload_conf()",
    ]

    /// Commits here wait for nobody from now on.
    func reduceSynchronous() throws(TandemError) -> DriverEnd {
        try database.change(Self.reduction)
        return .done
    }

    /// Commits here wait for the standby again, if one streams.
    func restoreSynchronous() throws(TandemError) -> DriverEnd {
        guard !settings.synchronous.isEmpty else {
            return .refused("`synchronous` is not set in the driver's settings")
        }
        guard database.hasStandby else {
            return .refused("no standby streams from here: each commit would hang")
        }
        try database.change([
            "alter system set synchronous_standby_names = \(literal(settings.synchronous))",
            "select pg_reload_conf()",
        ])
        return .done
    }
}
