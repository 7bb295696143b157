import TandemModel

extension TandemError {
    /// A button that can't be pressed now.
    static func blocked(_ message: String, _ remedy: String) -> TandemError {
        TandemError(.buttonRefused, message, remedy: remedy)
    }
}

/// What blocks, and nothing else: the closed list behind every greyed button.
extension ClusterMachine {
    /// Alarms that block the way forward (`details.md` 21).
    func blockingAlarms() -> [AlarmEntry] {
        state.alarms.map(\.entry).filter { entry in
            switch entry.number {
            case .serverIsZombie, .clusterNoActive, .clusterTwoActive, .journalDamaged: true
            case .supervisionLost: entry.severity == .major
            case _: false
            }
        }
    }

    /// Why the candidate can't be pressed now; `nil` when it can.
    ///
    /// `release` narrows Start to one image; `nil` asks whether any would do.
    func refusal(
        of candidate: Candidate,
        release: ReleaseID?,
        window: MaintenanceWindow? = nil,
        in cluster: ObservedCluster,
        at now: Tick
    ) -> TandemError? {
        if let refusal = emergencyRefusal(of: candidate.intent) { return refusal }
        if let refusal = actionRefusal(of: candidate, in: cluster) { return refusal }
        if candidate.isBlockedByAlarms, let alarm = blockingAlarms().first {
            return .blocked(
                "alarm \(alarm.number) is active on \(alarm.instance)",
                "Clear its cause first: \(alarm.text)."
            )
        }
        if candidate.intent.isDecision {
            return decisionRefusal(of: candidate.intent, in: cluster)
        }
        if let refusal = readinessRefusal(of: candidate.intent, in: cluster) { return refusal }
        return intentRefusal(of: candidate.intent, release: release, in: cluster, at: now)
            ?? windowRefusal(of: candidate, window: window, release: release, in: cluster, at: now)
            ?? placeRefusal(of: candidate.button)
    }

    /// One action at a time; beside it only what ends it.
    private func actionRefusal(
        of candidate: Candidate,
        in cluster: ObservedCluster
    ) -> TandemError? {
        guard let action = state.action else { return nil }
        let isStuck = action.instruction?.server.flatMap { cluster[$0] }?.isSilent ?? false
        switch candidate.intent {
        case .stop:
            if action.ending != nil || action.isStopRequested {
                return .blocked("\(action.text) is ending already", "Wait for its end.")
            }
            guard let instruction = action.instruction, !instruction.isUnstoppable else {
                return .blocked(
                    "\(action.text) can't be stopped in this part",
                    "Wait: a failover ends by itself within a minute."
                )
            }
            return nil
        case .declare, .closeAsObserved, .goOnSingle, .replace:
            guard !cluster.isFailoverUndecided, isStuck else {
                return .blocked("\(action.text) is running", "Wait for its end, or press Stop.")
            }
            return nil
        case .start, .upgrade, .backOut, .repair, .failover, .reapply, .accept, .turnUp,
            .finishRollback, .closeUnchanged, .recover, .restore, .demote, .fence, .hold,
            .release:
            return .blocked(
                "\(action.text) is running since \(utcText(action.startedAt))",
                "Wait for its end, or press Stop."
            )
        }
    }

    private func decisionRefusal(
        of intent: Intent,
        in cluster: ObservedCluster
    ) -> TandemError? {
        switch intent {
        case .goOnSingle(let server):
            guard let mate = cluster.mate(of: server) else { return nil }
            if let refusal = silenceRefusal(of: mate) { return refusal }
            return nil
        case .replace(let server):
            guard cluster[server]?.isActive != true else {
                return .blocked("\(server) is active", "Fail over to its mate first.")
            }
            return nil
        case .start, .upgrade, .backOut, .repair, .failover, .reapply, .accept, .turnUp,
            .finishRollback, .closeUnchanged, .closeAsObserved, .stop, .recover, .restore,
            .declare, .demote, .fence, .hold, .release:
            return nil
        }
    }

    /// Beside a server that is silent, but not long enough, nothing is done (`safety.md` 15).
    func silenceRefusal(of mate: ObservedServer) -> TandemError? {
        guard mate.report == nil, mate.silence < limits.silenceMilliseconds else { return nil }
        return .blocked(
            "\(mate.name) has been silent for only \(mate.silence / 1000) s",
            "Wait until it reports or \(limits.silenceMilliseconds / 1000) s have passed."
        )
    }

    /// Every server has reported in its present connection, and what is open there is known.
    private func readinessRefusal(
        of intent: Intent,
        in cluster: ObservedCluster
    ) -> TandemError? {
        let bearsSilence = intent.bearsSilentMate
        for server in cluster.servers {
            if let single = cluster.single, single != server.name { continue }
            let isMate = intent.server != nil && intent.server != server.name
            if isMate, server.report == nil, bearsSilence || cluster.active == nil {
                if let refusal = silenceRefusal(of: server) { return refusal }
                continue
            }
            if isMate, intent.server != nil, !needsMate(intent) { continue }
            guard server.isReady else {
                return .blocked(
                    "\(server.name) has not reported in its present connection",
                    "Check that its agent runs and reaches the controller."
                )
            }
            if let id = unsettledCommand(of: server.name) {
                return .blocked(
                    "what became of command \(id) on \(server.name) is being asked",
                    "Wait for the agent's answer."
                )
            }
        }
        return nil
    }

    /// Whether the mate must be heard for it.
    private func needsMate(_ intent: Intent) -> Bool {
        switch intent {
        case .recover, .fence, .demote, .restore: false
        case .start, .upgrade, .backOut, .repair, .failover, .reapply, .accept, .turnUp,
            .finishRollback, .closeUnchanged, .closeAsObserved, .stop, .replace, .goOnSingle,
            .declare, .hold, .release:
            true
        }
    }
}
