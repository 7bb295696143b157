import AgentCore
import AgentJournal
import ControllerCore
import TandemModel

/// Something that a process does and may die before or after (`details.md` 26).
struct CrashPoint {
    enum Kind: String, CaseIterable, Sendable {
        case journalAppend = "journal appends"
        case storeCommit = "store commits"
        case send = "sends"
        case spawn = "spawns"
        case childExit = "child exits"
    }

    enum Process: Hashable {
        case agent(Int)
        case controller
    }

    enum Side: String, Sendable {
        case before
        /// Told where nothing else comes at once: after a write, and after the last of a step.
        case after
    }

    var kind: Kind
    var process: Process
    var side: Side
    /// What a journal append is about to write, or has written.
    var records: [JournalRecord] = []
    /// What a store commit is about to write.
    var commit: StoreCommit?

    /// A point of an agent.
    static func at(_ kind: Kind, _ side: Side, _ agent: Int) -> CrashPoint {
        CrashPoint(kind: kind, process: .agent(agent), side: side)
    }

    static func append(_ records: [JournalRecord], _ side: Side, _ agent: Int) -> CrashPoint {
        CrashPoint(kind: .journalAppend, process: .agent(agent), side: side, records: records)
    }

    /// A point of the controller.
    static func controller(_ kind: Kind, _ side: Side) -> CrashPoint {
        CrashPoint(kind: kind, process: .controller, side: side)
    }
}

/// All that becomes durable with one step of the controller's core.
struct StoreCommit {
    var epoch: UInt64
    var state: ClusterState
    var audit: [AuditEntry]
    var log: [UpgradeLogEntry]
    var clearedAlarms: [AlarmEntry]
}

/// Where a world keeps what outlives its processes; a world without it keeps it in its own arrays.
protocol Disks: AnyObject {
    /// A new process of an agent reads its journal; `nil` when that is damaged.
    func openJournal(of agent: Int) throws -> [JournalRecord]?
    /// Durable when it returns.
    func append(_ records: [JournalRecord], of agent: Int) throws
    /// A new process of the controller opens its store; a store that is new begins with `first`.
    func openStore(first: ClusterState) throws -> (epoch: UInt64, state: ClusterState)
    /// Durable when it returns.
    func commit(_ commit: StoreCommit) throws
}

extension Joint {
    /// Tells whoever looks for crash points of one.
    func pass(_ point: @autoclosure () -> CrashPoint) { onCrashPoint?(self, point()) }

    /// Kills the process of a point; what it has on its disks is all that the next one has.
    mutating func kill(_ process: CrashPoint.Process, withChildren: Bool) {
        switch process {
        case .agent(let index):
            crashAgent(index)
            if withChildren { endChildren(index) }
        case .controller: crashController()
        }
    }

    /// What the disks give to a new process of an agent; `nil`: it can't be read.
    mutating func readJournal(_ index: Int, on disks: any Disks) -> JournalContent? {
        do {
            let records = try disks.openJournal(of: index)
            return JournalContent(
                records: records ?? [],
                damage: records == nil ? "as its disk says" : nil
            )
        } catch {
            checks.fail("\(nodes[index].server) can't read its journal: \(error)")
            return nil
        }
    }

    mutating func writeJournal(_ records: [JournalRecord], _ index: Int) {
        do {
            try disks?.append(records, of: index)
        } catch {
            checks.fail("\(nodes[index].server) can't write its journal: \(error)")
        }
    }

    /// What the disks give to a new process of the controller.
    mutating func readStore() -> ClusterState? {
        guard let disks else { return nil }
        do {
            let (epoch, state) = try disks.openStore(first: controller.stored)
            controller.epoch = epoch
            return state
        } catch {
            checks.fail("the controller can't open its store: \(error)")
            return nil
        }
    }

    /// Makes one step of the controller's core durable.
    ///
    /// - Returns: whether there was something to write.
    func writeStore(_ step: ClusterStep) throws -> Bool {
        let cleared = step.alarms.filter { !$0.isRaised }.map(\.entry)
        guard step.writes || !step.audit.isEmpty || !step.log.isEmpty || !cleared.isEmpty else {
            return false
        }
        let commit = StoreCommit(
            epoch: controller.epoch,
            state: controller.machine.state,
            audit: step.audit,
            log: step.log,
            clearedAlarms: cleared
        )
        pass(
            CrashPoint(kind: .storeCommit, process: .controller, side: .before, commit: commit)
        )
        try disks?.commit(commit)
        return true
    }
}

extension Effect {
    /// Whether the agent that ships starts a child for it.
    var startsChild: Bool {
        switch self {
        case .observe, .observeRole, .prepareStep, .releaseStep, .observeStep, .repair, .runChecks,
            .driver,
            .armDeadMan, .finishStaging, .dropImage, .verifyRelease, .applyConfiguration,
            .collectLogs, .dropSnapshots, .forgetBoot:
            true
        case .attachStep, .killStep, .disarmDeadMan, .killPromote, .openStaging, .writeChunk: false
        }
    }
}

extension Input {
    /// Whether it is the end of a child.
    var tellsOfChild: Bool {
        switch self {
        case .observed, .observedRole, .stepEnded, .stepObserved, .repaired, .checked, .driverEnded,
            .tookBack,
            .stagingFinished, .imageDropped, .releaseVerified, .configurationApplied,
            .logsCollected:
            true
        case .restored, .connected, .disconnected, .message, .forged, .statusChanged, .stepSpawned,
            .stepProgress, .stagingOpened, .chunkWritten, .stagingFailed, .tick:
            false
        }
    }
}
