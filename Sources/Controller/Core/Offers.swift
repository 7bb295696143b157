import TandemModel

/// The table's buttons as they are shown: worded, gated, warned about.
extension ClusterMachine {
    func buttonTable(in cluster: ObservedCluster) -> ButtonTable {
        let silent = cluster.servers.filter(\.isSilent).map(\.name)
        return ButtonTable(
            position: cluster.position,
            cluster: cluster,
            operation: state.operation,
            hasFailure: state.failure != nil,
            failed: state.failure == nil ? nil : state.failedAttempt,
            reapplyOpen: openReapply(in: cluster),
            reapplyPossible: configurationToReapply(in: cluster).flatMap { _ in
                cluster.single ?? cluster.active?.name
            },
            openOnSilent: silent.filter { server in
                state.commands.contains { $0.server == server && $0.isOpen }
            },
            hasAction: state.action != nil
        )
    }

    func offers(in cluster: ObservedCluster, at now: Tick) -> [ButtonOffer] {
        buttonTable(in: cluster).candidates.map { candidate in
            let refusal = refusal(of: candidate, release: nil, in: cluster, at: now)
            return ButtonOffer(
                button: candidate.button,
                server: candidate.intent.server,
                isEnabled: refusal == nil,
                whyNot: refusal.map { "\($0.message). \($0.remedy)" } ?? "",
                action: actionText(candidate, nil, in: cluster, at: now),
                warnings: warnings(candidate, in: cluster, at: now),
                peopleNeeded: peopleNeeded(candidate.policy),
                demands: demands(of: candidate, in: cluster)
            )
        }
    }

    /// Which release an intent leads to, for its words and its direction.
    func letter(of intent: Intent, in cluster: ObservedCluster) -> Letter {
        switch intent {
        case .failover(let server): cluster[server]?.letter ?? .other
        case .start, .upgrade, .accept, .turnUp: .new
        case .backOut, .finishRollback: .old
        case .repair, .reapply, .closeUnchanged, .closeAsObserved, .stop, .recover, .replace,
            .restore, .goOnSingle, .declare, .demote, .fence, .hold, .release:
            .other
        }
    }

    func actionText(
        _ candidate: Candidate,
        _ release: ReleaseID?,
        in cluster: ObservedCluster,
        at now: Tick
    ) -> String {
        let target = letter(of: candidate.intent, in: cluster)
        let way = candidate.intent.direction(target: target)
        let reverses = way.map { $0 != state.operation?.direction } ?? false
        var first: ServerName?
        if candidate.intent == .start {
            first = cluster.single ?? cluster.standby?.name
            if let image = startImage(release, in: cluster, at: now),
                cluster.standby?.release == image.manifest.release
            {
                first = nil
            }
        }
        return Texts.action(
            candidate.intent,
            cluster: state.definition.name,
            first: first,
            towards: target,
            reverses: reverses && state.operation != nil
        )
    }

    private func warnings(
        _ candidate: Candidate,
        in cluster: ObservedCluster,
        at now: Tick
    ) -> [String] {
        var all: [String] = []
        if let single = cluster.single { all += singleWarnings(candidate, single) }
        switch candidate.intent {
        case .start: all += startWarnings(in: cluster, at: now)
        case .failover(let server):
            if !isDataComplete(on: server, in: cluster) {
                all.append("Data is not complete: \(lossWarning(to: server, in: cluster)).")
            }
        case .backOut(let server):
            all += backOutWarnings(server, in: cluster)
        case .accept: all.append("There is no way back from here.")
        case .restore(let server):
            if let mate = cluster.mate(of: server) {
                all.append(
                    mate.isReady
                        ? "\(mate.name) is fenced first."
                        : "You state that \(mate.name) is dead: if it serves, two are active."
                )
            }
        case .goOnSingle(let server):
            all.append("The service stops while \(server) is changed; nobody can take over.")
        case .closeAsObserved:
            all.append("The cluster stays as it is; nothing is undone.")
        case .fence(let server): all.append("\(server) stops serving at once.")
        case .upgrade, .repair, .reapply, .turnUp, .finishRollback, .closeUnchanged, .stop,
            .recover, .replace, .declare, .demote, .hold, .release:
            break
        }
        return all
    }

    private func singleWarnings(_ candidate: Candidate, _ single: ServerName) -> [String] {
        switch candidate.intent {
        case .start, .upgrade, .backOut, .repair:
            ["The service stops while \(single) is changed."]
        case .failover, .reapply, .accept, .turnUp, .finishRollback, .closeUnchanged,
            .closeAsObserved, .stop, .recover, .replace, .restore, .goOnSingle, .declare,
            .demote, .fence, .hold, .release:
            []
        }
    }

    private func startWarnings(in cluster: ObservedCluster, at now: Tick) -> [String] {
        guard let image = startImage(nil, in: cluster, at: now) else { return [] }
        var all = image.manifest.notices
        for server in cluster.servers {
            guard case .impossible(let why)? = server.report?.snapshots else { continue }
            all.append("Only package back-out is possible on \(server.name): \(why).")
        }
        if let schema = image.manifest.configuration?.schema,
            newestConfiguration(schema: schema) == nil, !state.configurations.isEmpty
        {
            all.append("No configuration of schema \(schema) is saved: the package's own is used.")
        }
        return all
    }

    private func backOutWarnings(_ server: ServerName, in cluster: ObservedCluster) -> [String] {
        var all: [String] = []
        if let mate = cluster.mate(of: server) {
            if mate.report == nil {
                all.append("\(mate.name) is silent: data that only \(server) holds may be lost.")
            } else if mate.isUnfit {
                all.append("\(mate.name) is not healthy: \(mate.unfitness).")
            }
        }
        if cluster.position == .newNew || cluster.position == .singleNew {
            for edit in editsSinceStart() {
                all.append(
                    "Configuration version \(edit.version.number) of \(edit.person) would be set "
                        + "aside."
                )
            }
        }
        return all
    }
}
