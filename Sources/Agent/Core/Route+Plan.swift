import TandemModel

/// The list of steps that a started install or back-out follows now.
struct StepPlan {
    var steps: [StepDefinition]
    var target: StoredManifest
    var source: ReleaseManifest?
    var direction: Direction
    var isReturn: Bool
    var configuration: ConfigurationVersion?
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
                configuration: configuration
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
        guard let fallback = stored(entry.route?.fallback) else { return nil }
        let isInstall: Bool
        if case .install = entry.command.verb { isInstall = true } else { isInstall = false }
        return StepPlan(
            steps: isInstall ? failed.manifest.backOutSteps : fallback.manifest.upgradeSteps,
            target: fallback,
            source: failed.manifest,
            direction: .back,
            isReturn: true,
            configuration: snapshot(of: fallback.manifest)
        )
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
            configuration: configuration
        )
    }
}
