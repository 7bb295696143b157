package import TandemModel

/// What the web layer asks about signing in with an identity provider.
///
/// Errors are ``TandemModel/TandemError``: `providerRefused` when the provider can't be reached or its
/// word does not hold, `tooManyAttempts` when too many people are on their way.
package protocol ProviderService: Sendable {
    /// The host of the provider, for the sign-in page.
    var name: String { get }
    /// Begins a sign-in that ends at `path`; `browser` is what the browser's cookie holds already. A
    /// fresh one makes the provider ask who it is, whoever is signed in there.
    func begin(to path: String, isFresh: Bool, browser: String?, source: String) async throws
        -> ProviderStart
    /// Ends a sign-in with what the provider sent back through the browser.
    func finish(_ answer: ProviderAnswer, browser: String?) async throws -> ProviderEnd
}

/// The way to the provider.
package struct ProviderStart: Sendable, Hashable {
    /// Where the browser goes.
    package var address: String
    /// What the browser's cookie must hold on the way back.
    package var browser: String

    /// A way.
    package init(address: String, browser: String) {
        self.address = address
        self.browser = browser
    }
}

/// What the provider sent back, as it stands in the address: not believed yet.
package struct ProviderAnswer: Sendable, Hashable {
    package var state: String?
    package var code: String?
    package var error: String?
    package var issuer: String?

    /// An answer.
    package init(state: String?, code: String?, error: String?, issuer: String?) {
        self.state = state
        self.code = code
        self.error = error
        self.issuer = issuer
    }
}

/// A person whom the provider has proved.
package struct ProviderEnd: Sendable, Hashable {
    package var name: PersonName
    /// `nil` where the local account decides.
    package var roles: Set<Role>?
    /// When the provider last asked who it is; `nil` where it does not say.
    package var provedAt: WallTime?
    /// Where the person wanted to go.
    package var path: String

    /// A proved person.
    package init(name: PersonName, roles: Set<Role>?, provedAt: WallTime?, path: String) {
        self.name = name
        self.roles = roles
        self.provedAt = provedAt
        self.path = path
    }
}
