import ControllerCore
import TandemModel

/// Hundreds of clusters under one controller: each a world of its own, all on one time.
///
/// The controller's process is one: its machines die and begin together, see each other by the facts that
/// ``NetworkOwner/shareFacts(at:wall:)`` tells, and the real ``NetworkMachine`` looks at all of them once a
/// second. Clusters touch each other nowhere else, so between two looks each goes on by itself.
struct NetworkWorld: NetworkOwner {
    /// How far each cluster goes before the next one follows.
    static let stride: UInt64 = 500

    var joints: [Joint]
    var facts: NetworkFacts?
    var machine = NetworkMachine(state: NetworkState())
    /// What the store holds of the network as a whole.
    private(set) var stored = NetworkState()
    /// The primary site's `cmp`.
    let primary = 0
    var checks = Checks()
    var milestones = Milestones()
    var settling: Settling
    private(set) var now: UInt64
    private var lookedAt: UInt64 = 0
    private var toldProcess = 0
    var trace: Trace?

    init(clusterCount: Int, seed: UInt64) {
        var random = SeededGenerator(seed: seed &* 31)
        joints = Self.settings(clusterCount, seed, &random).map { Joint($0) }
        now = joints[primary].now
        settling = Settling(joints)
        look()
    }

    /// One primary `cmp`, three others, and front ends, databases and single servers.
    private static func settings(
        _ count: Int,
        _ seed: UInt64,
        _ random: inout SeededGenerator
    ) -> [Setting] {
        var library: [CatalogueImage] = []
        let all = (0..<count).map { index in
            var setting = Setting(seed: seed &* 1_009 &+ UInt64(index))
            setting.isInNetwork = true
            setting.hasReferee = random.next() % 4 != 0
            switch index {
            case 0..<4:
                setting.lineage = .management
                setting.takeover = .held
            case _ where index % 8 == 7:
                setting.lineage = .single
                setting.serverCount = 1
            case _ where index % 4 == 1:
                setting.lineage = .database
                setting.replicatesAcross = false
            case _: setting.lineage = .boundFrontEnd
            }
            setting.name = "\(setting.lineage.kind)-\(index)"
            setting.isPrimarySite = index == 0
            let isKnown = library.contains { $0.manifest.release == setting.lineage.new }
            if !isKnown { library += Fixtures.catalogue(setting) }
            return setting
        }
        return all.map { setting in
            var setting = setting
            setting.library = library
            return setting
        }
    }

    // MARK: - Time

    var tick: Tick { Tick(milliseconds: now) }
    var wall: WallTime { joints[primary].wall }
    var isControllerRunning: Bool { joints[primary].controller.isRunning }

    mutating func run(for milliseconds: UInt64) {
        let end = now + milliseconds
        while now < end {
            now = min(end, now + Self.stride)
            for index in joints.indices { joints[index].run(until: now) }
            settling.note(joints, at: now)
            watchMinimum()
            let isNew = joints[primary].controller.process != toldProcess
            if isNew, isControllerRunning { beginAnew() }
            if now >= lookedAt + 1_000 { look() }
        }
    }

    /// What the runtime's loop does at a tick, beside feeding it to each machine.
    mutating func look() {
        lookedAt = now
        guard isControllerRunning else { return }
        toldProcess = joints[primary].controller.process
        if joints.contains(where: { $0.controller.process != toldProcess }) {
            checks.fail("a cluster's machine began anew alone")
        }
        let before = machine.state
        let step = machine.look(at: orderedMachines, now: tick, wall: wall)
        if step.writes != (machine.state != before) {
            checks.fail("a look at the network does not say whether it writes")
        }
        if step.writes { store() }
        for change in step.alarms { note(change) }
        shareFacts(at: tick, wall: wall)
        watchMixed()
    }

    mutating func store() { stored = machine.state }

    /// A new process knows what its store holds, and looks at the network before anything else.
    private mutating func beginAnew() {
        facts = nil
        machine = NetworkMachine(state: stored)
        look()
    }

    var orderedMachines: [ClusterMachine] { joints.map(\.controller.machine) }

    mutating func tell(_ facts: NetworkFacts, to cluster: ClusterName, wall: WallTime) {
        guard let index = joints.firstIndex(where: { $0.setting.name == cluster.text }) else {
            return checks.fail("facts for \(cluster), which nobody knows")
        }
        joints[index].feed(.network(facts))
    }

    private mutating func note(_ change: AlarmChange) {
        let key = AlarmKey(number: change.entry.number, instance: change.entry.instance)
        let isInTurn =
            switch change.kind {
            case .raised: checks.standing.insert(key).inserted
            case .changed: checks.standing.contains(key)
            case .cleared: checks.standing.remove(key) != nil
            }
        checks.look(.safety11, premise: true, holds: isInTurn) {
            "\(key.number) \(key.instance) is told twice in a row"
        }
        milestones.count("alarm \(change.kind.rawValue): \(change.entry.number)")
        say("ALARM \(change.kind) \(change.entry.number) \(change.entry.text)")
    }

    func say(_ text: @autoclosure () -> String) {
        guard let trace else { return }
        trace.add("\(now) \(text())")
    }

    // MARK: - The controller's process

    mutating func crashController(restartAfter milliseconds: UInt64) {
        guard isControllerRunning else { return }
        say("CONTROLLER DIES")
        for index in joints.indices {
            joints[index].crashController(restartAfter: milliseconds)
        }
    }
}

extension Joint {
    /// Lets everything happen that is due by then.
    mutating func run(until end: UInt64) {
        if end > now { run(for: end - now) }
    }
}
