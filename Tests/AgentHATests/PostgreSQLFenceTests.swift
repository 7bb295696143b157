import AgentHA
import Foundation
import TandemModel
import Testing

@testable import tandem_ha_postgresql

/// The driver beside a process that only calls itself PostgreSQL.
@Suite struct PostgreSQLFenceTests {
    private func driver(_ fake: FakePostgreSQL) throws -> PostgreSQLDriver {
        let text = """
            data = \(fake.data)
            programs = \(fake.folder)/programs
            socket = \(fake.folder)
            mate = host=127.0.0.1 port=1
            replication = host=127.0.0.1 port=1
            """
        return PostgreSQLDriver(
            settings: try Settings(KeyValueFile(Array(text.utf8))),
            control: "/bin/false",
            folder: "\(fake.folder)/state",
            deadline: CallDeadline(milliseconds: 8000)
        )
    }

    @Test func whatCannotBeMadeAStandbyIsEndedAndNotStarted() throws {
        let fake = try FakePostgreSQL()
        let pid = try fake.start()
        try fake.note(pid)
        try FileManager.default.createDirectory(
            atPath: "\(fake.data)/standby.signal",
            withIntermediateDirectories: true
        )
        guard case .failed(let why) = try driver(fake).perform(.fence) else {
            Issue.record("nobody says that the signal file is missing")
            return
        }
        #expect(why.contains("standby.signal"))
        #expect(!fake.isThere(pid))
    }
}
