import AgentCore
import AgentJournal
import TandemModel

/// The shell around each agent's core.
extension Joint {
    mutating func startAgent(_ index: Int) {
        guard !nodes[index].isDown, !nodes[index].isRunning, !nodes[index].isStopped else { return }
        guard let content = readJournal(index) else {
            after(2_000, .restartAgent(index))
            return
        }
        var machine = AgentMachine(
            server: nodes[index].server,
            agent: nodes[index].agent,
            limits: agentLimits,
            isJournalDamaged: content.damage != nil
        )
        for record in content.records { machine.fold(record) }
        nodes[index].machine = machine
        nodes[index].process += 1
        nodes[index].isRunning = true
        let process = nodes[index].process
        let platform = nodes[index].platform
        feed(index, process, .restored(boot: platform.boot, manifests: platform.manifests))
        after(100, .dial(index, process: process))
        after(1_000, .agentTick(index, process: process))
    }

    package mutating func crashAgent(_ index: Int, restartAfter milliseconds: UInt64? = 1_500) {
        guard nodes[index].isRunning else { return }
        note("AGENT \(nodes[index].server) DIES")
        nodes[index].isRunning = false
        nodes[index].process += 1
        let link = nodes[index].link
        nodes[index].link = 0
        if link != 0 {
            // What the kernel has taken over still arrives before the end of the connection.
            after(30, .controllerNotices(index, link: link))
        }
        if nodes[index].crashKillsChild { endChildren(index) }
        if let milliseconds { after(milliseconds, .restartAgent(index)) }
    }

    /// The children go with their agent.
    package mutating func endChildren(_ index: Int) {
        for (child, step) in nodes[index].children {
            nodes[index].platform.cutShort(step)
            let words = TandemFailure(code: "TDM-1005", message: "killed", remedy: "-")
            nodes[index].ended[child] = .unknown(words)
        }
        nodes[index].children = [:]
    }

    /// The machine goes off; it serves nobody, and nobody sees it.
    package mutating func powerOff(_ index: Int) {
        crashAgent(index, restartAfter: nil)
        endChildren(index)
        nodes[index].disk.losePower(using: &generator)
        nodes[index].isDown = true
        nodes[index].guards = [:]
        nodes[index].platform.isActive = false
    }

    /// It comes back not active.
    package mutating func powerOn(_ index: Int) {
        guard nodes[index].isDown else { return }
        nodes[index].isDown = false
        nodes[index].ended = [:]
        nodes[index].platform.boots()
        if nodes[index].platform.bootedSnapshot != nil { count("root: exchanged") }
        startAgent(index)
    }

    /// Hands one input to a process that is still there, and does what comes of it in order.
    mutating func feed(_ index: Int, _ process: Int, _ input: Input) {
        guard nodes[index].process == process, nodes[index].isRunning else { return }
        guard now >= nodes[index].pausedUntil else {
            after(nodes[index].pausedUntil - now, .answer(index, process: process, input))
            return
        }
        if input.tellsOfChild { pass(.at(.childExit, .before, index)) }
        let step = nodes[index].machine.handle(
            input,
            at: agentTick(index),
            wall: wall,
            using: &generator
        )
        guard keep(step.journal, on: index) else { return }
        if !step.journal.isEmpty || !step.sends.isEmpty {
            guard survives(index) else { return }
        }
        let link = nodes[index].link
        for message in step.sends where link != 0 {
            pass(.at(.send, .before, index))
            checkSend(message, from: index)
            count("agent says", message)
            carry("a\(link)", .toController(index, link: link, message))
        }
        for effect in step.effects {
            guard survives(index) else { return }
            if effect.startsChild { pass(.at(.spawn, .before, index)) }
            count("effect", effect)
            begin(effect, on: index)
        }
        if !step.sends.isEmpty || !step.effects.isEmpty {
            pass(.at(step.effects.isEmpty ? .send : .spawn, .after, index))
        }
        if step.closesConnection, nodes[index].link == link {
            loseLink(index, redialAfter: 1_000)
        }
        if !step.journal.isEmpty { compactWhenDue(index) }
    }

    /// The clock that the agent reads: its own.
    func agentTick(_ index: Int) -> Tick {
        let drift = Int64(now) / 1_000 * nodes[index].driftPerMille
        return Tick(milliseconds: UInt64(Int64(now) + drift))
    }

    /// Its process gets no processor for a while; the world goes on.
    package mutating func pauseAgent(_ index: Int, for milliseconds: UInt64) {
        nodes[index].pausedUntil = max(nodes[index].pausedUntil, now + milliseconds)
    }

    private mutating func survives(_ index: Int) -> Bool {
        guard nodes[index].passesCrashPoint() else { return true }
        die(index)
        return false
    }

    // MARK: - The HA system

    /// What the HA system says of the mate: servers see each other even without agents.
    func peerRole(of index: Int) -> PeerRole {
        guard nodes.count > 1, !hidesPeers, !nodes[1 - index].isDown else { return .unseen }
        return nodes[1 - index].isActive ? .active : .other
    }

    private var exclusion: Exclusion { setting.hasReferee ? .referee : .none }

    func observation(of index: Int) -> LocalObservation {
        nodes[index].platform.observation(
            peer: peerRole(of: index),
            token: "\(takeOverCount)",
            exclusion: exclusion
        )
    }

    mutating func drive(
        _ index: Int,
        _ process: Int,
        _ command: CommandID?,
        _ call: DriverCall,
        _ killCount: Int
    ) {
        guard !nodes[index].isDown else { return }
        note("\(nodes[index].server) drives \(call)")
        if case .takeBack(let failover, let isVoided) = call {
            let result = takeBack(index, isVoided: isVoided)
            feed(index, process, .tookBack(failover, result))
            return
        }
        if case .promote = call, nodes[index].promoteKillCount != killCount { return }
        feed(index, process, .driverEnded(command, call, apply(call, on: index)))
    }

    private mutating func apply(_ call: DriverCall, on index: Int) -> DriverResult {
        switch call {
        case .promote(let token, _, let deadline):
            if nodes[index].isActive { return .done }
            guard token == "\(takeOverCount)" else { return .refused("the token has changed") }
            guard agentTick(index) < deadline else { return .refused("late") }
            guard takeOver(index) else { return .refused("the mate serves") }
            if setting.hasRunawayMate { nodes[1 - index].platform.isActive = true }
        case .demote: nodes[index].platform.isActive = false
        case .fence:
            nodes[index].platform.isActive = false
            nodes[index].platform.isHeld = true
        case .hold: nodes[index].platform.isHeld = true
        case .unhold: nodes[index].platform.isHeld = false
        case .inhibitReplication: nodes[index].platform.isInhibited = true
        case .allowReplication: nodes[index].platform.isInhibited = false
        case .takeBack: break
        }
        return .done
    }

    /// The service address is taken, if the referee lets it; without one nobody asks.
    private mutating func takeOver(_ index: Int) -> Bool {
        if setting.hasReferee, nodes.contains(where: \.isActive) { return false }
        nodes[index].platform.isActive = true
        takeOverCount += 1
        return true
    }

    /// The rule of `details.md` 10.
    private mutating func takeBack(_ index: Int, isVoided: Bool) -> TakeBackResult {
        if nodes[index].isActive { return .returned }
        switch peerRole(of: index) {
        case .active: return .moved
        case .unseen where !setting.hasReferee: return .undecided("the mate is not seen")
        case .unseen, .other:
            return takeOver(index) ? .returned : .undecided("the referee says no")
        }
    }

    /// The dead-man's guard asks the rule each second until the role is somewhere.
    mutating func guardFailover(_ index: Int, _ failover: FailoverID) {
        guard let deadline = nodes[index].guards[failover] else { return }
        guard agentTick(index) >= deadline else {
            after(deadline.since(agentTick(index)) + 1, .guardian(index, failover))
            return
        }
        let result = takeBack(index, isVoided: false)
        note("\(nodes[index].server) dead-man: \(result)")
        count("dead-man", result)
        if case .undecided = result {
            after(1_000, .guardian(index, failover))
        } else {
            nodes[index].guards[failover] = nil
        }
        feed(index, nodes[index].process, .tookBack(failover, result))
    }
}
