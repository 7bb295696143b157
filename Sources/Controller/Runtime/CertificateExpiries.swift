import ControllerAPI
import Synchronization
import TandemModel

/// When certificates end: the controller's own, and each agent's as of its newest connection.
final class CertificateExpiries: Sendable {
    private let own: Mutex<[CertificateExpiry]>
    private let agents = Mutex<[ServerName: WallTime]>([:])

    /// Knows the controller's own.
    init(own: [CertificateExpiry] = []) { self.own = Mutex(own) }

    /// The agent of a server has proved itself by a certificate that ends then.
    func note(_ server: ServerName, _ expiresAt: WallTime) {
        agents.withLock { $0[server] = expiresAt }
    }

    /// The controller's own first, then those of the agents that speak for these servers.
    ///
    /// With a limit, only those that end by it; servers are asked for only where an agent's is among
    /// them.
    func all(
        of servers: @autoclosure () -> [ServerName],
        endingBy limit: WallTime? = nil
    ) -> [CertificateExpiry] {
        let latest = limit?.milliseconds ?? .max
        let own = own.withLock { $0.filter { $0.expiresAt.milliseconds <= latest } }
        let agents = agents.withLock { $0.filter { $0.value.milliseconds <= latest } }
        guard !agents.isEmpty else { return own }
        return own
            + servers().filter { agents[$0] != nil }.sorted().compactMap { server in
                agents[server].map {
                    CertificateExpiry(server: server, owner: "agent of \(server)", expiresAt: $0)
                }
            }
    }
}
