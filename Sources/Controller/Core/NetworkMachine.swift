package import TandemModel

/// What of the network as a whole must survive the controller; never an observation.
package struct NetworkState: Hashable, Sendable, Codable {
    /// The form of this record; 1.
    package var version: Int
    package var alarms: [AlarmRecord]
    /// Every agent that was ever let in, oldest first; `nil` in what an older controller stored.
    package var admitted: [AdmittedAgent]?
    /// While it is set nothing is commanded; `nil` also in what an older controller stored.
    package var emergencyStop: EmergencyStop?
    /// Accounts that were tried in vain so often that the next try has to wait; `nil` before the first.
    package var lockedOut: [PersonName]?
    /// What was measured so far; `nil` before the first.
    package var durations: DurationBook?

    /// A network nothing has happened to.
    package init() {
        version = 1
        alarms = []
    }
}

/// What the shell must do after a look at the network.
package struct NetworkStep: Hashable, Sendable {
    /// Whether ``NetworkMachine/state`` changed and must be durable.
    package var writes = false
    package var alarms: [AlarmChange] = []
}

/// What no single cluster can see: the alarms of the network as a whole (70500, 70585).
///
/// Pure, like ``ClusterMachine``, whose observations it reads; it commands nothing.
package struct NetworkMachine: Sendable {
    package internal(set) var state: NetworkState
    private var shown: [AlarmEntry]

    /// The network as it was stored.
    package init(state: NetworkState) {
        self.state = state
        shown = state.alarms.map(\.entry)
    }

    /// The active alarms, by number and instance.
    package func activeAlarms() -> [AlarmEntry] { state.alarms.map(\.entry) }

    /// Sets the emergency stop, or ends it.
    ///
    /// The first one stands for as long as it is on.
    package mutating func setEmergencyStop(_ stop: EmergencyStop?) {
        state.emergencyStop = stop == nil ? nil : state.emergencyStop ?? stop
    }

    /// Keeps how long things took.
    package mutating func note(_ samples: [DurationSample]) {
        var book = state.durations ?? DurationBook()
        for sample in samples { book.note(sample) }
        state.durations = book
    }

    /// Whose sign-ins are locked out now; the next look tells of it.
    package mutating func setLockedOut(_ names: [PersonName]) { state.lockedOut = names }

    /// Whether the alarm is one of the network's own, which is acknowledged then.
    package mutating func acknowledge(
        _ number: AlarmNumber,
        _ instance: String,
        _ acknowledgement: Acknowledgement
    ) -> Bool {
        guard
            let index = state.alarms.firstIndex(where: {
                $0.number == number && $0.instance == instance
            })
        else { return false }
        state.alarms[index].acknowledgement = acknowledgement
        shown = activeAlarms()
        return true
    }

    /// Looks at all clusters; `machines` in a fixed order, `wall` for display only.
    package mutating func look(
        at machines: [ClusterMachine],
        now: Tick,
        wall: WallTime
    ) -> NetworkStep {
        let running = machines.flatMap { $0.runningReleases(at: now) }
        var step = NetworkStep()
        let before = state
        let products = Set(running.map(\.release.product)).sorted()
        state.alarms =
            products.compactMap { product in
                mixed(running.filter { $0.release.product == product }, product, wall)
            } + (state.lockedOut ?? []).map { lockedOut($0, wall) }
        step.writes = state != before
        let entries = activeAlarms()
        step.alarms = AlarmChange.between(shown, entries, at: wall)
        shown = entries
        return step
    }

    /// 70500 for a product; `nil` while all its servers run one release (`safety.md` 10).
    private func mixed(
        _ running: [RunningRelease],
        _ product: String,
        _ wall: WallTime
    ) -> AlarmRecord? {
        let versions = Set(running.map(\.release.version)).sorted(by: versionPrecedes)
        guard versions.count > 1 else { return nil }
        let words = versions.map { version in
            let names = running.filter { $0.release.version == version }.map(\.server.text)
            return "\(version) on \(Self.words(names))"
        }
        var record = record(.systemMixedVersion, product, words.joined(separator: "; "), wall)
        record.isExpected = running.contains(where: \.isBeingMoved)
        record.isStale = !running.contains(where: \.isHeard)
        return record
    }

    /// 70585 for an account.
    private func lockedOut(_ name: PersonName, _ wall: WallTime) -> AlarmRecord {
        record(
            .signInLockedOut,
            name.text,
            "sign-ins as \(name) fail again and again, so that each next one has to wait",
            wall
        )
    }

    /// A minor alarm of the network, with what is known of it while it stands.
    private func record(
        _ number: AlarmNumber,
        _ instance: String,
        _ text: String,
        _ wall: WallTime
    ) -> AlarmRecord {
        let known = state.alarms.first { $0.number == number && $0.instance == instance }
        return AlarmRecord(
            number: number,
            instance: instance,
            raisedAt: known?.raisedAt ?? wall,
            sources: [AlarmSource(server: nil, severity: .minor, text: text)],
            isExpected: false,
            isStale: false,
            acknowledgement: known?.acknowledgement
        )
    }

    /// So many names that a line holds them: the first ones, and how many more.
    private static func words(_ names: [String]) -> String {
        let shown = names.prefix(4).joined(separator: ", ")
        return names.count > 4 ? "\(shown) and \(names.count - 4) more" : shown
    }
}

/// What one server runs, as the network's alarms count it.
struct RunningRelease {
    var server: ServerName
    var release: ReleaseID
    var isHeard: Bool
    /// An action that runs in its cluster moves this product from one release to the other.
    var isBeingMoved: Bool
}

extension ClusterMachine {
    /// What each server is known to run: a silent one, and one whose packages are being changed, as
    /// last known; one that says that it runs no known release does not count.
    fileprivate func runningReleases(at now: Tick) -> [RunningRelease] {
        let product = state.operation?.new.release.product
        return observed(at: now).servers.compactMap { server in
            let isSettled = server.report != nil && server.change == nil
            let noted = ReleaseID(state[server.name].notedRelease)
            guard let release = isSettled ? server.release : noted else { return nil }
            return RunningRelease(
                server: server.name,
                release: release,
                isHeard: server.report != nil,
                isBeingMoved: state.action != nil && product == release.product
            )
        }
    }
}
