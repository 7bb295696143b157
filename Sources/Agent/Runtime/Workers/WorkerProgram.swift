import AgentCore
import AgentPlatform
import Glibc
import TandemImage
package import TandemModel
import TandemSpawn
import TandemWire

/// What a worker or guard does from its start to its end; everything in it may wait.
package struct WorkerProgram {
    private let configurationPath: String

    /// A worker under that configuration.
    package init(configurationPath: String) { self.configurationPath = configurationPath }

    /// Waits for the agent's word, does the task, and answers on standard output.
    ///
    /// - Returns: the exit code: 0 also when no word came.
    package func work() throws(TandemError) -> Int32 {
        let task = try takeTask()
        guard isReleased() else { return 0 }
        let answer = perform(task)
        do {
            let bytes = try answer.wireBytes()
            return write(STDOUT_FILENO, bytes, bytes.count) == bytes.count ? 0 : 1
        } catch {
            return 1
        }
    }

    /// Waits for the agent's word, does the task, and records its end; outlives the agent.
    package func stand(record: String) throws(TandemError) -> Int32 {
        let task = try takeTask()
        guard isReleased() else { return 0 }
        let server = try openServer()
        let writer = try GuardProgress.Writer(record, in: server.state)
        let lock = try takePackageLock(for: task, server, writer)
        let result = run(task, on: server, writer.show)
        withExtendedLifetime(lock) {}
        try GuardRecord(result).write(record, in: server.state)
        return 0
    }

    /// The guard of a dead-man; outlives the agent.
    package func standAsDeadMan(
        failover: FailoverID,
        deadline: Tick,
        boot: BootID
    ) throws(TandemError) -> Int32 {
        guard isReleased() else { return 0 }
        let server = try openServer()
        try DeadMan(server, failover: failover, deadline: deadline, boot: boot).run()
        return 0
    }

    // MARK: - Beginning

    private func takeTask() throws(TandemError) -> WorkerTask {
        let file = Descriptor(owning: WorkerLauncher.taskNumber)
        let bytes = try Files.read(file, path: "task", byteCountMax: 32 * 1024 * 1024)
        do {
            return try WorkerTask(wireBytes: bytes)
        } catch {
            throw TandemError(
                .usage,
                "this command is for tandem-agent's own use",
                remedy: "Start `tandem-agent run`.",
                cause: "\(error)"
            )
        }
    }

    /// Waits for the byte that lets this child begin; `false` when the agent died before.
    private func isReleased() -> Bool {
        let gate = Descriptor(owning: WorkerLauncher.releaseNumber)
        var byte: UInt8 = 0
        return withUnsafeMutableBytes(of: &byte) { gate.readOnce(into: $0) } == .bytes(1)
    }

    private func openServer() throws(TandemError) -> LocalServer {
        let configuration = try AgentConfiguration.load(configurationPath)
        let state = StateFolder(path: configuration.stateDirectory)
        return try LocalServer(configuration, store: BlobStore(sharing: state.store))
    }

    /// One guard at a time changes packages, also when one outlived its agent.
    private func takePackageLock(
        for task: WorkerTask,
        _ server: LocalServer,
        _ writer: GuardProgress.Writer
    ) throws(TandemError) -> Descriptor? {
        switch task {
        case .step(let run, _) where run.definition.action != .installPackages: return nil
        case .step, .repair: break
        case _: return nil
        }
        let path = "\(server.state.path)/packages.lock"
        let file = try Descriptor.open(path, flags: O_RDWR | O_CREAT | O_NOFOLLOW)
        while flock(file.number, LOCK_EX | LOCK_NB) != 0 {
            writer.show(percent: 0, text: "waiting for an earlier step to end")
            _ = poll(nil, 0, 200)
        }
        return file
    }

    // MARK: - Doing

    private func run(
        _ task: WorkerTask,
        on server: LocalServer,
        _ progress: @escaping StepExecutor.Progress
    ) -> StepResult {
        switch task {
        case .step(let run, let facts):
            StepExecutor(server, run, facts: facts, progress: progress).execute()
        case .repair(let run): StepExecutor(server, run, progress: progress).repair()
        case .observeStep, .checks, .verifyRelease, .finishStaging, .dropReleases,
            .applyConfiguration, .driver, .dropSnapshots, .forgetBoot, .resolve:
            .failed(
                TandemFailure(
                    code: ErrorCode.usage.id,
                    message: "\(task.word) is no task for a guard",
                    remedy: "Report this as a defect of tandem-agent."
                )
            )
        }
    }

    private func perform(_ task: WorkerTask) -> WorkerAnswer {
        do throws(TandemError) {
            if case .resolve(let controller) = task {
                return .addresses(try Resolver.addresses(of: controller))
            }
            return try perform(task, on: try openServer())
        } catch {
            return .failure(TandemFailure(error))
        }
    }

    private func perform(
        _ task: WorkerTask,
        on server: LocalServer
    ) throws(TandemError) -> WorkerAnswer {
        switch task {
        case .step(let run, let facts):
            return .result(StepExecutor(server, run, facts: facts).execute())
        case .repair(let run): return .result(StepExecutor(server, run).repair())
        case .observeStep(let run):
            let recorded = GuardRecord.read(GuardRecord.name(of: run), in: server.state)
            return .observation(
                StepExecutor(server, run).observe(recorded: recorded?.result)
            )
        case .checks(let target, let source, let facts):
            let checks = PreUpgradeChecks(server, target: target, source: source, facts: facts)
            return .checks(checks.run())
        case .verifyRelease(let digest):
            try server.store.check(try server.store.manifest(digest))
            return .failure(nil)
        case .finishStaging(let offer):
            let trust = try TrustFile(path: server.configuration.trust)
            let image = try PartialImage(offer, in: server.store).accept(trust: trust)
            return .staged(image.manifestDigest)
        case .dropReleases(let kept):
            for digest in try server.store.manifests() where !kept.contains(digest) {
                try server.store.drop(digest)
            }
            return .failure(nil)
        case .applyConfiguration(let version, let schema):
            try server.apply(version, schema)
            return .failure(nil)
        case .driver(let call): return Self.call(call, on: server)
        case .dropSnapshots(let kept):
            try server.snapshots.drop(allBut: kept)
            return .failure(nil)
        case .forgetBoot:
            try server.snapshots.forgetBoot()
            return .failure(nil)
        case .resolve(let controller):
            return .addresses(try Resolver.addresses(of: controller))
        }
    }

    private static func call(_ call: DriverCall, on server: LocalServer) -> WorkerAnswer {
        let change = RoleChange(server)
        switch call {
        case .promote(let token, _, let deadline):
            return .driver(change.promote(token: token, deadline: deadline))
        case .demote(_, let target, let deadline):
            return .driver(change.demote(to: target, deadline: deadline))
        case .takeBack(_, let isVoided):
            // Without the target's word the agent asks only after the dead-man's time.
            let grounds = RoleChange.TakeBackGrounds(
                isVoided: isVoided,
                isDeadManOver: !isVoided
            )
            return .tookBack(change.takeBack(grounds) ?? .undecided("nothing was done"))
        case .fence: return .driver(change.call(.fence))
        case .hold: return .driver(change.call(.hold))
        case .unhold: return .driver(change.call(.unhold))
        case .inhibitReplication: return .driver(change.call(.inhibitReplication))
        case .allowReplication: return .driver(change.call(.allowReplication))
        }
    }
}
