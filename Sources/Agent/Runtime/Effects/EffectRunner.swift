import AgentCore
import AgentPlatform
import TandemImage
import TandemModel
import TandemSpawn
import TandemWire

/// Does what the machine asks for; each end comes back as an input, in a later turn or at once.
final class EffectRunner {
    let server: LocalServer
    let loop: PollLoop
    let launcher: WorkerLauncher
    let observer: Observer
    let log: Log
    /// Where inputs go; they are handled after the effects of the step at hand.
    let emit: (Input) -> Void
    /// Sends messages that are no answers of the machine: the parts of a log.
    let send: ([AgentMessage]) -> Void
    /// What the journal is, in a few lines.
    let summary: () -> String
    /// What checks may be told now.
    let facts: () -> ServerFacts

    private(set) var shelf: ShelfWatch?
    /// Guards that wait for their word.
    var prepared: [String: WorkerLauncher.Prepared] = [:]
    /// Guards at work, by the name of their record.
    var guards: [String: GuardWatch] = [:]
    var deadMen: [FailoverID: DeadManWatch] = [:]
    /// Dead-men that could not be armed, and why: such a demotion must not begin.
    var unarmed: [FailoverID: String] = [:]
    /// The image that is on its way in.
    var partial: PartialImage?
    /// Workers that change the store, one after the other.
    var storeQueue: [() -> Void] = []
    var isStoreBusy = false

    init(
        _ server: LocalServer,
        loop: PollLoop,
        launcher: WorkerLauncher,
        observer: Observer,
        log: Log,
        emit: @escaping (Input) -> Void,
        send: @escaping ([AgentMessage]) -> Void,
        summary: @escaping () -> String,
        facts: @escaping () -> ServerFacts
    ) {
        self.server = server
        self.loop = loop
        self.launcher = launcher
        self.observer = observer
        self.log = log
        self.emit = emit
        self.send = send
        self.summary = summary
        self.facts = facts
    }

    /// Whether no step and no change of the store is under way.
    var isIdle: Bool { guards.isEmpty && prepared.isEmpty && !isStoreBusy && partial == nil }

    /// Watches the releases that are to be here.
    func watchShelf(_ staged: @escaping () -> [Digest]) {
        let watch = ShelfWatch(
            server,
            loop: loop,
            staged: staged,
            manifest: { [observer] digest in
                observer.manifests.first { $0.digest == digest }?.manifest
            },
            read: { [weak self] digest in self?.verifyRelease(digest) }
        )
        watch.begin()
        shelf = watch
    }

    /// Begins an effect.
    func perform(_ effect: Effect) {
        switch effect {
        case .observe(let isThorough):
            observer.observe(isThorough: isThorough) { [emit] in emit(.observed($0)) }
        case .observeRole:
            observer.observeRole { [emit] in emit(.observedRole($0)) }
        case .prepareStep, .releaseStep, .attachStep, .killStep, .observeStep, .repair:
            performStep(effect)
        case .driver, .armDeadMan, .disarmDeadMan, .killPromote:
            performRole(effect)
        case .openStaging, .writeChunk, .finishStaging, .dropImage:
            performStaging(effect)
        case .dropSnapshots(let kept):
            mindRoot(.dropSnapshots(keep: kept))
        case .forgetBoot:
            mindRoot(.forgetBoot)
        case .runChecks(let id, let target, _, let source):
            runChecks(id, target, source)
        case .verifyRelease(let digest):
            verifyRelease(digest)
        case .applyConfiguration(let id, let version, let schema):
            apply(id, version, schema)
        case .collectLogs(let id):
            collectLogs(id)
        }
    }

    // MARK: - Workers

    /// Lets a worker do a task; `onAnswer` hears a `failure` when it could not.
    func work(
        _ task: WorkerTask,
        limitMilliseconds: UInt64,
        onStart: (ChildProcess) throws(TandemError) -> Void = { _ in },
        _ onAnswer: @escaping (WorkerAnswer) -> Void
    ) {
        log(.debug, "worker \(task.word) begins")
        do throws(TandemError) {
            let (command, gate) = try launcher.command(for: task)
            let child = try ChildTask(
                command,
                limitMilliseconds: limitMilliseconds,
                outputByteCountMax: 1024 * 1024
            ) { [log] end in
                log(.debug, "worker \(task.word): \(end.ending)")
                onAnswer(Self.answer(of: task, end))
            }
            loop.add(child)
            try onStart(child.child)
            WorkerLauncher.release(gate)
        } catch {
            log(.error, "worker \(task.word): \(error)")
            onAnswer(.failure(TandemFailure(error)))
        }
    }

    private static func answer(of task: WorkerTask, _ end: ChildTask.End) -> WorkerAnswer {
        if !end.isTimedOut, end.ending.isSuccess,
            let answer = try? WorkerAnswer(wireBytes: end.output)
        {
            return answer
        }
        let how = end.isTimedOut ? "did not end in time" : "\(end.ending)"
        return .failure(
            TandemFailure(
                code: ErrorCode.childFailed.id,
                message: "tandem-agent's worker \(task.word): \(how)",
                remedy: "See the agent's log on this server."
            )
        )
    }

    /// The failure that an answer of another kind than expected is.
    func failure(_ answer: WorkerAnswer) -> TandemFailure {
        if case .failure(let failure?) = answer { return failure }
        return TandemFailure(
            code: ErrorCode.childFailed.id,
            message: "a worker of tandem-agent answered something else than it was asked",
            remedy: "Report this as a defect of tandem-agent."
        )
    }
}
