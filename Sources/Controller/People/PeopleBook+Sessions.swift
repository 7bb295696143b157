package import TandemModel

/// Where a sign-in or request comes from.
package struct SessionOrigin: Sendable, Hashable {
    package var source: String
    package var agent: String

    /// An address, and the browser's own name.
    package init(source: String, agent: String) {
        self.source = source
        self.agent = agent
    }
}

/// What the password led to.
package enum OpenedSession: Sendable, Hashable {
    case whole
    /// The second factor is asked for next.
    case half
    case refused
}

extension PeopleBook {
    /// Counts an attempt that is about to be made; `name` is `nil` where it is no account's.
    package mutating func beginAttempt(
        of name: PersonName?,
        source: String,
        at now: WallTime
    ) -> AttemptLedger.Decision {
        let before = attempts.lockedOut(at: now)
        let names = name.map { [AttemptKey.name($0)] } ?? []
        let decision = attempts.begin(names + [.source(source)], at: now)
        for name in attempts.lockedOut(at: now) where !before.contains(name) {
            note("lock out after too many attempts", by: name, "from \(source)", at: now)
        }
        return decision
    }

    /// A session under a new secret, for a person whose password was right a moment ago.
    ///
    /// `checked` is the account as it was then: what was changed meanwhile counts.
    package mutating func open(
        _ digest: Digest,
        for checked: Account,
        from origin: SessionOrigin,
        at now: WallTime
    ) -> OpenedSession {
        guard let account = accounts[checked.name], !account.isLocked,
            account.passwordHash == checked.passwordHash
        else { return .refused }
        let isHalf = account.secondFactor != nil
        begin(digest, account.name, origin, isHalf: isHalf, now)
        if !isHalf { noteSignIn(account.name, "by password", origin, now) }
        return isHalf ? .half : .whole
    }

    /// The second factor: the half session is over either way once it is right.
    package mutating func complete(
        _ half: Digest,
        as digest: Digest,
        code: String,
        step: UInt64,
        codeOf: (_ key: [UInt8], _ step: UInt64) -> String,
        from origin: SessionOrigin,
        at now: WallTime
    ) -> Bool {
        guard let session = sessions[half], session.isHalf, !session.hasEnded(at: now),
            use(code, of: session.person, step: step, codeOf: codeOf, from: origin, at: now)
        else { return false }
        sessions[half] = nil
        begin(digest, session.person, origin, isHalf: false, now)
        noteSignIn(session.person, "by password and code", origin, now)
        return true
    }

    /// Uses up a code of the person's second factor, if it is one.
    package mutating func use(
        _ code: String,
        of name: PersonName,
        step: UInt64,
        codeOf: (_ key: [UInt8], _ step: UInt64) -> String,
        from origin: SessionOrigin,
        at now: WallTime
    ) -> Bool {
        guard let account = accounts[name], !account.isLocked, let factor = account.secondFactor
        else { return false }
        let known = SecondFactor.step(of: code, now: step, after: factor.lastStep) {
            codeOf(factor.key, $0)
        }
        guard let known else {
            note("refused second factor", by: name, "from \(origin.source)", at: now)
            return false
        }
        accounts[name]?.secondFactor?.lastStep = known
        return true
    }

    /// A session whose person has just proved anew who it is goes on under a new secret: whoever has
    /// stolen the old one is out, and its limits stay.
    package mutating func renew(
        _ old: Digest,
        as new: Digest,
        formToken: String,
        at now: WallTime
    ) -> Session? {
        guard var session = sessions[old], !session.isHalf, !session.hasEnded(at: now) else {
            return nil
        }
        sessions[old] = nil
        session.digest = new
        session.seenAt = now
        session.provedAt = now
        session.formToken = formToken
        sessions[new] = session
        note("prove anew", by: session.person, "from \(session.source)", at: now)
        return session
    }

    /// A session for a person who is proved by other means than the password: a one-time code of the
    /// local command, or an identity provider, which may have done so `earlier`.
    package mutating func open(
        _ digest: Digest,
        for name: PersonName,
        proved means: String,
        earlier: WallTime? = nil,
        from origin: SessionOrigin,
        at now: WallTime
    ) -> Bool {
        guard let account = accounts[name], !account.isLocked else { return false }
        begin(digest, name, origin, isHalf: false, now)
        sessions[digest]?.provedAt = earlier
        noteSignIn(name, means, origin, now)
        return true
    }

    /// Uses a one-time code up; who it was for.
    package mutating func take(code: Digest, at now: WallTime) -> PersonName? {
        guard let known = codes.removeValue(forKey: code), !known.hasEnded(at: now) else {
            return nil
        }
        return known.person
    }

    /// Makes a one-time code known.
    package mutating func add(
        code digest: Digest,
        for name: PersonName,
        by actor: PeopleActor,
        at now: WallTime
    ) throws(TandemError) {
        let account = try account(name)
        guard !account.isLocked else {
            throw Self.refused("the account \(name) is locked", "Unlock it first.")
        }
        codes[digest] = OneTimeCode(digest: digest, person: name, createdAt: now)
        note("make one-time sign-in for \(name)", by: actor.name, at: now)
    }

    /// A try that was refused.
    package mutating func refusedSignIn(
        _ name: PersonName,
        _ why: String,
        from origin: SessionOrigin,
        at now: WallTime
    ) {
        // What is no account's name may be a password that went into the wrong field.
        let shown = accounts[name] == nil ? PersonName("unknown") : name
        note("refused sign-in", by: shown, "\(why), from \(origin.source)", at: now)
    }

    /// Ends one session of a person, known by its id.
    package mutating func endSession(
        _ id: String,
        of name: PersonName,
        by actor: PeopleActor,
        at now: WallTime
    ) throws(TandemError) {
        let found = sessions.values.first { $0.person == name && $0.id == id }
        guard let found else {
            throw TandemError(
                .unknownName,
                "\(name) has no session '\(id.prefix(40))'",
                remedy: "It may have ended by itself; look again."
            )
        }
        sessions[found.digest] = nil
        note("end a session of \(name)", by: actor.name, "from \(found.source)", at: now)
    }

    /// Ends every session of a person.
    package mutating func endSessions(
        of name: PersonName,
        by actor: PeopleActor,
        at now: WallTime
    ) throws(TandemError) {
        let account = try account(name)
        sessions = sessions.filter { $0.value.person != account.name }
        note("end all sessions of \(name)", by: actor.name, at: now)
    }

    /// The person signs out.
    package mutating func signOut(_ digest: Digest, at now: WallTime) {
        guard let session = sessions.removeValue(forKey: digest) else { return }
        if !session.isHalf { note("sign out", by: session.person, at: now) }
    }

    // MARK: - Parts

    private mutating func begin(
        _ digest: Digest,
        _ name: PersonName,
        _ origin: SessionOrigin,
        isHalf: Bool,
        _ now: WallTime
    ) {
        forgetEnded(at: now)
        let own = sessions.values.filter { $0.person == name }
            .sorted { ($0.seenAt.milliseconds, $0.id) < ($1.seenAt.milliseconds, $1.id) }
        for old in own.dropLast(Self.sessionCountMax - 1) { sessions[old.digest] = nil }
        sessions[digest] = Session(
            digest: digest,
            person: name,
            now: now,
            source: origin.source,
            agent: origin.agent,
            isHalf: isHalf
        )
    }

    private mutating func noteSignIn(
        _ name: PersonName,
        _ means: String,
        _ origin: SessionOrigin,
        _ now: WallTime
    ) {
        accounts[name]?.lastSignInAt = now
        note("sign in \(means)", by: name, "from \(origin.source)", at: now)
    }
}
