import AgentCore
import TandemModel
import Testing

extension Harness {
    mutating func begin(_ effect: Effect, on index: Int) {
        let process = nodes[index].process
        switch effect {
        case .observe(let isThorough):
            let seen = nodes[index].world.observation(peer: peerRole(of: index))
            after(isThorough ? 150 : 40, .input(index, process: process, .observed(seen)))
        case .observeRole:
            let seen = nodes[index].world.observation(peer: peerRole(of: index))
            after(40, .input(index, process: process, .observedRole(seen)))
        case .prepareStep, .releaseStep, .attachStep, .killStep, .observeStep, .repair:
            beginStep(effect, on: index, process)
        case .dropSnapshots(let kept):
            nodes[index].world.dropSnapshots(keep: kept)
        case .forgetBoot:
            nodes[index].world.wantedBoot = nil
        case .runChecks(let command, _, _, _):
            let isBad = nodes[index].world.failing.contains(.check)
            let result = CheckResult(
                name: "disk",
                level: isBad ? .critical : .ok,
                text: isBad ? "full" : "fine",
                remedy: isBad ? "make room" : ""
            )
            after(300, .input(index, process: process, .checked(command, [result])))
        case .driver(let command, let call):
            after(200, .drive(index, process: process, command, call))
        case .armDeadMan(let failover, let deadline, let boot):
            #expect(boot == nodes[index].world.boot)
            nodes[index].guards[failover] = deadline
            after(
                deadline.milliseconds - min(deadline.milliseconds, now),
                .guardian(index, failover)
            )
        case .disarmDeadMan(let failover):
            nodes[index].guards[failover] = nil
        case .killPromote:
            break
        case .openStaging, .writeChunk, .finishStaging, .dropImage:
            beginStaging(effect, on: index, process)
        case .verifyRelease(let digest):
            let isThere = nodes[index].world.manifest(digest) != nil
            let failure = TandemFailure(code: "TDM-3003", message: "gone", remedy: "stage it")
            let input = Input.releaseVerified(digest, isThere ? nil : failure)
            after(60, .input(index, process: process, input))
        case .applyConfiguration(let command, let version, _):
            nodes[index].world.configuration = version.digest
            let input = Input.configurationApplied(command, version, nil)
            after(100, .input(index, process: process, input))
        case .collectLogs(let command):
            after(100, .input(index, process: process, .logsCollected(command, nil)))
        }
    }

    private mutating func beginStep(_ effect: Effect, on index: Int, _ process: Int) {
        switch effect {
        case .prepareStep(let step):
            expectJournaled(step, on: index)
            var child: ChildIdentity?
            if step.definition.action != .reboot, step.definition.action != .configure {
                nodes[index].childCount += 1
                let pid = nodes[index].childCount
                child = ChildIdentity(pid: pid, startTime: now, record: "step-\(pid)")
            }
            after(20, .input(index, process: process, .stepSpawned(step, child)))
        case .releaseStep(let step, let child):
            release(step, child, on: index, process)
        case .attachStep(let step, let child):
            if nodes[index].children[child] != nil { return }
            let lost = TandemFailure(code: "TDM-1005", message: "no record", remedy: "-")
            let result = nodes[index].ended[child] ?? .unknown(lost)
            after(30, .input(index, process: process, .stepEnded(step, result)))
        case .killStep(let step, let child):
            if let child { nodes[index].children[child] = nil }
            nodes[index].world.cutShort(step)
            let killed = TandemFailure(code: "TDM-1005", message: "killed", remedy: "-")
            after(30, .input(index, process: process, .stepEnded(step, .unknown(killed))))
        case .observeStep(let step):
            let input = Input.stepObserved(step, nodes[index].world.observe(step))
            after(50, .input(index, process: process, input))
        case .repair(let step):
            let result = nodes[index].world.repair(step)
            after(1_500, .input(index, process: process, .repaired(step, result)))
        case .observe, .observeRole, .runChecks, .driver, .armDeadMan, .disarmDeadMan, .killPromote,
            .openStaging,
            .writeChunk, .finishStaging, .dropImage, .verifyRelease, .applyConfiguration,
            .collectLogs, .dropSnapshots, .forgetBoot:
            break
        }
    }

    private mutating func release(
        _ step: StepRun,
        _ child: ChildIdentity?,
        on index: Int,
        _ process: Int
    ) {
        if step.definition.action == .reboot {
            let result = nodes[index].world.run(step)
            if case .failed = result {
                after(50, .input(index, process: process, .stepEnded(step, result)))
            } else if nodes[index].world.hangsOnReboot {
                // The order was taken: that is all that its child can say.
                after(50, .input(index, process: process, .stepEnded(step, result)))
            } else {
                reboot(index)
            }
            return
        }
        guard let child else {
            after(400, .childless(index, process: process, step))
            return
        }
        nodes[index].children[child] = step
        let hangs =
            step.definition.action == .installPackages
            && nodes[index].world.behaviours[step.targetDigest] == .hangs
        if hangs { return }
        after(700, .input(index, process: process, .stepProgress(step, percent: 50, text: "half")))
        after(1_500, .child(index, child))
    }

    /// `safety.md` 14: started is durable before the effect.
    private func expectJournaled(_ step: StepRun, on index: Int) {
        let isThere = nodes[index].journal.contains(
            .stepStarted(step.command, index: step.index, isReturn: step.isReturn)
        )
        #expect(isThere)
    }

    private mutating func beginStaging(_ effect: Effect, on index: Int, _ process: Int) {
        let input: Input
        switch effect {
        case .openStaging(let offer):
            input = .stagingOpened(offer, nextOffset: nodes[index].world.stagedBytes)
        case .writeChunk(let image, let offset, let bytes):
            #expect(offset == nodes[index].world.stagedBytes)
            nodes[index].world.stagedBytes = offset + UInt64(bytes.count)
            input = .chunkWritten(image: image, nextOffset: nodes[index].world.stagedBytes)
        case .finishStaging(let offer):
            let stored = storedManifests().first { $0.digest == offer.manifest }
            input = .stagingFinished(
                offer,
                stored.map(StagingResult.verified)
                    ?? .refused(TandemFailure(code: "TDM-3003", message: "bad", remedy: "-"))
            )
            nodes[index].world.stagedBytes = 0
            if let stored, nodes[index].world.manifest(stored.digest) == nil {
                nodes[index].world.manifests.append(stored)
            }
        case .dropImage(let image, _):
            input = .imageDropped(image, nil)
        case .observe, .observeRole, .prepareStep, .releaseStep, .attachStep, .killStep,
            .observeStep, .repair, .dropSnapshots, .forgetBoot, .runChecks, .driver, .armDeadMan,
            .disarmDeadMan, .killPromote, .verifyRelease,
            .applyConfiguration, .collectLogs:
            return
        }
        after(10, .input(index, process: process, input))
    }
}
