import AgentHA
import Foundation
import TandemModel
import TandemSpawn
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

    /// PostgreSQL writes its note in pieces, and serves nobody before the last one.
    @Test func aStandbyThatHasNotSaidItsStateYetIsOnItsWay() throws {
        let fake = try FakePostgreSQL()
        let driver = try driver(fake)
        try FileManager.default.createDirectory(
            atPath: "\(fake.data)/pg_wal",
            withIntermediateDirectories: true
        )
        try fake.note(try fake.start())
        #expect(throws: TandemError.self) { _ = try driver.status() }
        try Data().write(to: URL(filePath: "\(fake.data)/standby.signal"))
        #expect(try driver.status().role == .outOfService)
    }

    private func isRefused(_ end: DriverEnd) -> Bool {
        guard case .refused(let why) = end else { return false }
        return why.contains("rejoin")
    }

    @Test func nobodyStartsAServerThatIsBeingRewound() throws {
        let fake = try FakePostgreSQL()
        let driver = try driver(fake)
        let lock = try #require(try driver.folderLock(.exclusive))
        try checkRewound(driver, fake)
        try lock.release()
        #expect(driver.perform(.takeBack) != .refused("a rejoin is under way on this server"))
    }

    private func checkRewound(_ driver: PostgreSQLDriver, _ fake: FakePostgreSQL) throws {
        #expect(isRefused(try driver.beforeStart()))
        #expect(isRefused(driver.perform(.takeBack)))
        #expect(isRefused(driver.perform(.promote(token: ""))))
        #expect(driver.perform(.demote(to: nil)) == .done)
        // A single-user server that pg_rewind runs is none that serves.
        let worker = try fake.start()
        #expect(driver.perform(.fence) == .done)
        #expect(fake.isThere(worker))
        #expect(!FileManager.default.fileExists(atPath: "\(fake.data)/standby.signal"))
    }

    /// A rejoin was killed; the `pg_rewind` that it started lives on.
    @Test func theLockIsKeptByWhatARejoinStartedAndEndsWithIt() throws {
        let fake = try FakePostgreSQL()
        let driver = try driver(fake)
        var lock = try driver.folderLock(.exclusive)
        let rewind = try ChildProcess.start(
            ChildCommand(
                "/usr/bin/sleep",
                ["600"],
                standardOutput: .discarded,
                standardError: .discarded,
                passed: [ChildCommand.Passed(try #require(lock).descriptor, as: 3)]
            )
        )
        lock = nil
        #expect(try driver.folderLock(.shared) == nil)
        rewind.signalAll(SIGKILL)
        while rewind.tryWait() == nil { continue }
        #expect(try driver.folderLock(.shared) != nil)
    }

    @Test func anInhibitionThatFailsLeavesNoMark() throws {
        let fake = try FakePostgreSQL()
        let driver = try driver(fake)
        // There is no file of settings to be changed.
        guard case .failed = driver.perform(.inhibitReplication) else {
            Issue.record("it was reported as done")
            return
        }
        #expect(try !driver.has(.inhibited))
        try Data("primary_conninfo = 'host=m'\n".utf8)
            .write(to: URL(filePath: "\(fake.data)/postgresql.auto.conf"))
        try FileManager.default.createDirectory(
            atPath: "\(fake.data)/pg_wal",
            withIntermediateDirectories: true
        )
        // A mark that an older failure left counts for nothing.
        _ = try driver.set(.inhibited, true)
        #expect(try !driver.status().replication.isInhibited)
        #expect(driver.perform(.inhibitReplication) == .done)
        #expect(try driver.status().replication.isInhibited)
        #expect(driver.perform(.allowReplication) == .done)
        #expect(try !driver.status().replication.isInhibited)
    }
}
