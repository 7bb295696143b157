import TandemModel

/// Lines of the upgrade log: one per action, one per command, one per step of the image and server.
///
/// A line is known by action, step index and server: the action's own is 0, the n-th instruction's
/// command n * 100, its steps follow that.
extension ClusterMachine {
    private static let stepsPerInstruction: UInt16 = 100

    private func base(of record: CommandRecord) -> UInt16 {
        UInt16(clamping: record.index + 1) &* Self.stepsPerInstruction
    }

    mutating func logAction(_ action: ActionState, _ ending: ActionEnding?, _ turn: inout Turn) {
        let result: String
        var detail = ""
        switch ending {
        case .succeeded: result = "done"
        case .failed(let failure):
            result = "failed"
            detail = words(of: failure)
        case .stopped: result = "stopped"
        case nil: result = "running"
        }
        turn.step.log.append(
            UpgradeLogEntry(
                action: action.id,
                operation: action.operation,
                stepIndex: 0,
                text: action.text,
                cluster: state.definition.name,
                server: action.server,
                startedAt: action.startedAt,
                endedAt: ending == nil ? nil : turn.wall,
                durationMilliseconds: ending == nil ? 0 : between(action.startedAt, turn.wall),
                result: result,
                detail: detail,
                person: action.person,
                isAutomatic: action.isAutomatic
            )
        )
    }

    func words(of failure: TandemFailure) -> String {
        failure.diagnostic.isEmpty
            ? failure.message : "\(failure.message)\n\(failure.diagnostic)"
    }

    /// For display only: the wall clock may have jumped.
    private func between(_ start: WallTime, _ end: WallTime) -> UInt64 {
        end.milliseconds > start.milliseconds ? end.milliseconds - start.milliseconds : 0
    }

    mutating func logCommandEnd(
        _ record: CommandRecord,
        _ phase: CommandPhase,
        _ turn: inout Turn
    ) {
        var result = "indeterminate"
        var detail = ""
        var duration: UInt64 = 0
        var own: UInt64?
        switch phase {
        case .ended(let end):
            duration = end.durationMilliseconds
            own = end.ownMilliseconds
            switch end.outcome {
            case .done:
                result = "done"
                detail = checkWords(end.checks)
            case .failed(let failure):
                result = failure.code == ErrorCode.stoppedByPerson.id ? "stopped" : "failed"
                detail = words(of: failure)
            case .indeterminate(let failure): detail = words(of: failure)
            }
        case .never: result = "never began"
        case .lost: detail = "the agent's journal was lost"
        case .declared(let isDone): detail = "declared \(isDone ? "done" : "failed") by a person"
        case .issued, .accepted: return
        }
        detail = [detail, whyByItself(record)].filter { !$0.isEmpty }.joined(separator: "\n")
        if let progress = live[record.server].progress, progress.command == record.command.id {
            logStep(progress, of: record, on: record.server, result: result, isEnded: true, &turn)
        }
        guard let text = commandText(record) else { return }
        var entry = line(
            record,
            index: record.action == nil ? 0 : base(of: record),
            text: text,
            startedAt: record.issuedAt,
            duration: duration,
            result: result,
            detail: detail,
            turn
        )
        entry.ownMilliseconds = own
        turn.step.log.append(entry)
    }

    /// What a command is called in the log; `nil` for duties, and for those nobody waits for any more.
    ///
    /// Staging stands for itself: it belongs to no action, and people wait for its end.
    private func commandText(_ record: CommandRecord) -> String? {
        guard let action = record.action else {
            guard case .stageImage(let offer) = record.command.verb else { return nil }
            return "stage \(offer.release)"
        }
        guard action == state.action?.id else { return nil }
        return "\(record.command.verb.word) \(record.server)"
    }

    /// Why the controller did by itself what nobody asked for; empty for what a person asked for.
    private func whyByItself(_ record: CommandRecord) -> String {
        guard isByItself(record), case .stageImage(let offer) = record.command.verb else {
            return ""
        }
        let need = state.action.map { "\($0.button.label) needs" } ?? "is needed there"
        return "the controller staged it by itself: \(record.server) did not hold "
            + "\(offer.release), which \(need)"
    }

    /// Staging within an action is not what its person pressed: it happens where nobody pushed before.
    private func isByItself(_ record: CommandRecord) -> Bool {
        guard record.action != nil else { return record.person == .tandem }
        guard case .stageImage = record.command.verb else {
            return state.action?.isAutomatic ?? false
        }
        return true
    }

    private func checkWords(_ checks: [CheckResult]) -> String {
        checks.filter { $0.level != .ok }
            .map { "\($0.name) \($0.level.rawValue): \($0.text)" }
            .joined(separator: "\n")
    }

    mutating func logStep(
        _ progress: StepProgress,
        of record: CommandRecord,
        on server: ServerName,
        result: String,
        isEnded: Bool,
        _ turn: inout Turn
    ) {
        guard record.action != nil else { return }
        let elapsed = turn.now.since(live[server].stepSince ?? turn.now)
        var entry = line(
            record,
            index: base(of: record) &+ progress.index,
            text: "step \(progress.index)/\(progress.count): \(progress.name)",
            startedAt: live[server].stepStartedAt ?? turn.wall,
            duration: isEnded ? elapsed : 0,
            result: result,
            detail: isEnded ? progress.textAtEnd : progress.text,
            turn
        )
        if !isEnded { entry.endedAt = nil }
        if isEnded, result == "done" { measure(step: progress.name, elapsed, &turn) }
        turn.step.log.append(entry)
    }

    private func line(
        _ record: CommandRecord,
        index: UInt16,
        text: String,
        startedAt: WallTime,
        duration: UInt64,
        result: String,
        detail: String,
        _ turn: Turn
    ) -> UpgradeLogEntry {
        UpgradeLogEntry(
            action: record.action
                ?? ActionID(high: record.command.id.high, low: record.command.id.low),
            operation: record.action == nil ? nil : state.action?.operation,
            stepIndex: index,
            text: text,
            cluster: state.definition.name,
            server: record.server,
            startedAt: startedAt,
            endedAt: turn.wall,
            durationMilliseconds: duration,
            result: result,
            detail: detail,
            person: record.person,
            isAutomatic: isByItself(record)
        )
    }

    // MARK: - Notes

    /// Something worth a line that no action did; written by ``flushNotes`` under an id of its own.
    mutating func note(_ text: String, _ turn: inout Turn) {
        turn.notes.append(text)
    }

    mutating func flushNotes(
        _ turn: inout Turn,
        using generator: inout some RandomNumberGenerator
    ) {
        for text in turn.notes {
            turn.step.log.append(
                UpgradeLogEntry(
                    action: .random(using: &generator),
                    operation: state.operation?.id,
                    stepIndex: 0,
                    text: text,
                    cluster: state.definition.name,
                    server: nil,
                    startedAt: turn.wall,
                    endedAt: turn.wall,
                    durationMilliseconds: 0,
                    result: "note",
                    detail: "",
                    person: .tandem,
                    isAutomatic: true
                )
            )
        }
        turn.notes = []
    }

    mutating func audit(
        _ what: String,
        by person: PersonName,
        on server: ServerName?,
        _ reason: String,
        _ turn: inout Turn
    ) {
        turn.step.audit.append(
            AuditEntry(
                time: turn.wall,
                person: person,
                cluster: state.definition.name,
                server: server,
                what: what,
                reason: reason
            )
        )
    }
}
