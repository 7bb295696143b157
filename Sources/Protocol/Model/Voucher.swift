/// A mate's signed word for the target's nonce: "this is what I am, now".
///
/// Signed with the mate's TLS key under the label `tandem-voucher-1`; the bytes signed are the
/// wire encoding with an empty signature. Valid 10 s on the target's clock from the moment it
/// asked. A voucher with `command == nil` is the *fresh nonce report* of `safety.md` 4.
package struct Voucher: Hashable, Sendable, Codable {
    /// The command it was asked for.
    package var command: CommandID?
    /// The failover it was asked for; the mate may be demoted by that failover alone meanwhile.
    package var failover: FailoverID?
    /// The target's nonce.
    package var nonce: Nonce
    /// Who signs.
    package var agent: AgentID
    package var role: ServerRole
    package var isInService: Bool
    package var software: SoftwareState
    package var generation: UInt64
    /// The driver's replication position.
    package var position: String
    /// ECDSA P-256 in DER; empty until signed by the runtime.
    package var signature: [UInt8]

    /// An unsigned voucher.
    package init(
        command: CommandID?,
        failover: FailoverID?,
        nonce: Nonce,
        agent: AgentID,
        role: ServerRole,
        isInService: Bool,
        software: SoftwareState,
        generation: UInt64,
        position: String,
        signature: [UInt8] = []
    ) {
        self.command = command
        self.failover = failover
        self.nonce = nonce
        self.agent = agent
        self.role = role
        self.isInService = isInService
        self.software = software
        self.generation = generation
        self.position = position
        self.signature = signature
    }

    /// What is signed under.
    package static let label = "tandem-voucher-1"
}

/// The demoted server's signed word that it no longer serves, for the target of the failover.
package struct DemotionProof: Hashable, Sendable, Codable {
    package var failover: FailoverID
    /// The target's nonce, from its `accepted`.
    package var nonce: Nonce
    /// Who was demoted and signs.
    package var agent: AgentID
    /// Its generation after the demotion.
    package var generation: UInt64
    /// The final replication position; the target must have replayed it.
    package var position: String
    /// ECDSA P-256 in DER; empty until signed by the runtime.
    package var signature: [UInt8]

    /// An unsigned proof.
    package init(
        failover: FailoverID,
        nonce: Nonce,
        agent: AgentID,
        generation: UInt64,
        position: String,
        signature: [UInt8] = []
    ) {
        self.failover = failover
        self.nonce = nonce
        self.agent = agent
        self.generation = generation
        self.position = position
        self.signature = signature
    }

    /// What is signed under.
    package static let label = "tandem-demoted-1"
}

/// The target's signed word that it will never promote for this failover.
package struct VoidedFailover: Hashable, Sendable, Codable {
    package var failover: FailoverID
    package var agent: AgentID
    /// ECDSA P-256 in DER; empty until signed by the runtime.
    package var signature: [UInt8]

    /// An unsigned word.
    package init(failover: FailoverID, agent: AgentID, signature: [UInt8] = []) {
        self.failover = failover
        self.agent = agent
        self.signature = signature
    }

    /// What is signed under.
    package static let label = "tandem-voided-1"
}
