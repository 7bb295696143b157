package import TandemModel

/// A person whose identity was proved for one request.
package struct KnownPerson: Sendable, Hashable {
    /// How it was proved.
    package enum Means: Sendable, Hashable {
        /// A client certificate of the operators' authority.
        case certificate
        /// A browser's session; `formToken` must come back with each form and each changing request.
        case session(formToken: String)
        /// An API token, by its public id.
        case token(id: String)
    }

    package var name: PersonName
    /// Never empty; for a token only those in its scope.
    package var roles: Set<Role>
    package var means: Means
    /// What the person must prove anew before moving service; `nil` for nothing.
    package var owes: OwedProof?

    /// A known person.
    package init(
        name: PersonName,
        roles: Set<Role>,
        means: Means,
        owes: OwedProof? = nil
    ) {
        self.name = name
        self.roles = roles
        self.means = means
        self.owes = owes
    }

    /// Whether one of the roles gives the permission.
    package func may(_ permission: Permission) -> Bool {
        !roles.isDisjoint(with: permission.roles)
    }
}

/// Who asks, answered afresh for every request: what was locked is locked at once.
///
/// Errors are ``TandemModel/TandemError``: `signInNeeded` where a proof is no good (any more),
/// `forbidden` where the person is known and has no account or a locked one.
package protocol IdentityService: Sendable {
    /// The person of a verified client certificate.
    func person(ofCertificate name: PersonName) async throws -> KnownPerson
    /// The person of a session's secret (the cookie's value).
    func person(ofSession secret: String) async throws -> KnownPerson
    /// The person of an API token (`Authorization: Bearer`).
    func person(ofToken secret: String) async throws -> KnownPerson
    /// The person of a session proves anew who it is; the session goes on under the secret that is
    /// returned, and the old one opens nothing any more.
    func prove(_ proof: String, session secret: String, from visitor: Visitor) async throws -> (
        secret: String, person: KnownPerson
    )
}
