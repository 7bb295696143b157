import Foundation
import TandemModel
import TandemSpawn
import Testing

@testable import tandem_ha_conformance

/// The driver, two real Patronis and a real etcd.
@Suite(.enabled(if: areHASystemsWanted, "run by make test-ha"), .serialized)
struct PatroniDriverEndToEndTests {
    @Test func aSwitchoverLosesNothingAndIsHeldBesidePatronictl() throws {
        let pair = try PatroniPair()
        let (a, b) = (pair.servers[0], pair.servers[1])
        let writer = RowWriter(a.port, b.port)
        try writer.awaitRows(10)
        let before = try a.status()
        #expect(before.role == .active && before.peerRole == .other)
        #expect(before.exclusion == .referee && before.switchover == .atomic)
        #expect(try b.drive("promote", before.token).ending == .exited(1))
        #expect(try a.drive("demote", "--to", "nobody").ending == .exited(1))
        #expect(try a.status().role == .active)

        _ = writer.takeLongestGap()
        let move = try a.drive("demote", "--to", "b")
        #expect(move.ending == .exited(0), "\(move.errorText)")
        try writer.awaitRows(10)
        let driven = writer.takeLongestGap()
        #expect(b.waits { $0.role == .active && $0.token != before.token })
        // Its proof came, and it is active already.
        #expect(try b.drive("promote", before.token).ending == .exited(0))
        #expect(a.waits { $0.role == .standby && $0.replication.isCaughtUp })

        _ = writer.takeLongestGap()
        let plain = try runChild(
            ChildCommand(
                "/usr/bin/patronictl",
                [
                    "-c", a.configuration, "switchover", "tandem", "--master", "b",
                    "--candidate", "a", "--force",
                ]
            ),
            timeoutMilliseconds: 60_000
        )
        #expect(plain.ending == .exited(0), "\(plain.outputText) \(plain.errorText)")
        try writer.awaitRows(10)
        print(
            "no receipt for \(driven) ms by the driver, \(writer.takeLongestGap()) ms by patronictl"
        )
        #expect(a.waits { $0.role == .active })
        let acknowledged = writer.stop()
        let kept = Set(try a.sql("select id from rows").split(separator: "\n").map { Int($0) })
        #expect(acknowledged.count >= 30)
        #expect(acknowledged.filter { !kept.contains($0) }.isEmpty)
    }

    @Test func aHeldStandbyIsNotElectedAndAFencedServerIsDown() throws {
        let pair = try PatroniPair()
        let (a, b) = (pair.servers[0], pair.servers[1])
        #expect(try a.drive("hold").ending == .exited(1))
        #expect(try b.drive("hold").ending == .exited(0))
        #expect(try b.drive("hold").ending == .exited(0))
        #expect(try b.status().isHeld)
        #expect(try b.status().exclusion == .referee)
        #expect(try !a.status().isHeld)
        // Meanwhile the active server still mends itself.
        let crashed = try #require(a.processID)
        #expect(kill(crashed, SIGKILL) == 0)
        #expect(a.waits { $0.role == .active && a.processID != crashed })
        #expect(try b.status().role == .standby)
        #expect(try b.drive("unhold").ending == .exited(0))
        #expect(try !b.status().isHeld)

        #expect(try a.drive("fence").ending == .exited(0))
        #expect(try a.drive("fence").ending == .exited(0))
        let fenced = try a.status()
        #expect(fenced.role == .outOfService && !fenced.isInService)
        // The referee gives the role to who is left.
        #expect(b.waits { $0.role == .active })
        try a.control("start")
        #expect(a.waits { $0.role == .standby && $0.peerRole == .active })
    }

    /// A paused Patroni leaves PostgreSQL running when it is stopped.
    @Test func aServerOfAPausedClusterIsFencedToo() throws {
        let pair = try PatroniPair()
        let (a, b) = (pair.servers[0], pair.servers[1])
        try a.pause("pause")
        #expect(try b.status().isHeld)
        #expect(try b.status().exclusion == .none)
        try a.control("stop")
        #expect(try a.sql("select 1") == "1")
        #expect(try a.drive("status").ending == .exited(3))
        #expect(try a.drive("demote", "--to", "b").ending == .exited(3))
        let fence = try a.drive("fence")
        #expect(fence.ending == .exited(0), "\(fence.errorText)")
        #expect(throws: (any Error).self) { try a.sql("select 1") }
        #expect(try a.status().role == .outOfService)
        // An operator's pause ends with the hold.
        #expect(try b.drive("unhold").ending == .exited(0))
        #expect(b.waits { $0.role == .active })
    }

    @Test func theDriverConforms() throws {
        let pair = try PatroniPair()
        var examination = Examination(
            driver: DriverUnderTest(
                path: try BuiltProgram.path("tandem-ha-patroni"),
                environment: pair.servers[0].driverEnvironment
            ),
            mate: "b"
        )
        try examination.run()
        let findings = examination.findings
        #expect(!findings.isAnyBroken, "\(findings.table)\n\(pair.servers[0].said)")
        for rule in [Rule.demote, .takeBack, .hold, .staleToken, .generation, .unknownVerb] {
            #expect(findings[rule] == .kept, "\(findings.table)")
        }
    }
}
