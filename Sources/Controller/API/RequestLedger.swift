package import TandemModel

/// Requests that carry an idempotency key: each is carried out once, and its answer is given again.
package protocol RequestLedger: Sendable {
    /// Notes that a request begins, before anything of it happens.
    ///
    /// - Throws: `requestAltered` where its person used the key for another request,
    ///   `requestRunning` while the first one is being handled, `requestInDoubt` where that one
    ///   began and nobody knows how it ended.
    func begin(_ request: KeyedRequest) async throws -> RequestBeginning

    /// Keeps the answer for those who ask again.
    func end(_ request: KeyedRequest, _ answer: GivenAnswer) async

    /// Keeps only that it was carried out: its answer holds a secret.
    func endSecretly(_ request: KeyedRequest, status: Int) async

    /// Frees the key: the request was refused, so nothing happened.
    func refused(_ request: KeyedRequest) async

    /// Leaves the request in doubt: it failed halfway, as far as is known.
    func failed(_ request: KeyedRequest) async
}

/// One changing request under its key.
package struct KeyedRequest: Sendable, Hashable {
    package var person: PersonName
    package var key: String
    /// Of method, path, query and body.
    package var digest: Digest

    /// A request.
    package init(person: PersonName, key: String, digest: Digest) {
        self.person = person
        self.key = key
        self.digest = digest
    }
}

/// What a request with a key meets.
package enum RequestBeginning: Sendable, Hashable {
    /// The key is new: carry it out.
    case new
    /// It was carried out before.
    case answered(GivenAnswer)
}

/// An answer as it was given.
package struct GivenAnswer: Sendable, Hashable {
    package var status: Int
    package var contentType: String
    package var body: [UInt8]

    /// An answer.
    package init(status: Int, contentType: String, body: [UInt8]) {
        self.status = status
        self.contentType = contentType
        self.body = body
    }
}
