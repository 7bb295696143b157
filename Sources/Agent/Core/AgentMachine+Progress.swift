import TandemModel

/// What an operator sees while a step runs.
extension AgentMachine {
    /// Past the expected time it says so; past the limit too; past twice the limit the child is ended.
    mutating func tickStep(_ turn: inout Turn) {
        guard let run = live.run, case .running(let step, let child) = run.phase else { return }
        let elapsed = turn.now.since(run.stepAt)
        let limit = UInt64(step.definition.limitSeconds) * 1_000
        if elapsed > limit * limits.stepLimitFactor, !run.isKilled {
            live.run?.isKilled = true
            if step.definition.action == .reboot {
                let failure = TandemFailure(
                    .limitExceeded,
                    "\(server) did not reboot within the limit of \(step.definition.name)",
                    remedy: "reboot it by hand, or roll back"
                )
                observeStep(step, .failed(failure), &turn)
                return
            }
            turn.step.effects.append(.killStep(step, child))
        }
        if turn.now.since(run.progressAt) >= limits.progressMilliseconds {
            sendProgress(text: run.progressText, &turn)
        }
    }

    /// Shows the open step, or the next one where none is open.
    mutating func sendProgress(percent: UInt8? = nil, text: String, _ turn: inout Turn) {
        guard let run = live.run, let entry = state.entry(run.id), let plan = plan(of: entry),
            let started = entry.started
        else { return }
        let doneCount = plan.isReturn ? started.returnDoneCount : started.doneCount
        let index = started.open?.index ?? min(doneCount + 1, UInt16(clamping: plan.steps.count))
        guard let step = plan.step(index, of: run.id) else { return }
        sendProgress(of: step, percent: percent ?? run.progress?.percent ?? 0, text: text, &turn)
    }

    mutating func sendProgress(
        of step: StepRun,
        percent: UInt8,
        text: String,
        _ turn: inout Turn
    ) {
        guard let run = live.run else { return }
        let elapsed = turn.now.since(run.stepAt)
        var words = text
        let expected = UInt64(step.definition.expectedSeconds) * 1_000
        let limit = UInt64(step.definition.limitSeconds) * 1_000
        if elapsed > limit {
            words = "past its limit of \(step.definition.limitSeconds) s"
        } else if elapsed > expected {
            words = StepProgress.overdue
        }
        if step.isReturn, !words.isEmpty { words = "returning: \(words)" }
        if step.isReturn, words.isEmpty { words = "returning" }
        let progress = StepProgress(
            command: step.command,
            index: step.index,
            count: step.count,
            name: step.definition.name,
            percent: min(percent, 100),
            elapsedMilliseconds: elapsed,
            leftMilliseconds: left(after: step, elapsed: elapsed),
            text: words
        )
        live.run?.progressText = text
        guard isWorthTelling(progress, at: turn.now) else { return }
        live.run?.progress = progress
        live.run?.progressAt = turn.now
        send(.step(progress), &turn)
    }

    /// Whether step or percent moved, something stopped, or enough time passed.
    private func isWorthTelling(_ progress: StepProgress, at now: Tick) -> Bool {
        guard let run = live.run, let last = run.progress else { return true }
        if case .interrupted = run.phase { return last.text != progress.text }
        return last.index != progress.index || last.name != progress.name
            || last.percent != progress.percent
            || now.since(run.progressAt) >= limits.progressMilliseconds
    }

    /// What the image's expected times leave of the whole list.
    private func left(after step: StepRun, elapsed: UInt64) -> UInt64 {
        guard let entry = state.entry(step.command), let plan = plan(of: entry) else { return 0 }
        let later = plan.steps.dropFirst(Int(step.index)).reduce(UInt64(0)) {
            $0 + UInt64($1.expectedSeconds) * 1_000
        }
        let own = UInt64(step.definition.expectedSeconds) * 1_000
        return later + (own > elapsed ? own - elapsed : 0)
    }
}
