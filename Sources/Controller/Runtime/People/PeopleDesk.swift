package import ControllerAPI
import ControllerPeople
package import ControllerStore
import Synchronization
package import TandemCrypto
package import TandemModel

/// Who is who: answers for each request from the store, and keeps what people do with accounts.
package final class PeopleDesk: Sendable {
    let store: any PeopleStore
    let passwords: PasswordWork
    private let proofMilliseconds: UInt64
    /// Attempts of names that are no accounts: in memory, as such a name may be a password.
    private let strangers = Mutex(AttemptLedger())

    /// A desk over a store that others may write too; `cost` is only less in tests.
    ///
    /// A proof of who somebody is counts for `proofMilliseconds` where service is moved; 0: as long as
    /// the session.
    package init(
        store: any PeopleStore,
        cost parameters: PasswordHash.Parameters = .current,
        proofMilliseconds: UInt64 = Session.proofMilliseconds
    ) {
        self.store = store
        self.proofMilliseconds = proofMilliseconds
        passwords = PasswordWork(parameters: parameters)
    }

    /// Counts an attempt before anything is computed for it.
    func admit(_ name: PersonName, _ visitor: Visitor) async throws {
        let (now, isAccount) = (wallNow(), try await store.account(name) != nil)
        if !isAccount {
            // It waits as an account would, and nobody is told the difference.
            try Self.refuse(strangers.withLock { $0.begin([.name(name)], at: now) })
        }
        let decision = try await store.changePeople { book in
            book.beginAttempt(of: isAccount ? name : nil, source: visitor.source, at: now)
        }
        try Self.refuse(decision)
    }

    private static func refuse(_ decision: AttemptLedger.Decision) throws {
        switch decision {
        case .mayTry: return
        case .mustWait(let seconds): throw TandemError.tooManyAttempts(seconds: seconds)
        }
    }

    /// The attempt that was admitted last was good.
    func wasGood(_ name: PersonName, _ visitor: Visitor) async throws {
        try await store.changePeople { $0.attempts.succeeded(name, source: visitor.source) }
    }

    /// What is kept of a secret.
    static func digest(_ secret: String) -> Digest { sha256(Array(secret.utf8)) }

    /// Comes back with each form; who has it knows the cookie already.
    static func formToken(_ secret: String) -> String {
        sha256(Array("tandem form token\n\(secret)".utf8)).description
    }
}

extension PeopleDesk: IdentityService {
    package func person(ofCertificate name: PersonName) async throws -> KnownPerson {
        guard let account = try await store.account(name) else {
            throw TandemError(
                .forbidden,
                "\(name) has a certificate and no account here",
                remedy: "Let an administrator add it on the page People, or run "
                    + "`tandem-controller people add \(name) --role ROLE` on the controller."
            )
        }
        guard !account.isLocked else { throw Self.locked(name) }
        return KnownPerson(name: name, roles: account.roles, means: .certificate)
    }

    package func person(ofSession secret: String) async throws -> KnownPerson {
        let digest = Self.digest(secret)
        let now = wallNow()
        guard let (session, account) = try await store.session(digest), let account,
            !session.isHalf, !session.hasEnded(at: now), !account.isLocked
        else { throw Self.signInNeeded("the session has ended") }
        if session.shouldNoteSeen(at: now) { try await store.noteSeen(session: digest, at: now) }
        return known(session, account, secret, now)
    }

    package func prove(_ proof: String, session secret: String, from visitor: Visitor)
        async throws -> (secret: String, person: KnownPerson)
    {
        guard let (session, account) = try await store.session(Self.digest(secret)), let account,
            !session.isHalf
        else { throw Self.signInNeeded("the session has ended") }
        if account.secondFactor == nil {
            try await demand(proof, of: account.name, visitor)
        } else {
            try await demand(code: proof, of: account.name, visitor)
        }
        let (next, now) = (newSecret(), wallNow())
        let kept = session.formToken ?? Self.formToken(secret)
        let renewed = try await store.changePeople { book in
            book.renew(Self.digest(secret), as: Self.digest(next), formToken: kept, at: now)
        }
        guard let renewed else { throw Self.signInNeeded("the session has ended meanwhile") }
        return (next, known(renewed, account, next, now))
    }

    private func known(
        _ session: Session,
        _ account: Account,
        _ secret: String,
        _ now: WallTime
    ) -> KnownPerson {
        var known = KnownPerson(
            name: account.name,
            roles: account.roles,
            means: .session(formToken: session.formToken ?? Self.formToken(secret))
        )
        guard proofMilliseconds > 0, session.owesProof(after: proofMilliseconds, at: now) else {
            return known
        }
        let other = account.passwordHash == nil ? OwedProof.Kind.signIn : .password
        known.owes = OwedProof(
            account.secondFactor == nil ? other : .code,
            minutes: proofMilliseconds / 60_000
        )
        return known
    }

    package func person(ofToken secret: String) async throws -> KnownPerson {
        let digest = Self.digest(secret)
        let now = wallNow()
        guard let (token, account) = try await store.token(digest) else {
            throw Self.signInNeeded("the token counts for nothing (any more)")
        }
        let roles = token.roles(of: account, at: now)
        guard !roles.isEmpty else {
            throw Self.signInNeeded("the token counts for nothing (any more)")
        }
        if token.shouldNoteUse(at: now) { try await store.noteUse(token: digest, at: now) }
        return KnownPerson(name: token.person, roles: roles, means: .token(id: token.id))
    }

    private static func locked(_ name: PersonName) -> TandemError {
        TandemError(
            .forbidden,
            "the account \(name) is locked",
            remedy: "Ask an administrator why, and to unlock it."
        )
    }

    static func signInNeeded(_ why: String) -> TandemError {
        TandemError(.signInNeeded, why, remedy: "Sign in again, or use another token.")
    }
}
