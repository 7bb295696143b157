import AgentCore
import AgentPlatform
import TandemModel
import TandemSpawn

extension EffectRunner {
    /// How long the question for a step's goal may take; a hook may ask its product.
    private static let observeMilliseconds: UInt64 = 60_000

    func performStep(_ effect: Effect) {
        switch effect {
        case .prepareStep(let run): prepare(run)
        case .releaseStep(let run, let identity): release(run, identity)
        case .attachStep(let run, let identity): watch(run, identity, child: nil)
        case .killStep(_, let identity):
            guard let identity else { return }
            log(.warning, "step \(identity.record) is past its limit and is ended")
            guards[identity.record]?.kill()
        case .observeStep(let run): observeStep(run)
        case .repair(let run): repair(run)
        case _: break
        }
    }

    private func prepare(_ run: StepRun) {
        let name = GuardRecord.name(of: run)
        do throws(TandemError) {
            try GuardRecord.prepare(name, of: run.command, in: server.state)
            let made = try launcher.guardCommand(for: .step(run, facts()), record: name)
            let ready = try launcher.prepare(made)
            prepared[name] = ready
            emit(.stepSpawned(run, ready.identity(record: name)))
        } catch {
            emit(.stepEnded(run, .failed(TandemFailure(error))))
        }
    }

    private func release(_ run: StepRun, _ identity: ChildIdentity?) {
        guard let identity, let ready = prepared.removeValue(forKey: identity.record) else {
            let failure = TandemFailure(
                code: ErrorCode.stateIndeterminate.id,
                message: "the guard of step \(run.definition.name) is not there",
                remedy: "Try Again."
            )
            emit(.stepEnded(run, .unknown(failure)))
            return
        }
        log(.info, "step \(run.index)/\(run.count) of \(run.command): \(run.definition.name)")
        watch(run, identity, child: ready.child)
        ready.release()
    }

    private func watch(_ run: StepRun, _ identity: ChildIdentity, child: ChildProcess?) {
        watch(run, identity, child: child) { [emit, log] result in
            log(.info, "step \(run.index)/\(run.count) of \(run.command): \(result.word)")
            emit(.stepEnded(run, result))
        }
    }

    private func watch(
        _ run: StepRun,
        _ identity: ChildIdentity,
        child: ChildProcess?,
        _ onEnd: @escaping (StepResult) -> Void
    ) {
        let watch = GuardWatch(
            run,
            identity,
            child: child,
            state: server.state,
            onProgress: { [emit] progress in
                emit(.stepProgress(run, percent: progress.percent, text: progress.text))
            },
            onEnd: { [weak self] result in
                self?.guards[identity.record] = nil
                onEnd(result)
            }
        )
        guards[identity.record] = watch
        loop.add(watch)
    }

    /// How long the boot loader or the deletion of snapshots may take.
    private static let rootMilliseconds: UInt64 = 120_000

    /// Nobody waits for its end: what is left over takes space, and the next one sees to it.
    func mindRoot(_ task: WorkerTask) {
        work(task, limitMilliseconds: Self.rootMilliseconds) { [log] answer in
            if case .failure(let failure?) = answer {
                log(.warning, "\(task.word): \(failure.message): \(failure.diagnostic)")
            }
        }
    }

    private func observeStep(_ run: StepRun) {
        work(.observeStep(run), limitMilliseconds: Self.observeMilliseconds) { [emit] answer in
            if case .observation(let observation) = answer {
                emit(.stepObserved(run, observation))
            } else {
                emit(.stepObserved(run, .unknown))
            }
        }
    }

    /// A guard too, because it must not be cut short; but nobody looks for it after a restart: the
    /// packages are looked at then.
    private func repair(_ run: StepRun) {
        let name = "repair-\(run.command)"
        do throws(TandemError) {
            try GuardRecord.prepare(name, of: run.command, in: server.state)
            let made = try launcher.guardCommand(for: .repair(run), record: name)
            let ready = try launcher.prepare(made)
            log(.info, "repairing packages for \(run.command)")
            let identity = ready.identity(record: name)
            watch(run, identity, child: ready.child) { [emit, log] result in
                log(.info, "repair for \(run.command): \(result.word)")
                emit(.repaired(run, result))
            }
            ready.release()
        } catch {
            emit(.repaired(run, .failed(TandemFailure(error))))
        }
    }
}

extension WorkerLauncher.Prepared {
    fileprivate func identity(record: String) -> ChildIdentity {
        ChildIdentity(pid: child.processID, startTime: child.startTicks, record: record)
    }
}

extension StepResult {
    /// For the log.
    fileprivate var word: String {
        switch self {
        case .succeeded: "done"
        case .failed(let failure): "failed: \(failure.message)"
        case .unknown(let failure): "unknown: \(failure.message)"
        }
    }
}
