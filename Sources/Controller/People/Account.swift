package import ControllerAPI
package import TandemModel

/// A person who may use this controller.
package struct Account: Codable, Sendable, Hashable {
    package var name: PersonName
    /// Never empty.
    package var roles: Set<Role>
    /// As `PasswordHash` writes it; `nil` for who comes with a certificate or by a provider only.
    package var passwordHash: String?
    /// Whether somebody else chose the password, so that it is no secret of the person's yet.
    package var hasGivenPassword = false
    package var isLocked = false
    package var secondFactor: SecondFactor?
    /// The key of a second factor that was offered and not confirmed yet.
    package var offeredFactorKey: [UInt8]?
    package var createdAt: WallTime
    package var createdBy: PersonName
    package var lastSignInAt: WallTime?

    /// A new account.
    package init(
        name: PersonName,
        roles: Set<Role>,
        passwordHash: String?,
        createdAt: WallTime,
        createdBy: PersonName
    ) {
        self.name = name
        self.roles = roles
        self.passwordHash = passwordHash
        self.createdAt = createdAt
        self.createdBy = createdBy
    }
}

/// A second factor: one-time codes of an app.
package struct SecondFactor: Codable, Sendable, Hashable {
    package var key: [UInt8]
    /// The step of the newest code that was taken: no code counts twice.
    package var lastStep: UInt64

    /// A factor whose code of `lastStep` was just used to confirm it.
    package init(key: [UInt8], lastStep: UInt64) {
        self.key = key
        self.lastStep = lastStep
    }

    /// The step whose code this is: one too early or too late is let pass, as phones' clocks differ.
    package static func step(
        of code: String,
        now step: UInt64,
        after last: UInt64,
        codeOf: (UInt64) -> String
    ) -> UInt64? {
        let near = (step > 0 ? step - 1 : 0)...(step + 1)
        return near.first { $0 > last && codeOf($0) == code }
    }
}

/// Who changes accounts.
package struct PeopleActor: Sendable, Hashable {
    package var name: PersonName
    /// Whether the change is made by who has laid down the rules: a command on the controller's own
    /// machine, or the identity provider that root has named there.
    package var isLocal: Bool

    /// A person with a role that gives it.
    package static func person(_ name: PersonName) -> PeopleActor {
        PeopleActor(name: name, isLocal: false)
    }

    /// The local command.
    package static let local = PeopleActor(name: PersonName("root"), isLocal: true)

    /// The identity provider, where it says who has which roles.
    static let provider = PeopleActor(name: PersonName("identity-provider"), isLocal: true)

    /// Names in the audit that mean no account, so that none may have them.
    static let taken: Set<String> = [
        "root", "tandem", "agent", "controller", "unknown", "identity-provider",
    ]
}
