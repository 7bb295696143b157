import AgentCore
import ControllerCore
package import Foundation
import TandemModel

/// A cluster at one moment as its disks hold it, all processes dead: what a later version finds when it is
/// installed in the middle of something.
///
/// The journals and the store lie beside it as the bytes and the SQL that the programs of then wrote.
package struct FrozenScene: Codable, Sendable {
    /// What stands on a server besides its journal.
    package struct Server: Codable, Sendable {
        /// `old`, `new` or `pieces`.
        var packages: String
        var isServiceRunning: Bool
        var isActive: Bool
        var isHeld: Bool
        var isInhibited: Bool
        var configuration: Digest?
        var manifests: [Digest]
        var boot: BootID
    }

    /// What was going on, in a word: the name of its files.
    package var name: String
    package var now: UInt64
    package var epoch: UInt64
    var takeOverCount: Int
    var servers: [Server]

    /// What is frozen, each reached by a run without chance.
    package static let names = [
        "install-half-done", "failover-half-done", "alarms-undelivered", "at-oo", "at-on", "at-no",
        "at-nn",
    ]

    static func files(of scene: String) -> (scene: String, store: String, journals: [String]) {
        (
            "\(scene).json", "\(scene).sql",
            ["\(scene)-fe-1.journal", "\(scene)-fe-2.journal"]
        )
    }

    // MARK: - Freezing

    /// Writes the files of all scenes into a folder; files that are there are left alone.
    package static func writeAll(into folder: URL) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
        for name in names {
            let joint = scene(name)
            let files = files(of: name)
            try write(try encoder.encode(FrozenScene(name, joint)), folder, files.scene)
            try write(Data(try sql(joint).utf8), folder, files.store)
            for (node, file) in zip(joint.nodes, files.journals) {
                try write(Data(node.disk.bytes), folder, file)
            }
        }
    }

    private static func write(_ data: Data, _ folder: URL, _ name: String) throws {
        try data.write(to: folder.appending(path: name), options: .withoutOverwriting)
    }

    /// Plays up to the moment, then ends every process and child.
    private static func scene(_ name: String) -> Joint {
        var joint = Joint()
        switch name {
        case "install-half-done":
            joint.press(.startUpgrade)
            _ = joint.run(upTo: 60_000) { $0.nodes[1].platform.isServiceRunning == false }
            joint.run(for: 700)
        case "failover-half-done":
            joint.advance(.startUpgrade)
            joint.press(.continueUpgrade)
            _ = joint.run(upTo: 60_000) { $0.nodes[0].machine.state.demotion != nil }
        case "alarms-undelivered":
            joint.press(.startUpgrade)
            _ = joint.run(upTo: 60_000) { $0.nodes[1].machine.state.isHeld }
            joint.crashController(restartAfter: nil)
            joint.run(for: 3_000)
        case "at-oo":
            joint.press(.startUpgrade)
            joint.run(for: 1_500)
            joint.press(.stop)
            joint.run(for: 30_000)
        case "at-on", "at-no", "at-nn":
            joint.advance(.startUpgrade)
            if name != "at-on" {
                joint.advance(.continueUpgrade)
                joint.advance(.reapplyConfiguration)
            }
            if name == "at-nn" { joint.advance(.continueUpgrade) }
        case _: break
        }
        for index in joint.nodes.indices {
            joint.crashAgent(index, restartAfter: nil)
            joint.endChildren(index)
        }
        return joint
    }

    private init(_ name: String, _ joint: Joint) {
        self.name = name
        now = joint.now
        epoch = joint.controller.epoch
        takeOverCount = joint.takeOverCount
        servers = joint.nodes.map { node in
            let packages =
                switch node.platform.packages {
                case .release(Fixtures.oldManifest): "old"
                case .release: "new"
                case .pieces, .blank: "pieces"
                }
            return Server(
                packages: packages,
                isServiceRunning: node.platform.isServiceRunning,
                isActive: node.platform.isActive,
                isHeld: node.platform.isHeld,
                isInhibited: node.platform.isInhibited,
                configuration: node.platform.configuration,
                manifests: node.platform.manifests.map(\.digest),
                boot: node.platform.boot
            )
        }
    }

    /// The store's file as SQL: the tables of then, and one row per cluster.
    private static func sql(_ joint: Joint) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        let state = try encoder.encode(joint.controller.stored)
        let hex = state.map { byte in
            (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
        }.joined()
        return """
            CREATE TABLE grdb_migrations (identifier TEXT NOT NULL PRIMARY KEY);
            INSERT INTO grdb_migrations VALUES ('2026-11-22 first tables');
            INSERT INTO grdb_migrations VALUES ('2026-11-23 the network''s own state');
            CREATE TABLE meta (key TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT;
            CREATE TABLE clusters (name TEXT PRIMARY KEY, state BLOB NOT NULL) STRICT;
            CREATE TABLE upgrade_log (
                id INTEGER PRIMARY KEY AUTOINCREMENT,
                action TEXT NOT NULL,
                step_index INTEGER NOT NULL,
                server TEXT NOT NULL,
                cluster TEXT NOT NULL,
                entry BLOB NOT NULL,
                UNIQUE (action, step_index, server)
            ) STRICT;
            CREATE INDEX upgrade_log_by_cluster ON upgrade_log (cluster, id);
            CREATE TABLE audit (id INTEGER PRIMARY KEY AUTOINCREMENT, entry BLOB NOT NULL) STRICT;
            CREATE TABLE alarm_history (
                id INTEGER PRIMARY KEY AUTOINCREMENT, entry BLOB NOT NULL) STRICT;
            CREATE TABLE images (digest TEXT PRIMARY KEY, entry BLOB NOT NULL) STRICT;
            CREATE TABLE network (id INTEGER PRIMARY KEY CHECK (id = 1), state BLOB NOT NULL) STRICT;
            INSERT INTO meta VALUES ('epoch', \(joint.controller.epoch));
            INSERT INTO clusters VALUES ('\(joint.controller.stored.definition.name)', X'\(hex)');

            """
    }
}

extension Joint {
    /// Presses and waits for the end of the action.
    fileprivate mutating func advance(_ button: Button) {
        press(button)
        _ = run(upTo: 150_000) { !$0.isActing }
        run(for: 6_000)
    }

    // MARK: - Thawing

    /// The cores of today on the disks of then; nothing runs yet.
    ///
    /// - Parameters:
    ///   - journals: the bytes of each server's journal.
    ///   - state: what the store holds.
    init(thawing scene: FrozenScene, journals: [[UInt8]], state: ClusterState, epoch: UInt64) {
        self.init()
        for index in nodes.indices { crashAgent(index, restartAfter: nil) }
        crashController(restartAfter: nil)
        checks = Checks()
        for alarm in state.alarms {
            checks.standing.insert(AlarmKey(number: alarm.number, instance: alarm.instance))
        }
        now = max(now, scene.now)
        takeOverCount = scene.takeOverCount
        controller.epoch = epoch
        controller.stored = state
        for (index, server) in scene.servers.enumerated() {
            var platform = Platform(boot: server.boot)
            switch server.packages {
            case "old": platform.packages = .release(Fixtures.oldManifest)
            case "new": platform.packages = .release(Fixtures.newManifest)
            case _: platform.packages = .pieces(of: Fixtures.newManifest)
            }
            platform.isServiceRunning = server.isServiceRunning
            platform.isActive = server.isActive
            platform.isHeld = server.isHeld
            platform.isInhibited = server.isInhibited
            platform.configuration = server.configuration
            platform.manifests = controller.catalogue.map { image in
                StoredManifest(digest: image.offer.manifest, manifest: image.manifest)
            }.filter { server.manifests.contains($0.digest) }
            nodes[index].platform = platform
            nodes[index].disk = Disk(holding: journals[index])
        }
    }

    /// Starts everything: the controller first, then its agents.
    mutating func thaw() {
        startController()
        for index in nodes.indices { startAgent(index) }
        run(for: 30_000)
    }
}
