import TandemModel

/// What one look at the instruction at work came to.
enum Progress {
    /// Nothing to be done now; what it waits for.
    case wait(String)
    /// Done, and seen to be done.
    case next
    /// Its command never began: the same instruction again, under a new id.
    case again
    case fail(TandemFailure)
}

/// Runs the open action's program: one instruction at a time, each confirmed before the next.
extension ClusterMachine {
    mutating func run(
        _ instruction: Instruction,
        _ turn: inout Turn,
        using generator: inout some RandomNumberGenerator
    ) -> Progress {
        switch instruction {
        case .failover:
            return runFailover(&turn, using: &generator)
        case .synchronise:
            return synchronise(&turn)
        case .acceptIntent:
            state.operation?.hasAcceptIntent = true
            state.operation?.hasChanged = true
            return .next
        case .compare:
            return compare(&turn)
        case .close(let ending):
            closeOperation(ending, &turn)
            return .next
        case .stage, .check, .hold, .unhold, .inhibitReplication, .allowReplication, .recover,
            .install, .backOut, .reapply, .accept, .fence, .restore, .demote:
            guard let server = instruction.server, let verb = verb(of: instruction) else {
                return .next
            }
            return command(verb, on: server, for: instruction, &turn, using: &generator)
        }
    }

    /// The one command that an instruction is; `nil` for those that are none or two.
    private func verb(of instruction: Instruction) -> Verb? {
        switch instruction {
        case .stage(_, let offer): .stageImage(offer)
        case .check(_, let manifest, let direction):
            .check(manifest: manifest, direction: direction)
        case .hold: .hold
        case .unhold: .unhold
        case .inhibitReplication: .inhibitReplication
        case .allowReplication: .allowReplication
        case .recover: .recover
        case .install(_, let goal):
            .install(manifest: goal.manifest, configuration: goal.configuration)
        case .backOut(_, let goal):
            .backOut(manifest: goal.manifest, configuration: goal.configuration)
        case .reapply(_, let version): .applyConfiguration(version)
        case .accept(_, let release): .accept(release: release)
        case .fence: .fence
        case .restore(let failover, _, let authority):
            .promote(failover: failover, authority: authority)
        case .demote(let failover, _, let target):
            .demote(
                failover: failover,
                target: target,
                targetNonce: Nonce(high: 0, low: 0),
                deadManMilliseconds: limits.deadManMilliseconds
            )
        case .failover, .synchronise, .acceptIntent, .compare, .close: nil
        }
    }

    private mutating func command(
        _ verb: Verb,
        on server: ServerName,
        for instruction: Instruction,
        _ turn: inout Turn,
        using generator: inout some RandomNumberGenerator
    ) -> Progress {
        guard let index = state.action?.index else { return .next }
        guard let record = record(at: index, word: verb.word) else {
            if isSkipped(instruction) { return .next }
            if case .stage = instruction, isStaging(server) {
                return .wait("\(server) to end the staging that was asked for before")
            }
            if isHoldGone(for: instruction, at: turn.now) {
                state.action?.instructions.insert(.hold(server), at: index)
                return .again
            }
            if let end = emergencyEnd(of: instruction) { return .fail(end) }
            if let progress = blocker(of: instruction, on: server, &turn) { return progress }
            willIssue(instruction, &turn)
            issue(
                verb,
                to: server,
                index: index,
                deadline: deadline(of: verb),
                &turn,
                using: &generator
            )
            return .wait("")
        }
        switch record.phase {
        case .issued, .accepted:
            return overdue(instruction, &turn) ?? waiting(for: record, &turn)
        case .never:
            return attempt(record, orFail: "\(verb.word) on \(server) never began", &turn)
        case .lost:
            return .fail(indeterminate("the journal of \(server) was lost", on: server))
        case .declared(let isDone):
            let word = isDone ? "done" : "failed"
            return .fail(indeterminate("a person declared it \(word)", on: server))
        case .ended(let end):
            return judge(end, of: record, for: instruction, &turn)
        }
    }

    /// Whether a server is at work on an image that a person pushed to it; it takes one at a time.
    private func isStaging(_ server: ServerName) -> Bool {
        state.commands.contains { record in
            guard record.server == server, record.action == nil, record.isOpen,
                case .stageImage = record.command.verb
            else { return false }
            return true
        }
    }

    /// A hold lapses at an agent that hears no controller for long: what needs it takes it again.
    private func isHoldGone(for instruction: Instruction, at now: Tick) -> Bool {
        switch instruction {
        case .install(let server, _), .backOut(let server, _):
            observed(at: now).mate(of: server) != nil && live[server].report?.isHeld == false
        case .stage, .check, .hold, .unhold, .inhibitReplication, .allowReplication, .recover,
            .failover, .reapply, .synchronise, .acceptIntent, .accept, .fence, .restore, .demote,
            .compare, .close:
            false
        }
    }

    /// A change of roles that can't be stopped ends within T_fo: an agent that can't tell whether its
    /// server serves would keep every way out shut (`safety.md` 21b).
    private mutating func overdue(_ instruction: Instruction, _ turn: inout Turn) -> Progress? {
        guard let server = instruction.server, instruction.isRoleChange else { return nil }
        // Found open by a new process: counted anew, which is later than it began.
        let since = live.roleChangeSince ?? turn.now
        live.roleChangeSince = since
        let limit = limits.failoverMilliseconds + limits.settleMilliseconds
        guard turn.now.since(since) > limit else { return nil }
        return .fail(
            TandemFailure(
                TandemError(
                    .stateIndeterminate,
                    "\(server) has not said within \(limit / 1000) s what became of it",
                    remedy: "See that the HA system of \(server) tells its role, then decide anew."
                )
            )
        )
    }

    /// What the operator reads while a command is out.
    private mutating func waiting(for record: CommandRecord, _ turn: inout Turn) -> Progress {
        let server = record.server
        guard live[server].connection != nil else { return .wait("\(server) to connect again") }
        if live[server].isInterrupted {
            return .wait("the mate's word: \(server) is interrupted, unchanged")
        }
        let age = turn.now.since(live.sentAt[record.command.id] ?? turn.now)
        // Sent and not answered within its time: ask what became of it, never guess.
        if record.phase == .issued,
            age > deadline(of: record.command.verb) + limits.settleMilliseconds,
            live[server].connection?.settled.contains(record.command.id) == true
        {
            live[server].connection?.settled.removeAll { $0 == record.command.id }
            live[server].connection?.asked.removeAll { $0 == record.command.id }
            live.sentAt[record.command.id] = turn.now
        }
        return .wait(live.vouchTrouble)
    }

    private mutating func judge(
        _ end: CommandEnd,
        of record: CommandRecord,
        for instruction: Instruction,
        _ turn: inout Turn
    ) -> Progress {
        switch end.outcome {
        case .failed(let failure):
            if end.isRefused, failure.code == ErrorCode.commandExpired.id || isOvertaken(record) {
                return attempt(record, orFail: failure.message, &turn)
            }
            if end.isRefused, let progress = waitIfBusy(failure, at: turn.now) {
                if case .again = progress {
                    state.commands.removeAll { $0.command.id == record.command.id }
                }
                return progress
            }
            return .fail(failure)
        case .indeterminate(let failure):
            if live[record.server].report?.zombie == nil {
                state[record.server].zombieNote = failure.message
            }
            return .fail(failure)
        case .done:
            if let failure = checkFailure(end.checks, on: record.server) { return .fail(failure) }
            guard isConfirmed(instruction, at: turn.now) else {
                return confirming("\(record.server) to show it", &turn)
            }
            didConfirm(instruction, &turn)
            return .next
        }
    }

    /// Whether the server's generation alone has moved on since the command was made, such as by a
    /// take-over of its mate: role and release are what the command says.
    private func isOvertaken(_ record: CommandRecord) -> Bool {
        guard let own = record.command.precondition?.own, let report = live[record.server].report
        else { return false }
        return own.generation != report.generation && own.role == report.role
            && own.software == report.software
    }

    private mutating func attempt(
        _ record: CommandRecord,
        orFail message: String,
        _ turn: inout Turn
    ) -> Progress {
        guard let action = state.action,
            // What never began after a stop is stopped, however often it was tried before.
            (action.isStopRequested && action.ending == nil)
                || action.attemptCount + 1 < limits.attemptCountMax
        else {
            return .fail(
                TandemFailure(
                    TandemError(
                        .commandExpired,
                        message,
                        remedy: "Check the connection of \(record.server), then press Try Again."
                    )
                )
            )
        }
        state.action?.attemptCount += 1
        state.commands.removeAll { $0.command.id == record.command.id }
        return .again
    }

    /// A critical check stops the action before anything was changed.
    private func checkFailure(_ checks: [CheckResult], on server: ServerName) -> TandemFailure? {
        guard let worst = checks.first(where: { $0.level == .critical || $0.level == .unknown })
        else { return nil }
        return TandemFailure(
            code: ErrorCode.checkFailed.id,
            message: "check \(worst.name) on \(server) is \(worst.level.rawValue): \(worst.text)",
            remedy: worst.remedy.isEmpty
                ? "Mend what it names, then press Try Again." : worst.remedy
        )
    }

    private func indeterminate(_ why: String, on server: ServerName) -> TandemFailure {
        TandemFailure(
            TandemError(
                .stateIndeterminate,
                "what became of it on \(server) is not known: \(why)",
                remedy: "Look at what is observed now, and go on or back from there."
            )
        )
    }

    /// Waits for observation to show what a result claims.
    mutating func confirming(_ what: String, _ turn: inout Turn) -> Progress {
        let since = live.confirmSince ?? turn.now
        live.confirmSince = since
        guard turn.now.since(since) > limits.confirmMilliseconds else { return .wait(what) }
        return .fail(
            TandemFailure(
                TandemError(
                    .stateIndeterminate,
                    "observation does not confirm it: waited for \(what)",
                    remedy: "Look at what is observed now, and go on or back from there."
                )
            )
        )
    }

    /// Waits for servers to be ready; not for ever, because nothing has been changed yet.
    mutating func waitReady(_ what: String, _ turn: inout Turn) -> Progress {
        let since = live.instructionSince ?? turn.now
        live.instructionSince = since
        guard turn.now.since(since) > limits.readyMilliseconds else { return .wait(what) }
        return .fail(
            TandemFailure(
                TandemError(
                    .unreachable,
                    "waited too long for \(what)",
                    remedy: "Check its agent and its connection, then press Try Again."
                )
            )
        )
    }
}
