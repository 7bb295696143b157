import AgentHA
import Foundation
import TandemModel
import Testing

@testable import tandem_ha_standalone

/// A service system of one service: whether it runs lies in a file.
private struct FakeService {
    let folder: String
    var control: String { "\(folder)/control" }

    init() throws {
        folder =
            FileManager.default.temporaryDirectory
            .appending(path: "tandem-standalone-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(
            atPath: folder,
            withIntermediateDirectories: true
        )
        let script = """
            #!/bin/sh
            case "$1" in
            start) : > "\(folder)/runs" ;;
            stop) rm -f "\(folder)/runs" ;;
            is-active) test -e "\(folder)/runs" ;;
            *) exit 9 ;;
            esac
            """
        try Data(script.utf8).write(to: URL(filePath: control))
        try FileManager.default.setAttributes(
            [.posixPermissions: 0o755],
            ofItemAtPath: control
        )
    }

    func driver() -> StandaloneDriver {
        StandaloneDriver(
            service: "scef",
            control: control,
            folder: folder + "/state",
            root: "/",
            deadline: CallDeadline(milliseconds: 10_000)
        )
    }

    func remove() { try? FileManager.default.removeItem(atPath: folder) }
}

@Suite struct StandaloneDriverTests {
    @Test func itIsActiveWhileItsServiceRuns() throws {
        let service = try FakeService()
        defer { service.remove() }
        let driver = service.driver()
        #expect(try driver.status().role == .standby)
        #expect(driver.perform(.promote(token: "")) == .done)
        let status = try driver.status()
        #expect(status.role == .active)
        #expect(status.isInService)
        #expect(status.peerRole == .unseen)
    }

    @Test func aFencedServerStaysDownUntilItIsPromoted() throws {
        let service = try FakeService()
        defer { service.remove() }
        let driver = service.driver()
        #expect(driver.perform(.takeBack) == .done)
        #expect(driver.perform(.fence) == .done)
        #expect(try driver.status().role == .outOfService)
        #expect(try !driver.status().isInService)
        #expect(driver.perform(.promote(token: "")) == .done)
        #expect(try driver.status().role == .active)
    }

    /// The unit is enabled, and the mark is only a file.
    @Test func aFencedServiceThatABootStartedIsSeenToServe() throws {
        let service = try FakeService()
        defer { service.remove() }
        let driver = service.driver()
        #expect(driver.perform(.fence) == .done)
        try Data().write(to: URL(filePath: "\(service.folder)/runs"))
        #expect(try driver.status().role == .active)
        #expect(try driver.status().isInService)
        #expect(driver.perform(.fence) == .done)
        #expect(try driver.status().role == .outOfService)
    }

    @Test func theServiceIsStoppedWhereTheMarkCannotBeWritten() throws {
        let service = try FakeService()
        defer { service.remove() }
        let driver = service.driver()
        #expect(driver.perform(.takeBack) == .done)
        // A file stands where the folder should be.
        try Data().write(to: URL(filePath: driver.folder))
        guard case .failed = driver.perform(.fence) else {
            Issue.record("nobody says that the mark is missing")
            return
        }
        #expect(!FileManager.default.fileExists(atPath: "\(service.folder)/runs"))
    }

    @Test func thereIsNobodyToDemoteTo() throws {
        let service = try FakeService()
        defer { service.remove() }
        guard case .refused = service.driver().perform(.demote(to: nil)) else {
            Issue.record("a single server gave its role away")
            return
        }
    }

    @Test func aMissingServiceSystemIsNoAnswer() {
        let driver = StandaloneDriver(
            service: "scef",
            control: "/nonexistent/control",
            folder: "/nonexistent",
            root: "/",
            deadline: CallDeadline(milliseconds: 10_000)
        )
        #expect(throws: TandemError.self) { _ = try driver.status() }
    }
}
