package import ControllerAPI
package import TandemModel

/// What came of a wish to give roles.
package enum RolesOutcome: Sendable, Hashable {
    case given
    /// A second administrator has to give those that weigh most.
    case waits(RequestID)
}

extension PeopleBook {
    /// Roles that only two administrators together give, where there are two.
    private static let heavyRoles: Set<Role> = [.administrator, .approver]

    /// Makes an account.
    ///
    /// Heavy roles may have to wait for a second administrator; until then it has the others, or
    /// looks only.
    package mutating func add(
        _ name: PersonName,
        roles: Set<Role>,
        passwordHash: String?,
        by actor: PeopleActor,
        request id: RequestID,
        at now: WallTime
    ) throws(TandemError) -> RolesOutcome {
        guard name.isValid, !PeopleActor.taken.contains(name.text.lowercased()) else {
            throw Self.refused(
                "'\(name.text.prefix(80))' is no name for an account",
                "Use letters, digits, dots, dashes and underscores, at most 63; not the name of a part of Tandem."
            )
        }
        let isTaken = accounts.keys.contains { $0.text.lowercased() == name.text.lowercased() }
        guard !isTaken else {
            throw Self.refused("there is an account '\(name)' already", "Choose another name.")
        }
        guard accounts.count < Self.accountCountMax else {
            throw Self.refused(
                "there are \(accounts.count) accounts, and no more are kept",
                "Ask whether all these people still need one."
            )
        }
        try Self.demandSome(roles)
        let waiting = rolesThatWait(gained: roles, by: actor)
        let given = roles.subtracting(waiting)
        var account = Account(
            name: name,
            roles: given.isEmpty ? [.viewer] : given,
            passwordHash: passwordHash,
            createdAt: now,
            createdBy: actor.name
        )
        account.hasGivenPassword = passwordHash != nil
        accounts[name] = account
        note("add account \(name) (\(Self.text(account.roles)))", by: actor.name, at: now)
        guard !waiting.isEmpty else { return .given }
        return ask(for: name, roles, by: actor, id, now)
    }

    /// Gives an account these roles and no others; its sessions end.
    package mutating func setRoles(
        _ name: PersonName,
        _ roles: Set<Role>,
        by actor: PeopleActor,
        request id: RequestID,
        at now: WallTime
    ) throws(TandemError) -> RolesOutcome {
        let account = try account(name)
        try Self.demandSome(roles)
        let waiting = rolesThatWait(gained: roles.subtracting(account.roles), by: actor)
        guard waiting.isEmpty else { return ask(for: name, roles, by: actor, id, now) }
        try give(name, roles, by: actor, now)
        return .given
    }

    /// A second administrator gives what the first one asked for.
    package mutating func approve(
        _ id: RequestID,
        by person: PersonName,
        at now: WallTime
    ) throws(TandemError) {
        let request = try request(id, now)
        guard request.askedBy != person, request.person != person else {
            throw TandemError(
                .approvalRefused,
                "\(person) can't approve roles that \(person) asked for or gets",
                remedy: "Another administrator approves it."
            )
        }
        requests[id] = nil
        note("approve roles of \(request.person)", by: person, at: now)
        try give(request.person, request.roles, by: .person(person), now)
    }

    /// Nobody will give these roles.
    package mutating func withdraw(
        _ id: RequestID,
        by person: PersonName,
        at now: WallTime
    ) throws(TandemError) {
        let request = try request(id, now)
        requests[id] = nil
        note("withdraw roles of \(request.person)", by: person, at: now)
    }

    /// Shuts a person out, at once.
    package mutating func lock(
        _ name: PersonName,
        reason: String,
        by actor: PeopleActor,
        at now: WallTime
    ) throws(TandemError) {
        var account = try account(name)
        guard name != actor.name else {
            throw Self.refused(
                "\(name) can't lock the own account",
                "Sign out, or let another administrator lock it."
            )
        }
        account.isLocked = true
        try demandAdministrator(after: account, by: actor)
        accounts[name] = account
        endAll(of: name)
        note("lock account \(name)", by: actor.name, reason, at: now)
    }

    /// Lets a person in again.
    package mutating func unlock(
        _ name: PersonName,
        by actor: PeopleActor,
        at now: WallTime
    ) throws(TandemError) {
        var account = try account(name)
        account.isLocked = false
        accounts[name] = account
        attempts.forget(name)
        note("unlock account \(name)", by: actor.name, at: now)
    }

    /// Sets a password; all sessions of the person end.
    package mutating func setPassword(
        _ name: PersonName,
        hash: String,
        by actor: PeopleActor,
        at now: WallTime
    ) throws(TandemError) {
        var account = try account(name)
        account.passwordHash = hash
        account.hasGivenPassword = actor.name != name
        accounts[name] = account
        endAll(of: name)
        note("set password of \(name)", by: actor.name, at: now)
    }

    /// Takes the second factor away, for who lost it; all sessions of the person end.
    package mutating func resetSecondFactor(
        _ name: PersonName,
        by actor: PeopleActor,
        at now: WallTime
    ) throws(TandemError) {
        var account = try account(name)
        account.secondFactor = nil
        account.offeredFactorKey = nil
        accounts[name] = account
        endAll(of: name)
        note("reset second factor of \(name)", by: actor.name, at: now)
    }

    // MARK: - Parts

    private mutating func give(
        _ name: PersonName,
        _ roles: Set<Role>,
        by actor: PeopleActor,
        _ now: WallTime
    ) throws(TandemError) {
        var account = try account(name)
        let before = account.roles
        account.roles = roles
        try demandAdministrator(after: account, by: actor)
        accounts[name] = account
        requests = requests.filter { $0.value.person != name }
        if before != roles { endAll(of: name) }
        note(
            "set roles of \(name) from \(Self.text(before)) to \(Self.text(roles))",
            by: actor.name,
            at: now
        )
    }

    private mutating func ask(
        for name: PersonName,
        _ roles: Set<Role>,
        by actor: PeopleActor,
        _ id: RequestID,
        _ now: WallTime
    ) -> RolesOutcome {
        requests = requests.filter { $0.value.person != name }
        requests[id] = RoleRequest(
            id: id,
            person: name,
            roles: roles,
            askedBy: actor.name,
            askedAt: now
        )
        note("ask for roles of \(name): \(Self.text(roles))", by: actor.name, at: now)
        return .waits(id)
    }

    private func request(_ id: RequestID, _ now: WallTime) throws(TandemError) -> RoleRequest {
        if let request = requests[id], !request.hasEnded(at: now) { return request }
        throw TandemError(
            .unknownName,
            "nobody asks for these roles (any more)",
            remedy: "Look at the list of people again."
        )
    }

    /// Two people, where there are two who can; the local command is the way in for none or one.
    private func rolesThatWait(gained: Set<Role>, by actor: PeopleActor) -> Set<Role> {
        guard !actor.isLocal, administrators(in: accounts).count > 1 else { return [] }
        return gained.intersection(Self.heavyRoles)
    }

    private static func demandSome(_ roles: Set<Role>) throws(TandemError) {
        guard roles.isEmpty else { return }
        throw refused("an account without any role can do nothing", "Choose at least one role.")
    }

    /// Nobody shuts the last administrator out by mistake; the local command may.
    private func demandAdministrator(
        after change: Account,
        by actor: PeopleActor
    ) throws(TandemError) {
        guard !actor.isLocal else { return }
        var changed = accounts
        changed[change.name] = change
        guard administrators(in: changed).isEmpty else { return }
        throw Self.refused(
            "\(change.name) is the last administrator",
            "Make another administrator first."
        )
    }

    private func administrators(in accounts: [PersonName: Account]) -> [Account] {
        accounts.values.filter { !$0.isLocked && $0.roles.contains(.administrator) }
    }

    private mutating func endAll(of name: PersonName) {
        sessions = sessions.filter { $0.value.person != name }
        codes = codes.filter { $0.value.person != name }
    }
}
