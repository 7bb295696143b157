import ControllerCore
import ControllerStore
import TandemCrypto
import TandemModel

/// What a controller starts with.
package struct InitialNetwork: Sendable {
    var epoch: UInt64
    var boot: BootID
    var machines: [ClusterName: ClusterMachine]
    var network: NetworkState
    var limits: ClusterLimits
    var catalogue: [CatalogueImage]
    var clock: NetworkClock
}

/// What one batch of inputs leads to, in the order in which it happens.
struct LoopBatch {
    struct Delivery {
        var session: AgentSession
        var message: ControllerMessage
    }

    struct Farewell {
        var session: AgentSession
        var bye: Bye
    }

    var transaction = StoreTransaction(epoch: 0)
    var written: Set<ClusterName> = []
    var writesNetwork = false
    var sends: [Delivery] = []
    var farewells: [Farewell] = []
    var answers: [(Reply, Answer)] = []
    var logChunks: [LogChunk] = []
    var changed: Set<ClusterName> = []
    /// An alarm of the network as a whole came, went or changed.
    var changesNetwork = false
    var faults: [String] = []
}

/// The loop's own variables: machines, sessions, and the batch in hand.
struct LoopState {
    var epoch: UInt64
    /// What the store knows; behind `epoch` until the batch that raises it is durable.
    private(set) var storeEpoch: UInt64
    var machines: [ClusterName: ClusterMachine]
    var sessions: [ServerName: AgentSession] = [:]
    var batch = LoopBatch()
    /// When agents raised the epoch; the newest few.
    private var reigns: [Tick] = []
    /// More than a store was opened since any backup of it.
    private static let epochLeadMax: UInt64 = 1_000_000
    private static let reignCountMax = 3
    private static let reignMilliseconds: UInt64 = 3_600_000
    private(set) var clusterOf: [ServerName: ClusterName] = [:]
    var catalogue: [CatalogueImage]
    var facts: NetworkFacts?
    var network: NetworkMachine
    /// What the machines were told of measured times.
    private var told: DurationBook?
    let limits: ClusterLimits
    let boot: BootID
    private let clock: NetworkClock

    init(_ initial: InitialNetwork) {
        epoch = initial.epoch
        storeEpoch = initial.epoch
        machines = initial.machines
        catalogue = initial.catalogue
        network = NetworkMachine(state: initial.network)
        limits = initial.limits
        boot = initial.boot
        clock = initial.clock
        for machine in machines.values { index(machine.state.definition) }
    }

    /// First inputs of the process.
    mutating func restore(wall: WallTime) {
        for name in machines.keys.sorted() {
            if let definition = machines[name]?.state.definition { admit(definition) }
        }
        for name in machines.keys.sorted() {
            introduce(name, wall: wall)
            feed(name, .restored, wall: wall)
        }
        lookAtNetwork(wall: wall)
    }

    /// What a new machine must know before it does anything.
    mutating func introduce(_ name: ClusterName, wall: WallTime) {
        // First of all: whatever stands in its state goes on only if nothing stops it.
        if let stop = network.state.emergencyStop { feed(name, .emergencyStop(stop), wall: wall) }
        feed(name, .catalogue(catalogue), wall: wall)
        if let book = network.state.durations { feed(name, .durations(book), wall: wall) }
    }

    mutating func handle(_ item: LoopItem, wall: WallTime) {
        switch item {
        case .connected(let server, let hello, let nonce, let session):
            connect(server, hello, nonce, session, wall)
        case .lost(let server, let session):
            guard sessions[server] === session else { return }
            forget(server, wall: wall)
        case .message(let server, let message, let byteCount, let session):
            session.wasTaken(byteCount: byteCount)
            // A late message of a session that has been replaced says nothing about now.
            guard sessions[server] === session, let cluster = clusterOf[server] else { return }
            if case .logChunk(let id, let offset, let bytes, let isLast) = message {
                batch.logChunks.append(
                    LogChunk(
                        server: server,
                        command: id,
                        offset: offset,
                        bytes: bytes,
                        isLast: isLast
                    )
                )
            }
            feed(cluster, .message(server, message), wall: wall)
        case .request(let cluster, let input, let reply):
            shareFacts(at: now, wall: wall)
            from(reply.origin) { $0.request(cluster, input, reply, wall) }
        case .addCluster(let definition, let person, let reply):
            from(reply.origin) { $0.addCluster(definition, person, reply, wall) }
        case .addImage(let image, let person, let reply):
            from(reply.origin) { $0.addImage(image, person, reply, wall) }
        case .removeImage(let digest, let person, let reply):
            from(reply.origin) { $0.removeImage(digest, person, reply, wall) }
        case .audit(let lines, let reply):
            batch.transaction.audit += lines
            batch.answers.append((reply, .accepted(nil)))
        case .lockedOut(let names, let reply):
            network.setLockedOut(names)
            batch.writesNetwork = true
            lookAtNetwork(wall: wall)
            batch.answers.append((reply, .accepted(nil)))
        case .emergencyStop(let isOn, let reason, let person, let reply):
            from(reply.origin) { $0.setEmergencyStop(isOn, reason, person, reply, wall) }
        case .acknowledge(let request, let person, let reply):
            from(reply.origin) { $0.acknowledge(request, person, reply, wall) }
        case .tick:
            for name in machines.keys.sorted() { feed(name, .tick, wall: wall) }
            lookAtNetwork(wall: wall)
        }
    }

    /// The server's session is over.
    mutating func forget(_ server: ServerName, wall: WallTime) {
        sessions[server] = nil
        if let cluster = clusterOf[server] { feed(cluster, .lost(server), wall: wall) }
    }

    /// The batch in hand, with the states of all written clusters.
    mutating func takeBatch() throws -> LoopBatch {
        batch.transaction.epoch = storeEpoch
        batch.transaction.clusters = try batch.written.sorted().compactMap { name in
            try machines[name].map {
                ClusterRow(name: name, state: try StateCoding.encode($0.state))
            }
        }
        if batch.writesNetwork { batch.transaction.network = try StateCoding.encode(network.state) }
        return batch
    }

    /// The batch became durable.
    mutating func settled(_ settled: LoopBatch) {
        if let next = settled.transaction.nextEpoch { storeEpoch = max(storeEpoch, next) }
        batch = LoopBatch()
    }

    private var now: Tick { clock.now }
}

// MARK: - Feeding the machines

extension LoopState {
    mutating func feed(
        _ name: ClusterName,
        _ input: ClusterInput,
        wall: WallTime,
        reply: Reply? = nil
    ) {
        var generator = SecureGenerator()
        let tick = now
        guard
            let step = machines[name]?.handle(input, at: tick, wall: wall, using: &generator)
        else { return }
        if step.writes { batch.written.insert(name) }
        batch.transaction.audit += step.audit
        batch.transaction.log += step.log
        if !step.durations.isEmpty {
            network.note(step.durations)
            batch.writesNetwork = true
        }
        for change in step.alarms where !change.isRaised {
            batch.transaction.clearedAlarms.append(change.entry)
        }
        for send in step.sends {
            guard let session = sessions[send.server] else { continue }
            batch.sends.append(.init(session: session, message: send.message))
        }
        if step.changesView { batch.changed.insert(name) }
        if !step.fault.isEmpty { batch.faults.append("\(name): \(step.fault)") }
        if let reply { batch.answers.append((reply, step.answer ?? .accepted(nil))) }
        if step.removesCluster { return forgetCluster(name, wall: wall) }
        if let definition = machines[name]?.state.definition {
            index(definition)
            endReplaced(definition)
        }
    }

    /// Log, audit and the used names stay; its agents are let in no more.
    private mutating func forgetCluster(_ name: ClusterName, wall: WallTime) {
        guard let machine = machines.removeValue(forKey: name) else { return }
        for server in machine.state.definition.servers.map(\.name) {
            clusterOf[server] = nil
            guard let session = sessions.removeValue(forKey: server) else { continue }
            let text = "server \(server) belongs to no cluster of this network any more"
            batch.farewells.append(
                .init(session: session, bye: Bye(code: ErrorCode.identityRefused.id, text: text))
            )
        }
        for var alarm in machine.activeAlarms() {
            alarm.clearedAt = wall
            batch.transaction.clearedAlarms.append(alarm)
        }
        batch.written.remove(name)
        batch.changed.insert(name)
        batch.transaction.removedClusters.append(name)
        lookAtNetwork(wall: wall)
    }

    /// A key that is taken off the list is worth nothing from then on, connected or not.
    private mutating func endReplaced(_ definition: ClusterDefinition) {
        for server in definition.servers {
            guard let session = sessions[server.name], session.agent != server.agent else {
                continue
            }
            batch.farewells.append(.init(session: session, bye: replaced(server.name)))
            sessions[server.name] = nil
        }
    }

    private func replaced(_ server: ServerName) -> Bye {
        Bye(
            code: ErrorCode.identityRefused.id,
            text: "this agent speaks for \(server) no more: another one was enrolled"
        )
    }

    /// Keeps for ever who was let in by this definition.
    mutating func admit(_ definition: ClusterDefinition) {
        if network.admit(definition) { batch.writesNetwork = true }
    }

    mutating func index(_ definition: ClusterDefinition) {
        for server in definition.servers { clusterOf[server.name] = definition.name }
    }

    private mutating func connect(
        _ server: ServerName,
        _ hello: Hello,
        _ nonce: Nonce,
        _ session: AgentSession,
        _ wall: WallTime
    ) {
        guard let cluster = clusterOf[server] else {
            let text = "server \(server) belongs to no cluster of this network"
            batch.farewells.append(
                .init(session: session, bye: Bye(code: ErrorCode.unknownName.id, text: text))
            )
            return
        }
        // Its key may have been taken off the list between its handshake and now.
        let current = machines[cluster]?.state.definition.servers.first { $0.name == server }
        guard current?.agent == session.agent else {
            batch.farewells.append(.init(session: session, bye: replaced(server)))
            return
        }
        if hello.epoch > epoch {
            guard mayReign(after: hello.epoch) else {
                batch.farewells.append(.init(session: session, bye: unbelievable(hello.epoch)))
                return
            }
            // Its welcome named the old epoch already: it has to come back for the new one.
            reignAfter(hello.epoch, session, wall)
            return
        }
        if let old = sessions[server] {
            let bye = Bye(code: ErrorCode.identityRefused.id, text: "a newer connection took over")
            batch.farewells.append(.init(session: old, bye: bye))
            forget(server, wall: wall)
        }
        sessions[server] = session
        feed(cluster, .connected(server, hello, nonce: nonce), wall: wall)
    }

    /// Whether an agent's epoch may raise ours: a step that a network can have taken since a backup was made,
    /// and not again and again, as each time all agents must come back.
    private mutating func mayReign(after highest: UInt64) -> Bool {
        let recent = reigns.filter { now.since($0) < Self.reignMilliseconds }
        guard highest - epoch <= Self.epochLeadMax, recent.count < Self.reignCountMax else {
            return false
        }
        reigns = recent + [now]
        return true
    }

    private func unbelievable(_ highest: UInt64) -> Bye {
        Bye(
            code: ErrorCode.epochRefused.id,
            text:
                "an epoch of \(highest) is not believed: this controller is at \(epoch). Restore the newest "
                + "backup of its store, or enrol this server's agent anew (Replace Server)."
        )
    }

    /// An agent has obeyed a higher epoch: this store is an older copy, so reign above it.
    private mutating func reignAfter(
        _ highest: UInt64,
        _ messenger: AgentSession,
        _ wall: WallTime
    ) {
        let next = highest + 1
        batch.transaction.nextEpoch = max(batch.transaction.nextEpoch ?? 0, next)
        epoch = max(epoch, next)
        for name in machines.keys.sorted() {
            guard let old = machines[name] else { continue }
            machines[name] = ClusterMachine(
                definition: old.state.definition,
                state: old.state,
                epoch: next,
                boot: boot,
                limits: limits
            )
            batch.written.insert(name)
        }
        // The new machines have been told nothing.
        facts = nil
        let bye = Bye(code: ErrorCode.epochRefused.id, text: "the controller's epoch has changed")
        for server in sessions.keys.sorted() {
            guard let session = sessions[server] else { continue }
            batch.farewells.append(.init(session: session, bye: bye))
        }
        batch.farewells.append(.init(session: messenger, bye: bye))
        sessions = [:]
        restore(wall: wall)
    }

    /// What no cluster sees of itself: the network's alarms, and the facts of its gates.
    private mutating func lookAtNetwork(wall: WallTime) {
        let step = network.look(at: orderedMachines, now: now, wall: wall)
        if step.writes { batch.writesNetwork = true }
        if !step.alarms.isEmpty { batch.changesNetwork = true }
        for change in step.alarms where !change.isRaised {
            batch.transaction.clearedAlarms.append(change.entry)
        }
        shareDurations(wall: wall)
        shareFacts(at: now, wall: wall)
    }

    /// Every machine goes by the times of all; estimates may be a tick old.
    private mutating func shareDurations(wall: WallTime) {
        guard let book = network.state.durations, book != told else { return }
        told = book
        for name in machines.keys.sorted() { feed(name, .durations(book), wall: wall) }
    }

    mutating func shareCatalogue(wall: WallTime) {
        for name in machines.keys.sorted() { feed(name, .catalogue(catalogue), wall: wall) }
    }
}

// MARK: - What the clusters know of each other

extension LoopState: NetworkOwner {
    var orderedMachines: [ClusterMachine] { machines.keys.sorted().compactMap { machines[$0] } }

    mutating func tell(_ facts: NetworkFacts, to cluster: ClusterName, wall: WallTime) {
        feed(cluster, .network(facts), wall: wall)
    }

    /// The last thing before a batch becomes durable and is shown: buttons of one cluster that depend
    /// on another one are shown as they stand after all of it.
    mutating func endBatch(wall: WallTime) {
        guard !batch.changed.isEmpty else { return }
        shareFacts(at: now, wall: wall)
    }
}
