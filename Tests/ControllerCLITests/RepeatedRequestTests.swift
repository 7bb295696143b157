import ControllerAPI
import Synchronization
import TandemModel
import Testing

@testable import tandem

/// A changing request is sent again only where that can't do it twice, and not for ever.
struct RepeatedRequestTests {
    /// What one sending comes to.
    enum Outcome: Sendable {
        case answer
        /// The connection ended after the request was sent.
        case lost
        /// Nobody was there, or nobody answered in the time of one request.
        case unreachable
        /// The first one of this key is still at work: 409.
        case running
        case refused(ErrorCode)
        /// An answer that is none of the API's.
        case unreadable
    }

    struct Row: Sendable, CustomTestStringConvertible {
        var testDescription: String
        /// One after the other; the last one for ever.
        var outcomes: [Outcome]
        /// Seconds that each sending takes.
        var seconds = 0
        var askCount: Int
        /// What is thrown in the end; `nil`: the answer came.
        var error: ErrorCode?
        /// Whether the thrown error is the controller's word.
        var isRefusal = false
    }

    static let rows: [Row] = [
        Row(testDescription: "answered at once", outcomes: [.answer], askCount: 1),
        Row(
            testDescription: "never sent: nothing can have happened, and people hear it at once",
            outcomes: [.unreachable],
            askCount: 1,
            error: .unreachable
        ),
        Row(
            testDescription: "lost once after it was sent",
            outcomes: [.lost, .answer],
            askCount: 2
        ),
        Row(
            testDescription: "lost, and the controller is away while it starts again",
            outcomes: [.lost, .unreachable, .unreachable, .unreachable, .answer],
            askCount: 5
        ),
        Row(
            testDescription: "lost, and the first one is still at work",
            outcomes: [.lost, .running, .running, .answer],
            askCount: 4
        ),
        Row(
            testDescription: "at work for somebody who sent the same key before",
            outcomes: [.running, .answer],
            askCount: 2
        ),
        Row(
            testDescription: "lost, and then refused: the refusal is the answer",
            outcomes: [.lost, .refused(.buttonRefused)],
            askCount: 2,
            error: .buttonRefused,
            isRefusal: true
        ),
        Row(
            testDescription: "refused with another 409",
            outcomes: [.refused(.seenChanged)],
            askCount: 1,
            error: .seenChanged,
            isRefusal: true
        ),
        Row(
            testDescription:
                "a controller that died in between does not know: it is looked at, not sent again",
            outcomes: [.lost, .refused(.requestInDoubt)],
            askCount: 2,
            error: .requestInDoubt,
            isRefusal: true
        ),
        Row(
            testDescription: "the controller says that somebody else can't be reached",
            outcomes: [.lost, .refused(.unreachable)],
            askCount: 2,
            error: .unreachable,
            isRefusal: true
        ),
        Row(
            testDescription: "the controller's own fault: 5xx",
            outcomes: [.refused(.storeUnavailable)],
            askCount: 1,
            error: .storeUnavailable,
            isRefusal: true
        ),
        Row(
            testDescription: "5xx of something in between, after a loss",
            outcomes: [.lost, .unreadable],
            askCount: 2,
            error: .protocolViolation
        ),
        Row(
            testDescription: "lost again and again: for 30 s, a second apart",
            outcomes: [.lost],
            askCount: 31,
            error: .unreachable
        ),
        Row(
            testDescription: "lost, and nobody comes back",
            outcomes: [.lost, .unreachable],
            askCount: 31,
            error: .unreachable
        ),
        Row(
            testDescription: "at work beyond the limit",
            outcomes: [.running],
            askCount: 31,
            error: .requestRunning,
            isRefusal: true
        ),
        Row(
            testDescription: "each sending takes long: the limit counts from the first loss",
            outcomes: [.lost],
            seconds: 9,
            askCount: 4,
            error: .unreachable
        ),
        Row(
            testDescription: "the time of one request is over after a loss: no third time",
            outcomes: [.lost, .unreachable],
            seconds: 60,
            askCount: 2,
            error: .unreachable
        ),
    ]

    @Test(arguments: rows)
    func isSentAgainWhereItHelps(_ row: Row) async {
        let transport = FakeTransport(row)
        var error: (any Error)?
        do {
            let answer = try await RepeatedRequest(clock: transport.clock)
                .answer { try transport.send($0) }
            #expect(answer == "done")
        } catch let thrown {
            error = thrown
        }
        #expect(transport.keys.count == row.askCount)
        #expect(Set(transport.keys).count == 1, "all under one key")
        #expect((error is ControllerRefusal) == row.isRefusal)
        let code = (error as? ControllerRefusal)?.error.code ?? (error as? TandemError)?.code
        #expect(code == row.error)
    }

    /// Two requests are two wishes.
    @Test
    func anotherRequestHasAnotherKey() async throws {
        let transport = FakeTransport(Self.rows[0])
        for _ in 0..<2 {
            _ = try await RepeatedRequest(clock: transport.clock).answer { try transport.send($0) }
        }
        #expect(Set(transport.keys).count == 2)
    }

    /// Whoever gives up waiting is not kept.
    @Test
    func endsWithItsTask() async {
        let transport = FakeTransport(Row(testDescription: "", outcomes: [.lost], askCount: 0))
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return try await RepeatedRequest(clock: transport.clock)
                .answer { try transport.send($0) }
        }
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(transport.keys.count == 1)
    }
}

/// Plays outcomes; time is what is slept and what sending takes.
private final class FakeTransport: Sendable {
    let clock = HandClock()
    private let row: RepeatedRequestTests.Row
    private let sent = Mutex<[String]>([])

    init(_ row: RepeatedRequestTests.Row) { self.row = row }

    /// The key of each sending.
    var keys: [String] { sent.withLock { $0 } }

    func send(_ key: String) throws -> String {
        let number = sent.withLock { keys in
            keys.append(key)
            return keys.count
        }
        clock.advance(by: .seconds(row.seconds))
        switch row.outcomes[min(number, row.outcomes.count) - 1] {
        case .answer: return "done"
        case .lost: throw AnswerLost(error: error(.unreachable))
        case .unreachable: throw error(.unreachable)
        case .running: throw ControllerRefusal(error: error(.requestRunning))
        case .refused(let code): throw ControllerRefusal(error: error(code))
        case .unreadable: throw error(.protocolViolation)
        }
    }

    private func error(_ code: ErrorCode) -> TandemError {
        TandemError(code, "played", remedy: "none")
    }
}

/// Whoever sleeps moves its hand.
private final class HandClock: Clock {
    struct Instant: InstantProtocol {
        var sinceStart = Duration.zero

        func advanced(by duration: Duration) -> Instant {
            Instant(sinceStart: sinceStart + duration)
        }

        func duration(to other: Instant) -> Duration { other.sinceStart - sinceStart }

        static func < (one: Instant, other: Instant) -> Bool {
            one.sinceStart < other.sinceStart
        }
    }

    private let hand = Mutex(Instant())

    var now: Instant { hand.withLock { $0 } }
    var minimumResolution: Duration { .zero }

    func advance(by duration: Duration) {
        hand.withLock { $0 = $0.advanced(by: duration) }
    }

    func sleep(until deadline: Instant, tolerance: Duration?) async throws {
        try Task.checkCancellation()
        hand.withLock { $0 = max($0, deadline) }
    }
}

/// What the person reads when no answer came.
struct LostAnswerTests {
    @Test func itSaysThatItMayHaveBeenDone() async throws {
        let controller = try StubController { _ in .none }
        var client = try controller.client()
        client.lostLimit = .zero
        let error = await #expect(throws: TandemError.self) {
            let _: TokenInfo = try await client.send(.post, "/api/v1/tokens", ["name": "a"])
        }
        #expect(error?.code == .unreachable)
        #expect(error?.message.contains("may have been done") == true)
        #expect(error?.remedy.contains("tandem log") == true)
        #expect(controller.requests.count == 1)
    }
}
