import ControllerStore
import Logging
import ServiceLifecycle
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
                do {
                    try await bring()
                } catch {
                    logger.error(
                        "people's audit lines wait in the store",
                        metadata: ["error": "\(error)"]
                    )
                }
                try? await ContinuousClock().sleep(for: .milliseconds(500))
            }
        }
    }

    private func bring() async throws {
        while true {
            let lines = try await store.peopleNotes(limit: 100)
            guard let last = lines.last else { return }
            _ = try await queue.ask { .audit(lines.map(\.item), $0) }
            try await store.dropPeopleNotes(upTo: last.row)
        }
    }
}
