import Foundation
import TandemModel
import TandemSpawn
import Testing

@testable import tandem_ha_conformance

/// The driver and two real servers of PostgreSQL 15.
@Suite(.enabled(if: areHASystemsWanted, "run by make test-ha"), .serialized)
struct PostgreSQLDriverEndToEndTests {
    /// There and back under load: what a client was told is written is there.
    @Test func aFailoverLosesNoAcknowledgedRow() throws {
        let pair = try PostgreSQLPair(synchronous: "ANY 1 (*)")
        let (a, b) = (pair.first, pair.second)
        let writer = RowWriter(pair)
        try writer.awaitRows(20)
        var (active, standby) = (a, b)
        for timeline in 1...2 {
            let before = try standby.status()
            #expect(before.role == .standby && before.peerRole == .active)
            #expect(before.token == "\(timeline)")
            #expect(try active.status().role == .active)
            _ = writer.takeLongestGap()
            let demotion = try active.drive("demote")
            #expect(demotion.code == 0, "\(demotion.error)")
            let proof = try active.status()
            #expect(proof.role == .standby && !proof.isInService)
            let target = try standby.status()
            #expect(target.position == proof.position && target.replication.isCaughtUp)
            #expect(pair.writableCount == 0)
            let promotion = try standby.drive("promote", before.token)
            #expect(promotion.code == 0, "\(promotion.error)")
            #expect(try standby.status().token == "\(timeline + 1)")
            try writer.awaitRows(20)
            print(
                "synchronous failover: demote \(demotion.milliseconds) ms, promote "
                    + "\(promotion.milliseconds) ms, no receipt for \(writer.takeLongestGap()) ms"
            )
            // The new standby followed by itself, no rewind is needed.
            let follower = active
            #expect(follower.waits { $0.replication.isCaughtUp && $0.token == "\(timeline + 1)" })
            (active, standby) = (standby, active)
        }
        let acknowledged = writer.stop()
        let kept = Set(try active.sql("select id from rows").split(separator: "\n").map { Int($0) })
        #expect(acknowledged.count >= 60)
        #expect(acknowledged.filter { !kept.contains($0) }.isEmpty)
    }

    @Test func aDriversFailoverIsHeldBesidePlainPgCtl() throws {
        let pair = try PostgreSQLPair()
        let (a, b) = (pair.first, pair.second)
        let writer = RowWriter(pair)
        try writer.awaitRows(10)
        _ = writer.takeLongestGap()
        #expect(try a.drive("demote").code == 0)
        #expect(try b.drive("promote", "1").code == 0)
        try writer.awaitRows(10)
        let driven = writer.takeLongestGap()
        try #require(a.waits { $0.replication.isCaughtUp })
        _ = writer.takeLongestGap()
        try b.stop("fast")
        try a.tool("pg_ctl", ["promote", "-s", "-w", "-D", a.data])
        try writer.awaitRows(10)
        let plain = writer.takeLongestGap()
        _ = writer.stop()
        print("no receipt for \(driven) ms by the driver, \(plain) ms by pg_ctl stop and promote")
        // The driver also writes what is dirty, starts the old one again and looks at both.
        #expect(driven < plain + 10_000)
    }

    @Test func anOldTokenIsRefusedAndAnActiveServerIsPromoted() throws {
        let pair = try PostgreSQLPair()
        let (a, b) = (pair.first, pair.second)
        #expect(try b.drive("promote", "1").error.contains("the mate is active"))
        #expect(try a.drive("demote").code == 0)
        #expect(try a.drive("demote").code == 0)
        let stale = try b.drive("promote", "7")
        #expect(stale.code == 1 && stale.error.contains("timeline"))
        #expect(try b.drive("hold").code == 0)
        #expect(try b.status().isHeld)
        #expect(try b.drive("promote", "1").code == 1)
        #expect(try b.drive("unhold").code == 0)
        #expect(pair.writableCount == 0)
        #expect(try a.drive("take-back").code == 0)
        #expect(try a.drive("promote", "old").code == 0)
        #expect(try a.drive("hold").code == 1)
        #expect(b.waits { $0.token == "2" })
        #expect(try b.drive("promote", "1").code == 1)
        #expect(try b.drive("promote", "2").code == 1)
        #expect(pair.writableCount == 1)
    }

    /// No referee: whoever ends second sees that the other one is active, and fences itself.
    @Test func twoPromotionsAtOnceNeverLeaveTwoWritableServers() throws {
        let pair = try PostgreSQLPair()
        #expect(try pair.first.drive("demote").code == 0)
        let group = DispatchGroup()
        let start = DispatchSemaphore(value: 0)
        for server in [pair.first, pair.second] {
            DispatchQueue.global().async(group: group) {
                start.wait()
                let call = try? server.drive("promote", "1")
                #expect(call.map { [0, 1, 2].contains($0.code) } ?? false)
            }
        }
        start.signal()
        start.signal()
        group.wait()
        #expect(pair.writableCount <= 1)
        // The one that fenced itself comes back as a standby, however often it is started.
        for server in [pair.first, pair.second] where !server.isWritable {
            #expect(server.waits { $0.role == .standby })
        }
        #expect(pair.writableCount <= 1)
    }

    @Test func aReturnedPrimaryStandsByAndRejoins() throws {
        let pair = try PostgreSQLPair(more: "rebuild = yes\n")
        let (a, b) = (pair.first, pair.second)
        #expect(try b.drive("inhibit-replication").code == 0)
        try a.sql("insert into rows values (1)")
        try a.stop("immediate")
        #expect(try b.status().peerRole == .unseen)
        #expect(try !b.status().replication.isCaughtUp)
        #expect(try a.status().role == .outOfService)
        #expect(try b.drive("allow-replication").code == 0)
        #expect(try b.drive("promote", "1").code == 0)
        try b.sql("insert into rows values (2)")

        #expect(try a.drive("before-start").code == 0)
        try a.start()
        let returned = try a.status()
        #expect(returned.role == .standby && !returned.isInService)
        #expect(returned.peerRole == .active && !returned.replication.isCaughtUp)
        #expect(try a.drive("take-back").code == 1)
        #expect(pair.writableCount == 1)
        #expect(try a.drive("rejoin").code == 0)
        #expect(a.waits { $0.replication.isCaughtUp })
        #expect(try a.sql("select id from rows") == "2")

        // Where there is nothing left to rewind it is copied anew.
        try a.stop("fast")
        try FileManager.default.removeItem(atPath: "\(a.data)/global/pg_control")
        #expect(try b.drive("rejoin").code == 1)
        let copied = try a.drive("rejoin")
        #expect(copied.code == 0, "\(copied.error)")
        #expect(a.waits { $0.replication.isCaughtUp && $0.role == .standby })
    }

    /// Both were promoted, each alone: `pg_rewind` sees one timeline and would find nothing to do.
    @Test func equalTimelinesThatBeganElsewhereAreCopied() throws {
        let pair = try PostgreSQLPair()
        let (a, b) = (pair.first, pair.second)
        for server in [a, b] { #expect(try server.drive("inhibit-replication").code == 0) }
        try a.sql("insert into rows values (1)")
        try b.tool("pg_ctl", ["promote", "-s", "-w", "-D", b.data])
        try a.stop("fast")
        #expect(try a.drive("before-start").code == 0)
        try a.start()
        try a.tool("pg_ctl", ["promote", "-s", "-w", "-D", a.data])
        try a.stop("immediate")
        try b.sql("insert into rows values (2)")
        #expect(try a.drive("allow-replication").code == 0)
        let rejoin = try a.drive("rejoin")
        #expect(rejoin.code == 2 && rejoin.error.contains("timeline 2"), "\(rejoin.error)")
        try a.write("driver.conf", a.driverSettings + "rebuild = yes\n")
        let copied = try a.drive("rejoin")
        #expect(copied.code == 0, "\(copied.error)")
        #expect(a.waits { $0.replication.isCaughtUp })
        #expect(try a.sql("select id from rows") == "2")
    }

    /// Of a mate's receiver a role with the rights of `pg_rewind` sees only that it is there.
    @Test func replicationIsSynchronousAgainWhereTheMatesRoleSeesLittle() throws {
        let pair = try PostgreSQLPair(synchronous: "ANY 1 (*)")
        let (a, b) = (pair.first, pair.second)
        try a.sql("create role asker login")
        for server in [a, b] {
            let settings = try String(contentsOfFile: server.path("driver.conf"), encoding: .utf8)
            let mate = "mate = host=127.0.0.1 port=\(server.matePort) user="
            try server.write(
                "driver.conf",
                settings.replacing(mate + "postgres", with: mate + "asker")
            )
        }
        #expect(try a.drive("reduce-synchronous").code == 0)
        let restored = try a.drive("restore-synchronous")
        #expect(restored.code == 0, "\(restored.error)")
        try a.sql("insert into rows values (1)")
        #expect(b.waits { $0.replication.isCaughtUp })
    }

    @Test func inhibitedReplicationShowsItsLag() throws {
        let pair = try PostgreSQLPair(synchronous: "ANY 1 (*)")
        let (a, b) = (pair.first, pair.second)
        // Each commit would hang from then on.
        let refused = try b.drive("inhibit-replication")
        #expect(refused.code == 1 && refused.error.contains("reduce-synchronous"))
        #expect(try !b.status().replication.isInhibited)
        #expect(try a.drive("reduce-synchronous").code == 0)
        #expect(try b.drive("inhibit-replication").code == 0)
        #expect(try b.drive("inhibit-replication").code == 0)
        try a.sql("insert into rows select generate_series(1, 100000)")
        let lagging = try b.status().replication
        #expect(lagging.isInhibited && !lagging.isCaughtUp)
        #expect(lagging.lagBytes > 1_000_000)
        #expect(try b.sql("select count(*) from rows") == "0")
        #expect(try a.drive("restore-synchronous").code == 1)
        #expect(try b.drive("allow-replication").code == 0)
        #expect(b.waits { $0.replication == ReplicationState(isCaughtUp: true) })
        #expect(try a.drive("restore-synchronous").code == 0)
        try a.sql("insert into rows values (0)")
        #expect(try a.sql("show synchronous_standby_names") == "ANY 1 (*)")
    }

    @Test func theDriverReducesWhereItIsAllowedTo() throws {
        let pair = try PostgreSQLPair(
            synchronous: "ANY 1 (*)",
            more: "reduce-synchronous = automatic\n"
        )
        #expect(try pair.second.drive("inhibit-replication").code == 0)
        try pair.first.sql("insert into rows values (1)")
        #expect(try pair.first.sql("show synchronous_standby_names") == "")
    }

    @Test func fencingEndsAServerThatHangs() throws {
        let pair = try PostgreSQLPair()
        let a = pair.first
        let pid = try #require(a.processID)
        #expect(kill(pid, SIGSTOP) == 0)
        let fence = try a.drive("fence")
        #expect(fence.code == 0, "\(fence.error)")
        #expect(fence.milliseconds < 5000, "the agent waits 5 s for it")
        #expect(ProcessEntry.read(pid).map(\.hasEnded) ?? true)
        #expect(a.waits { $0.role == .standby }, "\(a.said)")
        #expect(!a.isWritable)
    }

    @Test func theDriverConforms() throws {
        let pair = try PostgreSQLPair()
        for server in [pair.first, pair.second] {
            var examination = Examination(
                driver: DriverUnderTest(
                    path: try BuiltProgram.path("tandem-ha-postgresql"),
                    environment: server.driverEnvironment
                ),
                probe: try server.writeProbe()
            )
            try examination.run()
            let findings = examination.findings
            #expect(!findings.isAnyBroken, "\(findings.table)\n\(server.said)")
            // Beside the active mate, the second one is tried as far as that goes.
            let isFirst = server.port == pair.first.port
            for rule in [
                Rule.promote, .demote, .takeBack, .fence, .silence, .generation, .staleToken,
            ]
            where isFirst {
                #expect(findings[rule] == .kept, "\(findings.table)")
            }
            #expect(findings[.hold] == .kept && findings[.replication] == .kept)
        }
        #expect(pair.first.isWritable && !pair.second.isWritable)
    }
}
