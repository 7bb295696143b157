package import ControllerAPI
import ControllerStore
import Logging
import Synchronization
import TandemModel

/// The ledger of requests with an idempotency key, over the store.
///
/// A key is durable before its request does anything, and the answer after it: whoever comes back
/// after a crash between the two is told that it is not known, and never makes it happen twice.
struct KeptRequests: Sendable {
    private struct Name: Hashable {
        var person: PersonName
        var key: String
    }

    /// The largest answer that is kept; more than any but a long list of configurations.
    static let answerByteCountMax = 64 * 1024

    let store: any NetworkStore
    let limits: KeptRequestLimits
    let logger: Logger
    /// What this process is at work on; all else without an answer is of an earlier one.
    private let running = Running()

    private final class Running: Sendable {
        let names = Mutex<Set<Name>>([])
    }

    init(
        store: any NetworkStore,
        limits: KeptRequestLimits = KeptRequestLimits(),
        logger: Logger
    ) {
        self.store = store
        self.limits = limits
        self.logger = logger
    }

    func begin(_ request: KeyedRequest) async throws -> RequestBeginning {
        let name = Name(person: request.person, key: request.key)
        guard running.names.withLock({ $0.insert(name).inserted }) else {
            throw TandemError(
                .requestRunning,
                "the request with the key '\(request.key.prefix(40))' is being handled",
                remedy: "Send it again in a second: its answer comes then."
            )
        }
        let known: KeptRequest?
        do {
            known = try await store.begin(kept(request), limits: limits)
        } catch {
            release(request)
            throw error
        }
        guard let known else { return .new }
        release(request)
        return .answered(try answer(known, to: request))
    }

    private func answer(_ known: KeptRequest, to request: KeyedRequest) throws -> GivenAnswer {
        guard known.digest == request.digest else {
            throw TandemError(
                .requestAltered,
                "the key '\(request.key.prefix(40))' was used for another request",
                remedy: "Use a new key for each new request."
            )
        }
        guard let answer = known.answer else {
            throw TandemError(
                .requestInDoubt,
                "the request with the key '\(request.key.prefix(40))' began, and it is not known "
                    + "whether it was carried out",
                remedy:
                    "Look at what it was to change; if it was not done, ask again with a new key."
            )
        }
        guard let body = answer.body else {
            throw TandemError(
                .requestInDoubt,
                "the request with the key '\(request.key.prefix(40))' was carried out (status "
                    + "\(answer.status)), and its answer is not kept",
                remedy: "Look at what it changed."
            )
        }
        return GivenAnswer(status: answer.status, contentType: answer.contentType, body: body)
    }

    func end(_ request: KeyedRequest, _ answer: GivenAnswer?, status: Int) async {
        let fits = (answer?.body.count ?? .max) <= Self.answerByteCountMax
        let kept = KeptAnswer(
            status: status,
            contentType: answer?.contentType ?? "",
            body: fits ? answer?.body : nil
        )
        await noting("the answer of a request is not kept", request) {
            try await store.keep(kept, of: self.kept(request))
        }
    }

    func forget(_ request: KeyedRequest) async {
        await noting("the key of a refused request is not freed", request) {
            try await store.forget(kept(request))
        }
    }

    func release(_ request: KeyedRequest) {
        let name = Name(person: request.person, key: request.key)
        running.names.withLock { _ = $0.remove(name) }
    }

    /// What can't be noted leaves the request in doubt, which is true.
    private func noting(
        _ failure: String,
        _ request: KeyedRequest,
        _ work: () async throws -> Void
    ) async {
        do {
            try await work()
        } catch {
            logger.warning("\(failure)", metadata: ["error": "\(error)"])
        }
        release(request)
    }

    private func kept(_ request: KeyedRequest) -> KeptRequest {
        KeptRequest(
            person: request.person,
            key: request.key,
            digest: request.digest,
            begunAt: wallNow()
        )
    }
}

extension NetworkController {
    package func begin(_ request: KeyedRequest) async throws -> RequestBeginning {
        try await requests.begin(request)
    }

    package func end(_ request: KeyedRequest, _ answer: GivenAnswer) async {
        await requests.end(request, answer, status: answer.status)
    }

    package func endSecretly(_ request: KeyedRequest, status: Int) async {
        await requests.end(request, nil, status: status)
    }

    package func refused(_ request: KeyedRequest) async { await requests.forget(request) }

    package func failed(_ request: KeyedRequest) async { requests.release(request) }
}
