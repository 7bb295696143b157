package import ControllerAPI
import ControllerPeople
import ControllerStore
import TandemCrypto
package import TandemModel

extension PeopleDesk {
    package func ownAccount(_ name: PersonName) async throws -> OwnAccount {
        let book = try await store.people()
        let (account, now) = (try book.account(name), wallNow())
        let sessions = book.sessions.values
            .filter { $0.person == name && !$0.isHalf && !$0.hasEnded(at: now) }
            .sorted { $0.startedAt.milliseconds > $1.startedAt.milliseconds }
        return OwnAccount(
            name: name,
            roles: account.roles.sorted(),
            hasPassword: account.passwordHash != nil,
            hasGivenPassword: account.hasGivenPassword,
            hasSecondFactor: account.secondFactor != nil,
            sessions: sessions.map {
                OwnAccount.SessionInfo(
                    id: $0.id,
                    startedAt: $0.startedAt,
                    seenAt: $0.seenAt,
                    source: $0.source,
                    agent: $0.agent
                )
            },
            tokens: Self.tokens(of: name, in: book)
        )
    }

    package func changePassword(
        _ name: PersonName,
        from old: String,
        to new: String,
        visitor: Visitor
    ) async throws -> SignedIn {
        if let objection = PasswordPolicy.objection(to: new, of: name) { throw objection }
        try await demand(old, of: name, visitor)
        let hash = try await passwords.hash(new)
        let (secret, origin) = (newSecret(), SessionOrigin(visitor))
        let isOpen = try await store.changePeople { book in
            let now = wallNow()
            try book.setPassword(name, hash: hash, by: .person(name), at: now)
            return book.open(
                Self.digest(secret),
                for: name,
                proved: "by new password",
                from: origin,
                at: now
            )
        }
        guard isOpen else { throw Self.signInNeeded("the account was locked meanwhile") }
        return .done(secret: secret)
    }

    package func offerSecondFactor(_ name: PersonName) async throws -> OfferedFactor {
        let key = TOTP.newKey()
        try await store.changePeople { try $0.offerSecondFactor(key, to: name) }
        let text = TOTP.text(ofKey: key)
        return OfferedFactor(
            key: text,
            uri: "otpauth://totp/Tandem:\(name)?secret=\(text)&issuer=Tandem"
        )
    }

    package func confirmSecondFactor(_ name: PersonName, code: String) async throws {
        let isRight = try await store.changePeople { book in
            let now = wallNow()
            return try book.confirmSecondFactor(
                name,
                code: code,
                step: Self.step(now),
                codeOf: { TOTP.code(key: $0, step: $1) },
                at: now
            )
        }
        guard !isRight else { return }
        throw TandemError(
            .accountRefused,
            "the code is not that of the new key",
            remedy: "Enter the key into your app again; check the clock of your phone."
        )
    }

    package func removeSecondFactor(_ name: PersonName, password: String, visitor: Visitor)
        async throws
    {
        try await demand(password, of: name, visitor)
        try await store.changePeople {
            try $0.resetSecondFactor(name, by: .person(name), at: wallNow())
        }
    }

    package func createToken(_ request: TokenRequest, of name: PersonName) async throws
        -> NewToken
    {
        let secret = "tandem_\(newSecret())"
        let id = newSecret(byteCount: 4)
        let token = try await store.changePeople { book in
            try book.addToken(
                Self.digest(secret),
                id: id,
                of: name,
                label: request.label,
                scope: Set(request.roles),
                days: request.days,
                at: wallNow()
            )
        }
        return NewToken(token: TokenInfo(token), secret: secret)
    }

    package func tokens(of name: PersonName) async throws -> [TokenInfo] {
        Self.tokens(of: name, in: try await store.people())
    }

    package func revokeToken(_ id: String, of name: PersonName, by person: PersonName)
        async throws
    {
        try await store.changePeople {
            try $0.revokeToken(id, of: name, by: .person(person), at: wallNow())
        }
    }

    package func endSession(_ id: String, of name: PersonName, by person: PersonName)
        async throws
    {
        try await store.changePeople {
            try $0.endSession(id, of: name, by: .person(person), at: wallNow())
        }
    }

    package func preferences(of name: PersonName, page: String) async throws -> String? {
        try await store.preferences(of: name, page: try Self.page(page))
    }

    package func setPreferences(_ text: String, of name: PersonName, page: String)
        async throws
    {
        guard text.utf8.count <= Preferences.byteCountMax else {
            throw TandemError(
                .usage,
                "what is kept for a page has at most \(Preferences.byteCountMax) bytes",
                remedy: "Keep less."
            )
        }
        _ = try await store.account(name)
        try await store.setPreferences(text, of: name, page: try Self.page(page))
    }

    /// Whoever found a browser open does not know the password.
    func demand(_ password: String, of name: PersonName, _ visitor: Visitor) async throws {
        try await admit(name, visitor)
        do {
            _ = try await checked(name, password, visitor)
        } catch let error as TandemError where error.code == .signInRefused {
            throw TandemError(
                .accountRefused,
                "that is not your password",
                remedy: "Enter the password that you sign in with now."
            )
        }
        try await wasGood(name, visitor)
    }

    /// The same with a code of the second factor.
    func demand(code: String, of name: PersonName, _ visitor: Visitor) async throws {
        try await admit(name, visitor)
        let origin = SessionOrigin(visitor)
        let isRight = try await store.changePeople { book in
            let now = wallNow()
            return book.use(
                code,
                of: name,
                step: Self.step(now),
                codeOf: { TOTP.code(key: $0, step: $1) },
                from: origin,
                at: now
            )
        }
        guard isRight else { throw Self.wrongCode(.accountRefused) }
        try await wasGood(name, visitor)
    }

    private static func page(_ name: String) throws -> String {
        guard Preferences.pages.contains(name) else {
            throw TandemError(
                .unknownName,
                "nothing is kept for a page '\(name.prefix(40))'",
                remedy: "Pages are: \(Preferences.pages.sorted().joined(separator: ", "))."
            )
        }
        return name
    }

    private static func tokens(of name: PersonName, in book: PeopleBook) -> [TokenInfo] {
        let now = wallNow().milliseconds
        return book.tokens.values
            .filter { $0.person == name && $0.expiresAt.milliseconds > now }
            .sorted { $0.createdAt.milliseconds > $1.createdAt.milliseconds }
            .map(TokenInfo.init)
    }
}

extension TokenInfo {
    init(_ token: APIToken) {
        self.init(
            id: token.id,
            label: token.label,
            roles: token.scope.sorted(),
            createdAt: token.createdAt,
            expiresAt: token.expiresAt,
            usedAt: token.usedAt
        )
    }
}
