import AgentCore
import ControllerCore
import TandemModel

/// The world one event at a time, for a search that decides at each boundary between two.
extension Joint {
    /// What happens next; `nil` never, while anything runs.
    package var upcoming: Scheduled? { nextIndex.map { queue[$0] } }

    /// Lets the next event happen.
    package mutating func performNext() {
        guard let next = nextIndex else { return }
        perform(at: next)
    }

    /// Lets the step's child that ends next fail in this one run.
    package mutating func performNextFailing(_ behaviour: PackageBehaviour) {
        guard let index = upcoming?.work.server else { return }
        let whole = nodes[index].platform.behaviours
        for manifest in [setting.lineage.oldManifest, setting.lineage.newManifest] {
            nodes[index].platform.behaviours[manifest] = behaviour
        }
        performNext()
        nodes[index].platform.behaviours = whole
    }

    /// Whether the next event is the end of a change of packages.
    package var endsInstallation: Bool {
        guard case .child(let index, let child) = upcoming?.work else { return false }
        return nodes[index].children[child]?.definition.action == .installPackages
    }

    /// Delivers the message that comes next twice.
    package mutating func doubleNext() {
        guard let next = nextIndex else { return }
        orderCount += 1
        queue.append(Scheduled(due: queue[next].due, order: orderCount, work: queue[next].work))
    }

    /// Holds up the message that comes next, and all behind it on its way.
    package mutating func delayNext(by milliseconds: UInt64) {
        guard let lane = upcoming?.work.lane else { return }
        var latest: UInt64 = 0
        for index in queue.indices where queue[index].work.lane == lane {
            queue[index].due = max(queue[index].due, now + milliseconds)
            latest = max(latest, queue[index].due)
        }
        lastDue[lane] = latest
    }

    /// A whole server gets no processor for a while: agent, children, guards and driver calls.
    package mutating func freeze(_ server: Int, for milliseconds: UInt64) {
        pauseAgent(server, for: milliseconds)
        for index in queue.indices where queue[index].work.server == server {
            guard queue[index].work.isOnServer else { continue }
            queue[index].due = max(queue[index].due, now + milliseconds)
        }
    }

    /// The agent's end of a connection is gone and it dials again; what it has said on the old one is still
    /// on its way, and comes before the new hello.
    ///
    /// - Returns: whether anything was on its way.
    package mutating func loseAgentsEnd(_ index: Int, wordsAfter milliseconds: UInt64) -> Bool {
        let link = nodes[index].link
        let process = nodes[index].process
        var isLate = false
        for item in queue.indices {
            guard case .toController(index, link, _) = queue[item].work else { continue }
            queue[item].due = max(queue[item].due, now + milliseconds)
            isLate = true
        }
        guard link != 0, isLate else { return false }
        nodes[index].link = 0
        feed(index, process, .disconnected)
        after(milliseconds + 500, .dial(index, process: process))
        after(milliseconds + 400, .controllerNotices(index, link: link))
        return true
    }

    /// Cuts an agent off from its controller for a while.
    package mutating func cut(_ index: Int, for milliseconds: UInt64) {
        nodes[index].cutUntil = now + milliseconds
        breakLink(index)
    }

    /// The two servers do not see each other for a while.
    package mutating func hidePeers(for milliseconds: UInt64) {
        hidesPeers = true
        after(milliseconds, .sight)
    }

    /// A server loses its power and boots again.
    package mutating func reboot(_ index: Int, after milliseconds: UInt64) {
        powerOff(index)
        after(milliseconds, .powerOn(index))
    }

    /// The HA system, or a hand at it, moves the role to the other server.
    ///
    /// - Returns: whether it could: the other one is whole, up and not held.
    package mutating func moveRole() -> Bool {
        guard let target = nodes.indices.first(where: { !nodes[$0].isActive }),
            nodes.count > 1, nodes[1 - target].isActive, !nodes[target].isDown,
            !nodes[target].platform.isHeld, nodes[target].platform.isServiceRunning,
            nodes[target].changesUnderWay == 0
        else { return false }
        nodes[1 - target].platform.isActive = false
        nodes[target].platform.isActive = true
        takeOverCount += 1
        return true
    }

    /// Whether everything that is not dead is up, connected and sees the other, and nothing is under way but
    /// timers and keep-alives.
    package var isCalm: Bool {
        guard controller.isRunning, !isActing, !hidesPeers else { return false }
        for (index, node) in nodes.enumerated() {
            if node.isDown, controller.links[index] == 0 { continue }
            guard node.isRunning, !node.isDown, node.link != 0, node.guards.isEmpty,
                controller.links[index] == node.link, node.children.isEmpty,
                now >= node.pausedUntil, now >= node.cutUntil
            else { return false }
        }
        return queue.allSatisfy { isMoot($0.work) || $0.work.isRoutine }
    }

    /// Whether it can't have an effect any more: the process or connection it is for is gone.
    package func isMoot(_ work: Work) -> Bool {
        switch work {
        case .answer(let index, let process, _), .inline(let index, let process, _),
            .dial(let index, let process), .agentTick(let index, let process):
            return nodes[index].process != process || !nodes[index].isRunning
        case .drive(let index, let process, _, _, _):
            return nodes[index].isDown && nodes[index].process != process
        case .child(let index, let child): return nodes[index].children[child] == nil
        case .guardian(let index, let failover): return nodes[index].guards[failover] == nil
        case .restartAgent(let index): return nodes[index].isRunning || nodes[index].isDown
        case .toAgent(let index, let link, _):
            return broken.contains(link) || nodes[index].link != link
        case .toController(_, let link, _): return broken.contains(link) || !controller.isRunning
        case .agentNotices(let index, let link): return nodes[index].link != link
        case .controllerNotices(let index, let link): return controller.links[index] != link
        case .controllerTick(let process): return controller.process != process
        case .restartController: return controller.isRunning
        case .powerOn(let index): return !nodes[index].isDown
        case .mendDisk: return false
        case .sight: return !hidesPeers
        }
    }
}

extension Joint.Work {
    /// The server it happens on; `nil` on the controller and between servers.
    package var server: Int? {
        switch self {
        case .answer(let index, _, _), .child(let index, _), .inline(let index, _, _),
            .drive(let index, _, _, _, _), .guardian(let index, _), .restartAgent(let index),
            .dial(let index, _), .toAgent(let index, _, _), .agentNotices(let index, _),
            .agentTick(let index, _), .powerOn(let index), .mendDisk(let index):
            index
        case .toController, .controllerNotices, .controllerTick, .restartController, .sight: nil
        }
    }

    /// The server that it happens on, or whose connection it is on; `nil` for what is the controller's alone.
    package var party: Int? {
        switch self {
        case .toController(let index, _, _), .controllerNotices(let index, _): index
        case _: server
        }
    }

    package var isMessage: Bool { lane != nil }

    /// Whether it needs a processor of its server.
    var isOnServer: Bool {
        switch self {
        case .powerOn, .mendDisk: false
        case _: server != nil
        }
    }

    /// The direction of a connection that a message is on.
    var lane: String? {
        switch self {
        case .toAgent(_, let link, _): "c\(link)"
        case .toController(_, let link, _): "a\(link)"
        case _: nil
        }
    }

    /// A message that carries a decision, a command or a result; not what is told again by itself.
    package var isWeighty: Bool {
        switch self {
        case .toAgent(_, _, let message):
            switch message {
            case .heartbeatAck, .alarmAck, .clusterView, .operationRecord, .chunk, .chunkRefused,
                .error, .bye:
                false
            case .welcome, .command, .vouchRequest, .voucher, .voucherRelease, .proof, .voided,
                .stop, .void, .statusQuery:
                true
            }
        case .toController(_, _, let message):
            switch message {
            case .heartbeat, .report, .step, .alarm, .alarmSnapshot, .chunkRequest,
                .operationRecord, .logChunk, .error, .bye:
                false
            case .hello, .accepted, .refused, .voucherNeeded, .voucher, .vouchRefused, .finished,
                .status:
                true
            }
        case _: false
        }
    }

    /// What goes on for ever while nothing happens: timers, keep-alives, looking.
    package var isRoutine: Bool {
        switch self {
        case .agentTick, .controllerTick: true
        case .answer(_, _, let input):
            switch input {
            case .observed, .observedRole: true
            case _: false
            }
        case .toAgent(_, _, let message):
            switch message {
            case .heartbeatAck, .clusterView, .alarmAck: true
            case _: false
            }
        case .toController(_, _, let message):
            switch message {
            case .heartbeat, .report: true
            case _: false
            }
        case .child, .inline, .drive, .guardian, .restartAgent, .dial, .agentNotices,
            .controllerNotices, .restartController, .powerOn, .mendDisk, .sight:
            false
        }
    }
}
