import ControllerAPI
package import TandemModel

/// Everything that is known about people, and what may become of it.
///
/// A store applies one change at a time to it; each change notes what it did for the audit.
package struct PeopleBook: Sendable, Hashable {
    package var accounts: [PersonName: Account] = [:]
    package var sessions: [Digest: Session] = [:]
    package var tokens: [Digest: APIToken] = [:]
    package var codes: [Digest: OneTimeCode] = [:]
    package var requests: [RequestID: RoleRequest] = [:]
    /// Of names that are accounts, and of addresses: what is no account's name may be a password that
    /// went into the wrong field, and is not written down.
    package var attempts = AttemptLedger()
    /// Lines for the audit, oldest first.
    package var notes: [AuditEntry] = []

    static let accountCountMax = 1000
    static let sessionCountMax = 20
    static let tokenCountMax = 20

    /// An empty book.
    package init() {}

    /// Forgets what has ended by itself.
    package mutating func forgetEnded(at now: WallTime) {
        sessions = sessions.filter { !$0.value.hasEnded(at: now) }
        codes = codes.filter { !$0.value.hasEnded(at: now) }
        requests = requests.filter { !$0.value.hasEnded(at: now) }
        attempts.forgetOld(at: now)
    }

    /// The account, or `unknownName`.
    package func account(_ name: PersonName) throws(TandemError) -> Account {
        if let account = accounts[name] { return account }
        throw TandemError(
            .unknownName,
            "there is no account '\(name)'",
            remedy: "`tandem people list` shows the accounts."
        )
    }

    mutating func note(
        _ what: String,
        by person: PersonName,
        _ reason: String = "",
        at now: WallTime
    ) {
        notes.append(
            AuditEntry(
                time: now,
                person: person,
                cluster: nil,
                server: nil,
                what: what,
                reason: reason
            )
        )
    }

    static func refused(_ why: String, _ remedy: String) -> TandemError {
        TandemError(.accountRefused, why, remedy: remedy)
    }

    static func text(_ roles: Set<Role>) -> String {
        roles.sorted().map(\.rawValue).joined(separator: ", ")
    }
}
