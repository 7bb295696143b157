import TandemModel

/// The end of a cluster: two people, and nothing of it may be under way.
extension ClusterMachine {
    /// Why the cluster can't be removed now; `nil` when it can.
    func removalRefusal(_ press: ButtonPress, at now: Tick) -> TandemError? {
        if let refusal = emergencyRefusal() ?? seenRefusal(press.seen, at: now) { return refusal }
        if press.reason.isEmpty {
            return .blocked("the reason is missing", "Give a reason or a ticket number.")
        }
        if let action = state.action {
            return .blocked("\(action.text) is running", "Wait for its end, or press Stop.")
        }
        if let operation = state.operation {
            return .blocked(
                "the operation \(operation.old.release) > \(operation.new.release) is open",
                "Bring it to its end first."
            )
        }
        if let open = state.commands.first(where: \.isOpen) {
            return .blocked(
                "\(open.command.verb.word) on \(open.server) has not ended",
                "Wait for its end."
            )
        }
        if let death = state.servers.first(where: { $0.deathNote != nil }) {
            return .blocked(
                "\(death.name) was declared dead and has not been told",
                "Bring it back, or replace it."
            )
        }
        return nil
    }

    /// The shell forgets the machine once this step is durable; log and audit keep what it did.
    mutating func remove(by approver: PersonName, _ press: ButtonPress, _ turn: inout Turn) {
        audit(
            "removed cluster, asked for by \(press.person)",
            by: approver,
            on: nil,
            press.reason,
            &turn
        )
        state.approvals = []
        turn.step.removesCluster = true
        turn.step.answer = .accepted(nil)
    }
}
