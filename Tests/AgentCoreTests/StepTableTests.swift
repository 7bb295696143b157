import AgentCore
import TandemModel
import Testing

/// What a step's own result and its observed goal say together, row by row.
struct StepTableTests {
    private enum Said: CaseIterable {
        case succeeded
        case failed
        case unknown
        /// The agent died while it ran.
        case nothing
    }

    private enum Next: Equatable {
        case done
        case again
        case repair
        case failed(String)
    }

    private let failure = TandemFailure(code: "TDM-4002", message: "m", remedy: "r")

    /// A back-out of one step of that action, released: back-outs need no voucher.
    private func running(_ action: StepAction) throws -> (Desk, StepRun) {
        let manifests = storedManifests(
            newBackOut: [stepDefinition(action, onFailure: .stop), stepDefinition(.snapshot)]
        )
        let seen = observation(
            haStatus(.standby, peer: .active),
            software: .known(newRelease),
            manifest: newManifest
        )
        var desk = Desk(seen: seen, manifests: manifests)
        desk.order(.backOut(manifest: oldManifest, configuration: nil))
        let step = try #require(desk.prepared)
        let spawned = desk.feed(.stepSpawned(step, nil))
        #expect(spawned.effects == [.releaseStep(step, nil)])
        // Something has changed, so that no failure counts as "unchanged".
        desk.seen.packageDigest = digest(0x99)
        return (desk, step)
    }

    private func say(_ said: Said, _ step: StepRun, to desk: Desk) -> Desk {
        var copy = desk
        switch said {
        case .succeeded: copy.feed(.stepEnded(step, .succeeded))
        case .failed: copy.feed(.stepEnded(step, .failed(failure)))
        case .unknown: copy.feed(.stepEnded(step, .unknown(failure)))
        case .nothing:
            let manifests = storedManifests(
                newBackOut: [
                    stepDefinition(step.definition.action, onFailure: .stop),
                    stepDefinition(.snapshot),
                ]
            )
            copy = Desk(
                seen: desk.seen,
                journal: desk.journal,
                isConnected: false,
                manifests: manifests
            )
        }
        #expect(copy.effects.contains(.observeStep(step)))
        copy.effects = []
        return copy
    }

    private func next(_ desk: Desk, after step: StepRun) -> Next? {
        if case .failed(let failure)? = desk.endedOutcome { return .failed(failure.code) }
        for effect in desk.effects {
            switch effect {
            case .repair: return .repair
            case .prepareStep(let begun): return begun.index == step.index ? .again : .done
            case _: continue
            }
        }
        return nil
    }

    private func expected(_ said: Said, _ seen: StepObservation, isJudged: Bool) -> Next {
        switch (said, seen) {
        case (.failed, .reached): isJudged ? .failed("TDM-4002") : .done
        case (_, .reached): .done
        case (.failed, _): .failed("TDM-4002")
        case (.succeeded, _): .failed(ErrorCode.verifyFailed.id)
        case (_, .unchanged): .again
        case (_, .repairable): .repair
        case (.unknown, .unknown): .failed("TDM-4002")
        case (.nothing, .unknown): .failed(ErrorCode.stateIndeterminate.id)
        }
    }

    @Test(arguments: [
        (StepAction.installPackages, false), (.stopService, false), (.configure, false),
        (.hook, true), (.verify, true), (.dataCarry, true), (.check, true),
    ])
    func neitherResultNorGoalCountsAlone(action: StepAction, isJudged: Bool) throws {
        let (desk, step) = try running(action)
        for said in Said.allCases {
            for seen in [StepObservation.reached, .unchanged, .repairable, .unknown] {
                var copy = say(said, step, to: desk)
                copy.feed(.stepObserved(step, seen))
                #expect(
                    next(copy, after: step) == expected(said, seen, isJudged: isJudged),
                    "\(action) said \(said), seen \(seen)"
                )
            }
        }
    }

    /// Each step reached its goal, and yet another release runs: that is no success.
    @Test
    func stepsThatReachedTheirGoalsAreNotTheReleases() throws {
        var (desk, step) = try running(.installPackages)
        for _ in 1...2 {
            desk.feed(.stepEnded(step, .succeeded))
            desk.feed(.stepObserved(step, .reached))
            guard let following = desk.prepared, following.index != step.index else { break }
            step = following
            desk.feed(.stepSpawned(step, nil))
            desk.effects = []
        }
        #expect(step.index == 2)
        #expect(desk.endedOutcome != .done)
    }

    @Test
    func anEndThatNobodySeesIsRunAgainTwiceAtMost() throws {
        var (desk, step) = try running(.installPackages)
        for _ in 1...2 {
            desk.feed(.stepEnded(step, .unknown(failure)))
            desk.feed(.stepObserved(step, .unchanged))
            step = try #require(desk.prepared)
            desk.feed(.stepSpawned(step, nil))
        }
        desk.effects = []
        desk.feed(.stepEnded(step, .unknown(failure)))
        desk.feed(.stepObserved(step, .unchanged))
        #expect(next(desk, after: step) == .failed("TDM-4002"))
    }

    @Test
    func aChildIsJournaledBeforeItMayRun() throws {
        var desk = Desk(
            seen: observation(
                haStatus(.standby, peer: .active),
                software: .known(newRelease),
                manifest: newManifest
            )
        )
        desk.order(.backOut(manifest: oldManifest, configuration: nil))
        let step = try #require(desk.prepared)
        let child = ChildIdentity(pid: 5, startTime: 6, record: "r")
        let spawned = desk.feed(.stepSpawned(step, child))
        #expect(spawned.journal == [.stepChild(step.command, index: 1, child: child)])
        #expect(spawned.effects == [.releaseStep(step, child)])
        #expect(desk.feed(.stepSpawned(step, child)).ignored == .stale)
        var other = step
        other.index = 2
        #expect(desk.feed(.stepEnded(other, .succeeded)).ignored == .stale)
        let restarted = Desk(seen: desk.seen, journal: desk.journal, isConnected: false)
        #expect(restarted.effects.contains(.attachStep(step, child)))
    }

    @Test
    func aStepThatCanNotBeSpawnedFails() throws {
        let manifests = storedManifests(newBackOut: [stepDefinition(.hook, onFailure: .stop)])
        var desk = Desk(
            seen: observation(
                haStatus(.standby, peer: .active),
                software: .known(newRelease),
                manifest: newManifest
            ),
            manifests: manifests
        )
        let command = desk.order(.backOut(manifest: oldManifest, configuration: nil))
        let step = try #require(desk.prepared)
        desk.feed(.stepEnded(step, .failed(failure)))
        desk.feed(.stepObserved(step, .unchanged))
        #expect(desk.result(of: command)?.failure?.code == "TDM-4002")
    }

    // MARK: - No run again without a fresh voucher

    /// An install whose first step (a check, which stops nothing) is under way.
    private func installing() throws -> (Desk, StepRun) {
        var desk = Desk()
        let verb = Verb.install(manifest: newManifest, configuration: nil)
        let command = desk.order(verb, hasMate: true)
        let nonce = try #require(desk.lastNonce)
        desk.feed(.message(.voucher(desk.voucher(command, nonce))))
        let step = try #require(desk.prepared)
        desk.feed(.stepSpawned(step, nil))
        return (desk, step)
    }

    private func expectVoucherFirst(_ desk: inout Desk, _ step: StepRun) throws {
        let isRunning = desk.effects.contains { if case .prepareStep = $0 { true } else { false } }
        #expect(!isRunning)
        let nonce = try #require(desk.lastNonce)
        desk.feed(.message(.voucher(desk.voucher(step.command, nonce))))
        #expect(desk.prepared == step)
    }

    @Test
    func aStepWhoseEndNobodySawAsksForAVoucherAgain() throws {
        var (desk, step) = try installing()
        desk.pass(2_000)
        desk.effects = []
        desk.sent = []
        desk.feed(.stepEnded(step, .unknown(failure)))
        desk.feed(.stepObserved(step, .unchanged))
        try expectVoucherFirst(&desk, step)
    }

    @Test
    func aRestartAsksForAVoucherAgain() throws {
        let (before, step) = try installing()
        var desk = Desk(seen: before.seen, journal: before.journal)
        desk.feed(.stepObserved(step, .unchanged))
        desk.pass(3_000)
        try expectVoucherFirst(&desk, step)
    }

    @Test
    func aLookThatBeganBeforeTheQuestionIsNoAnswer() {
        var desk = Desk()
        desk.isAnswering = false
        desk.feed(.statusChanged)
        let command = desk.command(.recover)
        let asked = desk.feed(desk.envelope(command))
        #expect(!asked.effects.contains { if case .observe = $0 { true } else { false } })
        let stale = desk.feed(.observed(desk.seen))
        #expect(stale.journal.isEmpty)
        #expect(stale.effects == [.observe(isThorough: true)])
        let fresh = desk.feed(.observed(desk.seen))
        #expect(fresh.journal.first == .received(command, epoch: 4))
    }
}

extension Desk {
    /// The step that was prepared last.
    var prepared: StepRun? {
        for effect in effects.reversed() {
            if case .prepareStep(let step) = effect { return step }
        }
        return nil
    }

    /// The outcome that the journal was given last.
    var endedOutcome: Outcome? {
        for record in journal.reversed() {
            if case .ended(let result) = record { return result.outcome }
        }
        return nil
    }
}
