import ControllerAPI
import NIOCore
import TandemCrypto
import TandemModel
import Testing

/// The event stream over real TLS.
@Suite(.timeLimit(.minutes(1))) struct EventStreamTests {
    private func open(_ controller: RunningController, after: String?) async throws -> RawOperator {
        let connection = try await RawOperator.connect(to: controller)
        let query = after.map { "?after=\($0)" } ?? ""
        try await connection.send("GET /api/v1/events\(query) HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n")
        return connection
    }

    private func position(_ controller: RunningController) async throws -> String {
        let network = try await controller.service.network(after: 0, waitSeconds: 0)
        return "\(network.epoch)-\(network.version)"
    }

    @Test func aChangeReachesAnOpenStreamAtOnce() async throws {
        try await RunningController.with { controller in
            let stream = try await open(controller, after: try await position(controller))
            _ = try await stream.answer(until: "retry: 1000")
            let clock = ContinuousClock()
            _ = try await controller.add(["cmp-1", "cmp-2"])
            let told = clock.now
            let text = try await stream.answer(until: "\"removed\":[]")
            #expect(text.contains("event: changed"))
            #expect(text.contains("cmp-a"))
            #expect(clock.now - told < .milliseconds(200))
        }
    }

    @Test(arguments: [nil, "nonsense", "0-1", "999-1"])
    func whoseIdIsUnknownReadsAllAnew(_ id: String?) async throws {
        try await RunningController.with { controller in
            let stream = try await open(controller, after: id)
            let text = try await stream.answer(until: "event: reset")
            #expect(text.contains("text/event-stream"))
        }
    }

    @Test func onePersonHasEightStreamsAndANinthIsRefused() async throws {
        try await RunningController.with { controller in
            let here = try await position(controller)
            var streams: [RawOperator] = []
            for _ in 0..<8 {
                let stream = try await open(controller, after: here)
                _ = try await stream.answer(until: "retry: 1000")
                streams.append(stream)
            }
            let ninth = try await open(controller, after: here)
            #expect(try await ninth.answer(until: "TDM-7003").contains("429"))
            // What is closed gives its place back at once.
            await streams[0].close()
            for _ in 0..<200 {
                let again = try await open(controller, after: here)
                let text = try await again.answer(until: "\r\n\r\n")
                if text.contains(" 200 ") { return }
            }
            Issue.record("the place of a closed stream stayed taken")
        }
    }
}
