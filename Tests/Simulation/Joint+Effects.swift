import AgentCore
import ControllerCore
import TandemModel

extension Joint {
    mutating func begin(_ effect: Effect, on index: Int) {
        let process = nodes[index].process
        func answer(_ input: Input) -> Work { .answer(index, process: process, input) }
        switch effect {
        case .observe(let isThorough):
            // Seen as it is when the look ends: the look began after this moment, as promised.
            let seen = observation(of: index)
            after(isThorough ? 120 : 30, answer(.observed(seen)))
        case .observeRole:
            after(30, answer(.observedRole(observation(of: index))))
        case .prepareStep, .releaseStep, .attachStep, .killStep, .observeStep, .repair:
            beginStep(effect, on: index, process)
        case .dropSnapshots(let kept):
            nodes[index].platform.dropSnapshots(keep: kept)
        case .forgetBoot:
            nodes[index].platform.forgetBoot()
        case .runChecks(let command, _, _, _):
            let isBad = nodes[index].platform.failing.contains(.check)
            let result = CheckResult(
                name: "disk",
                level: isBad ? .critical : .ok,
                text: isBad ? "full" : "fine",
                remedy: isBad ? "Make room." : ""
            )
            after(200, answer(.checked(command, [result])))
        case .driver(let command, let call):
            after(
                150,
                .drive(
                    index,
                    process: process,
                    command,
                    call,
                    killCount: nodes[index].promoteKillCount
                )
            )
        case .armDeadMan(let failover, let deadline, _):
            nodes[index].guards[failover] = deadline
            after(deadline.since(agentTick(index)), .guardian(index, failover))
        case .disarmDeadMan(let failover):
            nodes[index].guards[failover] = nil
        case .killPromote:
            nodes[index].promoteKillCount += 1
        case .openStaging, .writeChunk, .finishStaging, .dropImage:
            beginStaging(effect, on: index, process)
        case .verifyRelease(let digest):
            let isThere = nodes[index].platform.manifest(digest) != nil
            let failure = TandemFailure(code: "TDM-3003", message: "gone", remedy: "Stage it.")
            after(60, answer(.releaseVerified(digest, isThere ? nil : failure)))
        case .applyConfiguration(let command, let version, _):
            nodes[index].platform.configuration = version.digest
            after(100, answer(.configurationApplied(command, version, nil)))
        case .collectLogs(let command):
            after(100, answer(.logsCollected(command, nil)))
        }
    }

    private mutating func beginStep(_ effect: Effect, on index: Int, _ process: Int) {
        func answer(_ input: Input) -> Work { .answer(index, process: process, input) }
        switch effect {
        case .prepareStep(let step):
            var child: ChildIdentity?
            if step.definition.action != .configure {
                nodes[index].childCount += 1
                let pid = nodes[index].childCount
                child = ChildIdentity(pid: pid, startTime: now, record: "step-\(pid)")
            }
            after(20, answer(.stepSpawned(step, child)))
        case .releaseStep(let step, let child):
            release(step, child, on: index, process)
        case .attachStep(let step, let child):
            if nodes[index].children[child] != nil { return }
            let lost = TandemFailure(code: "TDM-1005", message: "no record", remedy: "-")
            after(30, answer(.stepEnded(step, nodes[index].ended[child] ?? .unknown(lost))))
        case .killStep(let step, let child):
            if let child { nodes[index].children[child] = nil }
            nodes[index].platform.cutShort(step)
            let killed = TandemFailure(code: "TDM-1005", message: "killed", remedy: "-")
            after(30, answer(.stepEnded(step, .unknown(killed))))
        case .observeStep(let step):
            after(50, answer(.stepObserved(step, nodes[index].platform.observe(step))))
        case .repair(let step):
            checkStop(step, on: index)
            let result = nodes[index].platform.repair(step)
            after(1_000, answer(.repaired(step, result)))
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
        checkStop(step, on: index)
        checkHeld(step, on: index)
        guard let child else {
            after(200, .inline(index, process: process, step))
            return
        }
        nodes[index].children[child] = step
        let progress = Input.stepProgress(step, percent: 50, text: "half")
        after(400, .answer(index, process: process, progress))
        after(nodes[index].platform.stepMilliseconds, .child(index, child))
    }

    mutating func endChild(_ index: Int, _ child: ChildIdentity) {
        guard let step = nodes[index].children.removeValue(forKey: child) else { return }
        checkStop(step, on: index)
        let result = nodes[index].platform.run(step)
        nodes[index].ended[child] = result
        feed(index, nodes[index].process, .stepEnded(step, result))
        if step.definition.action == .reboot, result == .succeeded {
            reboot(index, after: 3_000)
        }
    }

    private mutating func beginStaging(_ effect: Effect, on index: Int, _ process: Int) {
        let input: Input
        switch effect {
        case .openStaging(let offer):
            let known = nodes[index].platform.stagedBytes[offer.image] ?? 0
            input = .stagingOpened(offer, nextOffset: known)
        case .writeChunk(let image, let offset, let bytes):
            let next = offset + UInt64(bytes.count)
            nodes[index].platform.stagedBytes[image] = next
            input = .chunkWritten(image: image, nextOffset: next)
        case .finishStaging(let offer):
            input = .stagingFinished(offer, keep(offer, on: index))
        case .dropImage(let image, _):
            input = .imageDropped(image, nil)
        case .observe, .observeRole, .prepareStep, .releaseStep, .attachStep, .killStep,
            .observeStep, .repair,
            .runChecks, .driver, .armDeadMan, .disarmDeadMan, .killPromote, .verifyRelease,
            .applyConfiguration, .collectLogs, .dropSnapshots, .forgetBoot:
            return
        }
        after(10, .answer(index, process: process, input))
    }

    private mutating func keep(_ offer: ImageOffer, on index: Int) -> StagingResult {
        nodes[index].platform.stagedBytes[offer.image] = nil
        guard let image = controller.catalogue.first(where: { $0.offer == offer }) else {
            return .refused(TandemFailure(code: "TDM-3003", message: "bad", remedy: "-"))
        }
        let stored = StoredManifest(digest: offer.manifest, manifest: image.manifest)
        if nodes[index].platform.manifest(offer.manifest) == nil {
            nodes[index].platform.manifests.append(stored)
        }
        return .verified(stored)
    }
}
