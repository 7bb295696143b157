package import ControllerAPI
import ControllerPeople
import ControllerStore
import TandemCrypto
package import TandemModel

extension PeopleDesk {
    package func people() async throws -> PeopleList {
        let (book, now) = (try await store.people(), wallNow())
        let people = book.accounts.values.sorted { $0.name < $1.name }.map { account in
            PersonInfo(
                name: account.name,
                roles: account.roles.sorted(),
                isLocked: account.isLocked,
                hasPassword: account.passwordHash != nil,
                hasSecondFactor: account.secondFactor != nil,
                createdAt: account.createdAt,
                createdBy: account.createdBy,
                lastSignInAt: account.lastSignInAt,
                sessionCount: book.sessions.values.count {
                    $0.person == account.name && !$0.isHalf && !$0.hasEnded(at: now)
                },
                tokenCount: Self.tokenCount(of: account.name, in: book, now)
            )
        }
        let requests = book.requests.values.filter { !$0.hasEnded(at: now) }
            .sorted { $0.askedAt.milliseconds < $1.askedAt.milliseconds }
        return PeopleList(
            people: people,
            requests: requests.map {
                RoleRequestInfo(
                    id: $0.id,
                    person: $0.person,
                    roles: $0.roles.sorted(),
                    askedBy: $0.askedBy,
                    askedAt: $0.askedAt
                )
            }
        )
    }

    private static func tokenCount(
        of name: PersonName,
        in book: PeopleBook,
        _ now: WallTime
    ) -> Int {
        book.tokens.values.count {
            $0.person == name && $0.expiresAt.milliseconds > now.milliseconds
        }
    }

    package func addPerson(_ request: PersonRequest, by person: PersonName) async throws
        -> PersonChange
    {
        let password = request.givesPassword ? newPassword() : nil
        var hash: String?
        if let password { hash = try await passwords.hash(password) }
        let (kept, id) = (hash, Self.newRequest())
        let outcome = try await store.changePeople { book in
            try book.add(
                request.name,
                roles: Set(request.roles),
                passwordHash: kept,
                by: .person(person),
                request: id,
                at: wallNow()
            )
        }
        return PersonChange(password: password, approval: outcome.waiting)
    }

    package func setRoles(_ roles: Set<Role>, of name: PersonName, by person: PersonName)
        async throws -> PersonChange
    {
        let id = Self.newRequest()
        let outcome = try await store.changePeople { book in
            try book.setRoles(name, roles, by: .person(person), request: id, at: wallNow())
        }
        return PersonChange(approval: outcome.waiting)
    }

    package func approveRoles(_ id: RequestID, by person: PersonName) async throws {
        try await store.changePeople { try $0.approve(id, by: person, at: wallNow()) }
    }

    package func withdrawRoles(_ id: RequestID, by person: PersonName) async throws {
        try await store.changePeople { try $0.withdraw(id, by: person, at: wallNow()) }
    }

    package func lock(_ name: PersonName, reason: String, by person: PersonName) async throws {
        try await store.changePeople {
            try $0.lock(name, reason: reason, by: .person(person), at: wallNow())
        }
    }

    package func unlock(_ name: PersonName, by person: PersonName) async throws {
        try await store.changePeople {
            try $0.unlock(name, by: .person(person), at: wallNow())
        }
    }

    package func endSessions(of name: PersonName, by person: PersonName) async throws {
        try await store.changePeople {
            try $0.endSessions(of: name, by: .person(person), at: wallNow())
        }
    }

    package func resetSecondFactor(_ name: PersonName, by person: PersonName) async throws {
        try await store.changePeople {
            try $0.resetSecondFactor(name, by: .person(person), at: wallNow())
        }
    }

    package func givePassword(_ name: PersonName, by person: PersonName) async throws
        -> PersonChange
    {
        let password = newPassword()
        let hash = try await passwords.hash(password)
        try await store.changePeople {
            try $0.setPassword(name, hash: hash, by: .person(person), at: wallNow())
        }
        return PersonChange(password: password)
    }

    private static func newRequest() -> RequestID {
        var generator = SecureGenerator()
        return RequestID.random(using: &generator)
    }
}

extension RolesOutcome {
    /// The request that a second administrator answers.
    var waiting: RequestID? {
        switch self {
        case .given: nil
        case .waits(let id): id
        }
    }
}
