import AgentHA
import Foundation
import TandemModel
import Testing

@testable import tandem_ha_patroni

/// A Patroni that is down, and what it left behind.
@Suite struct PatroniFenceTests {
    private func driver(_ control: String, data: String) throws -> PatroniDriver {
        // Nobody listens on a port that was just free.
        let port = try #require(try freePorts(1).first)
        return PatroniDriver(
            patroni: PatroniService(
                address: "127.0.0.1:\(port)",
                service: "patroni",
                control: control,
                data: data
            ),
            tag: FailoverTag(path: "\(data)/../patroni.yml"),
            member: "a",
            mateMember: "b",
            deadline: CallDeadline(milliseconds: 60_000)
        )
    }

    private func isUnknown(_ end: DriverEnd) -> Bool {
        guard case .unknown = end else { return false }
        return true
    }

    /// A paused Patroni leaves PostgreSQL running when it is stopped.
    @Test func aStoppedServiceIsNoProofThatNobodyServes() throws {
        let fake = try FakePostgreSQL()
        let driver = try driver(try fake.control(), data: fake.data)
        #expect(try driver.status().role == .outOfService)
        let pid = try fake.start()
        try fake.note(pid)
        #expect(throws: TandemError.self) { _ = try driver.status() }
        #expect(isUnknown(driver.perform(.demote(to: "b"))))
        #expect(fake.isThere(pid))
        #expect(driver.perform(.fence) == .done)
        #expect(!fake.isThere(pid))
        #expect(try driver.status().role == .outOfService)
        #expect(driver.perform(.demote(to: "b")) == .done)
    }

    @Test(arguments: ["exit 5", "exec sleep 600"])
    func aServiceSystemThatFailsOrHangsKeepsNobodyFromBeingFenced(stopping: String) throws {
        let fake = try FakePostgreSQL()
        var driver = try driver(try fake.control(stopping: stopping), data: fake.data)
        driver.deadline = CallDeadline(milliseconds: 2600)
        let pid = try fake.start()
        try fake.note(pid)
        #expect(driver.perform(.fence) == .done)
        #expect(!fake.isThere(pid))
    }

    @Test func aMissingServiceSystemIsNoProofButPostgreSQLGoes() throws {
        let fake = try FakePostgreSQL()
        let pid = try fake.start()
        try fake.note(pid)
        #expect(try driver("/nonexistent/control", data: fake.data).perform(.fence) != .done)
        #expect(!fake.isThere(pid))
    }

    /// It would start PostgreSQL again.
    @Test func aPatroniThatDoesNotStopIsNotFenced() throws {
        let fake = try FakePostgreSQL()
        let driver = try driver(try fake.control(running: true), data: fake.data)
        let pid = try fake.start()
        #expect(isUnknown(driver.perform(.fence)))
        #expect(!fake.isThere(pid))
    }

    @Test func withoutTheDataFolderNothingIsClaimed() throws {
        let fake = try FakePostgreSQL()
        let driver = try driver(try fake.control(stopping: ": > \(fake.folder)/stopped"), data: "")
        #expect(throws: TandemError.self) { _ = try driver.status() }
        guard case .refused(let why) = driver.perform(.demote(to: "b")) else {
            Issue.record("a demotion that nobody can prove was done")
            return
        }
        #expect(why.contains("ha.data"))
        #expect(isUnknown(driver.perform(.fence)))
        #expect(FileManager.default.fileExists(atPath: "\(fake.folder)/stopped"))
    }
}
