import TandemModel

/// An operation's opening and its end.
extension ClusterMachine {
    mutating func openOperation(
        _ press: ButtonPress,
        in cluster: ObservedCluster,
        _ turn: inout Turn,
        using generator: inout some RandomNumberGenerator
    ) {
        guard let image = startImage(press.release, in: cluster, at: turn.now),
            var operation = operation(to: image, press, in: cluster, turn)
        else { return }
        operation.id = .random(using: &generator)
        let active = cluster.active ?? cluster.single.flatMap { cluster[$0] }
        operation.activeAtStart = active?.name
        operation.snapshot = newestConfiguration(schema: operation.old.schema)
        operation.configurationAtStart = state.configurationCount
        operation.digestsAtStart = cluster.servers.compactMap { server in
            guard let report = server.report,
                report.software == .known(operation.old.release)
            else { return nil }
            return StartDigest(server: server.name, packages: report.packageDigest)
        }
        operation.hasChanged = cluster.servers.contains { $0.release == operation.new.release }
        state.operation = operation
        state.failure = nil
        state.lastOperation = nil
    }

    /// The operation that a Start with this image would open; `nil` where nothing known runs.
    func operation(
        to image: CatalogueImage,
        _ press: ButtonPress,
        in cluster: ObservedCluster,
        _ turn: Turn
    ) -> OperationState? {
        let new = ReleaseFacts(image)
        let active = cluster.active ?? cluster.single.flatMap { cluster[$0] }
        let running = ([active] + cluster.servers.map { Optional($0) }).compactMap { $0?.release }
        guard let old = running.first(where: { $0 != new.release }) else { return nil }
        let holder = cluster.servers.first { $0.release == old }
        return OperationState(
            id: OperationID(high: 0, low: 0),
            direction: .up,
            old: resolved(
                ReleaseFacts(
                    release: old,
                    manifest: holder?.report?.images.first {
                        $0.release == old && $0.isVerified
                    }?.manifest ?? .none,
                    schema: holder?.report?.configuration?.schema
                )
            ),
            new: new,
            owner: press.person,
            reason: press.reason,
            startedAt: turn.wall
        )
    }

    mutating func closeOperation(_ ending: OperationEnding, _ turn: inout Turn) {
        guard let operation = state.operation else { return }
        switch ending {
        case .upgraded: state.baseline = operation.new.release
        case .rolledBack:
            state.baseline = operation.old.release
            setAsideEditsSinceStart(&turn)
        case .unchanged, .asObserved: break
        }
        var record = operationRecord(operation)
        record.isClosed = true
        state.closedRecords = state.closedRecords.suffix(7) + [record]
        state.lastOperation = status(of: operation, at: turn.now)
        state.lastOperation?.action = nil
        // Closing deals with what failed; the upgrade log keeps it.
        state.lastOperation?.failure = nil
        state.operation = nil
        state.failure = nil
        state.approvals = []
        note(
            "operation \(operation.old.release) > \(operation.new.release) closed: "
                + ending.rawValue,
            &turn
        )
    }

    // MARK: - Records kept by the agents

    func operationRecord(_ operation: OperationState) -> OperationRecord {
        OperationRecord(
            operation: operation.id,
            cluster: state.definition.name,
            direction: operation.direction,
            old: operation.old.release,
            new: operation.new.release,
            isClosed: false,
            snapshot: operation.snapshot
        )
    }

    /// Both agents keep the open operation, or learn that theirs is closed.
    ///
    /// Sent only after a server's first report: by then its own record has come, and one that this
    /// store does not know has been taken over instead of being overwritten.
    mutating func sendRecords(_ turn: inout Turn) {
        for server in state.definition.servers.map(\.name) {
            guard let connection = live[server].connection, connection.isReportHere else {
                continue
            }
            let record: OperationRecord
            if let operation = state.operation {
                record = operationRecord(operation)
            } else {
                let held = state.closedRecords.last {
                    $0.operation == connection.record?.operation
                }
                guard let closed = held, connection.record?.isClosed == false else { continue }
                record = closed
            }
            guard connection.record != record else { continue }
            live[server].connection?.record = record
            turn.send(server, .operationRecord(record))
        }
    }

    /// A record as an agent holds it: an echo of ours, or one that this store has lost.
    mutating func take(_ record: OperationRecord, from server: ServerName, _ turn: inout Turn) {
        live[server].connection?.record = record
        guard record.cluster == state.definition.name else { return turn.ignore(.notApplicable) }
        let isKnownClosed = state.closedRecords.contains { $0.operation == record.operation }
        guard !isKnownClosed else { return }
        if let operation = state.operation, operation.id == record.operation {
            guard record.isClosed, state.action == nil else { return }
            note("operation closed before this store's backup was made", &turn)
            closeOperation(.asObserved, &turn)
            return
        }
        guard !record.isClosed else {
            state.closedRecords = state.closedRecords.suffix(7) + [record]
            return
        }
        adopt(record, from: server, &turn)
    }

    /// Takes over an operation that this store does not know; a person looks at it.
    ///
    /// Records are durable here before any agent gets them, so an unknown one means that this store
    /// was restored from a backup.
    private mutating func adopt(
        _ record: OperationRecord,
        from server: ServerName,
        _ turn: inout Turn
    ) {
        guard mayRemark(server) else { return turn.ignore(.notApplicable) }
        guard state.action == nil, state.operation?.isAdopted != true else {
            note("\(server) holds a record of an operation that this store does not know", &turn)
            return
        }
        guard (record.snapshot?.number ?? 0) <= Self.configurationNumberMax else {
            note("\(server) holds a record whose configuration has an impossible number", &turn)
            return
        }
        if state.operation != nil { closeOperation(.asObserved, &turn) }
        var operation = OperationState(
            id: record.operation,
            direction: record.direction,
            old: resolved(
                ReleaseFacts(release: record.old, manifest: .none, schema: record.snapshot?.schema)
            ),
            new: resolved(ReleaseFacts(release: record.new, manifest: .none, schema: nil)),
            owner: .tandem,
            reason: "found on \(server): this store was restored from a backup",
            startedAt: turn.wall
        )
        operation.snapshot = record.snapshot
        operation.configurationAtStart = max(state.configurationCount, record.snapshot?.number ?? 0)
        operation.hasChanged = true
        operation.haveRolesMoved = true
        operation.isAdopted = true
        state.configurationCount = operation.configurationAtStart
        state.operation = operation
        note("operation \(record.old) > \(record.new) found on \(server) and taken over", &turn)
    }

    /// Far above what people save in a life; numbers go on from a record that is taken over.
    private static var configurationNumberMax: UInt32 { 1 << 30 }

    // MARK: - Views of the mate

    /// Each agent knows its mate as observed here, and the key that its word verifies against.
    mutating func sendViews(_ turn: inout Turn) {
        for server in state.definition.servers.map(\.name) {
            guard let connection = live[server].connection else { continue }
            let view = ClusterView(cluster: state.definition.name, mate: mateView(of: server))
            guard connection.view != view else { continue }
            live[server].connection?.view = view
            turn.send(server, .clusterView(view))
        }
    }

    private func mateView(of server: ServerName) -> MateView? {
        guard state.single == nil, let mate = state.definition.mate(of: server) else { return nil }
        let known = live[mate.name]
        return MateView(
            server: mate.name,
            agent: mate.agent,
            publicKey: mate.publicKey,
            role: known.report?.role ?? .unknown,
            software: known.report?.software ?? .unknown("not reported"),
            generation: known.report?.generation ?? 0,
            isConnected: known.connection != nil
        )
    }
}
