import TandemModel

extension AgentState {
    /// The shortest list of records whose fold equals this state, head included.
    ///
    /// For the rewrite of the journal; empty before the first record.
    package var compacted: [JournalRecord] {
        guard let journal else { return [] }
        let records =
            [.opened(journal)] + bootRecords(before: true) + softwareRecords + roleRecords
            + commands.flatMap(\.compacted) + bootRecords(before: false)
            + tombstones.map(JournalRecord.tombstone) + alarms.compacted
        return records + [.compacted(head: head)]
    }

    /// A boot that a step lived through has to stand behind that step.
    private func bootRecords(before isBefore: Bool) -> [JournalRecord] {
        guard let boot else { return [] }
        let isLived = commands.contains { $0.started?.open?.hasRebooted == true }
        return isLived == isBefore ? [] : [.booted(boot)]
    }

    private var softwareRecords: [JournalRecord] {
        var records: [JournalRecord] = [.epoch(epoch)] + staged.map(JournalRecord.staged)
        if current != nil || previous != nil {
            records.append(.releases(current: current, previous: previous))
        }
        if attempted != nil { records.append(.attempted(attempted)) }
        if let configured { records.append(.configured(configured)) }
        if zombie != nil { records.append(.zombie(zombie)) }
        if let operation { records.append(.operation(operation)) }
        if snapshot != nil { records.append(.snapshot(snapshot)) }
        return records + pinned.map { .matePinned($0.agent, publicKey: $0.publicKey) }
    }

    private var roleRecords: [JournalRecord] {
        var records: [JournalRecord] = []
        if let countedRole {
            records.append(.generation(generation, role: countedRole, token: countedToken))
        }
        if isHeld { records.append(.held(true)) }
        if isFenced { records.append(.fenced(true)) }
        if isInhibited { records.append(.inhibited(true)) }
        if let demotion {
            records.append(
                .demoted(
                    demotion.failover,
                    target: demotion.target,
                    boot: demotion.boot,
                    at: demotion.at,
                    deadManMilliseconds: demotion.deadManMilliseconds
                )
            )
        }
        return records
    }
}

extension CommandEntry {
    fileprivate var compacted: [JournalRecord] {
        var records: [JournalRecord] = [.received(command, epoch: epoch)]
        if let route {
            records.append(.route(command.id, source: route.source, fallback: route.fallback))
        }
        switch life {
        case .received:
            break
        case .started(let started):
            records += started.compacted(command.id)
        case .ended(let result, let isDelivered):
            records.append(.ended(result))
            if isDelivered { records.append(.delivered(command.id)) }
        }
        return records
    }
}

extension StartedCommand {
    fileprivate func compacted(_ id: CommandID) -> [JournalRecord] {
        var records: [JournalRecord] = [.started(id, boot: boot, at: at, pre: pre)]
        if doneCount > 0 {
            records.append(.stepDone(id, index: doneCount, isReturn: false))
        }
        if let returning { records.append(.returning(id, returning)) }
        if returnDoneCount > 0 {
            records.append(.stepDone(id, index: returnDoneCount, isReturn: true))
        }
        guard let open else { return records }
        records.append(.stepStarted(id, index: open.index, isReturn: open.isReturn))
        if let child = open.child {
            records.append(.stepChild(id, index: open.index, child: child))
        }
        return records
    }
}
