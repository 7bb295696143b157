import TandemModel

/// What the owner of a certificate may be; decides its key usages and alternative names.
package enum CertificateRole: Hashable, Sendable {
    /// The agent with that UUID: a client, `urn:tandem:agent:<uuid>`.
    case agent(String)
    /// The controller with that id: server and client, `urn:tandem:controller:<id>`, and the DNS
    /// names and addresses under which it is dialled.
    case controller(String, names: [String] = [])
    /// A person: a client, `urn:tandem:person:<name>`.
    case `operator`(String)
    /// A plain HTTPS server under DNS names and addresses, at least one; no URI.
    case server(names: [String])

    /// What the URI of every agent begins with.
    package static let agentURIPrefix = "urn:tandem:agent:"
    /// What the URI of every controller begins with.
    package static let controllerURIPrefix = "urn:tandem:controller:"
    /// What the URI of every person begins with.
    package static let personURIPrefix = "urn:tandem:person:"

    /// The URI of the certificate.
    package var uri: String? {
        switch self {
        case .agent(let uuid): Self.agentURIPrefix + uuid
        case .controller(let id, _): Self.controllerURIPrefix + id
        case .operator(let name): Self.personURIPrefix + name
        case .server: nil
        }
    }

    /// The DNS names and addresses of the certificate.
    package var names: [String] {
        switch self {
        case .agent, .operator: []
        case .controller(_, let names), .server(let names): names
        }
    }

    /// The common name, for people; libcrypto allows 64 characters.
    var commonName: String {
        switch self {
        case .agent(let uuid): uuid
        case .controller(let id, _): id
        case .operator(let name): name
        case .server(let names): String((names.first ?? "").prefix(64))
        }
    }

    /// The extended key usage in libcrypto's notation.
    var extendedKeyUsage: String {
        switch self {
        case .agent, .operator: "clientAuth"
        case .controller: "serverAuth,clientAuth"
        case .server: "serverAuth"
        }
    }

    /// Refuses names that would not survive in a URI, a certificate or a log line.
    func validate() throws(TandemError) {
        switch self {
        case .agent(let uuid):
            guard AgentID(uuid)?.description == uuid else {
                throw Self.refused("agent id", uuid, "Give a UUID in lower case with its dashes.")
            }
        case .controller(let id, _):
            guard Name<Never>(id).isValid else {
                throw Self.refused("controller id", id, Self.nameRule)
            }
        case .operator(let name):
            guard PersonName(name).isValid else {
                throw Self.refused("person's name", name, Self.nameRule)
            }
        case .server(let names):
            guard !names.isEmpty else {
                throw Self.refused("server name", "", "Name the server's DNS name or address.")
            }
        }
        for name in names where !HostName(name).isWellFormed {
            throw Self.refused(
                "host name",
                name,
                "Give a DNS name without wildcard, or an IP address."
            )
        }
    }

    private static let nameRule =
        "Give 1 to 63 letters, digits, `.`, `_` or `-`, beginning with a letter or digit."

    private static func refused(_ what: String, _ value: String, _ rule: String) -> TandemError {
        TandemError(
            .keyUnusable,
            "\"\(value)\" can't be the \(what) of a certificate",
            remedy: rule
        )
    }
}
