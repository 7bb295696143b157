import AgentCore
import AgentJournal
import ControllerCore
import ControllerStore
import ControllerStoreSQLite
import Foundation
import GRDB
import TandemModel
import Testing

@testable import TandemSimulation

/// Journals and stores of the earlier protocol version load, and what was open in them ends.
struct OldDiskTests {
    @Test func fixturesAreNeverEdited() throws {
        let listed = try OldFixture.listed()
        #expect(listed.count == FrozenScene.names.count * 4)
        #expect(try OldFixture.present() == listed)
    }

    @Test(arguments: FrozenScene.names, [true, false])
    func whatWasOpenEnds(_ name: String, _ isGoingUp: Bool) async throws {
        var joint = try await thawed(name)
        joint.thaw()
        let isEnded = joint.restore(isGoingUp ? Joint.upward : Joint.downward, limitSeconds: 1_200)
        #expect(isEnded, "\(name): \(joint.summary)")
        let manifest = isGoingUp ? Fixtures.newManifest : Fixtures.oldManifest
        let faults = joint.faults(at: manifest)
        #expect(faults.isEmpty, "\(name): \(joint.summary)")
    }

    /// The store knows an operation in each scene, and the journals hold commands that had begun.
    @Test(arguments: FrozenScene.names)
    func somethingWasOpen(_ name: String) async throws {
        let joint = try await thawed(name)
        #expect(joint.controller.stored.operation != nil)
        let records = try FrozenScene.files(of: name).journals.map { file in
            let (content, end) = JournalFrame.scan(try OldFixture.bytes(file))
            #expect(content.damage == nil, "\(file)")
            #expect(end == (try OldFixture.bytes(file).count), "\(file)")
            return content.records
        }
        let started = records.joined().count { if case .started = $0 { true } else { false } }
        let ended = records.joined().count { if case .ended = $0 { true } else { false } }
        switch name {
        case "install-half-done": #expect(started == ended + 1)
        case "failover-half-done":
            #expect(started > ended)
            #expect(records[0].contains { if case .demoted = $0 { true } else { false } })
        case "alarms-undelivered":
            let raised = records[1].count { if case .alarm = $0 { true } else { false } }
            let told = records[1].count { if case .alarmsDelivered = $0 { true } else { false } }
            #expect(raised > told)
            #expect(started > 0)
        case _: #expect(started == ended && started > 0)
        }
    }

    private func thawed(_ name: String) async throws -> Joint {
        let files = FrozenScene.files(of: name)
        let scene = try JSONDecoder().decode(
            FrozenScene.self,
            from: Data(try OldFixture.bytes(files.scene))
        )
        let stored = try await opened(files.store)
        let row = try #require(stored.clusters.first)
        return Joint(
            thawing: scene,
            journals: try files.journals.map(OldFixture.bytes),
            state: try JSONDecoder().decode(ClusterState.self, from: Data(row.state)),
            epoch: stored.epoch
        )
    }

    /// The store that the SQL makes, as today's store opens it.
    private func opened(_ file: String) async throws -> StoredNetwork {
        let folder = FileManager.default.temporaryDirectory
            .appending(path: "tandem-old-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appending(path: "network.sqlite").path
        let sql = String(decoding: try OldFixture.bytes(file), as: UTF8.self)
        let queue = try DatabaseQueue(path: path)
        try await queue.write { database in try database.execute(sql: sql) }
        try queue.close()
        return try await SQLiteStore(path: path).open()
    }
}
