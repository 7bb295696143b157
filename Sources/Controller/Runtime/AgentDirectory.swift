import Synchronization
import TandemModel

/// Who may connect as whose agent: the allow-list, by public key.
///
/// Replaced as a whole after each change of a cluster's definition; asked after each handshake.
final class AgentDirectory: Sendable {
    /// An agent that is let in.
    struct Entry: Sendable, Hashable {
        var cluster: ClusterName
        var server: ServerName
        var agent: AgentID
    }

    private let entries = Mutex<[Digest: Entry]>([:])

    /// Lets in the agents of these clusters and no others.
    func replace(with definitions: [ClusterDefinition]) {
        var newest: [Digest: Entry] = [:]
        // A store of before keys were compared may hold one twice: the first by name, always.
        for definition in definitions.sorted(by: { $0.name < $1.name }) {
            for server in definition.servers where newest[server.keyFingerprint] == nil {
                newest[server.keyFingerprint] = Entry(
                    cluster: definition.name,
                    server: server.name,
                    agent: server.agent
                )
            }
        }
        entries.withLock { $0 = newest }
    }

    /// The entry of a verified certificate, whose URI names the agent id.
    ///
    /// - Throws: `identityRefused` saying who was refused and what would let them in.
    func entry(uri: String?, fingerprint: Digest) throws -> Entry {
        let prefix = "urn:tandem:agent:"
        guard let uri, uri.hasPrefix(prefix), let agent = AgentID(uri.dropFirst(prefix.count))
        else {
            throw TandemError(
                .identityRefused,
                "the certificate names \(uri ?? "nobody"), which is no agent",
                remedy: "Use a certificate made by `tandem ca issue agent`."
            )
        }
        guard let entry = entries.withLock({ $0[fingerprint] }), entry.agent == agent else {
            throw TandemError(
                .identityRefused,
                "agent \(agent) with key \(fingerprint.short) is not on the list of any cluster",
                remedy: "Add its server with `tandem cluster add`, or enrol it with "
                    + "`tandem server replace`."
            )
        }
        return entry
    }
}
