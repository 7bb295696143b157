import TandemModel

/// What Patroni says of itself (`/patroni`), and of the cluster (`/cluster` and `/config`, read from its store).
struct PatroniView: Hashable {
    /// One member of the cluster.
    struct Member: Hashable {
        let name: String
        let isLeader: Bool
        /// Whether commits wait for it; Patroni lets nobody else lead while they do.
        let isSynchronous: Bool
        let isRunning: Bool
        /// Whether the store says that it stands back: whoever leads believes that.
        let isTagged: Bool
        let timeline: UInt64
        /// Bytes behind the leader; `nil` where Patroni does not know.
        let lag: UInt64?

        init?(_ value: JSONValue) {
            guard let name = value["name"]?.textValue, let role = value["role"]?.textValue else {
                return nil
            }
            self.name = name
            isLeader = ["leader", "master", "primary", "standby_leader"].contains(role)
            isSynchronous = ["sync_standby", "quorum_standby"].contains(role)
            isRunning = ["running", "streaming", "in archive recovery"]
                .contains(value["state"]?.textValue ?? "")
            isTagged = value["tags"]?["nofailover"] == .flag(true)
            timeline = value["timeline"]?.countValue ?? 0
            lag = value["lag"]?.countValue
        }
    }

    let isPrimary: Bool
    let isRunning: Bool
    let timeline: UInt64
    /// The end of its log, or what it has replayed: a number of bytes.
    let position: UInt64?
    let members: [Member]
    /// Patroni keeps its hands off: nobody is elected, and a leader that loses its key goes on.
    let isPaused: Bool
    /// Whether this member stands back from elections, by its own word.
    let isTagged: Bool
    /// Whether commits are to wait for a standby, whether there is one or not.
    let isSynchronous: Bool

    /// Reads the answers; `nil` for answers of another form.
    init?(own: [UInt8], cluster: [UInt8], settings: [UInt8]) {
        guard let own = JSONValue(own), let cluster = JSONValue(cluster),
            let state = own["state"]?.textValue,
            let members = cluster["members"]?.listValue
        else { return nil }
        let role = own["role"]?.textValue ?? ""
        isPrimary = ["master", "primary"].contains(role)
        isRunning = state == "running"
        timeline = own["timeline"]?.countValue ?? 0
        let log = own["xlog"]
        position =
            log?["location"]?.countValue ?? log?["replayed_location"]?.countValue
        self.members = members.compactMap(Member.init)
        isPaused = cluster["pause"] == .flag(true)
        isTagged = own["tags"]?["nofailover"] == .flag(true)
        if let settings = JSONValue(settings) {
            let mode = settings["synchronous_mode"]
            isSynchronous = mode == .flag(true) || mode?.textValue != nil
        } else {
            // Nobody says: then no standby may be promised to Patroni that it might refuse.
            isSynchronous = true
        }
    }

    /// The member that holds the leader's key.
    var leader: Member? { members.first(where: \.isLeader) }

    /// Whether that member, this one, stands back by its own word and by the store's, or by neither.
    func isSettled(_ isBack: Bool, of name: String) -> Bool {
        isTagged == isBack && members.allSatisfy { $0.name != name || $0.isTagged == isBack }
    }

    /// What the contract's `status` says; `name` is this member's.
    func status(of name: String, nearByteCount: UInt64) -> HAStatus {
        let isActive = isRunning && isPrimary
        let own = members.first { $0.name == name }
        let others = members.filter { $0.name != name }
        let peer: PeerRole =
            others.contains(where: \.isLeader)
            ? .active : others.contains(where: \.isRunning) ? .other : .unseen
        let lag = own?.lag
        // A switchover ends the leader in order and waits until its candidate has all.
        // With commits that wait it takes no other candidate than the one they wait for.
        let isCandidate = !isSynchronous || own?.isSynchronous == true
        let isNear =
            isRunning && leader != nil && isCandidate
            && lag.map { $0 <= nearByteCount } ?? false
        return HAStatus(
            role: isActive ? .active : isRunning ? .standby : .outOfService,
            isInService: isActive,
            peerRole: peer,
            replication: ReplicationState(
                isCaughtUp: isActive || isNear,
                lagBytes: isActive ? 0 : lag ?? 0
            ),
            // The store decides only while Patroni obeys it.
            exclusion: isPaused ? .none : .referee,
            switchover: .atomic,
            token: "\(max(timeline, leader?.timeline ?? 0))",
            position: position.map { "\($0)" } ?? "",
            isHeld: (isTagged || own?.isTagged == true || isPaused) && !isActive
        )
    }
}
