import TandemModel

/// The commands that are one effect or none, and a look: configuration, accept, recover.
extension AgentMachine {
    mutating func startConfiguration(_ turn: inout Turn) {
        start(&turn)
        applyConfiguration(&turn)
    }

    /// Writing the same document twice is harmless, so a restart simply does it again.
    mutating func applyConfiguration(_ turn: inout Turn) {
        guard let run = live.run, case .applyConfiguration(let version) = run.command.verb else {
            return
        }
        guard let schema = manifest(live.observation?.manifest)?.configuration else {
            let failure = TandemFailure.precondition(
                "the running release of \(server) is not known"
            )
            finish(.failed(failure), &turn)
            return
        }
        live.run?.enter(.configuring, at: turn.now)
        turn.step.effects.append(.applyConfiguration(run.id, version, schema))
    }

    mutating func takeConfiguration(
        _ command: CommandID,
        _ version: ConfigurationVersion,
        _ failure: TandemFailure?,
        _ turn: inout Turn
    ) {
        guard live.run?.id == command, live.run?.phase == .configuring else {
            turn.step.ignored = .stale
            return
        }
        enterObserving(.configured(failure), isThorough: true, &turn)
    }

    mutating func concludeConfiguration(
        _ failure: TandemFailure?,
        seeing seen: LocalObservation,
        _ turn: inout Turn
    ) {
        guard let run = live.run, case .applyConfiguration(let version) = run.command.verb else {
            return
        }
        if seen.configurationDigest == version.digest {
            record(.configured(version.applied), &turn)
        }
        if let failure {
            finish(.failed(failure), &turn)
        } else if seen.configurationDigest == version.digest {
            finish(.done, &turn)
        } else {
            let failure = TandemFailure(
                .configurationFailed,
                "configuration \(version.number) was written on \(server), but another one lies there",
                remedy: "see who else writes that file, then reapply"
            )
            finish(.failed(failure), &turn)
        }
    }

    // MARK: - Accept and recover

    mutating func concludeByObservation(_ turn: inout Turn) {
        enterObserving(.observing, isThorough: true, &turn)
    }

    /// The thorough look behind `accept` or `recover` has come.
    mutating func conclude(seeing seen: LocalObservation, _ turn: inout Turn) {
        switch live.run?.command.verb {
        case .accept:
            record(.releases(current: state.current, previous: nil), &turn)
            if state.snapshot != nil {
                record(.snapshot(nil), &turn)
                turn.step.effects.append(.dropSnapshots(keep: []))
            }
            finish(.done, &turn)
        case .recover:
            recover(seeing: seen, &turn)
        case .applyConfiguration(let version):
            // After a restart: only what is not there is written again.
            if seen.configurationDigest == version.digest {
                concludeConfiguration(nil, seeing: seen, &turn)
            } else {
                applyConfiguration(&turn)
            }
        case .stageImage, .dropImage, .check, .install, .backOut, .promote, .demote, .takeBack,
            .fence, .hold, .unhold, .inhibitReplication, .allowReplication, .collectLogs, .report,
            nil:
            break
        }
    }

    /// A person's word ends the zombie, unless the packages themselves say otherwise.
    private mutating func recover(seeing seen: LocalObservation, _ turn: inout Turn) {
        guard !seen.software.isHalfInstalled else {
            let failure = TandemFailure(
                .stateIndeterminate,
                "\(server) is still \(seen.software)",
                remedy: "finish or remove that package by hand, then press Recovered again"
            )
            finish(.failed(failure), &turn)
            return
        }
        if state.zombie != nil { record(.zombie(nil), &turn) }
        finish(.done, &turn)
    }
}
