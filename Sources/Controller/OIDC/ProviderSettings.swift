package import ControllerAPI

/// What a site has laid down about its identity provider.
package struct ProviderSettings: Sendable, Hashable {
    /// Who signs, exactly as the provider writes it; its discovery document lies below.
    package var issuer: String
    /// What the provider calls this controller: the audience of its tokens.
    package var clientID: String
    /// `nil` for a client without one, which PKCE alone protects.
    package var clientSecret: String?
    /// Where the browser is sent back to, as registered with the provider.
    package var redirect: String
    /// The claim that bears the person's name.
    package var personClaim: String
    /// The claim that bears groups or roles of the provider's; `nil` leaves roles to the account.
    package var rolesClaim: String?
    /// What each of those means here.
    package var roles: [String: Set<Role>]

    /// The settings of a site.
    package init(
        issuer: String,
        clientID: String,
        clientSecret: String?,
        redirect: String,
        personClaim: String,
        rolesClaim: String?,
        roles: [String: Set<Role>]
    ) {
        self.issuer = issuer
        self.clientID = clientID
        self.clientSecret = clientSecret
        self.redirect = redirect
        self.personClaim = personClaim
        self.rolesClaim = rolesClaim
        self.roles = roles
    }

    /// Where the discovery document lies (OpenID Connect Discovery 1.0, section 4).
    package var discovery: String {
        (issuer.hasSuffix("/") ? String(issuer.dropLast()) : issuer)
            + "/.well-known/openid-configuration"
    }
}
