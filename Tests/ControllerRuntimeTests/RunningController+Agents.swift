import ControllerAPI
import TandemCrypto
import TandemModel

extension RunningController {
    /// Adds a cluster of these servers through the service, as the API would.
    func add(_ names: [String], cluster: String = "cmp-a") async throws
        -> [String: (IssuedCertificate, ServerDefinition)]
    {
        var agents: [String: (IssuedCertificate, ServerDefinition)] = [:]
        var servers: [ClusterAddRequest.Server] = []
        for name in names {
            let agent = try identities.agent(name)
            agents[name] = agent
            servers.append(
                .init(
                    name: ServerName(name),
                    certificate: String(decoding: agent.0.certificatePEM, as: UTF8.self)
                )
            )
        }
        _ = try await service.addCluster(
            ClusterAddRequest(
                name: ClusterName(cluster),
                kind: .cmp,
                site: SiteName("north"),
                isPrimarySite: true,
                servers: servers
            ),
            person: PersonName("ada")
        )
        return agents
    }

    /// Connects as that agent, without a hello.
    func dial(_ agent: IssuedCertificate) async throws -> RawAgent {
        let tls = try identities.clientContext(
            agent,
            authority: identities.agents,
            protocolName: TLSConfiguration.agentProtocol
        )
        return try await RawAgent.connect(to: agentPort, tls: tls)
    }
}
