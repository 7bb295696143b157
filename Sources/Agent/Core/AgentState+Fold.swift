import TandemModel

extension AgentState {
    /// Applies one record; the only way in which the state ever changes.
    ///
    /// Total: a record that contradicts the state (as none of ours does) changes nothing but the head.
    package mutating func fold(_ record: JournalRecord) {
        head += 1
        switch record {
        case .opened(let id):
            journal = id
        case .booted(let id):
            boot = id
            markRebooted()
        case .epoch(let value):
            epoch = max(epoch, value)
        case .received(let command, let epoch):
            receive(command, epoch: epoch)
        case .route(let id, let source, let fallback):
            edit(id) { $0.route = Route(source: source, fallback: fallback) }
        case .started(let id, let boot, let tick, let pre):
            edit(id) { $0.life = .started(StartedCommand(boot: boot, at: tick, pre: pre)) }
        case .stepStarted, .stepChild, .stepDone, .returning:
            foldStep(record)
        case .ended(let result):
            end(result)
        case .delivered(let id):
            edit(id) { entry in
                guard case .ended(let result, _) = entry.life else { return }
                entry.life = .ended(result, isDelivered: true)
            }
        case .tombstone(let id):
            commands.removeAll { $0.command.id == id && !$0.isEnded }
            bury(id)
        case .generation, .held, .fenced, .inhibited, .demoted, .demotionClosed:
            foldRole(record)
        case .staged, .dropped, .releases, .attempted, .configured, .zombie, .snapshot:
            foldSoftware(record)
        case .alarm(let event):
            alarms.add(event)
        case .alarmsDelivered(let boot, let sequence):
            alarms.markDelivered(boot: boot, sequence: sequence)
        case .operation(let value):
            operation = value
        case .matePinned(let agent, let publicKey):
            pinned.removeAll { $0.agent == agent }
            pinned.append(PinnedKey(agent: agent, publicKey: publicKey))
        case .compacted(let value):
            head = value
        }
    }

    private mutating func foldStep(_ record: JournalRecord) {
        switch record {
        case .stepStarted(let id, let index, let isReturn):
            editStarted(id) { $0.open = OpenStep(index: index, isReturn: isReturn) }
        case .stepChild(let id, _, let child):
            editStarted(id) { $0.open?.child = child }
        case .stepDone(let id, let index, let isReturn):
            editStarted(id) { started in
                started.open = nil
                if isReturn {
                    started.returnDoneCount = index
                } else {
                    started.doneCount = index
                }
            }
        case .returning(let id, let failure):
            editStarted(id) { started in
                started.open = nil
                started.returning = failure
            }
        case .opened, .booted, .epoch, .received, .route, .started, .ended, .delivered, .tombstone,
            .generation, .held, .fenced, .inhibited, .demoted, .demotionClosed, .staged, .dropped,
            .releases, .attempted, .configured, .zombie, .alarm, .alarmsDelivered, .operation,
            .matePinned, .snapshot, .compacted:
            break
        }
    }

    private mutating func foldRole(_ record: JournalRecord) {
        switch record {
        case .generation(let value, let role, let token):
            generation = max(generation, value)
            countedRole = role
            countedToken = token
        case .held(let value):
            isHeld = value
        case .fenced(let value):
            isFenced = value
        case .inhibited(let value):
            isInhibited = value
        case .demoted(let failover, let target, let boot, let tick, let milliseconds):
            demotion = OpenDemotion(
                failover: failover,
                target: target,
                boot: boot,
                at: tick,
                deadManMilliseconds: milliseconds
            )
        case .demotionClosed(let failover, _):
            if demotion?.failover == failover { demotion = nil }
        case .opened, .booted, .epoch, .received, .route, .started, .stepStarted, .stepChild,
            .stepDone, .returning, .ended, .delivered, .tombstone, .staged, .dropped, .releases,
            .attempted, .configured, .zombie, .alarm, .alarmsDelivered, .operation, .matePinned,
            .snapshot, .compacted:
            break
        }
    }

    private mutating func foldSoftware(_ record: JournalRecord) {
        switch record {
        case .staged(let image):
            staged.removeAll { $0.image == image.image }
            staged.append(image)
        case .dropped(let image):
            staged.removeAll { $0.image == image }
        case .releases(let newCurrent, let newPrevious):
            current = newCurrent
            previous = newPrevious
        case .attempted(let value):
            attempted = value
        case .configured(let value):
            configured = value
        case .zombie(let value):
            zombie = value
        case .snapshot(let value):
            snapshot = value
        case .opened, .booted, .epoch, .received, .route, .started, .stepStarted, .stepChild,
            .stepDone, .returning, .ended, .delivered, .tombstone, .generation, .held, .fenced,
            .inhibited, .demoted, .demotionClosed, .alarm, .alarmsDelivered, .operation,
            .matePinned, .compacted:
            break
        }
    }

    // MARK: - Commands

    private mutating func receive(_ command: Command, epoch: UInt64) {
        guard entry(command.id) == nil else { return }
        commands.append(
            CommandEntry(command: command, epoch: epoch, route: nil, life: .received)
        )
    }

    private mutating func end(_ result: CommandResult) {
        edit(result.command) { entry in
            entry.command = entry.command.withoutDocument
            entry.route = nil
            entry.life = .ended(result, isDelivered: false)
        }
        let ended = commands.filter(\.isEnded)
        let quiet = ended.filter { !$0.command.verb.isMutating }
        if quiet.count > Self.endedQuietCountMax, let oldest = quiet.first {
            forget(oldest.command.id)
        } else if ended.count > Self.endedCountMax, let oldest = ended.first {
            forget(oldest.command.id)
        }
    }

    /// A result falls out of memory: its id must still never start again.
    private mutating func forget(_ id: CommandID) {
        commands.removeAll { $0.command.id == id }
        bury(id)
    }

    private mutating func bury(_ id: CommandID) {
        guard !tombstones.contains(id) else { return }
        tombstones.append(id)
        if tombstones.count > Self.tombstoneCountMax { tombstones.removeFirst() }
    }

    private mutating func markRebooted() {
        for index in commands.indices {
            guard case .started(var started) = commands[index].life else { continue }
            started.open?.hasRebooted = true
            commands[index].life = .started(started)
        }
    }

    private mutating func edit(_ id: CommandID, _ change: (inout CommandEntry) -> Void) {
        guard let index = commands.firstIndex(where: { $0.command.id == id }) else { return }
        change(&commands[index])
    }

    private mutating func editStarted(
        _ id: CommandID,
        _ change: (inout StartedCommand) -> Void
    ) {
        edit(id) { entry in
            guard case .started(var started) = entry.life else { return }
            change(&started)
            entry.life = .started(started)
        }
    }
}
