import TandemModel

/// What a new process makes of what the journal says was open.
///
/// There is no second table for it: each command is put into a phase that it could have been in
/// before, and goes on from there by observation.
extension AgentMachine {
    mutating func restore(boot: BootID, manifests: [StoredManifest], _ turn: inout Turn) {
        guard live.boot == nil else {
            turn.step.ignored = .notApplicable
            return
        }
        live.boot = boot
        live.manifests = manifests
        live.silentSince = turn.now
        if state.journal == nil, let id = takeNonce() {
            record(.opened(JournalID(high: id.high, low: id.low)), &turn)
        }
        if state.boot != boot { record(.booted(boot), &turn) }
        // A voucher of the process before may be in the mate's hands. An agent that never obeyed a
        // controller has given none.
        live.quietUntil = state.epoch > 0 ? turn.now + limits.vouchedMilliseconds : turn.now
        restoreDemotion(boot, &turn)
        observe(isThorough: true, &turn)
        for entry in state.openCommands { restore(entry, &turn) }
    }

    /// Another boot starts a full dead-man anew: ticks of two boots can't be compared.
    private mutating func restoreDemotion(_ boot: BootID, _ turn: inout Turn) {
        guard let demotion = state.demotion else { return }
        if demotion.boot != boot {
            record(
                .demoted(
                    demotion.failover,
                    target: demotion.target,
                    boot: boot,
                    at: turn.now,
                    deadManMilliseconds: demotion.deadManMilliseconds
                ),
                &turn
            )
        }
        let deadline = state.demotion?.deadline ?? demotion.deadline
        turn.step.effects.append(.armDeadMan(demotion.failover, deadline: deadline, boot: boot))
    }

    private mutating func restore(_ entry: CommandEntry, _ turn: inout Turn) {
        let command = entry.command
        guard command.verb.isMutating else {
            if entry.started != nil { restoreSide(command, &turn) }
            return
        }
        guard let started = entry.started else {
            // Received and not started: it waits for a controller's word, but an armed promote has
            // lost its nonce and can only end.
            if case .promote = command.verb {
                takeUp(command, &turn)
                expirePromotion("the agent restarted while it was armed", &turn)
            }
            return
        }
        takeUp(command, &turn)
        switch command.verb {
        case .install, .backOut:
            resumeInstall(entry, started, &turn)
        case .promote:
            let failure = TandemFailure(
                .failoverVoided,
                "the agent of \(server) restarted during its promotion",
                remedy: "see that the mate serves again, then fail over anew"
            )
            turn.step.effects.append(.killPromote)
            fence(failure, &turn)
        case .demote:
            resumeDemotion(started, &turn)
        case .takeBack(let failover):
            resumeTakeBack(failover, &turn)
        case .fence, .hold, .unhold, .inhibitReplication, .allowReplication:
            repeatDriverCall(&turn)
        case .applyConfiguration, .accept, .recover:
            concludeByObservation(&turn)
        case .stageImage, .dropImage, .check, .collectLogs, .report:
            break
        }
    }

    private mutating func takeUp(_ command: Command, _ turn: inout Turn) {
        live.run = Run(
            command: command,
            startBy: turn.now,
            takenAt: turn.now,
            phase: .observing
        )
        live.run?.needsFreshVoucher = true
    }

    private mutating func restoreSide(_ command: Command, _ turn: inout Turn) {
        if let target = command.verb.target, case .check = command.verb, manifest(target) == nil {
            live.sides.append(Side(command: command, takenAt: turn.now))
            endSide(command.id, .failed(.missingManifest(target)), &turn)
            return
        }
        runSide(command, &turn)
    }

    // MARK: - Install and back-out

    /// A child that may still run is waited for; without one, the open step's goal is looked at.
    private mutating func resumeInstall(
        _ entry: CommandEntry,
        _ started: StartedCommand,
        _ turn: inout Turn
    ) {
        guard let open = started.open, let plan = plan(of: entry),
            plan.isReturn == open.isReturn,
            let step = plan.step(open.index, of: entry.command.id)
        else {
            if started.returning != nil, started.returnDoneCount == 0 {
                enterObserving(.resumingReturn, isThorough: true, &turn)
            } else {
                advance(&turn)
            }
            return
        }
        if step.bootsSnapshot {
            resumeBoot(step, hasRebooted: open.hasRebooted, &turn)
        } else if step.definition.action == .reboot {
            if open.hasRebooted {
                record(.stepDone(step.command, index: step.index, isReturn: step.isReturn), &turn)
            }
            advance(&turn)
        } else if let child = open.child, !open.hasRebooted {
            live.run?.enter(.running(step, child), at: turn.now)
            turn.step.effects.append(.attachStep(step, child))
        } else {
            observeStep(step, nil, &turn)
        }
    }

    /// That the server has booted says nothing of what it booted: the root itself is looked at.
    private mutating func resumeBoot(_ step: StepRun, hasRebooted: Bool, _ turn: inout Turn) {
        live.run?.isBootingSnapshot = true
        guard hasRebooted else {
            pass(.step, &turn)
            return
        }
        let failure = TandemFailure(
            .stateIndeterminate,
            "\(server) has booted, and its root is not the snapshot that was asked for",
            remedy: "read what the boot loader said, then repair the server by hand"
        )
        observeStep(step, .failed(failure), &turn)
    }

    // MARK: - Failover

    /// The driver's call may still be at work, so only what is observed after its limit is final.
    private mutating func resumeDemotion(_ started: StartedCommand, _ turn: inout Turn) {
        guard let run = live.run, case .demote(let failover, _, _, _) = run.command.verb else {
            return
        }
        guard state.demotion?.failover == failover else {
            // The journal was cut short before the role could be touched.
            enterObserving(
                .demoted(.refused("the agent restarted before it began")),
                isThorough: false,
                &turn
            )
            return
        }
        enterObserving(
            .demoted(.unknown("the agent restarted meanwhile")),
            isThorough: false,
            &turn
        )
    }

    private mutating func resumeTakeBack(_ failover: FailoverID, _ turn: inout Turn) {
        if let demotion = state.demotion, demotion.failover == failover,
            mayTakeBack(at: turn.now), let run = live.run
        {
            live.run?.enter(.takingBack, at: turn.now)
            callTakeBack(demotion, for: run.id, &turn)
        } else {
            let why = TakeBackResult.undecided("the agent restarted meanwhile")
            enterObserving(.takenBack(why), isThorough: false, &turn)
        }
    }
}
