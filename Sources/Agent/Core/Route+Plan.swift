import TandemModel

/// The list of steps that a started install or back-out follows now.
struct StepPlan {
    var steps: [StepDefinition]
    var target: StoredManifest
    var source: ReleaseManifest?
    var direction: Direction
    var isReturn: Bool
    var configuration: ConfigurationVersion?
    /// What `snapshot` steps of the list do.
    var order: SnapshotOrder?
    /// For a return: the root snapshot that holds its target, booted when all else has failed.
    var last: RootSnapshot?
}

extension AgentMachine {
    /// The list of an install or back-out, or of its return; `nil` where a manifest is gone.
    ///
    /// A back-out follows the list of the release that it leaves, because only the newer one can know
    /// both; where no such release is known (a blank or foreign server), the target's own list leads
    /// there.
    func plan(of entry: CommandEntry) -> StepPlan? {
        guard let target = stored(entry.command.verb.target) else { return nil }
        if entry.started?.returning != nil { return returnPlan(of: entry, from: target) }
        let source = stored(entry.route?.source)
        switch entry.command.verb {
        case .install(_, let configuration):
            return StepPlan(
                steps: target.manifest.upgradeSteps,
                target: target,
                source: source?.manifest,
                direction: .up,
                isReturn: false,
                configuration: configuration,
                order: snapshotOrder(of: entry)
            )
        case .backOut(_, let configuration):
            return StepPlan(
                steps: source?.manifest.backOutSteps ?? target.manifest.upgradeSteps,
                target: target,
                source: source?.manifest,
                direction: .back,
                isReturn: false,
                configuration: configuration
            )
        case .stageImage, .dropImage, .check, .promote, .demote, .takeBack, .fence, .hold, .unhold,
            .inhibitReplication, .allowReplication, .applyConfiguration, .accept, .recover,
            .collectLogs, .report:
            return nil
        }
    }

    /// Back to the last good release, by the list of whichever release knows the way: the new one's
    /// back-out list after a failed install, the newer one's upgrade list after a failed back-out.
    private func returnPlan(of entry: CommandEntry, from failed: StoredManifest) -> StepPlan? {
        if case .backOut(let target, let configuration) = entry.command.verb,
            let last = snapshot(holding: target)
        {
            // The list has failed already; what is left leads to where the command was to go.
            return StepPlan(
                steps: [],
                target: failed,
                source: stored(entry.route?.source)?.manifest,
                direction: .back,
                isReturn: true,
                configuration: configuration,
                last: last
            )
        }
        guard let fallback = stored(entry.route?.fallback) else { return nil }
        let isInstall: Bool
        if case .install = entry.command.verb { isInstall = true } else { isInstall = false }
        return StepPlan(
            steps: isInstall ? failed.manifest.backOutSteps : fallback.manifest.upgradeSteps,
            target: fallback,
            source: failed.manifest,
            direction: .back,
            isReturn: true,
            configuration: snapshot(of: fallback.manifest),
            last: snapshot(holding: fallback.digest)
        )
    }

    /// Whether a failure of the command has anywhere to return to.
    func hasReturn(_ entry: CommandEntry) -> Bool {
        if entry.route?.fallback != nil { return true }
        if case .backOut(let target, _) = entry.command.verb {
            return snapshot(holding: target) != nil
        }
        return false
    }

    private func snapshot(holding release: Digest) -> RootSnapshot? {
        state.snapshot.flatMap { $0.holds == release ? $0 : nil }
    }

    /// What the `snapshot` step of an install does.
    ///
    /// The first snapshot of an operation stays its only one: a later attempt may begin on a root in
    /// which a failed one has left something that nobody sees.
    private func snapshotOrder(of entry: CommandEntry) -> SnapshotOrder? {
        guard let fallback = entry.route?.fallback else { return nil }
        let own = RootSnapshot.name(of: entry.command.id)
        let isWhole = entry.started?.pre.software.release != nil
        if let kept = snapshot(holding: fallback), kept.name != own {
            let open = state.operation.flatMap { $0.isClosed ? nil : $0.operation }
            if !isWhole || (open != nil && kept.operation == open) { return .keep(kept.name) }
        }
        return isWhole ? .take(own) : .keep(own)
    }

    /// The configuration of the old release that the controller gave here for safe keeping.
    private func snapshot(of manifest: ReleaseManifest) -> ConfigurationVersion? {
        guard let operation = state.operation, let snapshot = operation.snapshot,
            operation.old == manifest.release, manifest.configuration?.schema == snapshot.schema
        else { return nil }
        return snapshot
    }

    private func stored(_ digest: Digest?) -> StoredManifest? {
        guard let digest else { return nil }
        return live.manifests.first { $0.digest == digest }
    }

    /// Where an install or back-out that begins now comes from, and what a failure returns to.
    func route(to target: Digest, seeing seen: LocalObservation?) -> Route {
        guard let seen else { return Route() }
        let current = state.current.flatMap { manifest($0) == nil ? nil : $0 }
        let source: Digest?
        let fallback: Digest?
        switch seen.software {
        case .blank:
            (source, fallback) = (nil, nil)
        case .known:
            (source, fallback) = (seen.manifest ?? current, seen.manifest ?? current)
        case .halfInstalled, .unknown:
            let attempted = state.attempted == target ? nil : state.attempted
            (source, fallback) = (attempted ?? current, current)
        }
        return Route(
            source: source == target ? nil : source,
            fallback: fallback == target ? nil : fallback
        )
    }
}

extension StepPlan {
    /// One step of the list, from 1; `nil` outside it.
    func run(_ index: UInt16, of command: CommandID) -> StepRun? {
        guard index >= 1, Int(index) <= steps.count else { return nil }
        return run(index, of: command, as: steps[Int(index) - 1])
    }

    /// A step that the journal calls by that number, the boot of the snapshot among them.
    func step(_ index: UInt16, of command: CommandID) -> StepRun? {
        run(index, of: command) ?? (Int(index) == steps.count + 1 ? boot(of: command) : nil)
    }

    /// The step behind the list of a return: the root as it was is booted.
    ///
    /// `nil` where there is no snapshot of it.
    func boot(of command: CommandID) -> StepRun? {
        guard isReturn, let last else { return nil }
        let definition = StepDefinition(
            name: "boot-snapshot",
            action: .reboot,
            arguments: [],
            expectedSeconds: 120,
            limitSeconds: 600,
            isSafeAfter: false,
            onFailure: .stop
        )
        var step = run(UInt16(clamping: steps.count + 1), of: command, as: definition)
        step.count = step.index
        step.snapshot = .boot(last.name)
        return step
    }

    /// The step under which packages are repaired: it belongs to no list.
    func repair(of command: CommandID) -> StepRun {
        let definition = StepDefinition(
            name: "repair",
            action: .installPackages,
            arguments: [],
            expectedSeconds: 120,
            limitSeconds: 900,
            isSafeAfter: false,
            onFailure: .stop
        )
        return run(1, of: command, as: definition)
    }

    private func run(
        _ index: UInt16,
        of command: CommandID,
        as definition: StepDefinition
    ) -> StepRun {
        StepRun(
            command: command,
            index: index,
            count: UInt16(clamping: steps.count),
            definition: definition,
            target: target.manifest,
            targetDigest: target.digest,
            source: source,
            direction: direction,
            isReturn: isReturn,
            configuration: configuration,
            snapshot: definition.action == .snapshot ? order : nil
        )
    }
}

extension RootSnapshot {
    /// What all snapshots of Tandem's are called; the rest of a name is a command's id.
    package static let prefix = "tandem-"

    /// The name of the snapshot that a command takes.
    static func name(of command: CommandID) -> String { prefix + command.description }
}

extension StepRun {
    /// Whether it boots the snapshot behind the list of a return.
    var bootsSnapshot: Bool {
        if case .boot = snapshot { true } else { false }
    }
}
