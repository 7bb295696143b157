import ControllerPeople
import ControllerStore
import Logging
import ServiceLifecycle
import Synchronization
import TandemModel

/// Brings what people's accounts went through into the audit, in order, and lock-outs to the alarms.
///
/// Each change leaves its lines in the store with itself, whichever process made it; the network's
/// loop alone writes the audit. A death in between repeats lines, and loses none.
package struct PeopleNotes: Service {
    let store: any PeopleStore
    let queue: InputQueue
    let logger: Logger

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            // What the network was told by this process; its state may be of another one.
            var told: [PersonName]?
            while !Task.isCancelled {
                await bringOrSayWhyNot()
                told = await tellLockedOut(told)
                try? await ContinuousClock().sleep(for: .milliseconds(500))
            }
        }
        // The loop ends after this service: what was done last still gets there.
        await bringOrSayWhyNot()
    }

    private func bringOrSayWhyNot() async {
        do {
            while try await bringSome() {}
        } catch is CancellationError {
            return
        } catch {
            logger.error("people's audit lines wait", metadata: ["error": "\(error)"])
        }
    }

    /// Whether there were any.
    private func bringSome() async throws -> Bool {
        let lines = try await store.peopleNotes(limit: 100)
        guard let last = lines.last else { return false }
        try await hand { .audit(lines.map(\.item), $0) }
        try await store.dropPeopleNotes(upTo: last.row)
        return true
    }

    /// Whose sign-ins are locked out, told where that has changed; what the network knows then.
    private func tellLockedOut(_ told: [PersonName]?) async -> [PersonName]? {
        do {
            let names = try await store.attempts().lockedOut(at: wallNow())
            guard names != told else { return told }
            try await hand { .lockedOut(names, $0) }
            return names
        } catch is CancellationError {
            return told
        } catch {
            logger.error("alarms of sign-ins wait", metadata: ["error": "\(error)"])
            return told
        }
    }

    /// Waits until it is durable, but not for a loop that has ended by an error.
    private func hand(_ item: @Sendable (Reply) -> LoopItem) async throws {
        let waiting = Mutex<Reply?>(nil)
        _ = try await withTaskCancellationHandler {
            try await queue.ask { reply in
                waiting.withLock { $0 = reply }
                if Task.isCancelled { reply.fail(CancellationError()) }
                return item(reply)
            }
        } onCancel: {
            waiting.withLock { $0 }?.fail(CancellationError())
        }
    }
}
