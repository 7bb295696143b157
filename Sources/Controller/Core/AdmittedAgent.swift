package import TandemModel

/// An agent that was let in once: its id, its key and its server's name are never used for another one,
/// also after it was replaced or its cluster was removed (`safety.md` 28).
package struct AdmittedAgent: Hashable, Sendable, Codable {
    package var agent: AgentID
    package var keyFingerprint: Digest
    package var server: ServerName
    package var cluster: ClusterName
}

extension NetworkMachine {
    /// Notes who is let in by this definition.
    ///
    /// - Returns: whether anybody was new, so that ``state`` must be durable.
    package mutating func admit(_ definition: ClusterDefinition) -> Bool {
        let known = admitted
        let new = definition.servers.map { server in
            AdmittedAgent(
                agent: server.agent,
                keyFingerprint: server.keyFingerprint,
                server: server.name,
                cluster: definition.name
            )
        }.filter { !known.contains($0) }
        guard !new.isEmpty else { return false }
        state.admitted = known + new
        return true
    }

    /// Why a certificate can't be let in any more; `nil` when nobody has ever used its id or its key.
    package func objection(to server: ServerDefinition) -> TandemError? {
        let remedy = "Issue a new certificate with `tandem ca issue agent`: none is used twice."
        if let other = admitted.first(where: { $0.agent == server.agent }) {
            return TandemError(
                .nameRefused,
                "agent \(server.agent) has been enrolled before, for \(other.server) of "
                    + "\(other.cluster)",
                remedy: remedy
            )
        }
        if let other = admitted.first(where: { $0.keyFingerprint == server.keyFingerprint }) {
            return TandemError(
                .nameRefused,
                "the key of the certificate for \(server.name) is that of \(other.server) of "
                    + "\(other.cluster)",
                remedy: remedy
            )
        }
        return nil
    }

    /// Why a new cluster can't be called so, or have these servers; `nil` when it can.
    package func objection(to definition: ClusterDefinition) -> TandemError? {
        if admitted.contains(where: { $0.cluster == definition.name }) {
            return TandemError(
                .nameRefused,
                "there is or was a cluster \(definition.name) already",
                remedy: "Choose another name; names are never used twice."
            )
        }
        for (index, server) in definition.servers.enumerated() {
            if let other = admitted.first(where: { $0.server == server.name }) {
                return TandemError(
                    .nameRefused,
                    "server \(server.name) belongs or belonged to cluster \(other.cluster)",
                    remedy: "Choose another name; names are never used twice."
                )
            }
            if let problem = objection(to: server) { return problem }
            let earlier = definition.servers.prefix(index)
            if let twin = earlier.first(where: {
                $0.agent == server.agent || $0.keyFingerprint == server.keyFingerprint
            }) {
                return TandemError(
                    .nameRefused,
                    "\(twin.name) and \(server.name) have one and the same certificate or key",
                    remedy: "Issue a certificate for each with `tandem ca issue agent`."
                )
            }
        }
        return nil
    }

    private var admitted: [AdmittedAgent] { state.admitted ?? [] }
}
