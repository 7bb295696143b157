import AgentCore
import ControllerCore
import TandemModel

/// What was found wrong, and how long nobody served.
struct Checks {
    var violations: [String] = []
    private(set) var longestOutage: UInt64 = 0
    private var outageSince: UInt64?
    /// Whether an outage is one of the platform's own making, such as a dead active server.
    var excusesOutage = false

    /// Servers of which people have said that they are gone; what their agents end by themselves when they
    /// come back all the same is no change of Tandem's (`safety.md` 2 and 3 do not count it).
    var declaredGone: Set<ServerName> = []
    /// Commands that two people have let change the only server that is left.
    var singles: Set<CommandID> = []
    /// Alarms that stand by what was sent northbound.
    var standing: Set<AlarmKey> = []

    mutating func fail(_ what: String) {
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

/// `safety.md` 1-4, 9, 13 and 14, looked at after every event.
extension Joint {
    mutating func watch() {
        if nodes.filter(\.isActive).count > 1 { checks.fail("safety 4: two are active") }
        if nodes.count > 1 { checks.noteService(nodes.contains(where: \.isServing), at: now) }
        if checks.longestOutage > 60_000 { checks.fail("safety 4: nobody served for 60 s") }
        for node in nodes where !node.isDown && node.machine.state.openCommands.isEmpty {
            checks.declaredGone.remove(node.server)
        }
        let changing = nodes.reduce(0) { sum, node in
            sum + (checks.declaredGone.contains(node.server) ? 0 : node.changesUnderWay)
        }
        let moving = moves
        if changing > 1 { checks.fail("safety 2: two servers are being changed") }
        if Set(moving.map(\.failover)).count > 1 { checks.fail("safety 3: two failovers at once") }
        if changing > 0, !moving.isEmpty {
            checks.fail("safety 3: a failover while a server is being changed")
        }
        for node in nodes {
            for (key, count) in node.platform.completed where count > 1 {
                checks.fail("safety 13: \(key) on \(node.server) was done \(count) times")
            }
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

    /// `safety.md` 1: no step that stops service begins or ends on a server that is active.
    mutating func checkStop(_ step: StepRun, on index: Int) {
        guard step.definition.stopsService, nodes[index].isActive, nodes.count > 1,
            !checks.singles.contains(step.command)
        else { return }
        checks.fail("safety 1: \(step.definition.name) on \(nodes[index].server), which is active")
    }

    /// A server is held while it is changed beside one that serves (`domain.md`, Holds).
    mutating func checkHeld(_ step: StepRun, on index: Int) {
        guard step.definition.stopsService, nodes.count > 1, nodes[1 - index].isActive,
            !nodes[index].platform.isHeld
        else { return }
        checks.fail("\(step.definition.name) on \(nodes[index].server), which is not held")
    }

    /// Durable intent before send (`safety.md` 14).
    mutating func checkSend(_ message: ControllerMessage, to index: Int) {
        guard case .command(let envelope) = message else { return }
        if controller.machine.state.single != nil { checks.singles.insert(envelope.command.id) }
        guard !controller.stored.commands.contains(where: { $0.command == envelope.command }) else {
            return
        }
        checks.fail("safety 14: \(envelope.command.verb.word) was sent before it was durable")
    }

    mutating func checkSend(_ message: AgentMessage, from index: Int) {
        guard case .finished(let result) = message else { return }
        let isDurable = nodes[index].machine.state.entry(result.command)?.isEnded == true
        if !isDurable { checks.fail("safety 14: a result was sent before it was durable") }
    }

    /// `safety.md` 11: for each alarm, raise and clear take turns.
    mutating func checkAlternation(_ change: AlarmChange) {
        let key = AlarmKey(number: change.entry.number, instance: change.entry.instance)
        let isInTurn =
            switch change.kind {
            case .raised: checks.standing.insert(key).inserted
            case .changed: checks.standing.contains(key)
            case .cleared: checks.standing.remove(key) != nil
            }
        if !isInTurn {
            checks.fail("safety 11: \(key.number) \(key.instance) is told twice in a row")
        }
    }

    /// `safety.md` 9, once what changes has settled.
    mutating func checkMixedAlarm() {
        guard nodes.count > 1, nodes.allSatisfy({ $0.isRunning && $0.link != 0 }) else { return }
        // What is only not known turns into an alarm beyond a limit of minutes.
        for node in nodes { if case .unknown = node.platform.software { return } }
        let isMixed =
            nodes.contains { $0.platform.software.release == nil }
            || Set(nodes.map(\.platform.packages)).count > 1
        let isRaised = has(.clusterMixedVersion)
        if isMixed != isRaised {
            checks.fail(
                "safety 9: 70501 is \(isRaised ? "raised" : "clear"), observation says otherwise"
            )
        }
    }

    func has(_ number: AlarmNumber) -> Bool {
        controller.machine.activeAlarms().contains { $0.number == number }
    }
}

/// What tells one alarm from all others.
struct AlarmKey: Hashable {
    var number: AlarmNumber
    var instance: String
}
