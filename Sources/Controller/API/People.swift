package import TandemModel

/// An account as administrators see it.
package struct PersonInfo: Codable, Sendable, Hashable {
    package var name: PersonName
    package var roles: [Role]
    package var isLocked: Bool
    package var hasPassword: Bool
    package var hasSecondFactor: Bool
    package var createdAt: WallTime
    package var createdBy: PersonName
    package var lastSignInAt: WallTime?
    package var sessionCount: Int
    package var tokenCount: Int

    /// An account.
    package init(
        name: PersonName,
        roles: [Role],
        isLocked: Bool,
        hasPassword: Bool,
        hasSecondFactor: Bool,
        createdAt: WallTime,
        createdBy: PersonName,
        lastSignInAt: WallTime?,
        sessionCount: Int,
        tokenCount: Int
    ) {
        self.name = name
        self.roles = roles
        self.isLocked = isLocked
        self.hasPassword = hasPassword
        self.hasSecondFactor = hasSecondFactor
        self.createdAt = createdAt
        self.createdBy = createdBy
        self.lastSignInAt = lastSignInAt
        self.sessionCount = sessionCount
        self.tokenCount = tokenCount
    }
}

/// Roles that wait for a second administrator.
package struct RoleRequestInfo: Codable, Sendable, Hashable {
    package var id: RequestID
    package var person: PersonName
    package var roles: [Role]
    package var askedBy: PersonName
    package var askedAt: WallTime

    /// A request.
    package init(
        id: RequestID,
        person: PersonName,
        roles: [Role],
        askedBy: PersonName,
        askedAt: WallTime
    ) {
        self.id = id
        self.person = person
        self.roles = roles
        self.askedBy = askedBy
        self.askedAt = askedAt
    }
}

/// All accounts by name, and what waits.
package struct PeopleList: Codable, Sendable, Hashable {
    package var people: [PersonInfo]
    package var requests: [RoleRequestInfo]

    /// A list.
    package init(people: [PersonInfo], requests: [RoleRequestInfo]) {
        self.people = people
        self.requests = requests
    }
}

/// A new account.
package struct PersonRequest: Codable, Sendable, Hashable {
    package var name: PersonName
    package var roles: [Role]
    /// Whether a password is made up and told once; without one the person comes with a certificate.
    package var givesPassword: Bool

    /// A request.
    package init(name: PersonName, roles: [Role], givesPassword: Bool) {
        self.name = name
        self.roles = roles
        self.givesPassword = givesPassword
    }
}

/// New roles of an account.
package struct RolesRequest: Codable, Sendable, Hashable {
    package var roles: [Role]

    /// A request.
    package init(roles: [Role]) { self.roles = roles }
}

/// Why an account is locked.
package struct LockRequest: Codable, Sendable, Hashable {
    package var reason: String

    /// A request.
    package init(reason: String) { self.reason = reason }
}

/// What became of a change of an account.
package struct PersonChange: Codable, Sendable, Hashable {
    /// Told once; nobody can read it again.
    package var password: String?
    /// The request that a second administrator approves.
    package var approval: RequestID?

    /// A change.
    package init(password: String? = nil, approval: RequestID? = nil) {
        self.password = password
        self.approval = approval
    }
}

/// Who one is, as the controller sees it.
package struct Me: Codable, Sendable, Hashable {
    package var name: PersonName
    package var roles: [Role]
    /// `certificate`, `session` or `token`.
    package var means: String
    package var permissions: [Permission]

    /// Oneself.
    package init(name: PersonName, roles: [Role], means: String, permissions: [Permission]) {
        self.name = name
        self.roles = roles
        self.means = means
        self.permissions = permissions
    }
}

/// The own account with what is open under it.
package struct OwnAccount: Codable, Sendable, Hashable {
    /// One open session.
    package struct SessionInfo: Codable, Sendable, Hashable {
        package var id: String
        package var startedAt: WallTime
        package var seenAt: WallTime
        package var source: String
        package var agent: String

        /// A session.
        package init(
            id: String,
            startedAt: WallTime,
            seenAt: WallTime,
            source: String,
            agent: String
        ) {
            self.id = id
            self.startedAt = startedAt
            self.seenAt = seenAt
            self.source = source
            self.agent = agent
        }
    }

    package var name: PersonName
    package var roles: [Role]
    package var hasPassword: Bool
    /// Whether somebody else chose the password.
    package var hasGivenPassword: Bool
    package var hasSecondFactor: Bool
    package var sessions: [SessionInfo]
    package var tokens: [TokenInfo]

    /// An account.
    package init(
        name: PersonName,
        roles: [Role],
        hasPassword: Bool,
        hasGivenPassword: Bool,
        hasSecondFactor: Bool,
        sessions: [SessionInfo],
        tokens: [TokenInfo]
    ) {
        self.name = name
        self.roles = roles
        self.hasPassword = hasPassword
        self.hasGivenPassword = hasGivenPassword
        self.hasSecondFactor = hasSecondFactor
        self.sessions = sessions
        self.tokens = tokens
    }
}

/// A token for a program.
package struct TokenRequest: Codable, Sendable, Hashable {
    /// What it is for.
    package var label: String
    /// Some of the own roles.
    package var roles: [Role]
    /// At most 365.
    package var days: Int

    /// A request.
    package init(label: String, roles: [Role], days: Int) {
        self.label = label
        self.roles = roles
        self.days = days
    }
}

/// A token without its secret.
package struct TokenInfo: Codable, Sendable, Hashable {
    package var id: String
    package var label: String
    package var roles: [Role]
    package var createdAt: WallTime
    package var expiresAt: WallTime
    package var usedAt: WallTime?

    /// A token.
    package init(
        id: String,
        label: String,
        roles: [Role],
        createdAt: WallTime,
        expiresAt: WallTime,
        usedAt: WallTime?
    ) {
        self.id = id
        self.label = label
        self.roles = roles
        self.createdAt = createdAt
        self.expiresAt = expiresAt
        self.usedAt = usedAt
    }
}

/// A token that was just made.
package struct NewToken: Codable, Sendable, Hashable {
    package var token: TokenInfo
    /// Shown once.
    package var secret: String

    /// A token.
    package init(token: TokenInfo, secret: String) {
        self.token = token
        self.secret = secret
    }
}

/// What a page keeps for a person: JSON of the page's own making, at most 4 KiB.
package struct KeptText: Codable, Sendable, Hashable {
    package var text: String

    /// A text.
    package init(text: String) { self.text = text }
}
