package import ControllerAPI
package import TandemModel

/// What a browser's cookie stands for; known by the digest of the secret, which is not kept.
package struct Session: Codable, Sendable, Hashable {
    /// Without a request it ends after this.
    package static let idleMilliseconds: UInt64 = 15 * 60_000
    /// It ends after this whatever is done.
    package static let absoluteMilliseconds: UInt64 = 8 * 3_600_000
    /// The time for the second factor, after the password.
    package static let halfMilliseconds: UInt64 = 5 * 60_000
    /// How long a proof counts for what moves service, unless the site says otherwise.
    package static let proofMilliseconds: UInt64 = 15 * 60_000
    /// How far the noted time of the last request may lag behind.
    package static let seenStepMilliseconds: UInt64 = 60_000

    package var digest: Digest
    package var person: PersonName
    package var startedAt: WallTime
    package var seenAt: WallTime
    /// The address it was begun from.
    package var source: String
    /// The browser, as it names itself.
    package var agent: String
    /// Whether the second factor is still missing: then it opens nothing.
    package var isHalf: Bool
    /// When the person last proved who it is; `nil`: as it began.
    package var provedAt: WallTime?
    /// The form token of the session that this one goes on from, so that pages which are open in
    /// other tabs still count; `nil`: its own.
    package var formToken: String?

    /// A session that begins now.
    package init(
        digest: Digest,
        person: PersonName,
        now: WallTime,
        source: String,
        agent: String,
        isHalf: Bool = false
    ) {
        self.digest = digest
        self.person = person
        startedAt = now
        seenAt = now
        self.source = String(source.prefix(64))
        self.agent = String(agent.prefix(200))
        self.isHalf = isHalf
    }

    /// Names it on pages; says nothing about the secret.
    package var id: String { String(digest.description.prefix(16)) }

    /// Whether its time is over.
    package func hasEnded(at now: WallTime) -> Bool {
        let limit = isHalf ? Self.halfMilliseconds : Self.absoluteMilliseconds
        return now.since(startedAt) >= limit || now.since(seenAt) >= Self.idleMilliseconds
    }

    /// Whether the last proof is older than that.
    package func owesProof(after milliseconds: UInt64, at now: WallTime) -> Bool {
        now.since(provedAt ?? startedAt) >= milliseconds
    }

    /// Whether the time of this request is worth a write.
    package func shouldNoteSeen(at now: WallTime) -> Bool {
        now.since(seenAt) >= Self.seenStepMilliseconds
    }
}

/// What a program shows instead of a person's password.
package struct APIToken: Codable, Sendable, Hashable {
    /// A year.
    package static let daysMax = 365

    package var digest: Digest
    /// Names it to people.
    package var id: String
    package var person: PersonName
    /// What it is for, in the person's words.
    package var label: String
    /// It gives no more roles than these, and no more than its owner has.
    package var scope: Set<Role>
    package var createdAt: WallTime
    package var expiresAt: WallTime
    package var usedAt: WallTime?

    /// The roles it gives now; empty when it gives nothing (any more).
    package func roles(of owner: Account?, at now: WallTime) -> Set<Role> {
        guard let owner, !owner.isLocked, now.milliseconds < expiresAt.milliseconds else {
            return []
        }
        return scope.intersection(owner.roles)
    }

    /// Whether the time of this use is worth a write.
    package func shouldNoteUse(at now: WallTime) -> Bool {
        usedAt.map { now.since($0) >= Session.seenStepMilliseconds } ?? true
    }
}

/// A code that opens one session, made by the local command.
package struct OneTimeCode: Codable, Sendable, Hashable {
    /// Ten minutes.
    package static let milliseconds: UInt64 = 10 * 60_000

    package var digest: Digest
    package var person: PersonName
    package var createdAt: WallTime

    /// Whether it came too late.
    package func hasEnded(at now: WallTime) -> Bool {
        now.since(createdAt) >= Self.milliseconds
    }
}

/// Roles that one administrator asks for and a second one has to give.
package struct RoleRequest: Codable, Sendable, Hashable {
    /// A day.
    package static let milliseconds: UInt64 = 24 * 3_600_000

    package var id: RequestID
    package var person: PersonName
    package var roles: Set<Role>
    package var askedBy: PersonName
    package var askedAt: WallTime

    /// A request.
    package init(
        id: RequestID,
        person: PersonName,
        roles: Set<Role>,
        askedBy: PersonName,
        askedAt: WallTime
    ) {
        self.id = id
        self.person = person
        self.roles = roles
        self.askedBy = askedBy
        self.askedAt = askedAt
    }

    /// Whether nobody answered in time.
    package func hasEnded(at now: WallTime) -> Bool { now.since(askedAt) >= Self.milliseconds }
}

extension WallTime {
    /// Milliseconds from `earlier` to this moment, 0 where a clock was set back.
    ///
    /// Wall time, as sessions outlive the process and are judged by two of them.
    func since(_ earlier: WallTime) -> UInt64 {
        milliseconds > earlier.milliseconds ? milliseconds - earlier.milliseconds : 0
    }
}
