import TandemModel

/// What a person decides and no agent is asked for: it is durable, and nothing runs.
extension ClusterMachine {
    mutating func decide(
        _ candidate: Candidate,
        _ press: ButtonPress,
        _ turn: inout Turn
    ) {
        let cluster = observed(at: turn.now)
        switch candidate.intent {
        case .stop:
            state.action?.isStopRequested = true
            stopCommands(&turn)
        case .closeAsObserved: closeAsObserved(press, in: cluster, &turn)
        case .goOnSingle(let server): goOnSingle(server, press, &turn)
        case .replace(let server):
            state[server].replacedBy = press.person
            note("\(server) is to be replaced, says \(press.person): \(press.reason)", &turn)
        case .declare(let server): declare(server, press, &turn)
        case .start, .upgrade, .backOut, .repair, .failover, .reapply, .accept, .turnUp,
            .finishRollback, .closeUnchanged, .recover, .restore, .demote, .fence, .hold,
            .release:
            break
        }
    }

    /// Asks the running command to end at its next safe boundary; one not begun never begins.
    mutating func stopCommands(_ turn: inout Turn) {
        for record in state.commands where record.action != nil && record.isOpen {
            guard live[record.server].connection != nil else { continue }
            turn.send(record.server, .stop(record.command.id))
            turn.send(record.server, .void(record.command.id))
        }
    }

    private mutating func closeAsObserved(
        _ press: ButtonPress,
        in cluster: ObservedCluster,
        _ turn: inout Turn
    ) {
        let seen = cluster.servers.map { server in
            "\(server.name) is \(server.report?.role.description ?? "silent") and runs "
                + (server.report?.software.description ?? "nobody knows what")
        }
        if state.action != nil {
            endAction(.failed(ended("closed as observed by \(press.person)")), &turn)
        }
        let goal = state.operation?.goal.release.description ?? "nothing"
        note(
            "closed as observed by \(press.person) (\(press.reason)): \(seen.joined(separator: ", ")); "
                + "the goal was \(goal)",
            &turn
        )
        closeOperation(.asObserved, &turn)
    }

    private mutating func goOnSingle(
        _ server: ServerName,
        _ press: ButtonPress,
        _ turn: inout Turn
    ) {
        if state.action != nil {
            endAction(.failed(ended("the cluster goes on as a single server")), &turn)
            state.failure = nil
        }
        state.single = SingleNote(survivor: server, person: press.person, at: turn.wall)
        note(
            "the cluster goes on with \(server) alone, says \(press.person): \(press.reason)",
            &turn
        )
    }

    /// A person's word ends the waiting for a silent server; its ids are buried at its next hello.
    private mutating func declare(
        _ server: ServerName,
        _ press: ButtonPress,
        _ turn: inout Turn
    ) {
        let isDone = press.statement == "done"
        let word = isDone ? "done" : "failed"
        for record in state.commands where record.server == server && record.isOpen {
            state[server].tombstones.append(record.command.id)
            close(record.command.id, .declared(isDone: isDone), &turn)
            note(
                "\(record.command.verb.word) on \(server) declared \(word) by \(press.person): "
                    + press.reason,
                &turn
            )
        }
    }

    private func ended(_ why: String) -> TandemFailure {
        TandemFailure(
            TandemError(
                .stateIndeterminate,
                why,
                remedy: "Look at what is observed now, and go on or back from there."
            )
        )
    }
}
