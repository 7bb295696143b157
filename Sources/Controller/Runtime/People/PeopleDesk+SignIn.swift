package import ControllerAPI
import ControllerPeople
import ControllerStore
import TandemCrypto
package import TandemModel

extension PeopleDesk: PeopleService {
    package func signIn(_ name: PersonName, password: String, from visitor: Visitor)
        async throws -> SignedIn
    {
        try await admit(name, visitor)
        let account = try await checked(name, password, visitor)
        let outdated = passwords.isOutdated(account.passwordHash)
        let (secret, origin) = (newSecret(), SessionOrigin(visitor))
        let outcome = try await store.changePeople { book in
            book.open(Self.digest(secret), for: account, from: origin, at: wallNow())
        }
        if outdated, outcome != .refused { try await renewHash(account, password) }
        switch outcome {
        case .whole:
            try await wasGood(name, visitor)
            return .done(secret: secret)
        case .half: return .needsCode(secret: secret)
        case .refused: throw try await refused(name, "the account is locked", visitor)
        }
    }

    package func signIn(code: String, half secret: String, from visitor: Visitor) async throws
        -> SignedIn
    {
        let half = Self.digest(secret)
        guard let (session, _) = try await store.session(half), session.isHalf,
            !session.hasEnded(at: wallNow())
        else { throw Self.signInNeeded("the time for the second factor is over") }
        try await admit(session.person, visitor)
        let (next, origin) = (newSecret(), SessionOrigin(visitor))
        let isRight = try await store.changePeople { book in
            let now = wallNow()
            return book.complete(
                half,
                as: Self.digest(next),
                code: code,
                step: Self.step(now),
                codeOf: { TOTP.code(key: $0, step: $1) },
                from: origin,
                at: now
            )
        }
        guard isRight else { throw Self.wrongCode(.signInRefused) }
        try await wasGood(session.person, visitor)
        return .done(secret: next)
    }

    static func wrongCode(_ code: ErrorCode) -> TandemError {
        TandemError(
            code,
            "the code is wrong, or was used already",
            remedy: "Wait for the next code of your app; check the clock of your phone."
        )
    }

    package func signIn(oneTime code: String, from visitor: Visitor) async throws -> SignedIn {
        let (secret, origin) = (newSecret(), SessionOrigin(visitor))
        let isOpen = try await store.changePeople { book in
            let now = wallNow()
            guard let name = book.take(code: Self.digest(code), at: now) else { return false }
            return book.open(
                Self.digest(secret),
                for: name,
                proved: "by one-time code",
                from: origin,
                at: now
            )
        }
        guard isOpen else {
            throw TandemError(
                .signInRefused,
                "the one-time code was used, is too old, or was never made",
                remedy: "Make a new one: `tandem-controller people one-time-sign-in NAME`."
            )
        }
        return .done(secret: secret)
    }

    package func signIn(provided end: ProviderEnd, from visitor: Visitor) async throws -> SignedIn {
        let (secret, origin) = (newSecret(), SessionOrigin(visitor))
        var generator = SecureGenerator()
        let request = RequestID.random(using: &generator)
        let objection = try await store.changePeople { book in
            book.open(
                Self.digest(secret),
                provided: end.name,
                roles: end.roles,
                proved: end.provedAt,
                from: origin,
                request: request,
                at: wallNow()
            )
        }
        if let objection { throw objection }
        return .done(secret: secret)
    }

    package func signOut(_ secret: String) async throws {
        try await store.changePeople { $0.signOut(Self.digest(secret), at: wallNow()) }
    }

    // MARK: - Parts

    /// The account whose password this is.
    func checked(_ name: PersonName, _ password: String, _ visitor: Visitor) async throws
        -> Account
    {
        let account = try await store.account(name)
        let isShort = password.utf8.count <= PasswordPolicy.byteCountMax
        let isRight = try await passwords.matches(
            isShort ? password : "",
            isShort ? account?.passwordHash : nil
        )
        guard isRight, let account else { throw try await refused(name, "wrong", visitor) }
        return account
    }

    private func refused(_ name: PersonName, _ why: String, _ visitor: Visitor) async throws
        -> TandemError
    {
        let origin = SessionOrigin(visitor)
        try await store.changePeople { $0.refusedSignIn(name, why, from: origin, at: wallNow()) }
        return TandemError(
            .signInRefused,
            "the name or the password is wrong, or the account is locked",
            remedy: "Try again, or ask an administrator."
        )
    }

    private func renewHash(_ account: Account, _ password: String) async throws {
        let hash = try await passwords.hash(password)
        try await store.changePeople { $0.rehash(account, hash) }
    }

    /// The step of one-time codes at a time.
    static func step(_ now: WallTime) -> UInt64 {
        now.milliseconds / 1000 / TOTP.stepSeconds
    }
}

extension SessionOrigin {
    init(_ visitor: Visitor) { self.init(source: visitor.source, agent: visitor.agent) }
}
