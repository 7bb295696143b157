import TandemModel

/// The emergency stop of the whole network, as one cluster obeys it: nothing is commanded but what
/// brings service back or takes a second active server away.
extension ClusterMachine {
    /// The stop was set, ended, or is told to a new process.
    mutating func obey(_ stop: EmergencyStop?, _ turn: inout Turn) {
        if live.emergencyStop != stop { turn.step.changesView = true }
        live.emergencyStop = stop
        guard let stop else { return }
        voidRequests(stop, &turn)
        endPushes(&turn)
        guard let action = state.action, action.ending == nil, !action.isStopRequested,
            action.attempt?.intent.worksUnderEmergencyStop != true
        else { return }
        note("the emergency stop of \(stop.person) stops \(action.text): \(stop.reason)", &turn)
        state.action?.isStopRequested = true
        // A change of roles goes on to its bounded end, and nothing follows it.
        guard action.instruction?.isUnstoppable == false else { return }
        stopCommands(&turn)
    }

    private mutating func voidRequests(_ stop: EmergencyStop, _ turn: inout Turn) {
        for request in state.approvals {
            let press = request.press
            audit("void \(press.button.rawValue)", by: stop.person, on: press.server, "", &turn)
            note(
                "the emergency stop of \(stop.person) voids \(press.button.label) of "
                    + "\(press.person): request \(request.id)",
                &turn
            )
        }
        state.approvals = []
    }

    /// Images that are being pushed ahead of a window wait for no action: they end too.
    private mutating func endPushes(_ turn: inout Turn) {
        for record in state.commands where isVoidedPush(record) {
            guard live[record.server].connection != nil else { continue }
            turn.send(record.server, .stop(record.command.id))
            turn.send(record.server, .void(record.command.id))
        }
    }

    /// Whether a command belongs to no action and to nothing that must go on.
    func isVoidedPush(_ record: CommandRecord) -> Bool {
        guard live.emergencyStop != nil, record.action == nil, record.isOpen else { return false }
        switch record.command.verb {
        case .stageImage, .dropImage, .collectLogs: return true
        case .check, .promote, .demote, .takeBack, .fence, .hold, .unhold, .inhibitReplication,
            .allowReplication, .install, .backOut, .applyConfiguration, .accept, .recover, .report:
            return false
        }
    }

    /// Why nothing may be commanded now; `nil` while the stop is off.
    func emergencyRefusal() -> TandemError? {
        live.emergencyStop.map { stop in
            TandemError(
                .emergencyStopped,
                "the emergency stop is on since \(utcText(stop.since)), set by \(stop.person): "
                    + stop.reason,
                remedy: "End it with `tandem emergency-stop off` once it is safe to go on."
            )
        }
    }

    func emergencyRefusal(of intent: Intent) -> TandemError? {
        intent.worksUnderEmergencyStop ? nil : emergencyRefusal()
    }

    /// Why this part of the running action is not begun; `nil` when it may be.
    func emergencyEnd(of instruction: Instruction) -> TandemFailure? {
        guard live.emergencyStop != nil, !instruction.isRoleChange else { return nil }
        return emergencyRefusal().map { refusal in
            TandemFailure(
                TandemError(.stoppedByPerson, refusal.message, remedy: refusal.remedy)
            )
        }
    }
}

extension Intent {
    /// What brings service back, takes a second active server away, or only tells what happened.
    var worksUnderEmergencyStop: Bool {
        switch self {
        case .restore, .demote, .fence, .stop, .declare: true
        case .start, .upgrade, .backOut, .repair, .failover, .reapply, .accept, .turnUp,
            .finishRollback, .closeUnchanged, .closeAsObserved, .recover, .replace, .goOnSingle,
            .hold, .release:
            false
        }
    }
}
