import AgentCore
import AgentPlatform
import Glibc
import TandemModel
import TandemSpawn

extension EffectRunner {
    private var clocks: FailoverClocks { server.configuration.clocks }

    func performRole(_ effect: Effect) {
        switch effect {
        case .driver(let id, let call): callDriver(id, call)
        case .armDeadMan(let failover, let deadline, let boot): arm(failover, deadline, boot)
        case .disarmDeadMan(let failover): disarm(failover)
        case .killPromote:
            if !PromoteIdentity.kill(in: server.state) {
                log(.error, "what is left of a promotion can't be ended")
            }
        case _: break
        }
    }

    // MARK: - Driver

    private func callDriver(_ id: CommandID?, _ call: DriverCall) {
        log(.info, "HA driver: \(call.word)")
        switch call {
        case .takeBack(let failover, _):
            work(.driver(call), limitMilliseconds: limit(of: call)) { [weak self] answer in
                self?.tookBack(failover, answer)
            }
        case .demote(let failover, _, _):
            if let why = unarmed.removeValue(forKey: failover) {
                emit(.driverEnded(id, call, .refused("the dead-man can't be armed: \(why)")))
                return
            }
            begin(id, call)
        case .promote:
            begin(id, call, isPromote: true)
        case .fence, .hold, .unhold, .inhibitReplication, .allowReplication:
            begin(id, call)
        }
    }

    private func begin(_ id: CommandID?, _ call: DriverCall, isPromote: Bool = false) {
        let state = server.state
        work(
            .driver(call),
            limitMilliseconds: limit(of: call),
            onStart: { child throws(TandemError) in
                if isPromote { try PromoteIdentity.write(child, in: state) }
            },
            { [emit, log] answer in
                if isPromote { PromoteIdentity.forget(in: state) }
                let result =
                    switch answer {
                    case .driver(let result): result
                    case .failure(let failure): DriverResult.unknown(failure?.message ?? "")
                    case _: DriverResult.unknown("the worker's answer makes no sense")
                    }
                log(.info, "HA driver: \(call.word): \(result.text)")
                emit(.driverEnded(id, call, result))
            }
        )
    }

    private func tookBack(_ failover: FailoverID, _ answer: WorkerAnswer) {
        let result: TakeBackResult
        if case .tookBack(let told) = answer {
            result = told
        } else {
            result = .undecided(failure(answer).message)
        }
        log(.info, "take-back of \(failover): \(TakeBackOutcome(result).text)")
        emit(.tookBack(failover, result))
    }

    /// The worker holds the call's own limits; this is for one that hangs itself.
    private func limit(of call: DriverCall) -> UInt64 {
        let own: UInt64
        switch call {
        case .promote(_, _, let deadline):
            own = deadline.since(MachineClock.bootTime()) + clocks.fenceLimit
        case .demote: own = clocks.demoteLimit
        case .fence: own = clocks.fenceLimit
        case .hold, .unhold: own = clocks.holdLimit
        case .takeBack, .inhibitReplication, .allowReplication:
            own = clocks.takeBackLimit
        }
        return 2 * own + HADriver.statusLimitMilliseconds + 2000
    }

    // MARK: - Dead-man

    private func arm(_ failover: FailoverID, _ deadline: Tick, _ boot: BootID) {
        unarmed[failover] = nil
        guard deadMen[failover] == nil else { return }
        do throws(TandemError) {
            if let armed = ArmedDeadMan.read(failover, in: server.state), armed.boot == boot,
                armed.deadline == deadline, try armed.process.isAlive()
            {
                watchDeadMan(failover, armed.process, child: nil)
                return
            }
            let ready = try launcher.prepareDeadMan(failover, deadline: deadline, boot: boot)
            let mark = try ProcessMark(ready.child)
            try ArmedDeadMan(failover: failover, deadline: deadline, boot: boot, process: mark)
                .write(in: server.state)
            ready.release()
            watchDeadMan(failover, mark, child: ready.child)
            log(.info, "dead-man of failover \(failover) armed")
        } catch {
            log(.error, "dead-man of failover \(failover): \(error)")
            unarmed[failover] = error.message
        }
    }

    private func watchDeadMan(_ failover: FailoverID, _ mark: ProcessMark, child: ChildProcess?) {
        let watch = DeadManWatch(failover, mark, child: child, state: server.state) {
            [emit, log] result in
            log(.warning, "dead-man of failover \(failover): \(TakeBackOutcome(result).text)")
            emit(.tookBack(failover, result))
        }
        deadMen[failover] = watch
        loop.add(watch)
    }

    /// A guard that acts right now is left to end by itself; one that only waits is ended.
    private func disarm(_ failover: FailoverID) {
        let watch = deadMen.removeValue(forKey: failover)
        watch?.isFinished = true
        do throws(TandemError) {
            try ArmedDeadMan.remove(failover, in: server.state)
            let lock = DriverLock(path: server.state.driverLock)
            _ = try lock.hold(until: MachineClock.bootTime()) { watch?.end() }
            log(.info, "dead-man of failover \(failover) disarmed")
        } catch {
            log(.error, "dead-man of failover \(failover) can't be disarmed: \(error)")
        }
    }
}

extension DriverResult {
    /// For the log.
    fileprivate var text: String {
        switch self {
        case .done: "done"
        case .refused(let why): "refused: \(why)"
        case .failed(let why): "failed: \(why)"
        case .unknown(let why): "unknown: \(why)"
        }
    }
}
