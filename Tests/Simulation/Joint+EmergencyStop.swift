import AgentCore
import ControllerCore
package import TandemModel

/// The emergency stop as one cluster meets it, noted beside its controller.
struct PressedStop: Sendable {
    var stop: EmergencyStop
    /// When it became durable.
    var since: UInt64
    /// Changes of roles that were under way then; each goes on to its end.
    var failovers: Set<FailoverID>
}

/// People press the emergency stop and lift it, whatever is going on (design rule 9 of `safety.md`).
extension Joint {
    package var isEmergencyStopped: Bool { controller.emergency != nil }

    /// A person presses it, or lifts it.
    package mutating func setEmergencyStop(_ isOn: Bool) {
        guard controller.isRunning, isOn != isEmergencyStopped else { return }
        obey(isOn ? EmergencyStop(person: Fixtures.bob, since: wall, reason: "smoke") : nil)
    }

    /// What the network's switch is now, as its owner tells each machine.
    mutating func obey(_ stop: EmergencyStop?) {
        note(stop == nil ? "EMERGENCY STOP OFF" : "EMERGENCY STOP")
        if stop == nil { checkLifting() }
        if stop != nil, let action = controller.machine.state.action {
            count("emergency stop: in \(action.button.rawValue)")
            if position == .failoverUndecided { count("emergency stop: in a failover") }
        }
        feed(.emergencyStop(stop))
        count(stop == nil ? "emergency stop: off" : "emergency stop: on")
        if stop != nil { checkStoppedButtons() }
    }

    /// It is durable together with what it stops.
    mutating func noteCommit(of input: ClusterInput, after before: ClusterState) {
        guard case .emergencyStop(let stop) = input, stop != controller.emergency?.stop else {
            return
        }
        controller.emergency = stop.map { stop in
            PressedStop(
                stop: stop,
                since: now,
                failovers: Set(before.commands.compactMap(\.command.verb.failover))
            )
        }
    }

    // MARK: - What must hold

    /// Nothing begins but what brings service back or takes a second active server away.
    mutating func checkStopped(_ issued: [CommandRecord], after before: ClusterState) {
        guard let emergency = controller.emergency else { return }
        let action = controller.machine.state.action
        let isNew = action != nil && action?.id != before.action?.id
        let serves = action.map { Self.servesUnderStop.contains($0.button) } ?? false
        checks.look(.rule9, premise: isNew, holds: serves) {
            "\(action?.text ?? "") begins under the emergency stop"
        }
        if isNew, serves { count("emergency stop: service is restored under it") }
        for record in issued {
            let isKnown = record.command.verb.failover.map(emergency.failovers.contains) ?? false
            let isRoleWork = Self.rolesWork.contains(record.command.verb.word)
            // A server that comes back after Restore Service is demoted and held first of all.
            let isPromise = record.action == nil
            checks.look(
                .rule9,
                premise: true,
                holds: isRoleWork && (isKnown || serves || isPromise)
            ) {
                "\(record.command.verb.word) is issued to \(record.server) under the emergency stop"
            }
            if isKnown { count("emergency stop: a failover goes on") }
        }
    }

    /// What agents have begun is by commands of before, and none of those begins late.
    mutating func checkStopped(_ record: JournalRecord, on index: Int) {
        guard case .started(let id, _, _, _) = record, let emergency = controller.emergency,
            let verb = nodes[index].machine.state.entry(id)?.command.verb,
            !Self.rolesWork.contains(verb.word)
        else { return }
        // As long as an agent that lost its controller may still begin something (33).
        let stoppedFor = now - emergency.since
        checks.look(.rule9, premise: true, holds: stoppedFor <= 30_000) {
            "\(nodes[index].server) begins \(verb.word) \(stoppedFor) ms after the emergency stop"
        }
    }

    /// What is offered under it is what would be offered without it and is no way on or back.
    package mutating func checkStoppedButtons() {
        guard controller.isRunning, isEmergencyStopped else { return }
        let free = buttonsWithoutEmergencyStop
        let offers = status.buttons
        let enabled = Set(offers.filter(\.isEnabled).map { Key($0) })
        let wanted = Set(free.filter { $0.isEnabled && Self.works($0.button) }.map { Key($0) })
        checks.look(.rule9, premise: true, holds: enabled == wanted) {
            "offered under the emergency stop: \(Key.words(enabled)), and not \(Key.words(wanted))"
        }
        let all = Set(offers.map { Key($0) })
        checks.look(.rule9, premise: true, holds: all == Set(free.map { Key($0) })) {
            "the emergency stop takes a button away instead of greying it"
        }
    }

    /// The operation can go on or back: a way that is offered never stands alone.
    private mutating func checkLifting() {
        checkStoppedButtons()
        let state = controller.machine.state
        guard isEmergencyStopped, state.operation != nil, state.action == nil else { return }
        let enabled = Set(buttonsWithoutEmergencyStop.filter(\.isEnabled).map(\.button))
        // Resume Upgrade alone stands also where nothing was changed yet.
        let goesOn = enabled.contains(.continueUpgrade)
        let goesBack = !enabled.isDisjoint(with: [.startRollback, .continueRollback])
        checks.look(.rule9, premise: goesOn, holds: goesBack) {
            "after the emergency stop the upgrade can go on and not back"
        }
        if goesOn { count("emergency stop: lifted, and both ways are open") }
        if goesBack { count("emergency stop: lifted, and the way back is open") }
    }

    /// With everything well and the stop still on, what ran has ended.
    mutating func checkStoppedRest() {
        let action = controller.machine.state.action
        checks.look(.rule9, premise: isEmergencyStopped, holds: action == nil) {
            "\(action?.text ?? "") still runs under the emergency stop"
        }
        if isEmergencyStopped { count("emergency stop: on in peace") }
    }

    /// The buttons of this moment, were the stop off.
    package var buttonsWithoutEmergencyStop: [ButtonOffer] {
        var machine = controller.machine
        var generator = self.generator
        _ = machine.handle(.emergencyStop(nil), at: tick, wall: wall, using: &generator)
        return machine.status(at: tick, wall: wall).buttons
    }

    /// Buttons that begin an action under the stop (`safety.md` 4).
    private static let servesUnderStop: Set<Button> = [.restoreService, .demote, .fence]
    /// Verbs that move or bound the role, which only a failover or one of those buttons asks for.
    private static let rolesWork: Set<String> = [
        "promote", "demote", "take-back", "fence", "hold", "report",
    ]

    private static func works(_ button: Button) -> Bool {
        servesUnderStop.contains(button) || [.stop, .declareOutcome].contains(button)
    }
}

/// A button, and the server it is for.
private struct Key: Hashable {
    var button: Button
    var server: ServerName?

    init(_ offer: ButtonOffer) {
        button = offer.button
        server = offer.server
    }

    static func words(_ keys: Set<Key>) -> String {
        keys.map { "\($0.button.rawValue) \($0.server?.text ?? "")" }.sorted()
            .joined(separator: ", ")
    }
}

extension Verb {
    /// The failover that a change of roles belongs to.
    fileprivate var failover: FailoverID? {
        switch self {
        case .promote(let failover, _), .demote(let failover, _, _, _), .takeBack(let failover):
            failover
        case .stageImage, .dropImage, .check, .fence, .hold, .unhold, .inhibitReplication,
            .allowReplication, .install, .backOut, .applyConfiguration, .accept, .recover,
            .collectLogs, .report:
            nil
        }
    }
}
