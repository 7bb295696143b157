import AgentCore
import TandemModel
import Testing

/// The controller's side: it answers, relays, and asks after what it does not know.
extension Harness {
    mutating func take(_ message: AgentMessage, from index: Int) {
        guard nodes[index].isConnected, isNetworkUp else { return }
        nodes[index].sent.append(message)
        switch message {
        case .hello(let hello):
            welcome(index, hello)
        case .heartbeat(let beat):
            director.acknowledged[index] = beat.sequence
            let time = WallTime(milliseconds: now)
            tell(index, .heartbeatAck(sequence: beat.sequence, time: time))
        case .report(let report):
            director.reports[index] = report
        case .accepted(let command, let nonce):
            let isDurable = nodes[index].journal.contains { record in
                guard case .received(let known, _) = record else { return false }
                return known.id == command
            }
            #expect(isDurable)
            if let nonce { director.promoteNonces[command] = nonce }
        case .refused(let command, let failure):
            director.refusals[command] = failure
            retry(index, command)
        case .voucherNeeded(let command, let failover, let nonce):
            guard director.isVouching, nodes.count > 1 else { return }
            director.askers[nonce] = index
            tell(1 - index, .vouchRequest(command: command, failover: failover, nonce: nonce))
        case .voucher(let voucher):
            guard let asker = director.askers[voucher.nonce] else { return }
            tell(asker, .voucher(voucher))
        case .step(let progress):
            director.progress.append(progress)
        case .finished(let result):
            finished(result, on: index)
        case .status(let command, let state):
            director.statuses[command] = state
            takeStatus(command, state, index)
        case .alarm(let event):
            tell(index, .alarmAck(boot: event.boot, sequence: event.sequence))
        case .alarmSnapshot(let events, _, _):
            director.snapshots.append(events)
        case .chunkRequest(let image, let offset, let byteCount):
            let end = min(Int(offset) + Int(byteCount), director.image.count)
            let bytes = Array(director.image[Int(offset)..<end])
            tell(index, .chunk(image: image, offset: offset, bytes: bytes))
        case .operationRecord(let operation):
            director.operations.append(operation)
        case .vouchRefused, .logChunk, .error, .bye:
            break
        }
    }

    mutating func tell(_ index: Int, _ message: ControllerMessage) {
        after(10, .deliver(index, connection: nodes[index].connection, message))
    }

    private mutating func welcome(_ index: Int, _ hello: Hello) {
        #expect(hello.journalHead == nodes[index].machine.state.head)
        let welcome = Welcome(
            version: 1,
            controller: "c1",
            epoch: director.epoch,
            heartbeatMilliseconds: 5_000,
            nonce: id(now),
            time: WallTime(milliseconds: now)
        )
        tell(index, .welcome(welcome))
        tell(index, .clusterView(view(for: index)))
        director.acknowledged[index] = 0
        after(600, .pursue(index))
    }

    func view(for index: Int) -> ClusterView {
        guard nodes.count > 1 else { return ClusterView(cluster: ClusterName("c"), mate: nil) }
        let mate = nodes[1 - index]
        return ClusterView(
            cluster: ClusterName("c"),
            mate: MateView(
                server: mate.server,
                agent: mate.agent,
                publicKey: [UInt8(mate.agent.low)],
                role: mate.world.role,
                software: mate.world.software,
                generation: mate.machine.state.generation,
                isConnected: mate.isConnected
            )
        )
    }

    // MARK: - Commands

    mutating func mintCommand(_ verb: Verb, on index: Int, hasMate: Bool) -> Command {
        director.commandCount += 1
        let mate = nodes.count > 1 && hasMate ? expectation(1 - index) : nil
        return Command(
            id: id(50_000 + director.commandCount),
            verb: verb,
            precondition: Precondition(own: expectation(index), mate: mate),
            planHash: digest(9)
        )
    }

    private func expectation(_ index: Int) -> ServerExpectation {
        let report = director.reports[index]
        return ServerExpectation(
            role: report?.role ?? .unknown,
            software: report?.software ?? .blank,
            generation: report?.generation ?? 0
        )
    }

    mutating func send(_ command: Command, to index: Int, deadline: UInt32 = 20_000) {
        tell(
            index,
            .command(
                CommandEnvelope(
                    command: command,
                    epoch: director.epoch,
                    sequence: director.commandCount,
                    anchorHeartbeat: director.acknowledged[index] ?? 0,
                    deadlineMilliseconds: deadline
                )
            )
        )
    }

    /// Sends once; what becomes of it is in `director`.
    @discardableResult
    mutating func order(_ verb: Verb, on index: Int, hasMate: Bool = true) -> CommandID {
        let command = mintCommand(verb, on: index, hasMate: hasMate)
        send(command, to: index)
        return command.id
    }

    /// Wants it until it has ended, over crashes and connections, as a controller does.
    mutating func pursue(_ verb: Verb, on index: Int, hasMate: Bool = true, isStubborn: Bool = true)
    {
        let command = mintCommand(verb, on: index, hasMate: hasMate)
        director.pursuits[index] = Pursuit(
            verb: verb,
            hasMate: hasMate,
            command: command,
            ids: [command.id],
            isStubborn: isStubborn
        )
        send(command, to: index)
    }

    /// Asks after a pursued command whose fate is not known.
    mutating func pursue(_ index: Int) {
        guard let pursuit = director.pursuits[index], !pursuit.isOver, nodes[index].isConnected
        else { return }
        tell(index, .statusQuery(pursuit.command.id))
    }

    private mutating func takeStatus(_ command: CommandID, _ state: CommandState, _ index: Int) {
        guard let pursuit = director.pursuits[index], pursuit.command.id == command,
            !pursuit.isOver
        else { return }
        switch state {
        case .neverSeen, .void: renew(index)
        case .received: send(pursuit.command, to: index)
        case .started, .ended: break
        }
    }

    /// A new id, but only where the old one can never start.
    private mutating func renew(_ index: Int) {
        guard var pursuit = director.pursuits[index], !pursuit.isOver else { return }
        let command = mintCommand(pursuit.verb, on: index, hasMate: pursuit.hasMate)
        pursuit.command = command
        pursuit.ids.append(command.id)
        director.pursuits[index] = pursuit
        send(command, to: index)
    }

    private mutating func retry(_ index: Int, _ command: CommandID) {
        guard let pursuit = director.pursuits[index], pursuit.command.id == command,
            !pursuit.isOver
        else { return }
        if pursuit.isStubborn, pursuit.ids.count < 20 {
            after(1_000, .pursue(index))
        } else {
            director.pursuits[index]?.isOver = true
        }
    }

    private mutating func finished(_ result: CommandResult, on index: Int) {
        let isDurable = nodes[index].journal.contains(.ended(result))
        #expect(isDurable)
        let isNew = director.results[result.command] == nil
        director.results[result.command] = result
        relay(result, from: index)
        guard isNew, let pursuit = director.pursuits[index],
            pursuit.command.id == result.command
        else { return }
        if pursuit.isStubborn, pursuit.ids.count < 20, result.isUntouched {
            renew(index)
        } else {
            director.pursuits[index]?.isOver = true
        }
    }

    /// Proofs and voided words go to the mate, each time they come.
    private mutating func relay(_ result: CommandResult, from index: Int) {
        guard nodes.count > 1 else { return }
        if let proof = result.proof { tell(1 - index, .proof(proof)) }
        if let voided = result.voided { tell(1 - index, .voided(voided)) }
    }

    /// Promote the standby, then demote the active: one failover.
    ///
    /// - Returns: the two commands.
    mutating func failOver(to target: Int, deadManMilliseconds: UInt32 = 45_000)
        -> (promote: CommandID, demote: CommandID)
    {
        let failover: FailoverID = id(90_000 + director.commandCount)
        let promote = order(
            .promote(failover: failover, authority: .demotionProof),
            on: target
        )
        let armed = run(upTo: 5_000) { $0.director.promoteNonces[promote] != nil }
        let nonce = director.promoteNonces[promote] ?? id(0)
        let source = 1 - target
        let command = mintCommand(
            .demote(
                failover: failover,
                target: nodes[target].server,
                targetNonce: nonce,
                deadManMilliseconds: deadManMilliseconds
            ),
            on: source,
            hasMate: true
        )
        if armed { send(command, to: source, deadline: 5_000) }
        return (promote, command.id)
    }
}

extension CommandResult {
    /// Whether it failed before anything was touched, so that a new id may be minted at once.
    var isUntouched: Bool {
        guard case .failed(let failure) = outcome else { return false }
        return [ErrorCode.voucherRefused, .preconditionFailed, .commandExpired].map(\.id)
            .contains(failure.code)
    }

    var failure: TandemFailure? {
        switch outcome {
        case .done: nil
        case .failed(let failure), .indeterminate(let failure): failure
        }
    }
}
