import TandemModel

/// Commands that change nothing on the server and run beside others.
extension AgentMachine {
    /// What speaks against such a command.
    func sideRefusal(of command: Command) -> TandemFailure? {
        guard live.sides.count < limits.sideCountMax else {
            return TandemFailure(
                .agentBusy,
                "\(server) has \(live.sides.count) commands of that kind open",
                remedy: "wait for their ends"
            )
        }
        switch command.verb {
        case .stageImage(let offer):
            guard let staging = live.staging else { return fullShelfRefusal(of: offer) }
            return TandemFailure(
                .agentBusy,
                "\(server) is staging \(staging.offer.release); \(offer.release) has to wait",
                remedy: "wait for its end, or stop it"
            )
        case .dropImage(let image):
            return dropRefusal(image)
        case .check(let manifest, _):
            return self.manifest(manifest) == nil ? .missingManifest(manifest) : nil
        case .install, .backOut, .promote, .demote, .takeBack, .fence, .hold, .unhold,
            .inhibitReplication, .allowReplication, .applyConfiguration, .accept, .recover,
            .collectLogs, .report:
            return nil
        }
    }

    /// Why one more image can't be kept; `nil` when it can, or when it is here already.
    private func fullShelfRefusal(of offer: ImageOffer) -> TandemFailure? {
        guard state.staged.count >= limits.imageCountMax,
            !state.staged.contains(where: { $0.image == offer.image })
        else { return nil }
        return TandemFailure(
            .imageNeeded,
            "\(server) holds \(state.staged.count) images, as many as it keeps",
            remedy: "drop one of them with `tandem image drop`, then stage \(offer.release) again"
        )
    }

    /// Received and started at once: such a command waits for nothing.
    mutating func beginSide(_ command: Command, isKnown: Bool, _ turn: inout Turn) {
        guard let boot = live.boot else { return }
        if !isKnown { record(.received(command, epoch: state.epoch), &turn) }
        let pre = report() ?? blindReport
        record(.started(command.id, boot: boot, at: turn.now, pre: pre), &turn)
        send(.accepted(command.id, promoteNonce: nil), &turn)
        runSide(command, &turn)
    }

    /// Runs it, for the first time or again after a restart: all of them may be repeated.
    mutating func runSide(_ command: Command, _ turn: inout Turn) {
        var side = Side(command: command, takenAt: turn.now)
        switch command.verb {
        case .stageImage(let offer):
            beginStaging(command, offer, &turn)
        case .dropImage(let image):
            turn.step.effects.append(.dropImage(image, keep: manifestsKept(without: image)))
        case .check(let manifest, _):
            runChecks(command, manifest, &turn)
        case .collectLogs:
            turn.step.effects.append(.collectLogs(command.id))
        case .report:
            side.ticket = observe(isThorough: true, &turn)
            if let wayBack { turn.step.effects.append(.verifyRelease(wayBack)) }
        case .install, .backOut, .promote, .demote, .takeBack, .fence, .hold, .unhold,
            .inhibitReplication, .allowReplication, .applyConfiguration, .accept, .recover:
            return
        }
        live.sides.append(side)
    }

    /// Ends a side command.
    mutating func endSide(
        _ id: CommandID,
        _ outcome: Outcome,
        checks: [CheckResult] = [],
        _ turn: inout Turn
    ) {
        guard let side = live.sides.first(where: { $0.command.id == id }) else {
            turn.step.ignored = .stale
            return
        }
        live.sides.removeAll { $0.command.id == id }
        end(side.command, outcome, from: side.takenAt, checks: checks, &turn)
    }

    mutating func takeSideInput(_ input: Input, _ turn: inout Turn) {
        switch input {
        case .checked(let id, let results):
            takeChecks(id, results, &turn)
        case .imageDropped(let image, let failure):
            imageDropped(image, failure, &turn)
        case .releaseVerified(let manifest, let failure):
            live.verified.removeAll { $0.manifest == manifest }
            live.verified.append(VerifiedRelease(manifest: manifest, failure: failure))
            verifiedForPending(manifest, failure, &turn)
        case .logsCollected(let id, let failure):
            endSide(id, failure.map(Outcome.failed) ?? .done, &turn)
        case .restored, .connected, .disconnected, .message, .forged, .observed, .observedRole,
            .statusChanged, .stepSpawned, .stepProgress, .stepEnded, .stepObserved, .repaired,
            .driverEnded,
            .tookBack, .stagingOpened, .chunkWritten, .stagingFinished, .stagingFailed,
            .configurationApplied, .tick:
            break
        }
    }

    /// A fresh look has come: commands that asked for nothing else are done.
    mutating func finishReports(_ turn: inout Turn) {
        let ready = live.sides.filter { side in side.ticket.map(live.queue.has) ?? false }
        for side in ready { endSide(side.command.id, .done, &turn) }
    }

    // MARK: - Checks

    private mutating func runChecks(
        _ command: Command,
        _ manifest: Digest,
        _ turn: inout Turn
    ) {
        guard let target = self.manifest(manifest) else { return }
        turn.step.effects.append(
            .runChecks(
                command.id,
                target: target,
                targetDigest: manifest,
                source: self.manifest(live.observation?.manifest ?? state.current)
            )
        )
        if let wayBack { turn.step.effects.append(.verifyRelease(wayBack)) }
    }

    private mutating func takeChecks(
        _ id: CommandID,
        _ results: [CheckResult],
        _ turn: inout Turn
    ) {
        let worst = results.filter { $0.level >= .unknown }
        guard let first = worst.first else {
            endSide(id, .done, checks: results, &turn)
            return
        }
        let others = worst.count > 1 ? " and \(worst.count - 1) more" : ""
        let failure = TandemFailure(
            .checkFailed,
            "check \(first.name)\(others) on \(server): \(first.text)",
            remedy: first.remedy.isEmpty ? "mend what the check names" : first.remedy
        )
        endSide(id, .failed(failure), checks: results, &turn)
    }

    // MARK: - Dropping an image

    /// Manifests that something still needs: what runs, what the way back restores, what is at work.
    private var manifestsNeeded: [Digest] {
        let open = state.openCommands.flatMap { entry -> [Digest] in
            guard entry.command.verb.replacesRelease else { return [] }
            return [entry.command.verb.target, entry.route?.source, entry.route?.fallback]
                .compactMap(\.self)
        }
        let pending = [live.pending?.command.verb.target, live.staging?.offer.manifest]
        let standing = [state.current, state.previous, state.attempted]
        return Array(Set(open + (pending + standing).compactMap(\.self))).sorted()
    }

    private func manifestsKept(without image: Digest) -> [Digest] {
        let others = state.staged.filter { $0.image != image }.map(\.manifest)
        return Array(Set(others + manifestsNeeded)).sorted()
    }

    private func dropRefusal(_ image: Digest) -> TandemFailure? {
        guard let staged = state.staged.first(where: { $0.image == image }) else {
            return TandemFailure(
                .imageUnknown,
                "\(server) holds no image \(image.short)",
                remedy: "list the images of the server again"
            )
        }
        let isElsewhere = state.staged.contains {
            $0.image != image && $0.manifest == staged.manifest
        }
        guard !isElsewhere, manifestsNeeded.contains(staged.manifest) else { return nil }
        return TandemFailure(
            .imageNeeded,
            "\(server) runs \(staged.release), or its way back needs it",
            remedy: "accept the upgrade first, or keep the image"
        )
    }

    private mutating func imageDropped(
        _ image: Digest,
        _ failure: TandemFailure?,
        _ turn: inout Turn
    ) {
        let side = live.sides.first { $0.command.verb == .dropImage(image) }
        if failure == nil {
            if let staged = state.staged.first(where: { $0.image == image }) {
                record(.dropped(image), &turn)
                forgetManifest(staged.manifest)
            }
        }
        guard let side else { return }
        endSide(side.command.id, failure.map(Outcome.failed) ?? .done, &turn)
    }

    private mutating func forgetManifest(_ manifest: Digest) {
        guard !manifestsNeeded.contains(manifest),
            !state.staged.contains(where: { $0.manifest == manifest })
        else { return }
        live.manifests.removeAll { $0.digest == manifest }
        live.verified.removeAll { $0.manifest == manifest }
    }
}
