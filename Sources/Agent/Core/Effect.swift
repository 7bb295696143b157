package import TandemModel

/// One step of one command, ready to be run or looked at.
package struct StepRun: Hashable, Sendable {
    /// The command it belongs to.
    package var command: CommandID
    /// From 1 to `count`.
    package var index: UInt16
    /// Steps in the list.
    package var count: UInt16
    /// What to do.
    package var definition: StepDefinition
    /// The release that the command goes to.
    package var target: ReleaseManifest
    /// SHA-256 of that manifest's bytes.
    package var targetDigest: Digest
    /// The release that was there before; `nil` on a blank server.
    package var source: ReleaseManifest?
    /// Where the command goes: `back` for back-out and for a return.
    package var direction: Direction
    /// Whether it is part of a return after a failure.
    package var isReturn: Bool
    /// For `configure` steps: what to write; `nil` leaves the file alone.
    package var configuration: ConfigurationVersion?
    /// What is to be done with a snapshot of the root; `nil` where there is nothing to keep.
    package var snapshot: SnapshotOrder?

    /// A step to run.
    package init(
        command: CommandID,
        index: UInt16,
        count: UInt16,
        definition: StepDefinition,
        target: ReleaseManifest,
        targetDigest: Digest,
        source: ReleaseManifest?,
        direction: Direction,
        isReturn: Bool,
        configuration: ConfigurationVersion?,
        snapshot: SnapshotOrder? = nil
    ) {
        self.command = command
        self.index = index
        self.count = count
        self.definition = definition
        self.target = target
        self.targetDigest = targetDigest
        self.source = source
        self.direction = direction
        self.isReturn = isReturn
        self.configuration = configuration
        self.snapshot = snapshot
    }
}

/// What a step does with a snapshot of the root; snapshots are named by the command that took them.
package enum SnapshotOrder: Hashable, Sendable {
    /// Take it, unless it is there.
    case take(String)
    /// An earlier attempt has taken it: it must be there, because the root is not what it was.
    case keep(String)
    /// Boot it: the last thing that a way back tries.
    case boot(String)
}

/// How a step ended.
package enum StepResult: Hashable, Sendable {
    /// The tool says it worked; the machine still observes.
    case succeeded
    /// It failed, with the tool's own words in the diagnostic.
    case failed(TandemFailure)
    /// Neither exit nor goal is known (the guard was killed).
    case unknown(TandemFailure)

    /// What went wrong; `nil` when it worked.
    var failure: TandemFailure? {
        switch self {
        case .succeeded: nil
        case .failed(let failure), .unknown(let failure): failure
        }
    }
}

/// What looking at a step's goal told.
package enum StepObservation: Hashable, Sendable {
    case reached
    /// As before the step: it may run again.
    case unchanged
    /// In between, and running it again (or repairing) is known to help.
    case repairable
    case unknown
}

/// A call of the HA driver.
package enum DriverCall: Hashable, Sendable {
    /// With the token seen when the target was armed; the guard fences when it is late.
    case promote(token: String, failover: FailoverID, deadline: Tick)
    /// Nothing of it happens after the deadline, also where the agent that asked has died.
    case demote(failover: FailoverID, target: ServerName, deadline: Tick)
    /// By the rule of `details.md` 10; `isVoided`: the target's signed word is there.
    case takeBack(failover: FailoverID, isVoided: Bool)
    case fence
    case hold
    case unhold
    case inhibitReplication
    case allowReplication
}

/// How a driver call ended: the contract's exit codes.
package enum DriverResult: Hashable, Sendable {
    case done
    /// Exit 1: nothing was changed.
    case refused(String)
    /// Exit 2.
    case failed(String)
    /// Exit 3, killed, or an answer that makes no sense.
    case unknown(String)
}

/// How a take-back by the rule ended.
package enum TakeBackResult: Hashable, Sendable {
    /// The mate is active: nothing was done.
    case moved
    /// This server serves again.
    case returned
    /// The rule does not allow it yet; ask again.
    case undecided(String)
}

/// What the machine wants done outside; each comes back as an ``Input`` with the same payload.
///
/// Every effect is answered exactly once, also when it could not even begin, except `releaseStep`
/// and `attachStep` (answered by `stepEnded`), `killStep` (the running step's own `stepEnded` is the
/// answer) and `armDeadMan`, `disarmDeadMan`, `killPromote`, `dropSnapshots`, `forgetBoot`, which have
/// no answer. The runtime holds
/// the time limits of driver calls, hooks and observations; a call past its limit is `unknown`.
package enum Effect: Hashable, Sendable {
    /// Answered by `observed`. The machine has one outstanding at most and takes the next `observed`
    /// for its answer, so the looking must begin after the effect does. Driver status, package state (only when the package database changed, unless `isThorough`),
    /// build id, configuration digest, health.
    case observe(isThorough: Bool)
    /// Driver status and package state, with the product's answers as they were last: answered by
    /// `observedRole` within the driver's own limit, whatever the product does. One outstanding at
    /// most, beside an `observe`.
    case observeRole
    /// Spawn the guard of a step, blocked; comes back as `stepSpawned`, with `nil` where the step has
    /// no child, or as `stepEnded` when it could not be spawned. A blocked guard whose agent dies must
    /// end without having run anything.
    case prepareStep(StepRun)
    /// The child is in the journal: let it run. Steps without a child run now.
    case releaseStep(StepRun, ChildIdentity?)
    /// Find the child of a step that was running when the agent died, wait for it, report its end.
    case attachStep(StepRun, ChildIdentity)
    /// End the step's child at once (its limit has passed, twice over).
    case killStep(StepRun, ChildIdentity?)
    /// Ask whether a step's goal is reached.
    case observeStep(StepRun)
    /// Try to bring the package system to the target's full set again (`dpkg --configure -a`, then
    /// reinstall `target`).
    case repair(StepRun)
    /// Delete the root snapshots of Tandem's that are not named.
    case dropSnapshots(keep: [String])
    /// The next boot shall be an ordinary one, whatever was asked of the boot loader.
    case forgetBoot
    /// Run the pre-upgrade checks, built in and `checks.d`.
    case runChecks(
        CommandID,
        target: ReleaseManifest,
        targetDigest: Digest,
        source: ReleaseManifest?
    )
    /// Call the HA driver; answered by `driverEnded`, but a `takeBack` by `tookBack`.
    case driver(CommandID?, DriverCall)
    /// Start the guard that takes the role back at `deadline` even if the agent is dead; its outcome
    /// comes as `tookBack`. Asked again after a restart: at most one guard per failover runs.
    case armDeadMan(FailoverID, deadline: Tick, boot: BootID)
    /// That guard is not needed any more.
    case disarmDeadMan(FailoverID)
    /// Kill whatever is left of a promote of a former agent process.
    case killPromote
    /// Go on fetching (or begin): tells what ranges are missing.
    case openStaging(ImageOffer)
    /// Write a piece of an image.
    case writeChunk(image: Digest, offset: UInt64, bytes: [UInt8])
    /// All bytes are there: verify, keep blobs and manifest.
    case finishStaging(ImageOffer)
    /// Forget an image and the blobs that nothing needs; `keep` are the manifests still needed.
    case dropImage(Digest, keep: [Digest])
    /// Verify that every file of that manifest is here and intact.
    case verifyRelease(Digest)
    /// Write a configuration atomically and run the apply hook.
    case applyConfiguration(CommandID, ConfigurationVersion, ConfigurationSchema)
    /// Gather logs and send them as `logChunk`s by itself.
    case collectLogs(CommandID)
}

/// Everything that can happen to the machine.
package enum Input: Hashable, Sendable {
    /// First input of a process: the journal has been folded in; manifests that are on disk.
    case restored(boot: BootID, manifests: [StoredManifest])
    /// The connection is up and the hello is to be sent; `now` is the new connection's start.
    case connected
    case disconnected
    case message(ControllerMessage)
    /// A voucher or proof whose signature did not verify against the pinned key of the mate.
    case forged(ControllerMessage)
    case observed(LocalObservation)
    case observedRole(LocalObservation)
    /// The driver's `watch` saw something change: the machine observes at once.
    case statusChanged
    case stepSpawned(StepRun, ChildIdentity?)
    case stepProgress(StepRun, percent: UInt8, text: String)
    case stepEnded(StepRun, StepResult)
    case stepObserved(StepRun, StepObservation)
    case repaired(StepRun, StepResult)
    case checked(CommandID, [CheckResult])
    case driverEnded(CommandID?, DriverCall, DriverResult)
    case tookBack(FailoverID, TakeBackResult)
    /// Bytes still missing, as one contiguous offset: everything before it is on disk.
    case stagingOpened(ImageOffer, nextOffset: UInt64)
    case chunkWritten(image: Digest, nextOffset: UInt64)
    case stagingFinished(ImageOffer, StagingResult)
    case stagingFailed(image: Digest, TandemFailure)
    case imageDropped(Digest, TandemFailure?)
    case releaseVerified(Digest, TandemFailure?)
    case configurationApplied(CommandID, ConfigurationVersion, TandemFailure?)
    case logsCollected(CommandID, TandemFailure?)
    /// At least each second.
    case tick
}

/// A manifest that lies on disk, verified when it was staged.
package struct StoredManifest: Hashable, Sendable {
    package var digest: Digest
    package var manifest: ReleaseManifest

    /// A stored manifest.
    package init(digest: Digest, manifest: ReleaseManifest) {
        self.digest = digest
        self.manifest = manifest
    }
}

/// The end of verifying a staged image.
package enum StagingResult: Hashable, Sendable {
    case verified(StoredManifest)
    case refused(TandemFailure)
}

/// What the platform sees of this server, without anything from the journal.
package struct LocalObservation: Hashable, Sendable {
    package var ha: HAStatus
    package var software: SoftwareState
    /// Which stored manifest `software` was recognised by.
    package var manifest: Digest?
    package var packageDigest: Digest
    /// Digest of the configuration file on disk; `nil` when there is none.
    package var configurationDigest: Digest?
    package var health: Health
    package var loadHundredths: UInt16
    /// How long children ran or a health check waited while this was made: not the agent's own time.
    package var childMilliseconds: UInt64
    /// Whether the root can be kept as a snapshot and booted again.
    package var snapshots: SnapshotAbility

    /// An observation.
    package init(
        ha: HAStatus,
        software: SoftwareState,
        manifest: Digest?,
        packageDigest: Digest,
        configurationDigest: Digest?,
        health: Health,
        loadHundredths: UInt16,
        childMilliseconds: UInt64 = 0,
        snapshots: SnapshotAbility = .impossible("nobody has looked yet")
    ) {
        self.ha = ha
        self.software = software
        self.manifest = manifest
        self.packageDigest = packageDigest
        self.configurationDigest = configurationDigest
        self.health = health
        self.loadHundredths = loadHundredths
        self.childMilliseconds = childMilliseconds
        self.snapshots = snapshots
    }
}

/// What the shell must do after one input, in this order: append and sync the records, then send,
/// then begin the effects.
package struct Step: Hashable, Sendable {
    /// Why an input changed nothing.
    package enum Ignored: String, Hashable, Sendable {
        case early
        case stale
        case notApplicable
    }

    /// Durable first, in order, with one sync at the end.
    package var journal: [JournalRecord] = []
    /// Then these leave, in order; the runtime signs vouchers, proofs and voided words.
    package var sends: [AgentMessage] = []
    /// Then these begin.
    package var effects: [Effect] = []
    /// The connection is to be closed after the sends.
    package var closesConnection = false
    /// Set when the input was dropped on purpose.
    package var ignored: Ignored?

    /// Nothing to do.
    package init() {}
}
