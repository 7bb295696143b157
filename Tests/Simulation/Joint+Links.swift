import AgentCore
import ControllerCore
import Foundation
import TandemModel

/// Connections, and the processes at their ends.
extension Joint {
    mutating func dial(_ index: Int, _ process: Int) {
        guard nodes[index].process == process, nodes[index].isRunning, nodes[index].link == 0
        else { return }
        guard controller.isRunning, !nodes[index].isDown, now >= nodes[index].cutUntil else {
            after(1_000, .dial(index, process: process))
            return
        }
        linkCount += 1
        nodes[index].link = linkCount
        feed(index, process, .connected)
    }

    /// Breaks a connection; each side notices when it will.
    package mutating func breakLink(
        _ index: Int,
        agentNoticesAfter: UInt64 = 20,
        controllerNoticesAfter: UInt64 = 20
    ) {
        let link = nodes[index].link != 0 ? nodes[index].link : controller.links[index]
        guard link != 0 else { return }
        broken.insert(link)
        after(agentNoticesAfter, .agentNotices(index, link: link))
        after(controllerNoticesAfter, .controllerNotices(index, link: link))
    }

    /// The agent's end is gone, and it will dial again.
    mutating func loseLink(_ index: Int, redialAfter milliseconds: UInt64) {
        let link = nodes[index].link
        guard link != 0 else { return }
        nodes[index].link = 0
        broken.insert(link)
        after(20, .controllerNotices(index, link: link))
        let process = nodes[index].process
        feed(index, process, .disconnected)
        after(milliseconds, .dial(index, process: process))
    }

    // MARK: - Controller

    mutating func startController() {
        guard let data = try? JSONEncoder().encode(controller.stored),
            let copied = try? JSONDecoder().decode(ClusterState.self, from: data)
        else {
            checks.fail("the controller's state does not survive its store")
            return
        }
        let state = readStore() ?? copied
        if state != controller.stored { checks.fail("the controller's state changes in its store") }
        controller.process += 1
        controller.isRunning = true
        controller.machine = Self.machine(state, epoch: controller.epoch)
        controller.links = controller.links.map { _ in 0 }
        // As the runtime's loop introduces a machine: what may stop it comes first.
        if let emergency = controller.emergency { feed(.emergencyStop(emergency.stop)) }
        feed(.catalogue(controller.catalogue))
        if let facts = controller.facts { feed(.network(facts)) }
        feed(.restored)
        after(1_000, .controllerTick(process: controller.process))
    }

    package mutating func crashController(restartAfter milliseconds: UInt64? = 1_500) {
        guard controller.isRunning else { return }
        note("CONTROLLER DIES")
        controller.isRunning = false
        controller.diedAt = now
        controller.process += 1
        controller.epoch += 1
        checks.evidence.forgetAll()
        for index in nodes.indices where controller.links[index] != 0 {
            broken.insert(controller.links[index])
            after(50, .agentNotices(index, link: controller.links[index]))
        }
        for index in nodes.indices where nodes[index].link != 0 {
            broken.insert(nodes[index].link)
            after(50, .agentNotices(index, link: nodes[index].link))
        }
        if let milliseconds { after(milliseconds, .restartController) }
    }

    /// What the controller's runtime does with a message before its core sees it.
    mutating func take(_ message: AgentMessage, from index: Int, _ link: Int) {
        let server = nodes[index].server
        if case .hello(let hello) = message {
            guard hello.epoch <= controller.epoch else {
                // The store is an older copy: the runtime reigns above what the agents have obeyed.
                controller.epoch = hello.epoch
                crashController(restartAfter: 10)
                return
            }
            if controller.links[index] != 0 {
                broken.insert(controller.links[index])
                after(20, .agentNotices(index, link: controller.links[index]))
                feed(.lost(server))
            }
            controller.links[index] = link
            controller.heardAt[index] = now
            checks.evidence.begin(server, hello)
            let nonce = Nonce.random(using: &generator)
            let welcome = Welcome(
                version: 1,
                controller: "c1",
                epoch: controller.epoch,
                heartbeatMilliseconds: 5_000,
                nonce: nonce,
                time: wall
            )
            send(.welcome(welcome), to: index)
            feed(.connected(server, hello, nonce: nonce))
            return
        }
        guard controller.links[index] == link else { return }
        controller.heardAt[index] = now
        if case .chunkRequest(let image, let offset, let byteCount) = message {
            let bytes = [UInt8](repeating: 1, count: Int(byteCount))
            send(.chunk(image: image, offset: offset, bytes: bytes), to: index)
            return
        }
        checks.evidence.hear(message, from: server, at: now)
        feed(.message(server, message))
    }

    mutating func send(_ message: ControllerMessage, to index: Int) {
        let link = controller.links[index]
        guard link != 0 else { return }
        count("controller says", message)
        carry("c\(link)", .toAgent(index, link: link, message))
    }

    /// One input of the controller's core, and what comes of it in order.
    @discardableResult
    mutating func feed(_ input: ClusterInput) -> ClusterStep {
        guard controller.isRunning else { return ClusterStep() }
        let before = controller.machine.state
        let step = controller.machine.handle(input, at: tick, wall: wall, using: &generator)
        if step.writes != (controller.machine.state != before) {
            checks.fail("a step does not say whether it writes")
        }
        if !step.fault.isEmpty { checks.fail("fault: \(step.fault)") }
        let isEventful =
            step.writes
            || step.sends.contains {
                switch $0.message {
                case .heartbeatAck, .alarmAck: false
                case _: true
                }
            }
        if isEventful, dies() { return step }
        var isWritten = false
        do {
            isWritten = try writeStore(step)
        } catch {
            checks.fail("the controller can't write its store: \(error)")
        }
        controller.stored = controller.machine.state
        noteCommit(of: input, after: before)
        checkDecisions(step, after: before)
        if step.writes { controller.commitCount += 1 }
        controller.log += step.log
        controller.alarmChanges += step.alarms
        for change in step.alarms {
            checkAlternation(change)
            count("alarm \(change.kind.rawValue): \(change.entry.number)")
            note("ALARM \(change.isRaised ? "+" : "-") \(change.entry.number) \(change.entry.text)")
        }
        if isWritten { pass(.controller(.storeCommit, .after)) }
        if isEventful, dies() { return step }
        for send in step.sends {
            guard let index = nodes.firstIndex(where: { $0.server == send.server }) else {
                continue
            }
            checkSend(send.message, to: index)
            pass(.controller(.send, .before))
            self.send(send.message, to: index)
        }
        if !step.sends.isEmpty { pass(.controller(.send, .after)) }
        return step
    }

    private mutating func dies() -> Bool {
        guard controller.passesCrashPoint() else { return false }
        crashController(restartAfter: controller.restartMilliseconds)
        return true
    }
}
