import TandemCrypto
package import TandemModel

/// A sign-in between the way to the provider and the way back.
package struct PendingSignIn: Sendable, Hashable {
    /// Ties the token to this sign-in.
    package var nonce: String
    /// Ties the code to this controller (RFC 7636).
    package var verifier: String
    /// The digest of what the browser's cookie holds: ties the way back to the browser.
    package var browser: Digest
    /// Where the person wanted to go.
    package var path: String
    /// Whether the provider has to ask who it is, whoever is signed in there.
    package var isFresh: Bool
    /// Where the request came from.
    package var source: String
    package var startedAt: WallTime

    /// A sign-in that begins.
    package init(
        nonce: String,
        verifier: String,
        browser: Digest,
        path: String,
        isFresh: Bool = false,
        source: String,
        startedAt: WallTime
    ) {
        self.nonce = nonce
        self.verifier = verifier
        self.browser = browser
        self.path = path
        self.isFresh = isFresh
        self.source = source
        self.startedAt = startedAt
    }

    /// What goes to the provider in place of the verifier.
    package var challenge: String { Base64URL.text(sha256(Array(verifier.utf8)).bytes) }
}

/// All sign-ins that are under way, by state: each is good for one way back.
package struct PendingSignIns: Sendable {
    /// How long a person may take at the provider, in milliseconds.
    package static let lifeMilliseconds: UInt64 = 600_000
    /// Most at once.
    package static let countMax = 1000
    /// Most from one address: beyond it the oldest of that address gives way, so that nobody fills
    /// the table alone.
    package static let countPerSourceMax = 50

    private var signIns: [String: PendingSignIn] = [:]

    /// None yet.
    package init() {}

    /// How many there are, whether or not their time is over.
    var count: Int { signIns.count }

    /// Notes a sign-in under a state that nobody can guess.
    package mutating func add(_ signIn: PendingSignIn, state: String) throws(TandemError) {
        let now = signIn.startedAt
        signIns = signIns.filter { !Self.isOver($0.value, at: now) }
        let own = signIns.filter { $0.value.source == signIn.source }
        if own.count >= Self.countPerSourceMax,
            let oldest = own.min(by: { Self.isOlder($0, $1) })
        {
            signIns[oldest.key] = nil
        }
        guard signIns.count < Self.countMax else {
            throw TandemError(
                .tooManyAttempts,
                "\(Self.countMax) people are on their way to the identity provider",
                remedy: "Try again in ten minutes, or sign in with a local account."
            )
        }
        signIns[state] = signIn
    }

    /// Takes a sign-in out; the browser must be the one that began it.
    ///
    /// It is gone even if the browser is another one: a state that leaked is worth nothing.
    package mutating func take(
        state: String,
        browser: Digest,
        at now: WallTime
    ) throws(ProviderRefusal) -> PendingSignIn {
        guard let signIn = signIns.removeValue(forKey: state), !Self.isOver(signIn, at: now) else {
            var refusal = ProviderRefusal(
                "sent the browser back too late, twice, or without a sign-in that began here"
            )
            refusal.isNews = false
            throw refusal
        }
        guard areSame(signIn.browser.bytes, browser.bytes) else {
            throw ProviderRefusal("sent another browser back than the one that began the sign-in")
        }
        return signIn
    }

    private static func isOver(_ signIn: PendingSignIn, at now: WallTime) -> Bool {
        // A clock that was set back ends them too: how long they have waited is then unknown.
        guard now.milliseconds >= signIn.startedAt.milliseconds else { return true }
        return now.milliseconds - signIn.startedAt.milliseconds >= lifeMilliseconds
    }

    private static func isOlder(
        _ one: (key: String, value: PendingSignIn),
        _ other: (key: String, value: PendingSignIn)
    ) -> Bool {
        (one.value.startedAt.milliseconds, one.key)
            < (other.value.startedAt.milliseconds, other.key)
    }
}
