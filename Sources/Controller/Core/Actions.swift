import TandemModel

/// An action's life: begun durably, run by observation, cleaned up, ended with a line.
extension ClusterMachine {
    /// Begins what a button means; everything it needs is durable in this step.
    mutating func begin(
        _ candidate: Candidate,
        _ press: ButtonPress,
        approver: PersonName?,
        isAutomatic: Bool = false,
        _ turn: inout Turn,
        using generator: inout some RandomNumberGenerator
    ) -> ActionID? {
        let cluster = observed(at: turn.now)
        let text = actionText(candidate, press.release, in: cluster, at: turn.now)
        let target = letter(of: candidate.intent, in: cluster)
        if candidate.intent == .start {
            openOperation(press, in: cluster, &turn, using: &generator)
            if state.operation == nil { turn.step.fault = "Start was allowed and opened nothing" }
        } else if let way = candidate.intent.direction(target: target) {
            state.operation?.direction = way
        }
        let now = observed(at: turn.now)
        let intent = candidate.intent == .start ? startIntent(in: now) : candidate.intent
        let id = ActionID.random(using: &generator)
        let program = intent.map {
            self.program(for: $0, press: press, in: now, at: turn.wall, using: &generator)
        }
        let action = ActionState(
            id: id,
            operation: state.operation?.id,
            button: candidate.button,
            text: text,
            person: press.person,
            approver: approver,
            reason: press.reason,
            startedAt: turn.wall,
            isAutomatic: isAutomatic,
            server: intent?.server,
            bearsSilentMate: intent?.bearsSilentMate ?? false,
            acceptsDataLoss: press.acceptsDataLoss,
            instructions: program ?? [],
            index: 0,
            attemptCount: 0,
            isStopRequested: false,
            ending: nil,
            attempt: intent.map { Attempt(intent: $0, button: candidate.policy) }
        )
        state.action = action
        clearClocks()
        live.actionSince = turn.now
        if candidate.intent == .start { noteStart(press, &turn) }
        logAction(action, nil, &turn)
        return id
    }

    /// What Start does first at the position it opened at; `nil`: it only opens (one server is there
    /// already, and the position's own buttons go on).
    private func startIntent(in cluster: ObservedCluster) -> Intent? {
        guard let forward = buttonTable(in: cluster).forward else { return nil }
        switch cluster.position {
        case .oldOld, .singleOld, .singleBroken: return forward
        case .standbyBroken: return cluster.active?.letter == .old ? forward : nil
        case .idle, .oldNew, .newOld, .newNew, .standbySilent, .activeSilent, .noneActive,
            .twoActive, .activeUnknown, .failoverUndecided, .singleNew, .unseen:
            return nil
        }
    }

    private mutating func clearClocks() {
        live.instructionSince = nil
        live.confirmSince = nil
        live.failoverSince = nil
        live.roleChangeSince = nil
        live.armedAt = nil
        live.busySince = nil
        live.busyAskedAt = nil
        live.waitsFor = ""
        live.waitingSince = nil
    }

    /// What else a Start says: the notices that were read, and the window.
    private mutating func noteStart(_ press: ButtonPress, _ turn: inout Turn) {
        // An older command line says only that all were read.
        let image = live.catalogue.first { $0.offer.manifest == state.operation?.new.manifest }
        let all = press.acknowledgesNotices ? image?.manifest.notices : nil
        for notice in press.acknowledgedNotices ?? all ?? [] {
            audit("acknowledge notice", by: press.person, on: nil, notice, &turn)
        }
        if let window = press.window { keepWindow(window, by: press.person, press.reason, &turn) }
    }

    // MARK: - Running

    /// Does all that can be done now: questions first, then the program, then what follows by itself.
    mutating func pump(_ turn: inout Turn, using generator: inout some RandomNumberGenerator) {
        settleConnections(&turn, using: &generator)
        askMates(&turn)
        // Bounded by the program's length; each turn either ends an instruction or waits.
        for _ in 0..<256 {
            guard let action = state.action else { break }
            guard let instruction = action.instruction else {
                endAction(action.ending ?? .succeeded, &turn)
                continue
            }
            if live.instructionSince == nil { live.instructionSince = turn.now }
            switch run(instruction, &turn, using: &generator) {
            case .wait(let what):
                if isStoppedWaiting {
                    finishEarly(.stopped, &turn)
                    continue
                }
                showWaiting(what, &turn)
                giveUpCleaning(&turn)
                if state.action?.instruction == nil { continue }
                return
            case .again:
                live.instructionSince = nil
                if action.isStopRequested, action.ending == nil { finishEarly(.stopped, &turn) }
            case .next:
                nextInstruction(&turn)
            case .fail(let failure):
                finishEarly(.failed(failure), &turn)
            }
        }
        reapplyByItself(&turn, using: &generator)
    }

    /// Whether a stop asked for ends the wait: nothing of the instruction runs anywhere, and nothing that
    /// it did waits to be seen.
    private var isStoppedWaiting: Bool {
        guard let action = state.action, action.isStopRequested, action.ending == nil,
            action.instruction?.isUnstoppable == false, live.confirmSince == nil
        else { return false }
        return !state.commands.contains {
            $0.action == action.id && $0.index == action.index && $0.isOpen
        }
    }

    private mutating func showWaiting(_ what: String, _ turn: inout Turn) {
        guard live.waitsFor != what else { return }
        live.waitsFor = what
        live.waitingSince = turn.wall
        turn.step.changesView = true
    }

    private mutating func nextInstruction(_ turn: inout Turn) {
        guard var action = state.action else { return }
        action.index += 1
        action.attemptCount = 0
        state.action = action
        clearClocks()
        if action.isStopRequested, action.ending == nil, action.instruction != nil {
            finishEarly(.stopped, &turn)
        }
    }

    /// The rest of the program is off; only holds and inhibitions that nobody needs are undone.
    private mutating func finishEarly(_ ending: ActionEnding, _ turn: inout Turn) {
        guard var action = state.action else { return }
        let isStop: Bool
        switch ending {
        case .failed(let failure): isStop = failure.code == ErrorCode.stoppedByPerson.id
        case .succeeded, .stopped: isStop = ending == .stopped
        }
        // A failure while cleaning up changes nothing about how the action ended.
        let kept = action.ending ?? (isStop ? .stopped : ending)
        let isCleaning = action.ending != nil
        action.ending = kept
        action.instructions.removeSubrange(
            min(action.index + 1, action.instructions.count)..<action.instructions.count
        )
        if !isCleaning { action.instructions += cleanup(at: turn.now) }
        action.index += 1
        action.attemptCount = 0
        state.action = action
        clearClocks()
    }

    /// Undoes holds of standbys that are whole and may take over.
    private func cleanup(at now: Tick) -> [Instruction] {
        guard let operation = state.operation else { return [] }
        let cluster = observed(at: now)
        guard let active = cluster.active else { return [] }
        return cluster.servers.flatMap { server -> [Instruction] in
            guard server.name != active.name, server.isReady, server.letter != .other,
                !server.isZombie, server.report?.isHeld == true, server.change == nil
            else { return [] }
            let isMixed = server.letter != active.letter
            if isMixed, operation.isHeldWhileMixed { return [] }
            let unhold: [Instruction] = [.unhold(server.name)]
            return isMixed ? unhold : [.allowReplication(server.name)] + unhold
        }
    }

    /// Cleaning up is worth a while, not for ever.
    private mutating func giveUpCleaning(_ turn: inout Turn) {
        guard let action = state.action, action.ending != nil,
            let since = live.instructionSince,
            turn.now.since(since) > limits.confirmMilliseconds
        else { return }
        state.action?.index = action.instructions.count
    }

    // MARK: - The end

    mutating func endAction(_ ending: ActionEnding, _ turn: inout Turn) {
        guard let action = state.action else { return }
        abandonCommands(&turn)
        withdrawDeathNote(ending)
        let result = Texts.ending(action.text, ending, at: turn.wall)
        state.operation?.lastResult = result
        state.operation?.restingSince = turn.wall
        for server in state.definition.servers.map(\.name)
        where action.server == nil || action.server == server {
            state[server].lastResult = result
        }
        switch ending {
        case .succeeded:
            measure(action, &turn)
            state.failure = nil
            state.failedAttempt = nil
        case .failed(let failure):
            state.failure = failure
            state.failedAttempt = action.attempt
        case .stopped: break
        }
        logAction(action, ending, &turn)
        noteEnd(of: action, ending, result)
        state.action = nil
        live.actionSince = nil
        state.commands.removeAll { $0.action == action.id }
        if state.operation == nil { state.lastOperation?.lastResult = result }
        clearClocks()
        turn.step.changesView = true
    }

    /// Whoever follows an action asks how that one ended, also when another has begun since.
    private mutating func noteEnd(
        of action: ActionState,
        _ ending: ActionEnding,
        _ result: String
    ) {
        var end = EndedAction(id: action.id, ending: .done, result: result, failure: nil)
        switch ending {
        case .succeeded: break
        case .failed(let failure):
            end.ending = .failed
            end.failure = failure
        case .stopped: end.ending = .stopped
        }
        state.endedActions = (state.endedActions ?? []).suffix(7) + [end]
    }

    /// A promotion that is known never to have happened leaves nobody to be demoted for it.
    private mutating func withdrawDeathNote(_ ending: ActionEnding) {
        guard ending != .succeeded, state.action != nil else { return }
        for index in state.servers.indices {
            guard let death = state.servers[index].deathNote else { continue }
            let isOver = state.commands.contains { record in
                guard case .promote(death.failover, _) = record.command.verb else { return false }
                switch record.phase {
                case .ended(let end): return end.outcome != .done
                case .never: return true
                case .issued, .accepted, .lost, .declared: return false
                }
            }
            if isOver { state.servers[index].deathNote = nil }
        }
    }

    /// Commands whose end nobody waits for any more can never start from now on: a tombstone is laid
    /// at once, or at the server's next hello before anything else.
    mutating func abandonCommands(_ turn: inout Turn) {
        for record in state.commands
        where record.action != nil && record.action == state.action?.id && record.isOpen {
            endRelays(of: record.command.id, &turn)
            state[record.server].tombstones.append(record.command.id)
            live.sentAt[record.command.id] = nil
        }
    }

    /// The reapply that follows a failover by itself, where the cluster's policy says so.
    private mutating func reapplyByItself(
        _ turn: inout Turn,
        using generator: inout some RandomNumberGenerator
    ) {
        guard state.definition.reappliesByItself, state.action == nil, state.failure == nil,
            let operation = state.operation, operation.direction == .up
        else { return }
        let cluster = observed(at: turn.now)
        guard let server = openReapply(in: cluster) else { return }
        let candidate = Candidate(button: .reapplyConfiguration, intent: .reapply(server))
        guard refusal(of: candidate, release: nil, in: cluster, at: turn.now) == nil else { return }
        let press = ButtonPress(
            button: .reapplyConfiguration,
            server: server,
            person: operation.owner,
            reason: "follows the failover by itself",
            seen: ""
        )
        audit("press reapply-configuration by itself", by: operation.owner, on: server, "", &turn)
        _ = begin(
            candidate,
            press,
            approver: nil,
            isAutomatic: true,
            &turn,
            using: &generator
        )
        guard let instruction = state.action?.instruction else { return }
        _ = run(instruction, &turn, using: &generator)
    }
}
