import ControllerAPI
import ControllerCore
import Synchronization
import TandemModel

/// What the network loop is fed with.
enum LoopItem: Sendable {
    case connected(ServerName, Hello, nonce: Nonce, session: AgentSession)
    case lost(ServerName, session: AgentSession)
    case message(ServerName, AgentMessage, byteCount: Int, session: AgentSession)
    case request(ClusterName, ClusterInput, Reply)
    case addCluster(ClusterDefinition, person: PersonName, Reply)
    case addImage(CatalogueImage, person: PersonName, Reply)
    case removeImage(Digest, person: PersonName, Reply)
    /// Lines about people's accounts.
    case audit([AuditEntry], Reply)
    /// Whose sign-ins have failed so often that the next one has to wait.
    case lockedOut([PersonName], Reply)
    case emergencyStop(on: Bool, reason: String, person: PersonName, Reply)
    case acknowledge(AcknowledgeRequest, person: PersonName, Reply)
    case tick
}

/// The one place where an answer to a person's request is given, at most once.
final class Reply: Sendable {
    private let continuation: Mutex<CheckedContinuation<Answer, any Error>?>
    /// Who asked from where, as far as a request of a person is behind it.
    let origin: RequestOrigin?

    init(
        _ continuation: CheckedContinuation<Answer, any Error>,
        origin: RequestOrigin? = nil
    ) {
        self.continuation = Mutex(continuation)
        self.origin = origin
    }

    func give(_ answer: Answer) {
        continuation.withLock { $0.take() }?.resume(returning: answer)
    }

    func fail(_ error: any Error) {
        continuation.withLock { $0.take() }?.resume(throwing: error)
    }
}

/// A bounded queue with one taker: all inputs of the network, in order of arrival.
///
/// Nothing is dropped silently: a full queue refuses, and whoever put closes its peer or tells its
/// caller.
final class InputQueue: Sendable {
    /// More than all agents of a large network say within a slow commit.
    static let countMax = 65_536

    private struct Contents {
        var items: [LoopItem] = []
        var hasTick = false
        var isClosed = false
    }

    private let contents = Mutex(Contents())
    private let bell: AsyncStream<Void>
    private let ring: AsyncStream<Void>.Continuation

    init() {
        (bell, ring) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    }

    /// Whether there was room.
    func put(_ item: LoopItem) -> Bool {
        let isPut = contents.withLock { contents in
            guard !contents.isClosed else { return false }
            if case .tick = item {
                // One tick in the queue is enough: a late one says the same.
                guard !contents.hasTick else { return true }
                contents.hasTick = true
            } else if contents.items.count >= Self.countMax {
                return false
            }
            contents.items.append(item)
            return true
        }
        ring.yield()
        return isPut
    }

    /// Everything that waits, at least one item; `nil` once closed and empty.
    func take(_ bellIterator: inout AsyncStream<Void>.Iterator) async -> [LoopItem]? {
        while true {
            let (items, isClosed) = contents.withLock { contents in
                defer {
                    contents.items.removeAll(keepingCapacity: true)
                    contents.hasTick = false
                }
                return (contents.items, contents.isClosed)
            }
            if !items.isEmpty { return items }
            if isClosed { return nil }
            guard await bellIterator.next(isolation: #isolation) != nil else { return nil }
        }
    }

    /// Items that wait.
    var count: Int { contents.withLock { $0.items.count } }

    func makeBellIterator() -> AsyncStream<Void>.Iterator { bell.makeAsyncIterator() }

    /// Lets the taker finish; later puts are refused.
    func close() {
        contents.withLock { $0.isClosed = true }
        ring.yield()
        ring.finish()
    }

    /// Puts a person's request and waits for its answer.
    func ask(_ item: (Reply) -> LoopItem) async throws -> Answer {
        try await withCheckedThrowingContinuation { continuation in
            let reply = Reply(continuation, origin: RequestOrigin.current)
            guard put(item(reply)) else {
                reply.fail(
                    TandemError(
                        .storeUnavailable,
                        "the controller is overloaded or ending",
                        remedy: "Try again in a few seconds."
                    )
                )
                return
            }
        }
    }
}
