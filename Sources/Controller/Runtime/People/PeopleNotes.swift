import ControllerStore
import Logging
import ServiceLifecycle
import Synchronization
import TandemModel

/// Brings what people's accounts went through into the audit, in order.
///
/// Each change leaves its lines in the store with itself, whichever process made it; the network's
/// loop alone writes the audit. A death in between repeats lines, and loses none.
package struct PeopleNotes: Service {
    let store: any PeopleStore
    let queue: InputQueue
    let logger: Logger

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                await bringOrSayWhyNot()
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
        try await hand(over: lines.map(\.item))
        try await store.dropPeopleNotes(upTo: last.row)
        return true
    }

    /// Waits until the lines are durable, but not for a loop that has ended by an error.
    private func hand(over lines: [AuditEntry]) async throws {
        let waiting = Mutex<Reply?>(nil)
        _ = try await withTaskCancellationHandler {
            try await queue.ask { reply in
                waiting.withLock { $0 = reply }
                if Task.isCancelled { reply.fail(CancellationError()) }
                return .audit(lines, reply)
            }
        } onCancel: {
            waiting.withLock { $0 }?.fail(CancellationError())
        }
    }
}
