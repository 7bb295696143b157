package import ControllerAPI
package import TandemModel

extension PeopleBook {
    /// A token for a program of that person's; the secret is shown once, by whoever made it.
    package mutating func addToken(
        _ digest: Digest,
        id: String,
        of name: PersonName,
        label: String,
        scope: Set<Role>,
        days: Int,
        at now: WallTime
    ) throws(TandemError) -> APIToken {
        let account = try account(name)
        guard !scope.isEmpty, scope.isSubset(of: account.roles) else {
            throw Self.refused(
                "a token's roles are some of its owner's (\(Self.text(account.roles)))",
                "Choose at least one of them."
            )
        }
        guard (1...APIToken.daysMax).contains(days) else {
            throw Self.refused(
                "a token counts for 1 to \(APIToken.daysMax) days, not \(days)",
                "Choose fewer days, and make a new one in time."
            )
        }
        guard !label.isEmpty, label.count <= 80 else {
            throw Self.refused(
                "a token's label has 1 to 80 characters",
                "Say what program it is for."
            )
        }
        tokens = tokens.filter { $0.value.expiresAt.milliseconds > now.milliseconds }
        guard tokens.values.filter({ $0.person == name }).count < Self.tokenCountMax else {
            throw Self.refused(
                "\(name) has \(Self.tokenCountMax) tokens already",
                "Revoke those that no program uses."
            )
        }
        let token = APIToken(
            digest: digest,
            id: id,
            person: name,
            label: label,
            scope: scope,
            createdAt: now,
            expiresAt: WallTime(milliseconds: now.milliseconds + UInt64(days) * 86_400_000)
        )
        tokens[digest] = token
        note("create token \(id) (\(Self.text(scope)), \(days) days)", by: name, label, at: now)
        return token
    }

    /// Ends a token of a person.
    package mutating func revokeToken(
        _ id: String,
        of name: PersonName,
        by actor: PeopleActor,
        at now: WallTime
    ) throws(TandemError) {
        let found = tokens.values.first { $0.person == name && $0.id == id }
        guard let found else {
            throw TandemError(
                .unknownName,
                "\(name) has no token '\(id.prefix(40))'",
                remedy: "`tandem token list` shows your tokens."
            )
        }
        tokens[found.digest] = nil
        note("revoke token \(id) of \(name)", by: actor.name, found.label, at: now)
    }

    /// Keeps the key of a second factor until its first code confirms it.
    package mutating func offerSecondFactor(
        _ key: [UInt8],
        to name: PersonName
    ) throws(TandemError) {
        var account = try account(name)
        guard account.secondFactor == nil else {
            throw Self.refused(
                "\(name) has a second factor already",
                "Take that one away first."
            )
        }
        account.offeredFactorKey = key
        accounts[name] = account
    }

    /// Turns the offered second factor on, if the code is of its key.
    package mutating func confirmSecondFactor(
        _ name: PersonName,
        code: String,
        step: UInt64,
        codeOf: (_ key: [UInt8], _ step: UInt64) -> String,
        at now: WallTime
    ) throws(TandemError) -> Bool {
        var account = try account(name)
        guard let key = account.offeredFactorKey, account.secondFactor == nil else {
            throw Self.refused("no second factor is offered to \(name)", "Begin anew.")
        }
        let known = SecondFactor.step(of: code, now: step, after: 0) { codeOf(key, $0) }
        guard let known else { return false }
        account.secondFactor = SecondFactor(key: key, lastStep: known)
        account.offeredFactorKey = nil
        accounts[name] = account
        note("set second factor", by: name, at: now)
        return true
    }

    /// A stronger hash of the same password, made at sign-in; nothing ends by it.
    package mutating func rehash(_ checked: Account, _ hash: String) {
        guard accounts[checked.name]?.passwordHash == checked.passwordHash else { return }
        accounts[checked.name]?.passwordHash = hash
    }
}
