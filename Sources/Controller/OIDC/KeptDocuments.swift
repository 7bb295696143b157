package import TandemModel

/// What was fetched from a provider, and when it may be fetched again.
package struct KeptDocuments: Sendable {
    /// How long the discovery document is used, in milliseconds.
    static let documentLifeMilliseconds: UInt64 = 3_600_000
    /// How long the keys are used, in milliseconds: a key that the provider has withdrawn counts no
    /// longer than that.
    static let keyLifeMilliseconds: UInt64 = 3_600_000
    /// How often keys may be fetched because a token names an unknown one, in milliseconds: anybody
    /// may invent a name.
    static let refreshMilliseconds: UInt64 = 60_000

    private struct Kept<Value: Sendable>: Sendable {
        var value: Value
        var fetchedAt: WallTime

        func isFresh(_ life: UInt64, at now: WallTime) -> Bool {
            now.milliseconds >= fetchedAt.milliseconds
                && now.milliseconds - fetchedAt.milliseconds < life
        }
    }

    private var keptDocument: Kept<ProviderDocument>?
    private var keptKeys: Kept<KeySet>?

    /// Nothing yet.
    package init() {}

    /// The discovery document, unless it must be fetched.
    package func document(at now: WallTime) -> ProviderDocument? {
        guard let kept = keptDocument, kept.isFresh(Self.documentLifeMilliseconds, at: now) else {
            return nil
        }
        return kept.value
    }

    /// The keys, unless they must be fetched.
    package func keys(at now: WallTime) -> KeySet? {
        guard let kept = keptKeys, kept.isFresh(Self.keyLifeMilliseconds, at: now) else {
            return nil
        }
        return kept.value
    }

    /// Whether keys may be fetched although there are some.
    package func mayRefreshKeys(at now: WallTime) -> Bool {
        keptKeys.map { !$0.isFresh(Self.refreshMilliseconds, at: now) } ?? true
    }

    /// Keeps what was fetched.
    package mutating func keep(_ document: ProviderDocument, at now: WallTime) {
        keptDocument = Kept(value: document, fetchedAt: now)
    }

    /// Keeps what was fetched.
    package mutating func keep(_ keys: KeySet, at now: WallTime) {
        keptKeys = Kept(value: keys, fetchedAt: now)
    }
}
