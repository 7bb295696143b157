import Synchronization
package import TandemModel

/// Where requests with an idempotency key are noted before they are carried out, and their answers
/// after it.
package protocol KeptRequestStore: Sendable {
    /// Notes that a request begins, durably; where its person has used the key before, nothing is
    /// noted and what is known comes back.
    ///
    /// Forgets what is older than `limits` allow, then the oldest above their counts.
    func begin(_ request: KeptRequest, limits: KeptRequestLimits) async throws -> KeptRequest?

    /// Keeps the answer of a request that began.
    func keep(_ answer: KeptAnswer, of request: KeptRequest) async throws

    /// Forgets a request of which it is known that it changed nothing.
    func forget(_ request: KeptRequest) async throws
}

/// A changing request that carries an idempotency key.
package struct KeptRequest: Sendable, Hashable {
    package var person: PersonName
    package var key: String
    /// Of method, path, query and body.
    package var digest: Digest
    package var begunAt: WallTime
    /// `nil` as long as it has not ended, as far as is known.
    package var answer: KeptAnswer?

    /// A request that begins.
    package init(
        person: PersonName,
        key: String,
        digest: Digest,
        begunAt: WallTime,
        answer: KeptAnswer? = nil
    ) {
        self.person = person
        self.key = key
        self.digest = digest
        self.begunAt = begunAt
        self.answer = answer
    }
}

/// What a request was answered.
package struct KeptAnswer: Sendable, Hashable, Codable {
    package var status: Int
    package var contentType: String
    /// `nil` where it was too large or too secret to be kept.
    package var body: [UInt8]?

    /// An answer.
    package init(status: Int, contentType: String, body: [UInt8]?) {
        self.status = status
        self.contentType = contentType
        self.body = body
    }
}

/// How many requests are kept, and how long.
package struct KeptRequestLimits: Sendable, Hashable {
    /// Of one person.
    package var personCount = 100
    /// Of all together.
    package var totalCount = 10_000
    package var milliseconds: UInt64 = 24 * 3_600_000

    /// The limits of a controller.
    package init() {}
}

extension InMemoryStore {
    package func begin(_ request: KeptRequest, limits: KeptRequestLimits) async throws
        -> KeptRequest?
    {
        contents.withLock { contents in
            let now = request.begunAt.milliseconds
            contents.requests.removeAll { $0.begunAt.milliseconds + limits.milliseconds <= now }
            let known = contents.requests.first {
                $0.person == request.person && $0.key == request.key
            }
            if let known { return known }
            contents.requests.append(request)
            let own = contents.requests.indices.filter {
                contents.requests[$0].person == request.person
            }
            if own.count > limits.personCount { contents.requests.remove(at: own[0]) }
            if contents.requests.count > limits.totalCount { contents.requests.remove(at: 0) }
            return nil
        }
    }

    package func keep(_ answer: KeptAnswer, of request: KeptRequest) async throws {
        contents.withLock { contents in
            for index in contents.requests.indices
            where contents.requests[index].person == request.person
                && contents.requests[index].key == request.key
            {
                contents.requests[index].answer = answer
            }
        }
    }

    package func forget(_ request: KeptRequest) async throws {
        contents.withLock { contents in
            contents.requests.removeAll { $0.person == request.person && $0.key == request.key }
        }
    }
}
