import TandemModel

/// This server's signed word for its mate.
extension AgentMachine {
    /// A voucher needs a look that began after the request.
    ///
    /// Without a command it is the fresh nonce report of `safety.md` 4: it promises nothing, nothing
    /// starts on it, and it is given in every state.
    mutating func takeVouchRequest(
        command: CommandID?,
        failover: FailoverID?,
        nonce: Nonce,
        _ turn: inout Turn
    ) {
        if let failure = vouchRefusal(isPromise: command != nil) {
            send(.vouchRefused(nonce: nonce, failure), &turn)
            return
        }
        guard live.vouchRequests.count < limits.voucherCountMax else {
            send(.vouchRefused(nonce: nonce, tooMany("requests for vouchers")), &turn)
            return
        }
        let ticket = observe(isThorough: false, &turn)
        live.vouchRequests.append(
            VouchRequest(command: command, failover: failover, nonce: nonce, ticket: ticket)
        )
    }

    /// The look has come; what was asked for is signed by the runtime as it leaves.
    mutating func answerVouchRequests(seeing seen: LocalObservation, _ turn: inout Turn) {
        let ready = live.vouchRequests.filter { live.queue.has($0.ticket) }
        live.vouchRequests.removeAll { live.queue.has($0.ticket) }
        for request in ready {
            let isPromise = request.command != nil
            if let failure = vouchRefusal(isPromise: isPromise) {
                send(.vouchRefused(nonce: request.nonce, failure), &turn)
                continue
            }
            if isPromise {
                live.given.removeAll { $0.nonce == request.nonce }
                live.given.append(
                    GivenVoucher(nonce: request.nonce, failover: request.failover, at: turn.now)
                )
            }
            let voucher = Voucher(
                command: request.command,
                failover: request.failover,
                nonce: request.nonce,
                agent: agent,
                role: role(seen),
                isInService: seen.ha.isInService,
                software: seen.software,
                generation: state.generation,
                position: seen.ha.position
            )
            send(.voucher(voucher), &turn)
        }
    }

    /// Why this server can't promise to stay what it is.
    private func vouchRefusal(isPromise: Bool) -> TandemFailure? {
        guard isPromise else { return nil }
        if let zombie = state.zombie {
            return vouchFailure("is a zombie (\(zombie))")
        }
        if state.demotion != nil { return vouchFailure("has given its role up") }
        if live.given.count >= limits.voucherCountMax { return tooMany("vouchers") }
        let busy = live.run?.command ?? live.pending?.command
        switch busy?.verb {
        case .install, .backOut, .demote, .fence:
            return vouchFailure("is busy with \(busy?.verb.word ?? "")")
        case .stageImage, .dropImage, .check, .promote, .takeBack, .hold, .unhold,
            .inhibitReplication, .allowReplication, .applyConfiguration, .accept, .recover,
            .collectLogs, .report, nil:
            return nil
        }
    }

    private func vouchFailure(_ why: String) -> TandemFailure {
        TandemFailure(
            .voucherRefused,
            "\(server) does not vouch: it \(why)",
            remedy: "wait until it serves again"
        )
    }

    private func tooMany(_ what: String) -> TandemFailure {
        TandemFailure(
            .voucherRefused,
            "\(server) has too many \(what) open",
            remedy: "release the old ones or wait \(limits.vouchedMilliseconds / 1_000) s"
        )
    }
}
