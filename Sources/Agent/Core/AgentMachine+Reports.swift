import TandemModel

extension AgentMachine {
    /// All that this server is, under the sequence of the newest report; `nil` before the first look.
    ///
    /// `ending`: a command that is about to end, and is left out of the open ones.
    func report(ending: CommandID? = nil) -> ServerReport? {
        live.observation.map { report(of: $0, ending: ending) }
    }

    private func report(of seen: LocalObservation, ending: CommandID?) -> ServerReport {
        var ha = seen.ha
        ha.replication.isInhibited = ha.replication.isInhibited || state.isInhibited
        return ServerReport(
            sequence: live.session?.reportSequence ?? 0,
            ha: ha,
            role: role(seen),
            generation: state.generation,
            isHeld: state.isHeld,
            software: seen.software,
            packageDigest: seen.packageDigest,
            previous: manifest(state.previous)?.release,
            isWayBackVerified: isWayBackVerified,
            images: images,
            configuration: configuration(seen),
            health: seen.health,
            zombie: state.zombie,
            openCommands: state.openCommands.map(\.command.id).filter { $0 != ending },
            snapshots: seen.snapshots
        )
    }

    /// What lies here; an image in which something was found missing or changed counts no more.
    private var images: [StagedImage] {
        state.staged.map { staged in
            var image = staged
            let isDamaged = live.verified.contains {
                $0.manifest == staged.manifest && $0.failure != nil
            }
            image.isVerified = staged.isVerified && !isDamaged
            return image
        }
    }

    /// What stands in for a report where nothing was ever seen.
    var blindReport: ServerReport {
        report(
            of: LocalObservation(
                ha: .unknown,
                software: .unknown("not observed yet"),
                manifest: nil,
                packageDigest: .none,
                configurationDigest: nil,
                health: .unknown,
                loadHundredths: 0
            ),
            ending: nil
        )
    }

    private func configuration(_ seen: LocalObservation) -> AppliedConfiguration? {
        guard let digest = seen.configurationDigest else { return nil }
        if let written = state.configured, written.digest == digest { return written }
        let schema = manifest(seen.manifest)?.configuration?.schema ?? ""
        return AppliedConfiguration(number: 0, schema: schema, digest: digest)
    }

    /// Sends a report when anything in it changed since the last one of this connection.
    mutating func settleReport(_ turn: inout Turn) {
        guard live.session?.welcome != nil, let next = report() else { return }
        guard live.session?.report != next else { return }
        sendReport(next, &turn)
    }

    /// Sends a report under a new sequence.
    ///
    /// - Returns: the report as sent.
    @discardableResult
    mutating func sendReport(_ report: ServerReport, _ turn: inout Turn) -> ServerReport {
        guard live.session?.welcome != nil else { return report }
        var numbered = report
        live.session?.reportSequence += 1
        numbered.sequence = live.session?.reportSequence ?? 0
        live.session?.report = numbered
        send(.report(numbered), &turn)
        return numbered
    }

    // MARK: - Heartbeats

    /// Beats at once when what the controller decides by has changed.
    mutating func settleHeartbeat(_ turn: inout Turn) {
        guard let session = live.session, session.welcome != nil else { return }
        guard let last = session.heartbeat else {
            if live.observation != nil { beat(&turn) }
            return
        }
        let next = heartbeat
        guard
            last.role != next.role || last.generation != next.generation
                || last.isInService != next.isInService || last.isCaughtUp != next.isCaughtUp
        else { return }
        beat(&turn)
    }

    mutating func beat(_ turn: inout Turn) {
        live.session?.heartbeatSequence += 1
        let next = heartbeat
        live.session?.heartbeat = next
        live.session?.heartbeatAt = turn.now
        send(.heartbeat(next), &turn)
    }

    private var heartbeat: Heartbeat {
        let ha = live.observation?.ha ?? .unknown
        return Heartbeat(
            sequence: live.session?.heartbeatSequence ?? 0,
            reportSequence: live.session?.reportSequence ?? 0,
            role: live.observation.map(role) ?? .unknown,
            generation: state.generation,
            isInService: ha.isInService,
            isCaughtUp: ha.replication.isCaughtUp,
            lagBytes: ha.replication.lagBytes,
            packageDigestPrefix: (live.observation?.packageDigest ?? .none).prefix64,
            loadHundredths: live.observation?.loadHundredths ?? 0,
            alarmSequence: live.boot.map { state.alarms.sequence(of: $0) } ?? 0
        )
    }

    // MARK: - The way back

    /// What a failure or a rollback would restore: the release before, or, before any upgrade, the
    /// one that runs.
    var wayBack: Digest? { state.previous ?? state.current }

    private var isWayBackVerified: Bool {
        guard let wayBack, manifest(wayBack) != nil else { return false }
        return live.verified.contains { $0.manifest == wayBack && $0.failure == nil }
    }

    /// Has the way back verified whenever it becomes another one.
    mutating func settleWayBack(_ turn: inout Turn) {
        guard live.verifyingWayBack != wayBack else { return }
        live.verifyingWayBack = wayBack
        if let wayBack { turn.step.effects.append(.verifyRelease(wayBack)) }
    }
}
