import TandemModel

/// Versions, the freeze while versions are mixed, and which version belongs where.
extension ClusterMachine {
    /// The newest saved version of a schema.
    func newestConfiguration(schema: String?) -> ConfigurationVersion? {
        guard let schema else { return nil }
        return state.configurations.last { $0.version.schema == schema }?.version
    }

    /// What is written on the way in a direction: the newest going up, the snapshot going back.
    func configuration(for direction: Direction) -> ConfigurationVersion? {
        guard let operation = state.operation else { return nil }
        return direction == .up
            ? newestConfiguration(schema: operation.new.schema) : operation.snapshot
    }

    /// The version that belongs to the active server's running release.
    func configurationToReapply(in cluster: ObservedCluster) -> ConfigurationVersion? {
        let active = cluster.single.flatMap { cluster[$0] } ?? cluster.active
        guard let active, active.report != nil else { return nil }
        if state.operation != nil {
            switch active.letter {
            case .new: return configuration(for: .up)
            case .old: return configuration(for: .back)
            case .other: return nil
            }
        }
        guard let release = active.release else { return nil }
        return newestConfiguration(schema: schema(of: release, on: active))
    }

    private func schema(of release: ReleaseID, on server: ObservedServer) -> String? {
        let image = live.catalogue.first { $0.manifest.release == release }
        return image?.manifest.configuration?.schema ?? server.report?.configuration?.schema
    }

    /// The server a reapply is open for: needed, and not verified for the one that is active now.
    func openReapply(in cluster: ObservedCluster) -> ServerName? {
        guard state.operation != nil, isReapplyOpen(in: cluster) else { return nil }
        switch cluster.position {
        case .newOld, .singleNew: return cluster.single ?? cluster.active?.name
        case .idle, .oldOld, .oldNew, .newNew, .standbyBroken, .standbySilent, .activeSilent,
            .noneActive, .twoActive, .activeUnknown, .failoverUndecided, .singleOld,
            .singleBroken, .unseen:
            return nil
        }
    }

    /// Whether the active server of the new release lacks its verified configuration.
    func isReapplyOpen(in cluster: ObservedCluster) -> Bool {
        let active = cluster.single.flatMap { cluster[$0] } ?? cluster.active
        guard let active, let report = active.report, active.letter == .new,
            let version = configuration(for: .up)
        else { return false }
        guard let record = state.operation?.reapplied else { return true }
        return record.server != active.name || record.generation != report.generation
            || record.digest != version.digest || report.configuration?.digest != version.digest
    }

    func reapplyRefusal(_ server: ServerName, in cluster: ObservedCluster) -> TandemError? {
        guard cluster[server]?.isActive == true || cluster.single == server else {
            return .blocked("\(server) is not active", "Reapply on the active server.")
        }
        guard configurationToReapply(in: cluster) != nil else {
            return .blocked(
                "no configuration version of the running release's schema is saved",
                "Save one with `tandem config set`."
            )
        }
        return nil
    }

    // MARK: - Edits

    /// Versions and queued edits kept per cluster: 48 KiB each.
    static let savedEditCountMax = 16

    /// Whether edits are queued: versions are mixed, or an action is on its way to mix them.
    func isFrozen(in cluster: ObservedCluster) -> Bool {
        if state.action != nil { return true }
        guard cluster.servers.count > 1 else { return false }
        let releases = cluster.servers.map(\.release)
        // A server that nobody hears counts as mixed only while an operation is open.
        if releases.contains(nil) { return state.operation != nil }
        return Set(releases).count > 1
    }

    mutating func save(_ edit: ConfigurationEdit, _ turn: inout Turn) {
        guard edit.document.count <= 48 * 1024,
            String(validating: edit.document, as: UTF8.self) != nil
        else {
            turn.refuse(
                TandemError(
                    .documentRefused,
                    "the configuration of \(state.definition.name) is not UTF-8 or above 48 KiB",
                    remedy: "Save a UTF-8 document of at most 48 KiB."
                )
            )
            return
        }
        let cluster = observed(at: turn.now)
        let isQueued = isFrozen(in: cluster)
        state.queuedEdits.removeAll {
            $0.version.schema == edit.schema && $0.version.digest == edit.digest
        }
        guard !isQueued || state.queuedEdits.count < Self.savedEditCountMax else {
            turn.refuse(
                TandemError(
                    .documentRefused,
                    "\(Self.savedEditCountMax) edits of \(state.definition.name) wait already",
                    remedy:
                        "Bring the operation to its end, save the waiting edits that still count, "
                        + "then this one."
                )
            )
            return
        }
        if !isQueued { state.configurationCount += 1 }
        let number = isQueued ? 0 : state.configurationCount
        let saved = SavedConfiguration(
            version: ConfigurationVersion(
                number: number,
                schema: edit.schema,
                digest: edit.digest,
                document: edit.document
            ),
            person: edit.person,
            reason: edit.reason,
            savedAt: turn.wall
        )
        if isQueued {
            state.queuedEdits.append(saved)
        } else {
            trimConfigurations(to: Self.savedEditCountMax - 1)
            state.configurations.append(saved)
        }
        turn.step.audit.append(
            AuditEntry(
                time: turn.wall,
                person: edit.person,
                cluster: state.definition.name,
                server: nil,
                what: isQueued
                    ? "configuration edit of \(edit.schema) queued"
                    : "configuration version \(number) of \(edit.schema) saved",
                reason: edit.reason
            )
        )
        turn.step.answer = .accepted(nil)
    }

    /// Forgets the oldest versions, but never the one that the way back needs (`safety.md` 19).
    private mutating func trimConfigurations(to count: Int) {
        let snapshot = state.operation?.snapshot?.number
        while state.configurations.count > count,
            let oldest = state.configurations.firstIndex(where: { $0.version.number != snapshot })
        {
            state.configurations.remove(at: oldest)
        }
    }

    /// Edits made since Start that a way back would set aside.
    func editsSinceStart() -> [SavedConfiguration] {
        guard let operation = state.operation else { return [] }
        return state.configurations.filter { $0.version.number > operation.configurationAtStart }
    }

    /// After a rollback the snapshot is the newest again; what was saved since waits in the queue.
    mutating func setAsideEditsSinceStart(_ turn: inout Turn) {
        let later = editsSinceStart()
        state.configurations.removeAll { saved in
            later.contains { $0.version.number == saved.version.number }
        }
        for var edit in later {
            edit.version.number = 0
            state.queuedEdits.append(edit)
        }
        putSnapshotBack(&turn)
    }

    /// A store that was restored from a backup, or that kept too few versions, may have lost it.
    private mutating func putSnapshotBack(_ turn: inout Turn) {
        guard let operation = state.operation, var snapshot = operation.snapshot,
            newestConfiguration(schema: snapshot.schema)?.digest != snapshot.digest
        else { return }
        if state.configurations.contains(where: { $0.version.number >= snapshot.number }) {
            state.configurationCount += 1
            snapshot.number = state.configurationCount
        }
        trimConfigurations(to: Self.savedEditCountMax - 1)
        state.configurations.append(
            SavedConfiguration(
                version: snapshot,
                person: operation.owner,
                reason: "in force before the operation, back with its rollback",
                savedAt: turn.wall
            )
        )
    }
}
