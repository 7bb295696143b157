import ControllerAPI
import Foundation
import TandemCrypto
import TandemModel
import TandemWire
import Testing

@Suite(.timeLimit(.minutes(1))) struct AgentListenerTests {
    @Test func aKnownAgentIsWelcomedAndSeen() async throws {
        try await RunningController.with { controller in
            let agents = try await controller.add(["cmp-1", "cmp-2"])
            let (issued, definition) = try #require(agents["cmp-1"])
            let agent = try await controller.dial(issued)
            try await agent.send(.hello(plainHello(definition)))
            let welcome = await agent.first { message -> Welcome? in
                if case .welcome(let welcome) = message { welcome } else { nil }
            }
            #expect(welcome?.epoch == 1)
            #expect(welcome?.heartbeatMilliseconds == 1000)
            try await agent.send(.report(plainReport(.active)))
            var version: UInt64 = 0
            while true {
                let snapshot = try await controller.service.cluster(
                    ClusterName("cmp-a"),
                    after: version,
                    waitSeconds: 10
                )
                version = snapshot.version
                guard let server = snapshot.status.servers.first, server.role == .active else {
                    continue
                }
                #expect(server.isConnected)
                #expect(server.runningRelease == "cmp 12.5.0")
                break
            }
            await agent.close()
        }
    }

    @Test func serversThatNeverCameAreNamed() async throws {
        try await RunningController.with { controller in
            _ = try await controller.add(["cmp-1", "cmp-2"])
            let snapshot = try await controller.service.cluster(
                ClusterName("cmp-a"),
                after: 0,
                waitSeconds: 0
            )
            #expect(snapshot.status.nextStep.contains("tandem-agent runs on cmp-1 and cmp-2"))
        }
    }

    @Test func aStrangerIsToldWhyAndWhatToDo() async throws {
        try await RunningController.with { controller in
            _ = try await controller.add(["cmp-1", "cmp-2"])
            let (stranger, _) = try controller.identities.agent("cmp-9")
            let agent = try await controller.dial(stranger)
            let bye = await agent.first { message -> Bye? in
                if case .bye(let bye) = message { bye } else { nil }
            }
            #expect(bye?.code == ErrorCode.identityRefused.id)
            #expect(bye?.text.contains("not on the list") == true)
            #expect(bye?.text.contains("tandem cluster add") == true)
        }
    }

    @Test func aHelloForAnotherSlotIsRefused() async throws {
        try await RunningController.with { controller in
            let agents = try await controller.add(["cmp-1", "cmp-2"])
            let (issued, _) = try #require(agents["cmp-1"])
            let (_, other) = try #require(agents["cmp-2"])
            let agent = try await controller.dial(issued)
            try await agent.send(.hello(plainHello(other)))
            let bye = await agent.first { message -> Bye? in
                if case .bye(let bye) = message { bye } else { nil }
            }
            #expect(bye?.code == ErrorCode.identityRefused.id)
        }
    }

    @Test(
        arguments: [
            [0xff, 0xff, 0xff, 0xff, 1, 1, 0, 0], [0, 0, 0, 2, 1, 1],
            Array("GET / HTTP/1.1\r\n".utf8),
        ] as [[UInt8]]
    )
    func garbageEndsThatPeerOnly(_ garbage: [UInt8]) async throws {
        try await RunningController.with { controller in
            let agents = try await controller.add(["cmp-1", "cmp-2"])
            let (good, definition) = try #require(agents["cmp-1"])
            let (bad, _) = try #require(agents["cmp-2"])
            let honest = try await controller.dial(good)
            try await honest.send(.hello(plainHello(definition)))
            let hostile = try await controller.dial(bad)
            try await hostile.send(bytes: garbage)
            let bye = await hostile.first { message -> Bye? in
                if case .bye(let bye) = message { bye } else { nil }
            }
            #expect(bye?.code == ErrorCode.protocolViolation.id)
            try await honest.send(
                .heartbeat(
                    Heartbeat(
                        sequence: 1,
                        reportSequence: 0,
                        role: .active,
                        generation: 1,
                        isInService: true,
                        isCaughtUp: true,
                        lagBytes: 0,
                        packageDigestPrefix: 0,
                        loadHundredths: 0,
                        alarmSequence: 0
                    )
                )
            )
            let ack = await honest.first { message -> UInt32? in
                if case .heartbeatAck(let sequence, _) = message { sequence } else { nil }
            }
            #expect(ack == 1)
            await honest.close()
        }
    }

    @Test func anUnknownImageIsRefusedByName() async throws {
        try await RunningController.with { controller in
            let agents = try await controller.add(["cmp-1", "cmp-2"])
            let (issued, definition) = try #require(agents["cmp-1"])
            let agent = try await controller.dial(issued)
            try await agent.send(.hello(plainHello(definition)))
            try await agent.send(.chunkRequest(image: .none, offset: 0, byteCount: 10))
            let failure = await agent.first { message -> TandemFailure? in
                if case .chunkRefused(_, let failure) = message { failure } else { nil }
            }
            #expect(failure?.code == ErrorCode.imageUnknown.id)
            await agent.close()
        }
    }

    @Test func aRestoredBackupReignsAboveItsAgents() async throws {
        try await RunningController.with { controller in
            let agents = try await controller.add(["cmp-1", "cmp-2"])
            let (issued, definition) = try #require(agents["cmp-1"])
            let first = try await controller.dial(issued)
            try await first.send(.hello(plainHello(definition, epoch: 41)))
            // The first welcome may still carry the old epoch; the connection is then ended.
            _ = await first.first { message -> Bye? in
                if case .bye(let bye) = message { bye } else { nil }
            }
            let second = try await controller.dial(issued)
            try await second.send(.hello(plainHello(definition, epoch: 41)))
            let epoch = await second.first { message -> UInt64? in
                if case .welcome(let welcome) = message { welcome.epoch } else { nil }
            }
            #expect(epoch == 42)
            await second.close()
        }
    }
}
