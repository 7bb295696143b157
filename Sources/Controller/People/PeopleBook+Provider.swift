package import ControllerAPI
package import TandemModel

extension PeopleBook {
    /// A session for a person whom the identity provider has proved; or why there is none.
    ///
    /// Without `roles` the account decides what the person may do. With them the provider does: the
    /// account is made where it is missing, and gets these roles. Accounts with a password are then out
    /// of the provider's reach, so that the local way in stays what it was. `proved` is when the provider
    /// last asked who it is; where it does not say, that counts as long ago.
    package mutating func open(
        _ digest: Digest,
        provided name: PersonName,
        roles: Set<Role>?,
        proved: WallTime?,
        from origin: SessionOrigin,
        request id: RequestID,
        at now: WallTime
    ) -> TandemError? {
        do throws(TandemError) {
            if let roles { try adopt(name, roles, request: id, at: now) }
            guard let account = accounts[name] else {
                throw Self.notLetIn(
                    "the identity provider knows you as '\(name)', and there is no such account here",
                    "Ask an administrator to add it on the page People."
                )
            }
            guard !account.isLocked else {
                throw Self.notLetIn(
                    "the account \(name) is locked",
                    "Ask an administrator why, and to unlock it."
                )
            }
        } catch {
            refusedSignIn(name, "proved by the identity provider", from: origin, at: now)
            return error
        }
        let isOpen = open(
            digest,
            for: name,
            proved: "by identity provider",
            earlier: proved ?? WallTime(milliseconds: 0),
            from: origin,
            at: now
        )
        guard isOpen else {
            return Self.notLetIn("the account \(name) is locked", "Ask an administrator.")
        }
        return nil
    }

    private mutating func adopt(
        _ name: PersonName,
        _ roles: Set<Role>,
        request id: RequestID,
        at now: WallTime
    ) throws(TandemError) {
        guard let account = accounts[name] else {
            _ = try add(
                name,
                roles: roles,
                passwordHash: nil,
                by: .provider,
                request: id,
                at: now
            )
            return
        }
        // Checked before anything is changed: a locked account keeps its roles as they are.
        guard !account.isLocked else { return }
        guard account.passwordHash == nil else {
            throw Self.notLetIn(
                "\(name) is a local account with a password, which the identity provider does not reach",
                "Sign in with the password, or ask an administrator for an account of another name."
            )
        }
        guard account.roles != roles else { return }
        _ = try setRoles(name, roles, by: .provider, request: id, at: now)
    }

    private static func notLetIn(_ why: String, _ remedy: String) -> TandemError {
        TandemError(.signInRefused, why, remedy: remedy)
    }
}
