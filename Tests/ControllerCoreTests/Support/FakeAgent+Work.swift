import TandemModel

/// What a fake agent does as time passes.
extension FakeAgent {
    /// One second passes.
    mutating func tick(isBeat: Bool) {
        guard !isDead else { return }
        if isBeat, isConnected { beat() }
        guard let run, let entry = entries[run.id] else { return }
        if run.isArmed, run.proof == nil {
            self.run?.ticksLeft -= 1
            if run.ticksLeft <= 0 { voidPromotion(run.id) }
            return tell()
        }
        guard run.nonce == nil || run.proof != nil else { return }
        if run.proof != nil { entries[run.id]?.life = .started }
        self.run?.ticksLeft -= 1
        if entry.command.verb.isLong, run.ticksLeft > 0 { progress(run) }
        let isHanging = entry.command.verb.isLong && script(entry.command.verb) == .hangs
        if run.ticksLeft <= 0 || run.proof != nil, !isHanging { work(entry.command) }
        tell()
    }

    private mutating func progress(_ run: Run) {
        guard isConnected else { return }
        outbox.append(
            .step(
                StepProgress(
                    command: run.id,
                    index: UInt16(4 - run.ticksLeft),
                    count: 3,
                    name: "part \(4 - run.ticksLeft)",
                    percent: 50,
                    elapsedMilliseconds: 500,
                    leftMilliseconds: 2_000,
                    text: stepText
                )
            )
        )
    }

    private func script(_ verb: Verb) -> InstallScript {
        if case .backOut = verb { return backOut }
        if case .install = verb { return install }
        return .works
    }

    private mutating func work(_ command: Command) {
        if case .promote = command.verb, promote == .hangs { return }
        effects[command.id, default: 0] += 1
        switch command.verb {
        case .stageImage(let offer):
            staged.append(
                StagedImage(
                    image: offer.image,
                    manifest: offer.manifest,
                    release: offer.release,
                    isVerified: true
                )
            )
        case .dropImage(let image): staged.removeAll { $0.image == image }
        case .install(let manifest, let version), .backOut(let manifest, let version):
            return change(command, to: manifest, version)
        case .promote(let failover, _):
            if promote == .isVoided {
                return end(command.id, .failed(voidedFailure), voided: voided(failover))
            }
            isHeld = false
            setRole(.active)
        case .demote(let failover, _, let nonce, _):
            setRole(.standby)
            demotedSeconds = 0
            let proof = DemotionProof(
                failover: failover,
                nonce: nonce,
                agent: definition.agent,
                generation: generation,
                position: ""
            )
            return end(command.id, .done, proof: proof)
        case .takeBack: setRole(.active)
        case .fence:
            isHeld = true
            demotedSeconds = nil
            setRole(.standby)
        case .hold: isHeld = true
        case .unhold: isHeld = false
        case .inhibitReplication: isInhibited = true
        case .allowReplication: isInhibited = false
        case .applyConfiguration(let version): configuration = version.applied
        case .accept: previous = nil
        case .recover: zombie = nil
        case .check, .collectLogs, .report: break
        }
        end(command.id, .done)
    }

    private mutating func change(
        _ command: Command,
        to manifest: Digest,
        _ version: ConfigurationVersion?
    ) {
        let failure = TandemFailure(
            code: ErrorCode.packageFailed.id,
            message: "dpkg failed",
            remedy: "read it",
            diagnostic: "postinst: boom"
        )
        switch script(command.verb) {
        case .hangs: return
        case .claims: return end(command.id, .done)
        case .failsUnchanged: return end(command.id, .failed(failure))
        case .failsHalf:
            software = .halfInstalled("fe")
            return end(command.id, .failed(failure))
        case .becomesZombie:
            software = .halfInstalled("fe")
            zombie = "the way back failed too"
            return end(command.id, .indeterminate(failure))
        case .works: break
        }
        guard let release = staged.first(where: { $0.manifest == manifest })?.release else {
            return end(command.id, .failed(failure))
        }
        if case .backOut = command.verb { previous = nil } else { previous = software.release }
        software = .known(release)
        zombie = nil
        if let version { configuration = version.applied }
        end(command.id, .done)
    }

    private var voidedFailure: TandemFailure {
        TandemFailure(code: ErrorCode.failoverVoided.id, message: "never promoted", remedy: "look")
    }

    private func voided(_ failover: FailoverID) -> VoidedFailover {
        VoidedFailover(failover: failover, agent: definition.agent)
    }

    mutating func voidPromotion(_ id: CommandID) {
        guard case .promote(let failover, _) = entries[id]?.command.verb else { return }
        end(id, .failed(voidedFailure), voided: voided(failover))
    }

    mutating func end(
        _ id: CommandID,
        _ outcome: Outcome,
        proof: DemotionProof? = nil,
        voided: VoidedFailover? = nil
    ) {
        run = nil
        tell()
        var isCheck = false
        if case .check = entries[id]?.command.verb { isCheck = true }
        let result = CommandResult(
            command: id,
            outcome: outcome,
            post: lastReport ?? report,
            durationMilliseconds: 3_000,
            checks: isCheck ? checks : [],
            proof: proof,
            voided: voided
        )
        entries[id]?.life = .ended(result)
        head += 1
        tell()
        guard isConnected else { return }
        outbox.append(.finished(result))
    }
}

extension ConfigurationVersion {
    var applied: AppliedConfiguration {
        AppliedConfiguration(number: number, schema: schema, digest: digest)
    }
}

extension Verb {
    var isLong: Bool {
        switch self {
        case .install, .backOut: true
        case _: false
        }
    }
}

extension FakeAgent {
    /// Whether a message tells of a command that nobody is to hear of.
    func hides(_ message: AgentMessage) -> Bool {
        guard let hiddenWord else { return false }
        let id: CommandID
        switch message {
        case .accepted(let command, _), .refused(let command, _), .status(let command, _):
            id = command
        case .finished(let result): id = result.command
        case _: return false
        }
        return entries[id]?.command.verb.word == hiddenWord
    }
}
