import AgentCore
import TandemModel
package import TandemSimulation

/// One thing that goes wrong, or that an operator does in the middle of an action.
package enum Disturbance: Hashable, Sendable {
    /// `point`: how many of the next event's records, sends and effects is not reached; 0: it dies
    /// before the event.
    case agentDies(Int, point: Int, seconds: UInt64, withChild: Bool)
    case controllerDies(point: Int, seconds: UInt64)
    case linkBreaks(Int)
    /// Messages are swallowed, and both sides find out by themselves.
    case linkGoesSilent(Int)
    case isCutOff(Int)
    /// The agent alone loses its connection: what it has said still comes, before its new hello.
    case lastWordsCome(Int)
    case messageTwice
    case messageLate(seconds: UInt64)
    case agentPauses(Int)
    case serverFreezes(Int, milliseconds: UInt64)
    case peersUnseen(seconds: UInt64)
    case roleMoves
    case serverReboots(Int)
    /// Until a person brings it back, or another machine takes its place.
    case serverDies(Int)
    /// The product of a standby runs, and its checks fail until a person mends it.
    case fallsIll(Int)
    case installationFails(PackageBehaviour)
    case packagesStayBroken(Int)
    case stopPressed
    case emergencyStopPressed

    /// Beyond what is promised without a referee (`safety.md` 29).
    var isLongPause: Bool {
        if case .serverFreezes(_, let milliseconds) = self { milliseconds > 4_000 } else { false }
    }

    /// Whether the event before which it strikes is one of the party that it strikes.
    func strikesParty(of work: Joint.Work) -> Bool {
        switch self {
        case .agentDies(let index, _, _, _), .linkBreaks(let index), .linkGoesSilent(let index),
            .isCutOff(let index), .lastWordsCome(let index), .agentPauses(let index),
            .serverFreezes(let index, _), .serverReboots(let index), .serverDies(let index),
            .fallsIll(let index), .packagesStayBroken(let index):
            work.party == index
        case .controllerDies, .stopPressed, .emergencyStopPressed:
            work.isMessage || work.party == nil
        case .messageTwice, .messageLate, .peersUnseen, .roleMoves, .installationFails: true
        }
    }

    var isControllerRestart: Bool {
        if case .controllerDies = self { true } else { false }
    }

    /// In an operator's words.
    func words(in joint: Joint) -> String {
        func name(_ index: Int) -> String { joint.nodes[index].server.text }
        switch self {
        case .agentDies(let index, let point, let seconds, let withChild):
            return "the agent of \(name(index)) dies\(withChild ? " with what it runs" : "")"
                + (point > 1 ? ", \(point - 1) writes, sends or effects later" : "")
                + ", and is back after \(seconds) s"
        case .controllerDies(let point, let seconds):
            return "the controller dies\(point > 1 ? " after a commit, before it sends" : "")"
                + ", and is back after \(seconds) s"
        case .linkBreaks(let index): return "the connection of \(name(index)) breaks"
        case .linkGoesSilent(let index):
            return "the connection of \(name(index)) swallows all, and nobody is told for 16 s"
        case .isCutOff(let index): return "\(name(index)) can't reach the controller for 20 s"
        case .lastWordsCome(let index):
            return
                "\(name(index)) loses its connection, and what it has said comes half a second later"
        case .messageTwice: return "a message is delivered twice"
        case .messageLate(let seconds): return "a message is \(seconds) s late"
        case .agentPauses(let index): return "the agent of \(name(index)) stands still for 3.9 s"
        case .serverFreezes(let index, let milliseconds):
            return "the whole server \(name(index)) stands still for \(milliseconds) ms"
        case .peersUnseen(let seconds): return "the servers don't see each other for \(seconds) s"
        case .roleMoves: return "the HA system moves the active role by itself"
        case .serverReboots(let index): return "\(name(index)) loses power and boots again"
        case .serverDies(let index): return "\(name(index)) is dead"
        case .fallsIll(let index): return "the checks of the product on \(name(index)) fail"
        case .installationFails(let how):
            return how == .preinstFails
                ? "preinst fails, nothing is changed" : "postinst fails, packages are in pieces"
        case .packagesStayBroken(let index):
            return "no package can be installed on \(name(index)) until a person mends it"
        case .stopPressed: return "Stop is pressed"
        case .emergencyStopPressed: return "the emergency stop is pressed"
        }
    }

    /// Lets it happen, and with it the event it strikes at.
    ///
    /// - Returns: whether it made a difference.
    func strike(_ joint: inout Joint) -> Bool {
        switch self {
        case .agentDies, .controllerDies: return kill(&joint)
        case .linkBreaks(let index): joint.breakLink(index)
        case .linkGoesSilent(let index):
            joint.breakLink(
                index,
                agentNoticesAfter: 16_000,
                controllerNoticesAfter: 16_000
            )
        case .isCutOff(let index): joint.cut(index, for: 20_000)
        case .lastWordsCome(let index): return joint.loseAgentsEnd(index, wordsAfter: 500)
        case .messageTwice: joint.doubleNext()
        case .messageLate(let seconds): joint.delayNext(by: seconds * 1_000)
        case .agentPauses(let index): joint.pauseAgent(index, for: 3_900)
        case .serverFreezes(let index, let milliseconds):
            joint.freeze(index, for: milliseconds)
        case .peersUnseen(let seconds): joint.hidePeers(for: seconds * 1_000)
        case .roleMoves: return joint.moveRole()
        case .serverReboots(let index):
            // What the serving server does by itself is no fault of ours (`safety.md` 8).
            if joint.nodes[index].isActive { joint.checks.excusesOutage = true }
            joint.reboot(index, after: 10_000)
        case .serverDies(let index):
            // So is one that dies with the role in its hands: given up, and its proof not told.
            let hasGivenUp =
                joint.nodes[index].machine.state.demotion != nil
                && !joint.nodes.contains(where: \.isActive)
            if joint.nodes[index].isActive || hasGivenUp { joint.checks.excusesOutage = true }
            joint.powerOff(index)
        case .fallsIll(let index):
            guard !joint.nodes[index].isActive else { return false }
            joint.nodes[index].platform.isIll = true
        case .installationFails(let how): joint.performNextFailing(how)
        case .packagesStayBroken(let index):
            joint.nodes[index].platform.behaviours = [
                Fixtures.oldManifest: .postinstFails, Fixtures.newManifest: .postinstFails,
            ]
        case .stopPressed:
            guard joint.isActing, joint.isEnabled(.stop) else { return false }
            joint.press(.stop)
        case .emergencyStopPressed:
            guard joint.controller.isRunning, !joint.isEmergencyStopped else { return false }
            joint.setEmergencyStop(true)
        }
        return true
    }

    private func kill(_ joint: inout Joint) -> Bool {
        switch self {
        case .agentDies(let index, let point, let seconds, let withChild):
            joint.nodes[index].crashKillsChild = withChild
            defer { joint.nodes[index].crashKillsChild = false }
            guard point > 0 else {
                joint.crashAgent(index, restartAfter: seconds * 1_000)
                return true
            }
            joint.nodes[index].restartMilliseconds = seconds * 1_000
            joint.nodes[index].crashAt = joint.nodes[index].points + point
            joint.performNext()
            joint.nodes[index].crashAt = nil
            return !joint.nodes[index].isRunning
        case .controllerDies(let point, let seconds):
            guard point > 0 else {
                joint.crashController(restartAfter: seconds * 1_000)
                return true
            }
            joint.controller.restartMilliseconds = seconds * 1_000
            joint.controller.crashAt = joint.controller.points + point
            joint.performNext()
            joint.controller.crashAt = nil
            return !joint.controller.isRunning
        case .linkBreaks, .linkGoesSilent, .isCutOff, .lastWordsCome, .messageTwice, .messageLate,
            .agentPauses, .serverFreezes, .peersUnseen, .roleMoves, .serverReboots, .serverDies,
            .fallsIll, .installationFails, .packagesStayBroken, .stopPressed,
            .emergencyStopPressed:
            return false
        }
    }
}
