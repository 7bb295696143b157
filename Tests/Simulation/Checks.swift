import AgentCore
import ControllerCore
package import TandemModel

/// What was found wrong, and how long nobody served.
package struct Checks: Sendable {
    package var violations: [String] = []
    var ledger = Ledger()
    package private(set) var longestOutage: UInt64 = 0
    private var outageSince: UInt64?
    /// Whether an outage is one of the platform's own making, such as a dead active server.
    package var excusesOutage = false
    /// Whether two active servers are beyond what is promised (`safety.md` 29).
    package var excusesTwoActive = false

    /// Servers of which people have said that they are gone; what their agents end by themselves when they
    /// come back all the same is no change of Tandem's (`safety.md` 2 and 3 do not count it).
    package var declaredGone: Set<ServerName> = []
    /// Commands that two people have let change the only server that is left.
    var singles: Set<CommandID> = []
    /// Alarms that stand by what was sent northbound.
    var standing: Set<AlarmKey> = []
    /// The highest epoch that was obeyed by the word of each journal.
    var epochs: [JournalID: UInt64] = [:]
    /// What the controller has been told.
    var evidence = Evidence()

    package mutating func fail(_ what: String) {
        guard violations.count < 20, !violations.contains(what) else { return }
        violations.append(what)
    }

    mutating func noteService(_ isServed: Bool, at now: UInt64) {
        if isServed || excusesOutage {
            outageSince = nil
        } else {
            let since = outageSince ?? now
            outageSince = since
            longestOutage = max(longestOutage, now - since)
        }
    }
}

/// Looked at after every event.
extension Joint {
    package mutating func watch() {
        // By index: a copy of a node at each event would cost more than all else here.
        for index in nodes.indices
        where !nodes[index].isDown && nodes[index].machine.state.openCommands.isEmpty {
            checks.declaredGone.remove(nodes[index].server)
        }
        let changing = nodes.indices.reduce(0) { sum, index in
            let isGone = checks.declaredGone.contains(nodes[index].server)
            return sum + (isGone ? 0 : nodes[index].changesUnderWay)
        }
        let moving = Set(moves.map(\.failover)).count
        watchSafety2(changing: changing)
        watchSafety3(changing: changing, moving: moving)
        watchSafety4()
        watchSafety13()
        watchSafety20()
        watchSafety25()
    }

    /// Not before the word *accept*, which gives the way back up in the journal.
    private mutating func watchSafety20() {
        for node in nodes {
            let state = node.machine.state
            let isUpgraded = state.previous == setting.lineage.oldManifest
            let premise = isUpgraded && setting.keepsRoots
            checks.look(.safety20, premise: premise, holds: !node.platform.snapshots.isEmpty) {
                "\(node.server) was not accepted and has no snapshot of its root"
            }
        }
    }

    private mutating func watchSafety2(changing: Int) {
        checks.look(.safety2, premise: changing > 0, holds: changing == 1) {
            "two servers are being changed"
        }
    }

    private mutating func watchSafety3(changing: Int, moving: Int) {
        checks.look(.safety3, premise: moving > 0, holds: moving == 1 && changing == 0) {
            changing > 0 ? "a failover while a server is being changed" : "two failovers at once"
        }
    }

    private mutating func watchSafety4() {
        let activeCount = nodes.count(where: \.isActive)
        if nodes.count > 1 { checks.noteService(nodes.contains(where: \.isServing), at: now) }
        let isShort = checks.longestOutage <= 60_000
        let isAlone = activeCount < 2 || checks.excusesTwoActive
        checks.look(.safety4, premise: nodes.count > 1, holds: isAlone && isShort) {
            !isAlone ? "two are active" : "nobody served for 60 s"
        }
    }

    private mutating func watchSafety13() {
        for index in nodes.indices {
            let completed = nodes[index].platform.completed
            checks.look(
                .safety13,
                premise: !completed.isEmpty,
                holds: completed.values.allSatisfy { $0 < 2 }
            ) {
                "\(completed.filter { $0.value > 1 }.keys.sorted()) on \(nodes[index].server) was "
                    + "done more than once"
            }
        }
    }

    private mutating func watchSafety25() {
        for index in nodes.indices where nodes[index].isRunning {
            guard let journal = nodes[index].machine.state.journal else { continue }
            let epoch = nodes[index].machine.state.epoch
            let before = checks.epochs[journal] ?? 0
            checks.look(.safety25, premise: before > 0, holds: epoch >= before) {
                "\(nodes[index].server) obeys \(epoch) after \(before)"
            }
            checks.epochs[journal] = epoch
        }
    }

    /// Role changes that are journaled as started and not ended.
    private var moves: [(node: Int, failover: FailoverID)] {
        nodes.indices.filter { index in
            !nodes[index].isDown && !checks.declaredGone.contains(nodes[index].server)
        }.flatMap { index in
            nodes[index].machine.state.openCommands.compactMap { entry in
                guard entry.started != nil else { return nil }
                switch entry.command.verb {
                case .promote(let failover, _), .demote(let failover, _, _, _):
                    return (index, failover)
                case _: return nil
                }
            }
        }
    }
}

/// Looked at where it matters.
extension Joint {
    /// Whether a step begins or ends on a server that is active.
    mutating func checkStop(_ step: StepRun, on index: Int) {
        let isCounted = nodes.count > 1 && !checks.singles.contains(step.command)
        checks.look(
            .safety1,
            premise: step.definition.stopsService && isCounted,
            holds: !nodes[index].isActive
        ) { "\(step.definition.name) on \(nodes[index].server), which is active" }
    }

    /// A server is held while it is changed beside one that serves (`domain.md`, Holds).
    mutating func checkHeld(_ step: StepRun, on index: Int) {
        guard step.definition.stopsService, nodes.count > 1, nodes[1 - index].isActive,
            !nodes[index].platform.isHeld
        else { return }
        checks.fail("\(step.definition.name) on \(nodes[index].server), which is not held")
    }

    /// Durable intent before send.
    mutating func checkSend(_ message: ControllerMessage, to index: Int) {
        guard case .command(let envelope) = message else { return }
        if controller.machine.state.single != nil { checks.singles.insert(envelope.command.id) }
        let isDurable = controller.stored.commands.contains { $0.command == envelope.command }
        checks.look(.safety14, premise: true, holds: isDurable) {
            "\(envelope.command.verb.word) was sent before it was durable"
        }
    }

    /// Durable done before the reply; the disk is asked, not the machine.
    mutating func checkSend(_ message: AgentMessage, from index: Int) {
        guard case .finished(let result) = message else { return }
        let disk = nodes[index].disk
        let isDurable =
            nodes[index].machine.state.entry(result.command)?.isEnded == true
            && disk.durableCount == disk.bytes.count
        checks.look(.safety14, premise: true, holds: isDurable) {
            "a result was sent before it was durable"
        }
    }

    /// For each alarm, raise and clear take turns.
    mutating func checkAlternation(_ change: AlarmChange) {
        let key = AlarmKey(number: change.entry.number, instance: change.entry.instance)
        let isInTurn =
            switch change.kind {
            case .raised: checks.standing.insert(key).inserted
            case .changed: checks.standing.contains(key)
            case .cleared: checks.standing.remove(key) != nil
            }
        checks.look(.safety11, premise: true, holds: isInTurn) {
            "\(key.number) \(key.instance) is told twice in a row"
        }
    }

    /// An agent that has long been alone begins no change of its server.
    mutating func checkAlone(_ record: JournalRecord, on index: Int) {
        guard case .started(let id, _, _, _) = record,
            let verb = nodes[index].machine.state.entry(id)?.command.verb
        else { return }
        let isChange =
            switch verb {
            case .install, .backOut, .promote, .demote: true
            case _: false
            }
        let aloneFor = controller.isRunning ? 0 : now - controller.diedAt
        checks.look(.safety33, premise: isChange, holds: aloneFor <= 30_000) {
            "\(nodes[index].server) begins \(verb.word), \(aloneFor) ms after its controller"
        }
    }

    /// 70501, once what changes has settled.
    package mutating func checkMixedAlarm() {
        guard nodes.count > 1, nodes.allSatisfy({ $0.isRunning && $0.link != 0 }) else { return }
        // What is only not known turns into an alarm beyond a limit of minutes.
        for node in nodes { if case .unknown = node.platform.software { return } }
        let isMixed =
            nodes.contains { $0.platform.software.release == nil }
            || Set(nodes.map(\.platform.packages)).count > 1
        let isRaised = has(.clusterMixedVersion)
        checks.look(.safety9, premise: true, holds: isMixed == isRaised) {
            "70501 is \(isRaised ? "raised" : "clear"), observation says otherwise"
        }
    }

    package func has(_ number: AlarmNumber) -> Bool {
        controller.machine.activeAlarms().contains { $0.number == number }
    }
}

/// What tells one alarm from all others.
struct AlarmKey: Hashable {
    var number: AlarmNumber
    var instance: String
}
