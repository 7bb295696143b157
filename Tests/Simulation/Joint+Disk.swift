import AgentCore
import AgentJournal
import ControllerCore
import TandemModel

/// The shell of each agent around its journal, and what people do when one can't be trusted.
extension Joint {
    /// Reads an agent's journal as a new process does; `nil`: it can't, and ends.
    mutating func readJournal(_ index: Int) -> JournalContent? {
        if let disks { return readJournal(index, on: disks) }
        let disk = nodes[index].disk
        let (found, end) = JournalFrame.scan(disk.bytes)
        let falsehood = disk.falsehood(of: found)
        checks.look(.safety18, premise: !disk.bytes.isEmpty, holds: falsehood == nil) {
            "\(nodes[index].server): \(falsehood ?? "")"
        }
        if found.damage != nil { count("disk: damage noticed") }
        if end < disk.bytes.count { count("disk: torn tail cut") }
        if disk.durableCount < end { count("disk: unsynced record found after a crash") }
        return try? nodes[index].disk.open()
    }

    /// Makes records durable, one after the other; `false`: the agent died of it, or in it.
    mutating func keep(_ records: [JournalRecord], on index: Int) -> Bool {
        guard !records.isEmpty else { return true }
        pass(.append(records, .before, index))
        for record in records {
            note("\(nodes[index].server) journals \(record)")
            count("record", record)
            checkAlone(record, on: index)
            checkStopped(record, on: index)
            if nodes[index].passesCrashPoint() {
                nodes[index].disk.tear(record, using: &generator)
                die(index)
                return false
            }
            do { try nodes[index].disk.write(record) } catch { return refuseWrite(error, index) }
        }
        if nodes[index].cutsPower, nodes[index].passesCrashPoint() {
            die(index)
            return false
        }
        do { try nodes[index].disk.sync() } catch { return refuseWrite(error, index) }
        writeJournal(records, index)
        pass(.append(records, .after, index))
        return true
    }

    /// Rewrites a long journal; a death before the rename leaves the old one.
    mutating func compactWhenDue(_ index: Int) {
        guard nodes[index].isRunning, nodes[index].disk.wantsCompaction else { return }
        guard !nodes[index].passesCrashPoint() else { return die(index) }
        let records = nodes[index].machine.compacted()
        guard (try? nodes[index].disk.replace(with: records)) != nil else { return }
        count("disk: compacted")
    }

    /// Any doubt: stop. systemd starts the agent again, and again.
    private mutating func refuseWrite(_ why: Disk.Refusal, _ index: Int) -> Bool {
        note("\(nodes[index].server) can't journal: \(why)")
        count("disk: \(why)")
        crashAgent(index, restartAfter: 2_000)
        return false
    }

    /// The process dies at a crash point, or its whole server does.
    mutating func die(_ index: Int) {
        nodes[index].crashAt = nil
        guard nodes[index].cutsPower, nodes.allSatisfy({ !$0.isDown }) else {
            return crashAgent(index)
        }
        nodes[index].cutsPower = false
        count("disk: power cut in writing")
        if nodes[index].isActive { checks.excusesOutage = true }
        if nodes[index].disk.bytes.count > nodes[index].disk.durableCount {
            count("disk: unsynced bytes lost")
        }
        powerOff(index)
        after(20_000, .powerOn(index))
    }

    // MARK: - People

    /// What the manual says of 70584: stop that agent, replace the server, enrol an agent with a new journal,
    /// stage its way back anew. The only server of a cluster can't be replaced; there the journal is moved away.
    ///
    /// - Returns: whether the agent could be enrolled within ten minutes.
    mutating func replaceAgent(_ index: Int) -> Bool {
        crashAgent(index, restartAfter: nil)
        nodes[index].isStopped = true
        let isEnrolled = nodes.count == 1 || enrolAnew(index)
        nodes[index].disk = Disk()
        nodes[index].isStopped = false
        startAgent(index)
        run(for: 40_000)
        for image in controller.catalogue {
            _ = run(upTo: 60_000) { $0.controller.isRunning && !$0.isActing }
            let server = nodes[index].server
            feed(.stage(image.offer.image, server: server, person: Fixtures.alice))
            run(for: 5_000)
        }
        return isEnrolled
    }

    private mutating func enrolAnew(_ index: Int) -> Bool {
        count("person: agent enrolled anew")
        let old = nodes[index].server
        for _ in 0..<600 {
            run(for: 1_000)
            guard controller.isRunning else { continue }
            let isOffered = status.buttons.contains {
                $0.button == .replaceServer && $0.server == old && $0.isEnabled
            }
            if isOffered, press(.replaceServer, server: index) == nil { break }
        }
        let definition = ServerDefinition(
            name: old,
            agent: AgentID(high: 8, low: nodes[index].agent.low + 100),
            keyFingerprint: digest(0x78),
            publicKey: [0x78, UInt8(truncatingIfNeeded: nodes[index].agent.low)]
        )
        while !controller.isRunning { run(for: 1_000) }
        let answer = feed(.enrolled(definition, person: Fixtures.alice)).answer
        guard answer == .accepted(nil) else {
            note("REFUSED \(answer, default: "nothing")")
            return false
        }
        nodes[index].agent = definition.agent
        checks.evidence.declare(old)
        return true
    }

    /// Another machine takes a dead server's place: blank, with an agent of its own.
    ///
    /// - Returns: whether it was let in.
    package mutating func enrolBlankMachine(_ index: Int) -> Bool {
        let old = nodes[index]
        guard press(.replaceServer, server: index) == nil else { return false }
        let definition = ServerDefinition(
            name: old.server,
            agent: AgentID(high: 8, low: old.agent.low + 100),
            keyFingerprint: digest(0x78),
            publicKey: [0x78, UInt8(truncatingIfNeeded: old.agent.low)]
        )
        guard case .accepted = feed(.enrolled(definition, person: Fixtures.alice)).answer else {
            return false
        }
        var machine = Node(definition, limits: agentLimits)
        machine.platform.packages = .blank
        machine.isDown = true
        machine.process = old.process
        machine.points = old.points
        nodes[index] = machine
        checks.evidence.declare(old.server)
        checks.declaredGone.remove(old.server)
        powerOn(index)
        return true
    }

    /// Finds what has rotted unseen, as a restart would, and leads out of it.
    mutating func replaceRotten() {
        for index in nodes.indices where nodes[index].disk.isRotten {
            if !replaceAgent(index) {
                checks.fail("safety 21b: no way out of a damaged journal: \(summary)")
            }
        }
    }
}
