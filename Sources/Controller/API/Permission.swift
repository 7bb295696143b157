/// What a person is in this network; one person may have several roles.
package enum Role: String, Codable, Sendable, Hashable, CaseIterable, Comparable {
    /// Looks.
    case viewer
    /// Uploads images and moves clusters.
    case `operator`
    /// Is the second person of what needs two.
    case approver
    /// Keeps people, clusters and agents.
    case administrator
    /// Reads and verifies the audit.
    case auditor

    package static func < (one: Role, other: Role) -> Bool { one.rawValue < other.rawValue }
}

/// Everything that a route can let a person do: a closed list, each route names exactly one.
package enum Permission: String, Codable, Sendable, Hashable, CaseIterable {
    /// See state, alarms, logs, images and configurations.
    case see
    /// Own password, second factor, tokens and columns; sign out.
    case keepOwnAccount
    /// Upload, push and delete release images; collect logs.
    case handleImages
    /// Press a button that moves a cluster.
    case operate
    /// Stop what runs, and withdraw what waits: the safe direction.
    case stop
    /// Be the second person.
    case approve
    /// Edit a cluster's configuration.
    case editConfiguration
    /// Acknowledge alarms; take over an operation.
    case takeCharge
    /// Add a cluster; ask for one to be forgotten.
    case changeNetwork
    /// Let a new agent into a slot.
    case enrol
    /// Accounts, roles, locks, and other people's sessions and tokens.
    case managePeople
    /// Read, export and verify the audit.
    case audit

    /// Whether a person at a browser must have proved lately who it is.
    ///
    /// What moves service does, and the second person's word. Never what stops: the safe direction is
    /// free.
    package var needsFreshProof: Bool {
        switch self {
        case .operate, .approve: true
        case .see, .keepOwnAccount, .handleImages, .stop, .editConfiguration, .takeCharge,
            .changeNetwork, .enrol, .managePeople, .audit:
            false
        }
    }

    /// Who has it.
    package var roles: Set<Role> {
        switch self {
        case .see, .keepOwnAccount: Set(Role.allCases)
        case .handleImages, .operate, .editConfiguration, .takeCharge: [.operator]
        case .stop: [.operator, .approver, .administrator]
        case .approve: [.approver]
        case .changeNetwork, .managePeople: [.administrator]
        case .enrol: [.approver, .administrator]
        case .audit: [.auditor]
        }
    }
}
