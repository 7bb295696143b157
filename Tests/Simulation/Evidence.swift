import AgentCore
import ControllerCore
import TandemModel

/// What agents have told their controller, noted beside it: what it may go by, whatever it remembers.
struct Evidence: Sendable {
    /// A change whose end its agent has not told.
    struct OpenChange: Sendable {
        var server: ServerName
        /// Its journal can't tell any more: a person's next press is the decision.
        var isLost = false
    }

    /// The newest report of each server in its present connection, with what heartbeats have added.
    private(set) var reports: [ServerName: ServerReport] = [:]
    /// The last sign of life in that connection.
    private(set) var heardAt: [ServerName: UInt64] = [:]
    /// Changes that were issued and whose result is unknown.
    private(set) var open: [CommandID: OpenChange] = [:]
    /// Commands of the action at work that their agent has called done, with what it observed then, where
    /// it said so.
    private(set) var done: [CommandID: ServerReport?] = [:]
    private var journals: [ServerName: JournalID] = [:]

    mutating func begin(_ server: ServerName, _ hello: Hello) {
        forget(server)
        if let known = journals[server], known != hello.journal { lose(server) }
        journals[server] = hello.journal
    }

    /// The connection is gone, and with it what is true only now.
    mutating func forget(_ server: ServerName) {
        reports[server] = nil
        heardAt[server] = nil
    }

    mutating func forgetAll() {
        reports = [:]
        heardAt = [:]
    }

    mutating func hear(_ message: AgentMessage, from server: ServerName, at now: UInt64) {
        heardAt[server] = now
        switch message {
        case .report(let report):
            guard report.sequence > reports[server]?.sequence ?? 0 else { return }
            reports[server] = report
        case .heartbeat(let beat):
            guard reports[server]?.sequence == beat.reportSequence else { return }
            reports[server]?.role = beat.role
            reports[server]?.generation = beat.generation
            reports[server]?.ha.replication.isCaughtUp = beat.isCaughtUp
        case .refused(let id, let failure):
            if failure.code == ErrorCode.journalDamaged.id {
                open[id]?.isLost = true
            } else {
                end(id, of: server)
            }
        case .finished(let result):
            if result.outcome == .done { done.updateValue(result.post, forKey: result.command) }
            end(result.command, of: server)
        case .status(let id, .ended(let outcome)):
            if outcome == .done, done[id] == nil { done.updateValue(nil, forKey: id) }
            end(id, of: server)
        case .status(let id, .void), .status(let id, .neverSeen): end(id, of: server)
        case .hello, .accepted, .voucherNeeded, .voucher, .vouchRefused, .step, .status, .alarm,
            .alarmSnapshot, .chunkRequest, .operationRecord, .logChunk, .error, .bye:
            break
        }
    }

    private mutating func end(_ id: CommandID, of server: ServerName) {
        guard open[id]?.server == server else { return }
        open[id] = nil
    }

    mutating func issue(_ id: CommandID, to server: ServerName) {
        open[id] = OpenChange(server: server)
    }

    /// A person says what became of a server's commands, or that another machine takes its place.
    mutating func declare(_ server: ServerName) {
        open = open.filter { $0.value.server != server }
    }

    /// A person has been told that something is lost, and decides.
    mutating func decide() { open = open.filter { !$0.value.isLost } }

    mutating func endAction() { done = [:] }

    private mutating func lose(_ server: ServerName) {
        for (id, change) in open where change.server == server { open[id]?.isLost = true }
    }

    func isUnknown(on server: ServerName) -> Bool { open.values.contains { $0.server == server } }
}

/// Looked at after each step of the controller's core, by what it was told and by what is so.
extension Joint {
    mutating func checkDecisions(_ step: ClusterStep, after before: ClusterState) {
        let state = controller.machine.state
        let known = Set(before.commands.map(\.command.id))
        let issued = state.commands.filter { !known.contains($0.command.id) }
        checkSafety17(issued)
        checkStopped(issued, after: before)
        for record in issued {
            if case .promote(_, .demotionProof) = record.command.verb { checkSafety5(record) }
        }
        checkSafety16(step, before, state)
        if state.action?.id != before.action?.id { checks.evidence.endAction() }
    }

    /// No new id for a server of which a change's result is unknown.
    private mutating func checkSafety17(_ issued: [CommandRecord]) {
        for server in nodes.map(\.server) {
            let changes = issued.filter { $0.server == server && $0.command.verb.isMutating }
            checks.look(
                .safety17,
                premise: checks.evidence.isUnknown(on: server),
                holds: changes.isEmpty
            ) {
                "\(changes[0].command.verb.word) is issued to \(server), and what became of a change "
                    + "there is not known"
            }
            for record in changes { checks.evidence.issue(record.command.id, to: server) }
        }
    }

    // MARK: - A failover is issued

    private mutating func checkSafety5(_ promote: CommandRecord) {
        let target = promote.server
        let words =
            disagreement(with: promote) ?? incompleteness(of: target) ?? unfitness(of: target)
        checks.look(.safety5, premise: true, holds: words == nil) {
            "a failover to \(target) is issued: \(words ?? "")"
        }
    }

    /// agree(C): fresh reports, one active, no driver against it, the vector that the command names.
    private func disagreement(with promote: CommandRecord) -> String? {
        guard let mate = nodes.first(where: { $0.server != promote.server })?.server else {
            return "there is one server"
        }
        for server in [promote.server, mate] {
            guard checks.evidence.reports[server] != nil,
                let heardAt = checks.evidence.heardAt[server], now - heardAt <= 30_000
            else { return "\(server) has not reported in 30 s" }
        }
        guard let own = checks.evidence.reports[promote.server],
            let other = checks.evidence.reports[mate]
        else { return nil }
        guard own.role != .active, own.role != .unknown, other.role == .active else {
            return "\(promote.server) is \(own.role.rawValue), \(mate) \(other.role.rawValue)"
        }
        guard own.ha.peerRole != .other, other.ha.peerRole != .active else {
            return "a driver contradicts the mate"
        }
        let named = promote.command.precondition
        guard named?.own.generation == own.generation, named?.mate?.generation == other.generation
        else { return "the command names other generations than those reported" }
        return nil
    }

    /// dataOK(C): caught up, or carried, or a person has accepted the loss.
    private func incompleteness(of target: ServerName) -> String? {
        let state = controller.machine.state
        if state.action?.acceptsDataLoss == true { return nil }
        if !setting.replicatesAcross, state.operation?.direction == .up { return nil }
        guard let data = checks.evidence.reports[target]?.ha.replication else { return nil }
        return data.isCaughtUp && !data.isInhibited ? nil : "it does not hold all data"
    }

    private func unfitness(of target: ServerName) -> String? {
        let wanted =
            controller.machine.state.operation?.direction == .back
            ? setting.lineage.oldManifest : setting.lineage.newManifest
        guard let node = nodes.first(where: { $0.server == target }) else { return nil }
        if node.platform.packages != .release(wanted) {
            return "it does not run the release of the direction"
        }
        if case .failing(let why) = checks.evidence.reports[target]?.health {
            return "its health check fails: \(why)"
        }
        for number in [AlarmNumber.serverIsZombie, .journalDamaged]
        where checks.standing.contains(AlarmKey(number: number, instance: target.text)) {
            return "\(number) stands on it"
        }
        return nil
    }

    // MARK: - A part of an action counts as done

    private mutating func checkSafety16(
        _ step: ClusterStep,
        _ before: ClusterState,
        _ state: ClusterState
    ) {
        guard let action = state.action ?? before.action else { return }
        let first = before.action?.id == action.id ? before.action?.index ?? 0 : 0
        let end: Int
        if state.action != nil {
            guard action.ending == nil else { return }
            end = action.index
        } else {
            let isDone = step.log.contains {
                $0.action == action.id && $0.stepIndex == 0 && $0.result == "done"
            }
            guard isDone, action.ending == nil else { return }
            end = action.instructions.count
        }
        let records = before.commands + state.commands
        for index in first..<max(first, end) where action.instructions.indices.contains(index) {
            let instruction = action.instructions[index]
            let ids = records.filter { $0.action == action.id && $0.index == index }
                .map(\.command.id)
            let words = lack(of: instruction, ids)
            checks.look(.safety16, premise: instruction.server != nil, holds: words == nil) {
                "\(action.text) goes on, and \(words ?? "")"
            }
        }
    }

    /// Why nothing shows that an instruction has reached its goal; `nil` when something does.
    private func lack(of instruction: Instruction, _ ids: [CommandID]) -> String? {
        guard let server = instruction.server,
            let node = nodes.first(where: { $0.server == server })
        else { return nil }
        let told = ids.compactMap { checks.evidence.done[$0] }
        if told.isEmpty {
            // What is so already needs no command: then the report shows it.
            switch instruction {
            case .stage, .hold, .unhold, .inhibitReplication, .allowReplication: break
            case .check, .recover, .install, .backOut, .failover, .reapply, .synchronise,
                .acceptIntent, .accept, .fence, .restore, .demote, .compare, .close:
                return "no agent has told its end on \(server)"
            }
        }
        let reports = told.compactMap(\.self) + [checks.evidence.reports[server]].compactMap(\.self)
        guard !reports.isEmpty else { return "\(server) has not reported" }
        return reports.contains { isReached(instruction, $0, node.platform) }
            ? nil : "\(server) does not show its goal"
    }

    private func isReached(
        _ instruction: Instruction,
        _ report: ServerReport,
        _ platform: Platform
    ) -> Bool {
        switch instruction {
        case .stage(_, let offer): platform.manifest(offer.manifest) != nil
        case .hold: report.isHeld
        case .unhold: !report.isHeld
        case .inhibitReplication: report.ha.replication.isInhibited
        case .allowReplication: !report.ha.replication.isInhibited
        case .recover: report.zombie == nil
        case .install(_, let goal), .backOut(_, let goal):
            report.software == .known(goal.release) && platform.packages == .release(goal.manifest)
        case .failover, .restore: report.role == .active
        case .demote, .fence: report.role != .active
        case .reapply(_, let version): report.configuration?.digest == version.digest
        case .check, .synchronise, .acceptIntent, .accept, .compare, .close: true
        }
    }
}
