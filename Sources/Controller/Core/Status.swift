package import TandemModel

/// The cluster as people and scripts read it.
extension ClusterMachine {
    /// Everything a page or a command shows, at this moment.
    package func status(at now: Tick, wall: WallTime) -> ClusterStatus {
        let cluster = observed(at: now)
        let lines = seenLines(at: now)
        let offers = offers(in: cluster, at: now)
        let approvals = approvals(at: now, wall: wall)
        return ClusterStatus(
            name: state.definition.name,
            kind: state.definition.kind,
            site: state.definition.site,
            isPrimarySite: state.definition.isPrimarySite,
            position: cluster.position,
            positionText: Texts.position(cluster.position),
            servers: cluster.servers.map { status(of: $0, in: cluster, at: now) },
            operation: state.operation.map { status(of: $0, at: now) } ?? state.lastOperation,
            buttons: offers,
            seen: Self.token(of: lines),
            seenLines: lines,
            nextStep: nextStep(offers, approvals, in: cluster),
            approvals: approvals,
            configurationNumber: newestNumber,
            queuedEditCount: state.queuedEdits.count,
            alarms: activeAlarms(),
            action: state.action.map { status(of: $0, at: now) },
            endedActions: state.endedActions ?? [],
            window: windowStatus(in: cluster, at: now, wall: wall),
            waits: waits(offers, approvals, in: cluster, at: now)
        )
    }

    /// What a server last reported to hold; empty where it has not reported.
    ///
    /// Cheaper than a status.
    package func images(of server: ServerName) -> [StagedImage] {
        live[server].report?.images ?? []
    }

    func status(of operation: OperationState, at now: Tick) -> OperationStatus {
        OperationStatus(
            id: operation.id,
            direction: operation.direction,
            old: operation.old.release,
            new: operation.new.release,
            owner: operation.owner,
            reason: operation.reason,
            startedAt: operation.startedAt,
            action: state.action.map { status(of: $0, at: now) },
            lastResult: operation.lastResult,
            failure: state.failure,
            ownedSince: operation.ownedSince ?? operation.startedAt,
            takenOverFrom: operation.takenOverFrom,
            takeOverReason: operation.takeOverReason
        )
    }

    private func status(of action: ActionState, at now: Tick) -> ActionStatus {
        let step = action.instruction?.server.flatMap { live[$0].progress }
        return ActionStatus(
            id: action.id,
            button: action.button,
            text: action.text,
            startedAt: action.startedAt,
            person: action.person,
            step: step,
            waitsFor: live.waitsFor,
            elapsedMilliseconds: elapsed(of: action, at: now),
            aboutLeftMilliseconds: aboutLeft(of: action, at: now)
        )
    }

    private func status(
        of server: ObservedServer,
        in cluster: ObservedCluster,
        at now: Tick
    ) -> ServerStatus {
        let known = live[server.name]
        let report = known.report
        let age = known.lastHeard.map { now.since($0) }
        return ServerStatus(
            name: server.name,
            agent: state.definition.servers.first { $0.name == server.name }?.agent
                ?? AgentID(high: 0, low: 0),
            isConnected: known.connection != nil,
            ageMilliseconds: age,
            isStale: server.report == nil || (age ?? .max) > limits.freshMilliseconds,
            role: report?.role ?? .unknown,
            isInService: report?.ha.isInService ?? false,
            generation: report?.generation ?? 0,
            isHeld: report?.isHeld ?? false,
            isCaughtUp: report?.ha.replication.isCaughtUp ?? false,
            lagBytes: report?.ha.replication.lagBytes ?? 0,
            runningRelease: report?.software.description ?? "",
            previousRelease: report?.previous?.description ?? "",
            isUpToDate: isUpToDate(report?.software.release),
            operation: column(of: server, at: now),
            isZombie: server.isZombie,
            worstAlarm: state.alarms.filter { $0.instance == server.name.text }
                .map(\.entry.severity).max(),
            images: report?.images ?? [],
            configuration: report?.configuration,
            health: healthText(report?.health),
            wayBack: report.map(Texts.wayBack)
        )
    }

    private func isUpToDate(_ release: ReleaseID?) -> Bool {
        guard let release else { return false }
        return release == (state.operation?.new.release ?? state.baseline ?? release)
    }

    /// The text of the Upgrade Operation column.
    private func column(of server: ObservedServer, at now: Tick) -> String {
        if let action = state.action,
            action.server == nil || action.server == server.name
                || action.instruction?.server == server.name
        {
            // How it goes on can't be seen: that makes it overdue, and nothing else.
            let silence = silence(of: server.name, at: now)
            let overdue =
                silence < limits.supervisionMilliseconds
                ? "" : ", silent for \(Texts.clock(silence)): overdue"
            guard let progress = live[server.name].progress else {
                let waits = live.waitsFor.isEmpty ? "" : ": waits for \(live.waitsFor)"
                return action.text + waits + overdue
            }
            let since = live[server.name].stepSince ?? now
            let elapsed = max(progress.elapsedMilliseconds, now.since(since))
            let measured = measured(step: progress.name)
            return Texts.running(action.text, progress, elapsed: elapsed, measured: measured)
                + overdue
        }
        return server.isZombie ? Texts.zombie : state[server.name].lastResult
    }

    private func healthText(_ health: Health?) -> String {
        switch health {
        case .healthy: "healthy"
        case .warning(let words), .failing(let words): words
        case .unknown, nil: "unknown"
        }
    }

    /// What to do about servers that say nothing, where that is all that can be said.
    private func unheardText(in cluster: ObservedCluster) -> String? {
        let unheard = cluster.servers.filter { $0.report == nil }.map(\.name.text)
        guard cluster.position == .unseen, !unheard.isEmpty else { return nil }
        let names = unheard.joined(separator: " and ")
        return "Somebody sees to it that tandem-agent runs on \(names) and reaches this controller."
    }

    /// Who must do what next.
    private func nextStep(
        _ offers: [ButtonOffer],
        _ approvals: [PendingApproval],
        in cluster: ObservedCluster
    ) -> String {
        if let request = approvals.first {
            // Rounded up: the last minute reads as 1, not as 0.
            let minutes = ((request.leftMilliseconds ?? 0) + 59_999) / 60_000
            return "A person other than \(request.press.person) approves "
                + "\(request.press.button.label) within \(minutes) min: "
                + "tandem approve \(request.id)."
        }
        if let action = state.action {
            return live.waitsFor.isEmpty ? "" : "\(action.text) waits for \(live.waitsFor)."
        }
        if let replaced = state.servers.first(where: { $0.replacedBy != nil }) {
            return "Somebody enrols the new machine of \(replaced.name)."
        }
        let isServing = cluster.position == .idle
        guard state.operation != nil || !isServing else { return "" }
        let enabled = offers.filter(\.isEnabled).map { offer in
            offer.server.map { "\(offer.button.label) (\($0))" } ?? offer.button.label
        }
        guard !enabled.isEmpty else {
            if let missing = unheardText(in: cluster) { return missing }
            return offers.first.map { "Nobody can press anything: \($0.whyNot)" } ?? ""
        }
        var unique: [String] = []
        for label in enabled where !unique.contains(label) { unique.append(label) }
        return "An operator presses \(unique.joined(separator: " or "))."
    }
}
