package import TandemModel

/// What the web layer asks about people and their sessions.
///
/// Errors are ``TandemModel/TandemError``. A secret is a cookie's value: it is known to the browser
/// alone, and only its digest is kept.
package protocol PeopleService: Sendable {
    // MARK: Signing in and out

    /// Name and password; refuses for any reason with the same words.
    func signIn(_ name: PersonName, password: String, from visitor: Visitor) async throws
        -> SignedIn
    /// The code of the second factor, after ``SignedIn/needsCode(secret:)``.
    func signIn(code: String, half secret: String, from visitor: Visitor) async throws -> SignedIn
    /// A one-time code of the controller's local command.
    func signIn(oneTime code: String, from visitor: Visitor) async throws -> SignedIn
    /// A person whom the identity provider has proved; its roles, if any, become the account's.
    func signIn(provided end: ProviderEnd, from visitor: Visitor) async throws -> SignedIn
    func signOut(_ secret: String) async throws

    // MARK: The own account

    func ownAccount(_ name: PersonName) async throws -> OwnAccount
    /// All sessions of the person end; the one that is returned begins.
    func changePassword(
        _ name: PersonName,
        from old: String,
        to new: String,
        visitor: Visitor
    ) async throws -> SignedIn
    func offerSecondFactor(_ name: PersonName) async throws -> OfferedFactor
    func confirmSecondFactor(_ name: PersonName, code: String) async throws
    /// Takes the own second factor away, which needs the password.
    func removeSecondFactor(_ name: PersonName, password: String, visitor: Visitor) async throws
    func createToken(_ request: TokenRequest, of name: PersonName) async throws -> NewToken
    func tokens(of name: PersonName) async throws -> [TokenInfo]
    func revokeToken(_ id: String, of name: PersonName, by person: PersonName) async throws
    func endSession(_ id: String, of name: PersonName, by person: PersonName) async throws

    // MARK: Pages

    /// What the person set on a page: JSON, as the page gave it.
    func preferences(of name: PersonName, page: String) async throws -> String?
    func setPreferences(_ text: String, of name: PersonName, page: String) async throws

    // MARK: Other people

    func people() async throws -> PeopleList
    func addPerson(_ request: PersonRequest, by person: PersonName) async throws -> PersonChange
    func setRoles(_ roles: Set<Role>, of name: PersonName, by person: PersonName) async throws
        -> PersonChange
    func approveRoles(_ id: RequestID, by person: PersonName) async throws
    func withdrawRoles(_ id: RequestID, by person: PersonName) async throws
    func lock(_ name: PersonName, reason: String, by person: PersonName) async throws
    func unlock(_ name: PersonName, by person: PersonName) async throws
    func endSessions(of name: PersonName, by person: PersonName) async throws
    func resetSecondFactor(_ name: PersonName, by person: PersonName) async throws
    /// A new password that the person is told and should change.
    func givePassword(_ name: PersonName, by person: PersonName) async throws -> PersonChange
}

/// Who asks, before it is known who it is.
package struct Visitor: Sendable, Hashable {
    /// The address; of IPv6 the network part, as one machine has many of the rest.
    package var source: String
    /// The browser, as it names itself.
    package var agent: String

    /// A visitor.
    package init(source: String, agent: String) {
        self.source = source
        self.agent = agent
    }
}

/// What a sign-in led to.
package enum SignedIn: Sendable, Hashable {
    /// The cookie's new value.
    case done(secret: String)
    /// The cookie's value until the second factor is given; it opens nothing else.
    case needsCode(secret: String)
}

/// A second factor to be entered into an app.
package struct OfferedFactor: Codable, Sendable, Hashable {
    /// For typing.
    package var key: String
    /// The same as a link that apps open: `otpauth://totp/...`.
    package var uri: String

    /// An offer.
    package init(key: String, uri: String) {
        self.key = key
        self.uri = uri
    }
}
