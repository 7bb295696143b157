package import AgentCore
import ControllerCore
import Foundation
import Synchronization
package import TandemModel

/// Agents and their controller in one thread, on one simulated time, each the machine that ships.
///
/// It is the shell of both sides as their runtimes are: records are durable before anything is sent,
/// and every boundary between them is a point at which a process may die. Connections keep the order of
/// messages and lose what is under way when they break; each side notices the end in its own time.
package struct Joint: Sendable {
    package enum Work: Sendable {
        case answer(Int, process: Int, Input)
        case child(Int, ChildIdentity)
        case inline(Int, process: Int, StepRun)
        case drive(Int, process: Int, CommandID?, DriverCall, killCount: Int)
        case guardian(Int, FailoverID)
        case restartAgent(Int)
        case dial(Int, process: Int)
        case toAgent(Int, link: Int, ControllerMessage)
        case toController(Int, link: Int, AgentMessage)
        case agentNotices(Int, link: Int)
        case controllerNotices(Int, link: Int)
        case agentTick(Int, process: Int)
        case controllerTick(process: Int)
        case restartController
        case powerOn(Int)
        case mendDisk(Int)
        case sight
    }

    /// Something that is going to happen.
    package struct Scheduled: Sendable {
        package var due: UInt64
        package var order: Int
        package var work: Work
    }

    package let setting: Setting
    package var now: UInt64 = 5_000_000
    package var nodes: [Node]
    package var controller: Controller
    var generator: SeededGenerator
    let agentLimits: AgentLimits
    var linkCount = 0
    var broken: Set<Int> = []
    /// Shared by both where the HA system has a referee: changes with each take-over.
    var takeOverCount = 1
    package var hidesPeers = false
    /// Milliseconds that a message takes at most; order is kept.
    var latencyMax: UInt64 = 5
    var lastDue: [String: UInt64] = [:]
    package internal(set) var queue: [Scheduled] = []
    var orderCount = 0
    package var checks = Checks()
    /// Whether every message may come twice.
    var doublesMessages = false
    /// Milliseconds by which the wall clocks are wrong.
    var wallOffset: UInt64 = 0
    package var milestones = Milestones()
    /// What happened, for whoever looks for a cause; shared by copies.
    package var trace: Trace?
    private var outside = Outside()

    package init(_ setting: Setting = Setting()) {
        self.init(setting, disks: nil)
    }

    init(_ setting: Setting = Setting(), disks: (any Disks)?) {
        self.setting = setting
        outside.disks = disks
        var limits = AgentLimits()
        limits.chunkByteCount = 256
        agentLimits = limits
        generator = SeededGenerator(seed: setting.seed)
        let definition = Fixtures.definition(setting)
        nodes = definition.servers.map { Node($0, limits: limits) }
        for index in nodes.indices { nodes[index].driftPerMille = setting.drift(of: index) }
        let state = ClusterState(definition: definition)
        controller = Controller(
            machine: Self.machine(state, epoch: 1),
            stored: state,
            links: definition.servers.map { _ in 0 },
            catalogue: setting.library ?? Fixtures.catalogue(setting)
        )
        if setting.isInNetwork { controller.facts = nil }
        prepare()
        startController()
        if setting.hasConfiguration { saveConfiguration() }
        for index in nodes.indices { startAgent(index) }
        run(for: 12_000)
    }

    /// The same world with other disks, of which nobody hears.
    func copied(with disks: any Disks) -> Joint {
        var copy = self
        copy.outside = Outside(disks: disks)
        return copy
    }

    static func machine(_ state: ClusterState, epoch: UInt64) -> ClusterMachine {
        ClusterMachine(
            definition: state.definition,
            state: state,
            epoch: epoch,
            boot: BootID(high: 9, low: epoch),
            limits: ClusterLimits()
        )
    }

    /// The servers as they are before Tandem comes: the old release, installed by hand.
    private mutating func prepare() {
        nodes[0].platform.isActive = true
        let lineage = setting.lineage
        for index in nodes.indices {
            nodes[index].platform.packages = .release(lineage.oldManifest)
            if setting.hasConfiguration {
                nodes[index].platform.configuration = Fixtures.configuration.digest
            }
            guard setting.isOldStaged,
                let image = controller.catalogue.first(where: {
                    $0.offer.manifest == lineage.oldManifest
                })
            else { continue }
            let offer = image.offer
            nodes[index].platform.manifests = [
                StoredManifest(digest: offer.manifest, manifest: image.manifest)
            ]
            let records: [JournalRecord] = [
                .opened(JournalID(high: 2, low: UInt64(index + 1))),
                .staged(
                    StagedImage(
                        image: offer.image,
                        manifest: offer.manifest,
                        release: offer.release,
                        isVerified: true
                    )
                ),
            ]
            guard (try? nodes[index].disk.replace(with: records)) != nil else {
                checks.fail("the first journal can't be written")
                return
            }
            writeJournal(records, index)
        }
    }

    private mutating func saveConfiguration() {
        let version = Fixtures.configuration
        feed(
            .edit(
                ConfigurationEdit(
                    schema: version.schema,
                    digest: version.digest,
                    document: version.document,
                    person: Fixtures.alice,
                    reason: "first"
                )
            )
        )
    }

    // MARK: - Time

    package var tick: Tick { Tick(milliseconds: now) }
    package var wall: WallTime { WallTime(milliseconds: 1_760_000_000_000 + now + wallOffset) }

    mutating func after(_ milliseconds: UInt64, _ work: Work) {
        orderCount += 1
        queue.append(Scheduled(due: now + milliseconds, order: orderCount, work: work))
    }

    /// Puts a message on its way; nothing overtakes on one connection.
    mutating func carry(_ lane: String, _ work: Work) {
        let delay = latencyMax <= 5 ? 5 : UInt64.random(in: 1...latencyMax, using: &generator)
        let due = max(now + delay, lastDue[lane] ?? 0)
        lastDue[lane] = due
        orderCount += 1
        queue.append(Scheduled(due: due, order: orderCount, work: work))
        guard doublesMessages, Int.random(in: 0..<4, using: &generator) == 0 else { return }
        orderCount += 1
        queue.append(Scheduled(due: due, order: orderCount, work: work))
    }

    package mutating func run(for milliseconds: UInt64) {
        let end = now + milliseconds
        while step(before: end) {}
        now = end
    }

    /// Lets the time pass until a condition holds, looked at after each event.
    ///
    /// - Returns: whether it did within the limit.
    package mutating func run(upTo milliseconds: UInt64, until holds: (Joint) -> Bool) -> Bool {
        let end = now + milliseconds
        while !holds(self) {
            guard step(before: end) else {
                now = end
                return holds(self)
            }
        }
        return true
    }

    mutating func step(before end: UInt64) -> Bool {
        guard let next = nextIndex, queue[next].due <= end else { return false }
        perform(at: next)
        return true
    }

    var nextIndex: Int? {
        queue.indices.min {
            (queue[$0].due, queue[$0].order) < (queue[$1].due, queue[$1].order)
        }
    }

    mutating func perform(at index: Int) {
        let item = queue.remove(at: index)
        now = max(now, item.due)
        milestones.mix(now)
        perform(item.work)
        watch()
    }

    private mutating func perform(_ work: Work) {
        switch work {
        case .answer(let index, let process, let input): feed(index, process, input)
        case .child(let index, let child): endChild(index, child)
        case .inline(let index, let process, let step):
            feed(index, process, .stepEnded(step, nodes[index].platform.run(step)))
        case .drive(let index, let process, let command, let call, let killCount):
            drive(index, process, command, call, killCount)
        case .guardian(let index, let failover): guardFailover(index, failover)
        case .restartAgent(let index): startAgent(index)
        case .dial(let index, let process): dial(index, process)
        case .toAgent(let index, let link, let message):
            guard !broken.contains(link), nodes[index].link == link else { return }
            note("c>\(nodes[index].server) \(message)")
            feed(index, nodes[index].process, .message(message))
        case .toController(let index, let link, let message):
            guard !broken.contains(link), controller.isRunning else { return }
            note("\(nodes[index].server)>c \(message)")
            take(message, from: index, link)
        case .agentNotices(let index, let link):
            guard nodes[index].link == link, nodes[index].isRunning else { return }
            loseLink(index, redialAfter: 1_000)
        case .controllerNotices(let index, let link):
            guard controller.links[index] == link, controller.isRunning else { return }
            controller.links[index] = 0
            checks.evidence.forget(nodes[index].server)
            feed(.lost(nodes[index].server))
        case .agentTick(let index, let process):
            guard nodes[index].process == process, nodes[index].isRunning else { return }
            after(1_000, .agentTick(index, process: process))
            feed(index, process, .tick)
        case .controllerTick(let process):
            guard controller.process == process, controller.isRunning else { return }
            after(1_000, .controllerTick(process: process))
            feed(.tick)
        case .restartController: startController()
        case .mendDisk(let index): nodes[index].disk.mend()
        case .powerOn(let index): powerOn(index)
        case .sight: hidesPeers = false
        }
    }

    package func note(_ text: @autoclosure () -> String) {
        guard let trace else { return }
        trace.add("\(now) \(text())")
    }
}

extension Joint {
    /// Real files, where a run has them; shared by copies.
    var disks: (any Disks)? { outside.disks }

    /// Hears of each crash point, with the world as a death there would leave it.
    var onCrashPoint: ((Joint, CrashPoint) -> Void)? {
        get { outside.onCrashPoint }
        set { outside.onCrashPoint = newValue }
    }
}

/// What a world of one thread may be tied to: files, and somebody who listens.
///
/// Sendable because worlds that are sent elsewhere, those of a search, have neither.
private struct Outside: @unchecked Sendable {
    var disks: (any Disks)?
    var onCrashPoint: ((Joint, CrashPoint) -> Void)?
}

/// Lines of a run.
package final class Trace: Sendable {
    private let held = Mutex<[String]>([])

    package init() {}

    package var lines: [String] { held.withLock { $0 } }

    func add(_ line: String) { held.withLock { $0.append(line) } }
}
