import TandemModel

/// An install or back-out as a whole: its start, its list, its goal.
extension AgentMachine {
    /// The journal's start, with all that a new process needs to go on or back.
    mutating func startInstall(_ turn: inout Turn) {
        guard let run = live.run, let target = run.command.verb.target else { return }
        let route = route(to: target, seeing: live.observation)
        record(.attempted(target), &turn)
        record(.route(run.id, source: route.source, fallback: route.fallback), &turn)
        start(&turn)
        advance(&turn)
    }

    /// The running command with its entry and list; without its manifests it can only stop.
    private mutating func currentPlan(_ turn: inout Turn) -> (StartedCommand, StepPlan)? {
        guard let run = live.run, let entry = state.entry(run.id), let started = entry.started
        else { return nil }
        guard let plan = plan(of: entry) else {
            fail(.missingManifest(run.command.verb.target ?? .none), .stop, &turn)
            return nil
        }
        return (started, plan)
    }

    /// Goes on with the list from what the journal says is done.
    mutating func advance(_ turn: inout Turn) {
        guard let run = live.run, let (started, plan) = currentPlan(&turn) else { return }
        guard !plan.isReturn else {
            advanceReturn(started, plan, &turn)
            return
        }
        let doneCount = Int(started.doneCount)
        guard doneCount < plan.steps.count else {
            enterObserving(.judging, isThorough: true, &turn)
            return
        }
        let isBoundary = doneCount == 0 || plan.steps[doneCount - 1].isSafeAfter
        if run.isStopAsked, isBoundary, started.open == nil {
            enterObserving(.stopping, isThorough: true, &turn)
        } else if plan.steps[doneCount].stopsService || run.needsFreshVoucher {
            pass(.step, &turn)
        } else {
            beginNextStep(&turn)
        }
    }

    /// Begins the first step that is not done.
    mutating func beginNextStep(_ turn: inout Turn) {
        guard let run = live.run, let (started, plan) = currentPlan(&turn) else { return }
        if plan.isReturn, run.isBootingSnapshot {
            if let boot = plan.boot(of: run.id) { beginStep(boot, &turn) }
            return
        }
        let doneCount = plan.isReturn ? started.returnDoneCount : started.doneCount
        guard let step = plan.run(doneCount + 1, of: run.id) else { return }
        beginStep(step, &turn)
    }

    /// Every step says it is done: only what is observed counts.
    mutating func judge(seeing seen: LocalObservation, _ turn: inout Turn) {
        guard let (_, plan) = currentPlan(&turn) else { return }
        let release = plan.target.manifest.release
        let isThere =
            seen.software == .known(release)
            && (seen.manifest == nil || seen.manifest == plan.target.digest)
        guard isThere, seen.health.failure == nil else {
            let what = seen.health.failure.map { "fails its health check: \($0)" }
            let failure = TandemFailure(
                .verifyFailed,
                "\(server) should run \(release) but \(what ?? "runs \(seen.software)")",
                remedy: "read the product's log, then Try Again or roll back"
            )
            fail(failure, plan.steps.last?.onFailure ?? .stop, &turn)
            return
        }
        succeed(plan, &turn)
    }

    mutating func succeed(_ plan: StepPlan, _ turn: inout Turn) {
        guard let run = live.run, let entry = state.entry(run.id) else { return }
        let previous: Digest?
        if case .backOut = run.command.verb {
            previous = nil
        } else if let fallback = entry.route?.fallback {
            previous = fallback
        } else {
            previous = state.previous == plan.target.digest ? nil : state.previous
        }
        record(.releases(current: plan.target.digest, previous: previous), &turn)
        recordConfiguration(plan, &turn)
        settleKnown(&turn)
        finish(.done, &turn)
    }

    /// A list with a `configure` step has written the version that came with the command.
    private mutating func recordConfiguration(_ plan: StepPlan, _ turn: inout Turn) {
        guard let version = plan.configuration,
            live.observation?.configurationDigest == version.digest
        else { return }
        record(.configured(version.applied), &turn)
    }

    /// The release is known again: nothing is attempted, and no zombie is here.
    mutating func settleKnown(_ turn: inout Turn) {
        if state.attempted != nil { record(.attempted(nil), &turn) }
        if state.zombie != nil { record(.zombie(nil), &turn) }
    }
}

extension ConfigurationVersion {
    /// The version as it lies on the disk.
    var applied: AppliedConfiguration {
        AppliedConfiguration(number: number, schema: schema, digest: digest)
    }
}
