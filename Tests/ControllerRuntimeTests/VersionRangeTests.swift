import ControllerAPI
import TandemCrypto
import TandemModel
import TandemWire
import Testing

/// An agent that speaks other versions meets this controller.
@Suite(.timeLimit(.minutes(1))) struct VersionRangeTests {
    /// Says hello with that range, and hands on the version of the welcome, or the bye.
    private func greet(
        _ range: ClosedRange<UInt8>,
        check: @escaping @Sendable (UInt8?, Bye?) -> Void
    ) async throws {
        try await RunningController.with { controller in
            let (issued, definition) = try controller.identities.agent("cmp-1")
            let server = ClusterAddRequest.Server(
                name: ServerName("cmp-1"),
                certificate: String(decoding: issued.certificatePEM, as: UTF8.self)
            )
            _ = try await controller.service.addCluster(
                ClusterAddRequest(
                    name: ClusterName("cmp-a"),
                    kind: .cmp,
                    site: SiteName("north"),
                    isPrimarySite: true,
                    servers: [server]
                ),
                person: PersonName("ada")
            )
            let tls = try controller.identities.clientContext(
                issued,
                authority: controller.identities.agents,
                protocolName: TLSConfiguration.agentProtocol
            )
            let agent = try await RawAgent.connect(to: controller.agentPort, tls: tls)
            var hello = plainHello(definition)
            hello.versionMin = range.lowerBound
            hello.versionMax = range.upperBound
            try await agent.send(.hello(hello))
            let found = await agent.first { message -> (UInt8?, Bye?)? in
                switch message {
                case .welcome(let welcome): (welcome.version, nil)
                case .bye(let bye): (nil, bye)
                case _: nil
                }
            }
            check(found?.0, found?.1)
        }
    }

    /// N is what both speak, however far the agent's range goes beyond it.
    @Test func aNewerAgentIsMetAtOurVersion() async throws {
        try await greet(WireVersion.first...(WireVersion.current + 1)) { version, _ in
            #expect(version == WireVersion.current)
        }
    }

    /// Above all that we speak; what lies below is in the table of versions, as 1 is the first.
    @Test func rangesThatDoNotMeetEndWithAReason() async throws {
        let range = (WireVersion.current + 1)...(WireVersion.current + 3)
        try await greet(range) { version, bye in
            #expect(version == nil)
            #expect(bye?.code == ErrorCode.versionRefused.id)
            #expect(bye?.text.contains("\(range.lowerBound)") == true)
        }
    }
}
