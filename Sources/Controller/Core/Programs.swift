import TandemModel

/// The instructions behind each intent, in order. Built once, as the action begins; what is already
/// so when an instruction's turn comes is skipped by observation.
extension ClusterMachine {
    func program(
        for intent: Intent,
        press: ButtonPress,
        in cluster: ObservedCluster,
        at wall: WallTime,
        using generator: inout some RandomNumberGenerator
    ) -> [Instruction] {
        switch intent {
        case .upgrade(let server): return upgradeProgram(server, in: cluster)
        case .backOut(let server): return backOutProgram(server, in: cluster)
        case .repair(let server): return repairProgram(server, in: cluster)
        case .failover(let server):
            return failoverProgram(to: server, id: .random(using: &generator), in: cluster)
        case .reapply(let server):
            return configurationToReapply(in: cluster).map { [.reapply(server, $0)] } ?? []
        case .accept: return acceptProgram(in: cluster)
        case .turnUp: return releaseAll(in: cluster)
        case .finishRollback: return finishProgram(in: cluster)
        case .closeUnchanged: return releaseAll(in: cluster) + [.close(.unchanged)]
        case .recover(let server): return [.recover(server)]
        case .restore(let server):
            return restoreProgram(
                server,
                id: .random(using: &generator),
                press: press,
                in: cluster,
                at: wall
            )
        case .demote(let server):
            guard let mate = cluster.mate(of: server) else { return [] }
            return [.demote(.random(using: &generator), server, target: mate.name)]
        case .fence(let server): return [.fence(server)]
        case .hold(let server): return [.hold(server)]
        case .release(let server): return releaseProgram(server, in: cluster)
        case .start, .closeAsObserved, .stop, .replace, .goOnSingle, .declare: return []
        }
    }

    private func releaseProgram(
        _ server: ServerName,
        in cluster: ObservedCluster
    ) -> [Instruction] {
        let isForgotten = state.operation == nil && cluster[server]?.isInhibited == true
        return (isForgotten ? [.allowReplication(server)] : []) + [.unhold(server)]
    }

    private func upgradeProgram(
        _ server: ServerName,
        in cluster: ObservedCluster
    ) -> [Instruction] {
        guard let operation = state.operation, let own = cluster[server] else { return [] }
        let new = resolved(operation.new)
        let isMixed = cluster.mate(of: server)?.letter != .new
        // A zombie takes nothing but what leads out of it.
        let inhibits: [Instruction] =
            operation.isReplicationBroken ? [.inhibitReplication(server)] : []
        if own.letter == .new, own.isWhole {
            // Tried again: what followed the change is all that is left.
            if cluster.single != nil { return reapplies(configuration(for: .up), on: server) }
            return (isMixed ? inhibits : []) + settle(server, isMixed: isMixed, in: cluster)
        }
        var program = stageAll(new, in: cluster)
        if own.release != nil, !own.isZombie {
            program.append(.check(server, manifest: new.manifest, direction: .up))
        }
        let goal = ReleaseGoal(
            release: new.release,
            manifest: new.manifest,
            configuration: configuration(for: .up)
        )
        if cluster.single != nil {
            program.append(.install(server, goal))
            return program + reapplies(goal.configuration, on: server)
        }
        program.append(.hold(server))
        if !own.isZombie { program += inhibits }
        program.append(.install(server, goal))
        if own.isZombie { program += inhibits }
        return program + settle(server, isMixed: isMixed, in: cluster)
    }

    private func reapplies(
        _ version: ConfigurationVersion?,
        on server: ServerName
    ) -> [Instruction] {
        version.map { [.reapply(server, $0)] } ?? []
    }

    private func backOutProgram(
        _ server: ServerName,
        in cluster: ObservedCluster
    ) -> [Instruction] {
        guard let operation = state.operation, let own = cluster[server] else { return [] }
        let old = resolved(operation.old)
        let mate = cluster.mate(of: server)
        let isMixed = mate?.letter != .old
        let isChanged = own.letter == .old && own.isWhole
        var program = isChanged ? [] : stage(old, on: server)
        if let mate, mate.letter == .old, mate.isActive, operation.haveRolesMoved,
            let snapshot = operation.snapshot
        {
            program.append(.reapply(mate.name, snapshot))
        }
        if isChanged {
            // Tried again: what followed the change is all that is left.
            return program
                + (cluster.single == nil
                    ? settle(server, isMixed: isMixed, in: cluster)
                    : reapplies(operation.snapshot, on: server))
        }
        let goal = ReleaseGoal(
            release: old.release,
            manifest: old.manifest,
            configuration: operation.snapshot
        )
        let change = Instruction.backOut(server, goal)
        if cluster.single != nil {
            program.append(change)
            return program + reapplies(goal.configuration, on: server)
        }
        program.append(.hold(server))
        if operation.isReplicationBroken, isMixed, !own.isZombie {
            program.append(.inhibitReplication(server))
        }
        program.append(change)
        return program + settle(server, isMixed: isMixed, in: cluster)
    }

    private func repairProgram(
        _ server: ServerName,
        in cluster: ObservedCluster
    ) -> [Instruction] {
        guard let facts = repairFacts(in: cluster).map(resolved) else { return [] }
        var program = stage(facts, on: server)
        if cluster.single == nil { program.append(.hold(server)) }
        let goal = ReleaseGoal(
            release: facts.release,
            manifest: facts.manifest,
            configuration: newestConfiguration(schema: facts.schema)
        )
        program.append(.install(server, goal))
        if cluster.single == nil { program += [.allowReplication(server), .unhold(server)] }
        return program
    }

    private func failoverProgram(
        to target: ServerName,
        id: FailoverID,
        in cluster: ObservedCluster
    ) -> [Instruction] {
        guard let operation = state.operation, let active = cluster.active?.name else { return [] }
        // Tried again once the target serves: what followed the failover is all that is left.
        let hasMoved = active == target
        guard let from = hasMoved ? cluster.standby?.name : active else { return [] }
        var program: [Instruction] = []
        // Before it stands by: not a byte of the other release may come to it then.
        if operation.isReplicationBroken { program.append(.inhibitReplication(from)) }
        // The agent ends a hold of the target itself, at the moment of its promotion.
        if !hasMoved { program.append(.failover(id, from: from, to: target)) }
        if operation.isReplicationBroken { program.append(.allowReplication(target)) }
        if operation.isHeldWhileMixed { program.append(.hold(from)) }
        return program
    }

    private func acceptProgram(in cluster: ObservedCluster) -> [Instruction] {
        guard let operation = state.operation else { return [] }
        var program = releaseAll(in: cluster)
        if cluster.single == nil { program.append(.synchronise) }
        program.append(.acceptIntent)
        for server in serving(in: cluster) {
            program.append(.accept(server.name, operation.new.release))
        }
        return program + [.close(.upgraded)]
    }

    private func finishProgram(in cluster: ObservedCluster) -> [Instruction] {
        guard let operation = state.operation else { return [] }
        var program: [Instruction] = []
        if let snapshot = operation.snapshot {
            for server in serving(in: cluster)
            where server.report?.configuration?.digest != snapshot.digest {
                program.append(.reapply(server.name, snapshot))
            }
        }
        program += releaseAll(in: cluster)
        if cluster.single == nil { program.append(.synchronise) }
        return program + [.compare, .close(.rolledBack)]
    }

    private func restoreProgram(
        _ server: ServerName,
        id: FailoverID,
        press: ButtonPress,
        in cluster: ObservedCluster,
        at wall: WallTime
    ) -> [Instruction] {
        var program: [Instruction] = []
        var authority = PromotionAuthority.mateDeclaredDead(by: press.person, at: wall)
        if let mate = cluster.mate(of: server), mate.isReady {
            program.append(.fence(mate.name))
            authority = .mateFenced
        }
        return program + [.restore(id, server, authority)]
    }

    // MARK: - Parts

    /// Servers that take part: all, or the one that is left.
    func serving(in cluster: ObservedCluster) -> [ObservedServer] {
        cluster.servers.filter { cluster.single == nil || cluster.single == $0.name }
    }

    private func stage(_ facts: ReleaseFacts, on server: ServerName) -> [Instruction] {
        facts.offer.map { [.stage(server, $0)] } ?? []
    }

    private func stageAll(_ facts: ReleaseFacts, in cluster: ObservedCluster) -> [Instruction] {
        serving(in: cluster).filter { $0.report != nil }.flatMap { stage(facts, on: $0.name) }
    }

    private func releaseAll(in cluster: ObservedCluster) -> [Instruction] {
        serving(in: cluster).flatMap {
            [Instruction.allowReplication($0.name), .unhold($0.name)]
        }
    }

    /// What is left of hold and inhibition once a standby has been changed.
    private func settle(
        _ server: ServerName,
        isMixed: Bool,
        in cluster: ObservedCluster
    ) -> [Instruction] {
        guard let operation = state.operation else { return [] }
        guard isMixed else { return releaseAll(in: cluster) }
        // Beside a silent or passive mate nobody else can take over: the hold would end service.
        let mayTakeOver = !operation.isHeldWhileMixed || cluster.active == nil
        return mayTakeOver ? [.unhold(server)] : []
    }

    // MARK: - What is known of releases

    /// The facts with what has been seen since: an image that was added or staged in the meantime.
    func resolved(_ facts: ReleaseFacts) -> ReleaseFacts {
        if let image = live.catalogue.first(where: {
            facts.manifest == .none
                ? $0.manifest.release == facts.release : $0.offer.manifest == facts.manifest
        }) {
            return ReleaseFacts(image)
        }
        guard facts.manifest == .none else { return facts }
        var known = facts
        for server in state.definition.servers {
            let staged = live[server.name].report?.images.first {
                $0.release == facts.release && $0.isVerified
            }
            guard let staged else { continue }
            known.manifest = staged.manifest
            return known
        }
        return known
    }

    func isStaged(_ manifest: Digest, on server: ServerName) -> Bool {
        live[server].report?.images.contains { $0.manifest == manifest && $0.isVerified } ?? false
    }

    /// Without an operation a broken server is to run what its mate runs, or what was accepted last.
    func repairFacts(in cluster: ObservedCluster) -> ReleaseFacts? {
        let release = cluster.single == nil ? cluster.active?.release : state.baseline
        guard let release else { return nil }
        return resolved(ReleaseFacts(release: release, manifest: .none, schema: nil))
    }
}
