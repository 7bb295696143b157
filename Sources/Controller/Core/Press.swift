import TandemModel

/// A person's press: seen, offered, allowed, confirmed, approved, begun.
extension ClusterMachine {
    mutating func take(
        _ press: ButtonPress,
        _ turn: inout Turn,
        using generator: inout some RandomNumberGenerator
    ) {
        audit(
            "press \(press.button.rawValue)",
            by: press.person,
            on: press.server,
            press.reason,
            &turn
        )
        if press.button == .removeCluster {
            if let error = removalRefusal(press, at: turn.now) {
                return refuse(error, press, &turn)
            }
            return askForApproval(press, &turn, using: &generator)
        }
        switch candidate(for: press, at: turn.now) {
        case .failure(let error): refuse(error, press, &turn)
        case .success(let candidate):
            if peopleNeeded(candidate.policy) > 1 {
                askForApproval(press, &turn, using: &generator)
            } else {
                carryOut(candidate, press, approver: nil, &turn, using: &generator)
            }
        }
    }

    private mutating func askForApproval(
        _ press: ButtonPress,
        _ turn: inout Turn,
        using generator: inout some RandomNumberGenerator
    ) {
        let request = PendingApproval(
            id: .random(using: &generator),
            press: press,
            requestedAt: turn.wall
        )
        state.approvals = state.approvals.suffix(15) + [request]
        turn.step.answer = .needsApproval(request.id)
    }

    mutating func approve(
        _ id: RequestID,
        by person: PersonName,
        _ turn: inout Turn,
        using generator: inout some RandomNumberGenerator
    ) {
        guard let request = request(id, &turn) else { return }
        audit(
            "approve \(request.press.button.rawValue)",
            by: person,
            on: request.press.server,
            "",
            &turn
        )
        guard request.press.person != person else {
            return turn.refuse(
                TandemError(
                    .approvalRefused,
                    "\(person) made request \(id) and can't approve it",
                    remedy: "Have another person approve it."
                )
            )
        }
        if request.press.button == .removeCluster {
            if let error = removalRefusal(request.press, at: turn.now) {
                return refuseApproval(of: request, error, &turn)
            }
            return remove(by: person, request.press, &turn)
        }
        switch candidate(for: request.press, at: turn.now) {
        case .failure(let error): refuseApproval(of: request, error, &turn)
        case .success(let candidate):
            state.approvals.removeAll { $0.id == id }
            carryOut(candidate, request.press, approver: person, &turn, using: &generator)
        }
    }

    private mutating func refuseApproval(
        of request: PendingApproval,
        _ error: TandemError,
        _ turn: inout Turn
    ) {
        // The plan is not what was asked for any more: the request is void.
        if error.code == .seenChanged { state.approvals.removeAll { $0.id == request.id } }
        refuse(error, request.press, &turn)
    }

    mutating func withdraw(_ id: RequestID, by person: PersonName, _ turn: inout Turn) {
        guard let request = request(id, &turn) else { return }
        audit(
            "withdraw \(request.press.button.rawValue)",
            by: person,
            on: request.press.server,
            "",
            &turn
        )
        state.approvals.removeAll { $0.id == id }
        turn.step.answer = .accepted(nil)
    }

    private func request(_ id: RequestID, _ turn: inout Turn) -> PendingApproval? {
        if let request = state.approvals.first(where: { $0.id == id }) { return request }
        turn.refuse(
            TandemError(
                .unknownName,
                "no request \(id) waits on \(state.definition.name)",
                remedy: "It was approved, withdrawn, void or out of time: look at the cluster."
            )
        )
        return nil
    }

    private mutating func refuse(_ error: TandemError, _ press: ButtonPress, _ turn: inout Turn) {
        audit("refused \(error.code.id)", by: press.person, on: press.server, error.message, &turn)
        turn.refuse(error)
    }

    private mutating func carryOut(
        _ candidate: Candidate,
        _ press: ButtonPress,
        approver: PersonName?,
        _ turn: inout Turn,
        using generator: inout some RandomNumberGenerator
    ) {
        guard !candidate.intent.isDecision else {
            decide(candidate, press, &turn)
            turn.step.answer = .accepted(nil)
            return
        }
        state.approvals = []
        let id = begin(candidate, press, approver: approver, &turn, using: &generator)
        turn.step.answer = .accepted(id)
    }

    func peopleNeeded(_ button: Button) -> Int {
        if button.alwaysNeedsTwoPeople { return 2 }
        return button.isForward ? max(1, min(2, state.definition.peopleNeeded)) : 1
    }

    // MARK: - From a press to what it means here

    private func candidate(
        for press: ButtonPress,
        at now: Tick
    ) -> Result<Candidate, TandemError> {
        if let refusal = seenRefusal(press.seen, at: now) { return .failure(refusal) }
        let cluster = observed(at: now)
        let offered = buttonTable(in: cluster).candidates.filter {
            $0.button == press.button
                && (press.server == nil || $0.intent.server == nil
                    || $0.intent.server == press.server)
        }
        guard let candidate = offered.first else {
            return .failure(
                .blocked(
                    "\(press.button.label) is not offered: \(Texts.position(cluster.position))",
                    "Press one of the buttons that are offered."
                )
            )
        }
        if let other = offered.last, other.intent != candidate.intent, press.server == nil {
            return .failure(
                .blocked("\(press.button.label) needs the name of a server", "Name the server.")
            )
        }
        let refusal = refusal(
            of: candidate,
            release: press.release,
            window: candidate.intent == .start ? press.window : nil,
            in: cluster,
            at: now
        )
        if let refusal = refusal ?? demand(of: candidate, press, in: cluster, at: now) {
            return .failure(refusal)
        }
        return .success(candidate)
    }

    /// What the press itself must say: a reason, acknowledged notices, a person's word.
    private func demand(
        of candidate: Candidate,
        _ press: ButtonPress,
        in cluster: ObservedCluster,
        at now: Tick
    ) -> TandemError? {
        if needsReason(candidate), press.reason.isEmpty {
            return .blocked("the reason is missing", "Give a reason or a ticket number.")
        }
        switch candidate.intent {
        case .start: return startDemand(press, in: cluster, at: now)
        case .failover(let server):
            guard let loss = loss(by: candidate.intent, in: cluster), !press.acceptsDataLoss else {
                return nil
            }
            return .blocked(
                loss,
                "Wait until \(server) has caught up, or confirm the loss by name."
            )
        case .backOut(let server):
            guard let loss = loss(by: candidate.intent, in: cluster), !press.acceptsDataLoss else {
                return nil
            }
            return .blocked(
                loss,
                "Confirm by name that data which only \(server) holds may be lost."
            )
        case .restore(let server): return restoreDemand(server, press, in: cluster)
        case .declare:
            guard press.statement != "done", press.statement != "failed" else { return nil }
            return .blocked("the statement is missing", "State `done` or `failed`.")
        case .upgrade, .repair, .reapply, .accept, .turnUp, .finishRollback, .closeUnchanged,
            .closeAsObserved, .stop, .recover, .replace, .goOnSingle, .demote, .fence, .hold,
            .release:
            return nil
        }
    }

    private func needsReason(_ candidate: Candidate) -> Bool {
        candidate.policy.isForward || candidate.button.alwaysNeedsTwoPeople
    }

    /// What `demand` asks of a press, told before it.
    func demands(of candidate: Candidate, in cluster: ObservedCluster) -> PressDemands {
        var demands = PressDemands(
            needsReason: needsReason(candidate),
            loss: loss(by: candidate.intent, in: cluster)
        )
        if case .declare = candidate.intent { demands.statements = ["done", "failed"] }
        if case .restore(let server) = candidate.intent, let mate = cluster.mate(of: server),
            !mate.isReady
        {
            demands.statements = ["dead"]
        }
        return demands
    }

    /// What data an action would lose, as far as nobody can rule it out.
    private func loss(by intent: Intent, in cluster: ObservedCluster) -> String? {
        if case .failover(let server) = intent, !isDataComplete(on: server, in: cluster) {
            return lossWarning(to: server, in: cluster)
        }
        if case .backOut(let server) = intent, let mate = cluster.mate(of: server),
            mate.report == nil
        {
            return
                "\(mate.name) is silent: nobody can prove that \(server) holds no data of its own"
        }
        return nil
    }

    private func startDemand(
        _ press: ButtonPress,
        in cluster: ObservedCluster,
        at now: Tick
    ) -> TandemError? {
        guard let image = startImage(press.release, in: cluster, at: now) else {
            return .blocked("more than one release fits", "Name the release.")
        }
        if let refusal = press.window.flatMap({ unsound($0, at: wall(at: now)) }) { return refusal }
        let open = image.manifest.notices.filter { notice in
            press.acknowledgedNotices.map { !$0.contains(notice) } ?? !press.acknowledgesNotices
        }
        guard !open.isEmpty else { return nil }
        return .blocked(
            "\(image.manifest.release) has notices that are not acknowledged: "
                + open.joined(separator: "; "),
            "Read them, and acknowledge each by its text."
        )
    }

    private func restoreDemand(
        _ server: ServerName,
        _ press: ButtonPress,
        in cluster: ObservedCluster
    ) -> TandemError? {
        guard let mate = cluster.mate(of: server), !mate.isReady else { return nil }
        guard press.statement != "dead" else { return nil }
        return .blocked(
            "\(mate.name) is silent and can't be fenced by its agent",
            "State `dead` once you know that \(mate.name) does not serve."
        )
    }

    func lossWarning(to server: ServerName, in cluster: ObservedCluster) -> String {
        let from = cluster.active?.name.text ?? "the active server"
        let lag = cluster[server]?.report?.ha.replication
        let since = lag.map { "the last \($0.lagMilliseconds / 1000) s" } ?? "an unknown time"
        return "writes on \(from) of \(since) (\(lag?.lagBytes ?? 0) bytes) will be lost"
    }
}
