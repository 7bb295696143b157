import Glibc
import TandemCrypto
import TandemImage
package import TandemModel
import TandemSpawn

extension AgentConfiguration {
    /// What a running agent would stumble over: files that are not there or do not fit together.
    ///
    /// For `check-config`; empty when all is well.
    package func problems() -> [TandemError] {
        var problems: [TandemError] = []
        func attempt(_ look: () throws(TandemError) -> Void) {
            do throws(TandemError) { try look() } catch { problems.append(error) }
        }
        attempt { () throws(TandemError) in
            let tls = try TLSContext(
                .client,
                TLSConfiguration(
                    certificateChain: .file(certificate),
                    privateKey: .file(key),
                    authorities: .file(authority),
                    applicationProtocols: [TLSConfiguration.agentProtocol]
                )
            )
            try checkIdentity(tls.ownIdentity?.uri)
        }
        attempt { () throws(TandemError) in _ = try TrustFile(path: trust) }
        let programs =
            [driver.path, serviceControl ?? ServiceControl.systemctl]
            + [bootSelect].compactMap(\.self)
        for program in programs {
            attempt { () throws(TandemError) in try Self.checkProgram(program) }
        }
        attempt { () throws(TandemError) in
            let state = StateFolder(path: stateDirectory)
            try packageSystem(state: state, environment: []).checkReadable()
        }
        return problems
    }

    private func checkIdentity(_ uri: String?) throws(TandemError) {
        let wanted = CertificateRole.agentURIPrefix + agent.description
        guard uri != wanted else { return }
        throw TandemError(
            .identityRefused,
            "\(certificate) is for \(uri ?? "nobody"), and `agent-id` says \(wanted)",
            remedy: "Name the certificate that was made for this agent."
        )
    }

    private static func checkProgram(_ path: String) throws(TandemError) {
        guard access(path, X_OK) != 0 else { return }
        throw TandemError(
            .programMissing,
            "\(path) can't be executed",
            remedy: "Install it, or correct the agent's configuration.",
            cause: String(cString: strerror(errno))
        )
    }
}
