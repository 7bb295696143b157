import TandemModel

/// What stands before each step that stops service: the mate's fresh word, and one's own role.
extension AgentMachine {
    /// Whether the mate must vouch; a way back, a return among them, asks for less (`safety.md` 1).
    ///
    /// A command that names a mate which is not active is for a cluster in which nobody is, and there
    /// nobody can vouch (`safety.md` 4).
    func needsVoucher(_ command: Command) -> Bool {
        guard case .install = command.verb else { return false }
        return command.precondition?.mate?.role == .active
            && state.entry(command.id)?.started?.returning == nil
    }

    /// Looks for a fresh voucher, then at one's own role, then goes on.
    mutating func pass(_ gate: Gate, _ turn: inout Turn) {
        guard let run = live.run else { return }
        if needsVoucher(run.command), !run.isVouched(at: turn.now, within: limits) {
            askVoucher(gate, &turn)
        } else {
            enterObserving(.passing(gate), isThorough: false, &turn)
        }
    }

    private mutating func askVoucher(_ gate: Gate, _ turn: inout Turn) {
        guard let run = live.run else { return }
        guard live.session?.welcome != nil, let nonce = takeNonce() else {
            interrupt("no controller is there to ask the mate", &turn)
            return
        }
        var asks = run.asks.filter { turn.now.since($0.at) < limits.voucherMilliseconds }
        asks.append(VoucherAsk(nonce: nonce, at: turn.now))
        if case .interrupted = run.phase {
            live.run?.dueAt = turn.now + limits.retryMilliseconds
        } else {
            live.run?.enter(.awaitingVoucher(gate), at: turn.now)
            live.run?.dueAt = turn.now + limits.voucherMilliseconds
        }
        live.run?.asks = asks
        send(.voucherNeeded(run.id, failover: nil, nonce: nonce), &turn)
    }

    /// Ten seconds without the mate's word.
    mutating func missVoucher(_ gate: Gate, _ turn: inout Turn) {
        blockGate(gate, .voucher("the mate's voucher did not come in time"), &turn)
    }

    /// Before its start a blocked command ends; after it, it waits as it is.
    private mutating func blockGate(_ gate: Gate, _ failure: TandemFailure, _ turn: inout Turn) {
        switch gate {
        case .start: finish(.failed(failure), &turn)
        case .step: interrupt(failure.message, &turn)
        }
    }

    /// Waits, unchanged, and tells the controller once.
    mutating func interrupt(_ why: String, _ turn: inout Turn) {
        guard let run = live.run else { return }
        let isNew = !run.isInterrupted
        live.run?.isInterrupted = true
        live.run?.enter(.interrupted(why: why), at: turn.now)
        live.run?.dueAt = turn.now + limits.retryMilliseconds
        guard isNew else { return }
        // The state comes last: progress alone means that the command goes on.
        sendProgress(text: "interrupted, unchanged: \(why)", &turn)
        sendState(of: run.id, &turn)
    }

    // MARK: - The mate's word

    mutating func takeVoucher(_ voucher: Voucher, _ turn: inout Turn) {
        guard let run = live.run, let gate = run.phase.awaitedGate,
            let ask = run.asks.last(where: { $0.nonce == voucher.nonce }),
            turn.now.since(ask.at) < limits.voucherMilliseconds
        else {
            turn.step.ignored = .stale
            return
        }
        if let why = mismatch(of: voucher, for: run.command) {
            if gate == .step, isOvertaken(run.command, by: voucher) {
                // It can never be vouched for again: waiting on would leave the server as it is for
                // ever. A new command, made for what is now, goes on or back.
                fail(.voucher(why), .stop, &turn)
            } else {
                refuseVoucher(voucher, why, &turn)
            }
            return
        }
        live.run?.asks = []
        live.run?.vouchedAt = ask.at
        pass(gate, &turn)
    }

    /// Whether the mate's generation, which never falls, is past the one that the command names.
    private func isOvertaken(_ command: Command, by voucher: Voucher) -> Bool {
        guard let expected = command.precondition?.mate, voucher.command == command.id,
            voucher.agent == live.view?.mate?.agent
        else { return false }
        return voucher.generation > expected.generation
    }

    /// A voucher that says too little ends or interrupts the command that asked for it.
    mutating func refuseVoucher(_ voucher: Voucher, _ why: String, _ turn: inout Turn) {
        guard let run = live.run, let gate = run.phase.awaitedGate,
            run.asks.contains(where: { $0.nonce == voucher.nonce })
        else { return }
        live.run?.asks.removeAll { $0.nonce == voucher.nonce }
        blockGate(gate, .voucher(why), &turn)
    }

    /// What keeps a voucher from being the one that was asked for; `nil` when it is.
    private func mismatch(of voucher: Voucher, for command: Command) -> String? {
        guard let expected = command.precondition?.mate else { return "no mate was named" }
        guard voucher.command == command.id, voucher.failover == nil else {
            return "the voucher is for another command"
        }
        guard let mate = live.view?.mate, mate.agent == voucher.agent else {
            return "the voucher is not of the mate that the cluster view names"
        }
        guard voucher.role == .active, voucher.isInService else {
            return "\(mate.server) is \(voucher.role)"
                + (voucher.isInService ? "" : " and not in service")
        }
        guard voucher.role == expected.role else {
            return "\(mate.server) is \(voucher.role), not \(expected.role)"
        }
        guard voucher.software.isSame(as: expected.software) else {
            return "\(mate.server) runs \(voucher.software), not \(expected.software)"
        }
        guard voucher.generation == expected.generation else {
            return "\(mate.server) is at generation \(voucher.generation), not "
                + "\(expected.generation)"
        }
        return nil
    }

    // MARK: - One's own role

    /// The look at oneself behind the voucher has come.
    mutating func passed(_ gate: Gate, seeing seen: LocalObservation, _ turn: inout Turn) {
        guard let run = live.run else { return }
        if needsVoucher(run.command), !run.isVouched(at: turn.now, within: limits) {
            askVoucher(gate, &turn)
            return
        }
        switch gate {
        case .step:
            if let why = roleRefusal(of: run.command, seeing: seen) {
                interrupt(why, &turn)
                return
            }
            live.run?.needsFreshVoucher = false
            beginNextStep(&turn)
        case .start:
            guard turn.now <= run.startBy else {
                finish(.failed(.expired(run.command)), &turn)
                return
            }
            if let failure = refusal(of: run.command, seeing: seen, at: turn.now) {
                finish(.failed(failure), &turn)
                return
            }
            startInstall(&turn)
        }
    }
}

extension Phase {
    /// The gate at which a voucher is awaited now.
    fileprivate var awaitedGate: Gate? {
        switch self {
        case .awaitingVoucher(let gate): gate
        case .interrupted: .step
        case .passing, .preparing, .running, .observingStep, .repairing, .judging, .failing,
            .resumingReturn, .judgingReturn, .stopping, .armed, .expiring, .unholding, .promoting,
            .promoted, .fencing, .fenced, .demoting, .demoted, .takingBack, .takenBack, .driving,
            .driven, .configuring, .configured, .observing:
            nil
        }
    }
}
