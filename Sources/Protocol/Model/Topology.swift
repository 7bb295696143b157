/// What a cluster is for; an open list, so plain text with the known kinds named.
package struct ClusterKind: Hashable, Sendable, Codable, CustomStringConvertible {
    /// The kind as written, such as `scef-fe`.
    package let text: String

    /// Any kind.
    package init(_ text: String) { self.text = text }

    /// The Configuration Management Platform, where the controller itself runs.
    package static let cmp = ClusterKind("cmp")
    /// The SCEF front end.
    package static let scefFE = ClusterKind("scef-fe")
    /// The single-server SCEF.
    package static let scef = ClusterKind("scef")
    /// A database pair.
    package static let database = ClusterKind("database")

    package var description: String { text }

    /// The place in the network's upgrade order: lower first, rollback the reverse.
    package var rank: Int {
        switch text {
        case "cmp": 0
        case "scef-fe": 1
        case "scef": 2
        case "database": 3
        case _: 2
        }
    }

    /// Reads plain text.
    package init(from decoder: any Decoder) throws {
        self.init(try decoder.singleValueContainer().decode(String.self))
    }

    /// Writes plain text.
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }
}

/// One server of a cluster: a slot, and the agent that speaks for it now.
package struct ServerDefinition: Hashable, Sendable, Codable {
    /// The slot's name.
    package var name: ServerName
    /// The enrolled agent.
    package var agent: AgentID
    /// SHA-256 of the agent's public key (SPKI, DER): the allow-list entry.
    package var keyFingerprint: Digest
    /// The agent's public key (SPKI, DER): vouchers and proofs of this server verify against it.
    package var publicKey: [UInt8]

    /// A slot with its agent.
    package init(name: ServerName, agent: AgentID, keyFingerprint: Digest, publicKey: [UInt8]) {
        self.name = name
        self.agent = agent
        self.keyFingerprint = keyFingerprint
        self.publicKey = publicKey
    }
}

/// A cluster as an operator defined it.
package struct ClusterDefinition: Hashable, Sendable, Codable {
    /// The cluster's name, unique in the network.
    package var name: ClusterName
    /// What the cluster is for.
    package var kind: ClusterKind
    /// Where it stands.
    package var site: SiteName
    /// Whether that site is the primary one.
    package var isPrimarySite: Bool
    /// One to three servers, in the operator's order.
    package var servers: [ServerDefinition]
    /// Whether Reapply Configuration follows a failover by itself.
    package var reappliesByItself: Bool
    /// How many different people the way forward needs (1 or 2).
    package var peopleNeeded: Int

    /// A cluster.
    package init(
        name: ClusterName,
        kind: ClusterKind,
        site: SiteName,
        isPrimarySite: Bool,
        servers: [ServerDefinition],
        reappliesByItself: Bool = false,
        peopleNeeded: Int = 1
    ) {
        self.name = name
        self.kind = kind
        self.site = site
        self.isPrimarySite = isPrimarySite
        self.servers = servers
        self.reappliesByItself = reappliesByItself
        self.peopleNeeded = peopleNeeded
    }

    /// The other server of a two-server cluster.
    package func mate(of server: ServerName) -> ServerDefinition? {
        servers.count == 2 ? servers.first { $0.name != server } : nil
    }
}
