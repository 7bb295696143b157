import ControllerAPI
import ControllerStore
import Foundation
import Synchronization
import TandemCrypto
import TandemModel
import Testing

/// A store that can hold commits back, and forget to keep answers as a crash would.
private final class FaultyStore: WrappedStore {
    let store = InMemoryStore()
    private let isDead = Atomic(false)
    private let begun = Atomic(0)
    private let gate = Mutex<[CheckedContinuation<Void, Never>]?>(nil)

    func die() { isDead.store(true, ordering: .sequentiallyConsistent) }

    func hold() { gate.withLock { $0 = [] } }

    func release() {
        let waiting = gate.withLock { gate in
            defer { gate = nil }
            return gate ?? []
        }
        for one in waiting { one.resume() }
    }

    func commit(_ transaction: StoreTransaction) async throws {
        await withCheckedContinuation { continuation in
            let isHeld = gate.withLock { gate in
                gate?.append(continuation)
                return gate != nil
            }
            if !isHeld { continuation.resume() }
        }
        try await store.commit(transaction)
    }

    var begunCount: Int { begun.load(ordering: .sequentiallyConsistent) }

    func begin(_ request: KeptRequest, limits: KeptRequestLimits) async throws -> KeptRequest? {
        defer { begun.add(1, ordering: .sequentiallyConsistent) }
        return try await store.begin(request, limits: limits)
    }

    func keep(_ answer: KeptAnswer, of request: KeptRequest) async throws {
        guard !isDead.load(ordering: .sequentiallyConsistent) else {
            throw TandemError(.storeUnavailable, "dead", remedy: "None.")
        }
        try await store.keep(answer, of: request)
    }
}

@Suite(.timeLimit(.minutes(1))) struct IdempotencyTests {
    private static func addition(_ name: String, _ controller: RunningController) throws -> String {
        let (issued, _) = try controller.identities.agent("\(name)-1")
        let request = ClusterAddRequest(
            name: ClusterName(name),
            kind: .scef,
            site: SiteName("north"),
            isPrimarySite: false,
            servers: [
                .init(
                    name: ServerName("\(name)-1"),
                    certificate: String(decoding: issued.certificatePEM, as: UTF8.self)
                )
            ]
        )
        return String(decoding: try JSONEncoder().encode(request), as: UTF8.self)
    }

    private static func ask(
        _ controller: RunningController,
        key: String,
        _ body: String,
        path: String = "/api/v1/clusters"
    ) async throws -> String {
        let person = try await RawOperator.connect(to: controller)
        try await person.send(
            "POST \(path) HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n"
                + "content-type: application/json\r\nidempotency-key: \(key)\r\n"
                + "content-length: \(body.utf8.count)\r\n\r\n\(body)"
        )
        return try await person.answerUntilClosed()
    }

    private static func body(_ answer: String) -> Substring {
        answer.range(of: "\r\n\r\n").map { answer[$0.upperBound...] } ?? ""
    }

    @Test func theSameKeyGivesTheSameAnswerOnce() async throws {
        let store = InMemoryStore()
        try await RunningController.with(store: store) { controller in
            let body = try Self.addition("c1", controller)
            let first = try await Self.ask(controller, key: "k-1", body)
            #expect(first.hasPrefix("HTTP/1.1 201") && !first.contains("idempotency-replayed"))
            let again = try await Self.ask(controller, key: "k-1", body)
            #expect(again.hasPrefix("HTTP/1.1 201"))
            #expect(again.contains("idempotency-replayed: true"))
            #expect(again.lowercased().contains("content-type: application/json"))
            #expect(Self.body(again) == Self.body(first) && !Self.body(first).isEmpty)
            let anew = try await Self.ask(controller, key: "k-2", body)
            #expect(anew.contains(ErrorCode.nameRefused.id), "a new key is a new request")
            let other = try await Self.ask(controller, key: "k-1", body + " ")
            #expect(other.hasPrefix("HTTP/1.1 422") && other.contains(ErrorCode.requestAltered.id))
            let path = try await Self.ask(
                controller,
                key: "k-1",
                body,
                path: "/api/v1/clusters/c1/press"
            )
            #expect(path.hasPrefix("HTTP/1.1 422"), "\(path)")
        }
        #expect(
            try await store.audit(before: nil, limit: 9).count { $0.item.what.hasPrefix("add") }
                == 1
        )
    }

    @Test(arguments: [String(repeating: "k", count: 256), "a b", "é"])
    func anOddKeyIsRefused(_ key: String) async throws {
        try await RunningController.with { controller in
            let answer = try await Self.ask(controller, key: key, "{}")
            #expect(answer.hasPrefix("HTTP/1.1 400"), "\(answer.prefix(40))")
        }
    }

    @Test func aRefusedRequestFreesItsKey() async throws {
        try await RunningController.with { controller in
            let refused = try await Self.ask(controller, key: "k", "{}")
            #expect(refused.hasPrefix("HTTP/1.1 400"))
            let body = try Self.addition("c1", controller)
            #expect(try await Self.ask(controller, key: "k", body).hasPrefix("HTTP/1.1 201"))
        }
    }

    @Test func twoAtOnceHappenOnce() async throws {
        let store = FaultyStore()
        try await RunningController.with(store: store) { controller in
            let body = try Self.addition("c1", controller)
            store.hold()
            async let first = Self.ask(controller, key: "k", body)
            // The first one waits in the store; only then the second one comes.
            while store.begunCount == 0 { await Task.yield() }
            let second = try await Self.ask(controller, key: "k", body)
            #expect(second.hasPrefix("HTTP/1.1 409"), "\(second)")
            #expect(second.contains(ErrorCode.requestRunning.id))
            #expect(second.lowercased().contains("retry-after: 1"))
            store.release()
            #expect(try await first.hasPrefix("HTTP/1.1 201"))
            #expect(try await Self.ask(controller, key: "k", body).contains("replayed: true"))
        }
    }

    /// Between the effect and its note nobody knows; so it is told, and not done again.
    @Test func aCrashBeforeTheAnswerIsKeptLeavesDoubtAndNoSecondEffect() async throws {
        let store = FaultyStore()
        let identities = try TestIdentities()
        let sent = Mutex("")
        try await RunningController.with(store: store, identities: identities) { controller in
            let body = try Self.addition("c1", controller)
            sent.withLock { $0 = body }
            store.die()
            #expect(try await Self.ask(controller, key: "k", body).hasPrefix("HTTP/1.1 201"))
        }
        try await RunningController.with(store: store, identities: identities) { controller in
            let answer = try await Self.ask(controller, key: "k", sent.withLock { $0 })
            #expect(answer.hasPrefix("HTTP/1.1 409"), "\(answer)")
            #expect(answer.contains(ErrorCode.requestInDoubt.id))
            let network = try await controller.service.network(after: 0, waitSeconds: 0)
            #expect(network.clusters.map(\.name.text) == ["c1"])
        }
        let lines = try await store.audit(before: nil, limit: 9)
        #expect(lines.count { $0.item.what == "add cluster c1" } == 1)
    }

    @Test func anAnswerOutlivesTheController() async throws {
        let store = InMemoryStore()
        let identities = try TestIdentities()
        let sent = Mutex("")
        try await RunningController.with(store: store, identities: identities) { controller in
            let body = try Self.addition("c1", controller)
            sent.withLock { $0 = body }
            #expect(try await Self.ask(controller, key: "k", body).hasPrefix("HTTP/1.1 201"))
        }
        try await RunningController.with(store: store, identities: identities) { controller in
            let answer = try await Self.ask(controller, key: "k", sent.withLock { $0 })
            #expect(answer.hasPrefix("HTTP/1.1 201") && answer.contains("replayed: true"))
        }
    }
}
