import ControllerCore
import ControllerStore
import Logging
import ServiceLifecycle
import TandemCrypto
import TandemModel

#if CrashPoints
    import TandemSpawn
#endif

/// The one owner of every cluster's machine.
///
/// Takes all that waits, lets the machines handle it, makes the outcome durable in one
/// transaction, and only then sends, answers and publishes. If the store refuses, nothing leaves:
/// the machines are put back and the sessions closed, so that agents tell their news again.
package struct NetworkLoop: Service {
    let queue: InputQueue
    let published: PublishedNetwork
    let directory: AgentDirectory
    let logs: LogCollector
    let store: any NetworkStore
    let initial: InitialNetwork
    let gauges: LoopGauges
    let logger: Logger

    package func run() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await ticks() }
            group.addTask { try await serve() }
            // The ticks end at shutdown and close the queue; what waits in it is still served.
            try await group.waitForAll()
        }
    }

    /// Puts a tick twice a second until the service ends.
    private func ticks() async {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                _ = queue.put(.tick)
                try? await ContinuousClock().sleep(for: .milliseconds(500))
            }
        }
        queue.close()
    }

    private func serve() async throws {
        var state = LoopState(initial)
        state.restore(wall: wallNow())
        try await settle(&state)
        gauges.turned()
        var bell = queue.makeBellIterator()
        while let items = await queue.take(&bell) {
            gauges.turned()
            let before = state
            for item in items { state.handle(item, wall: wallNow()) }
            state.endBatch(wall: wallNow())
            do {
                try await settle(&state)
                gauges.connected(state.sessions.count)
            } catch {
                gauges.refused()
                logger.error("store refused; nothing was sent", metadata: ["error": "\(error)"])
                let failed = state
                state = before
                giveUp(failed, in: &state, because: error)
                if (error as? TandemError)?.code == .storeFenced { throw error }
            }
        }
        for session in state.sessions.values {
            session.close(Bye(code: "TDM-2006", text: "the controller is ending"))
        }
    }

    /// Durable first; then sends, views and answers, in order.
    private func settle(_ state: inout LoopState) async throws {
        let batch = try state.takeBatch()
        if !batch.transaction.isEmpty {
            #if CrashPoints
                CrashPoint.storeCommit.before()
            #endif
            let begun = ContinuousClock.now
            try await store.commit(batch.transaction)
            gauges.committed(batch.transaction, in: .now - begun)
            #if CrashPoints
                CrashPoint.storeCommit.after()
            #endif
        }
        state.settled(batch)
        directory.replace(with: state.machines.values.map(\.state.definition))
        for fault in batch.faults { logger.error("fault", metadata: ["what": "\(fault)"]) }
        for delivery in batch.sends { delivery.session.send(delivery.message) }
        for farewell in batch.farewells { farewell.session.close(farewell.bye) }
        for chunk in batch.logChunks { logs.take(chunk) }
        // Before the answers: who is told that something began must see it when looking next.
        published.publish(
            state.machines,
            networkAlarms: state.network.activeAlarms(),
            emergencyStop: state.network.state.emergencyStop,
            changed: batch.changed,
            changesNetwork: batch.changesNetwork,
            epoch: state.epoch
        )
        for (reply, answer) in batch.answers {
            switch answer {
            case .refused(let error): reply.fail(error)
            case .accepted, .needsApproval: reply.give(answer)
            }
        }
    }

    /// After a refused commit: callers are told, and agents will connect and report again.
    private func giveUp(_ failed: LoopState, in state: inout LoopState, because error: any Error) {
        for (reply, _) in failed.batch.answers { reply.fail(error) }
        let bye = Bye(code: "TDM-6001", text: "the controller's store refused a write")
        for session in failed.sessions.values { session.close(bye) }
        for session in state.sessions.values { session.close(bye) }
        state.batch = LoopBatch()
        for server in state.sessions.keys.sorted() { state.forget(server, wall: wallNow()) }
    }
}
