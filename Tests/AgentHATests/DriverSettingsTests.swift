import AgentHA
import Foundation
import TandemModel
import TandemSpawn
import Testing

/// Drivers that are called by somebody else than the agent.
@Suite struct DriverSettingsTests {
    private let fake: FakePostgreSQL

    init() throws { fake = try FakePostgreSQL() }

    private func run(_ driver: String, _ words: [String], agent: String) throws -> ChildResult {
        let path = "\(fake.folder)/agent.conf"
        try Data(agent.utf8).write(to: URL(filePath: path))
        return try runChild(
            ChildCommand(
                try BuiltProgram.path(driver),
                words,
                environment: ChildCommand.plainEnvironment + ["TANDEM_AGENT_CONFIG=\(path)"]
            ),
            timeoutMilliseconds: 60_000
        )
    }

    @Test func keepalivedsWordsReachTheAgentsFolder() throws {
        let result = try run(
            "tandem-ha-keepalived",
            ["notify", "INSTANCE", "cluster", "MASTER", "100"],
            agent: "state-directory = \(fake.folder)/agent\n"
        )
        #expect(result.ending == .exited(0), "\(result.errorText)")
        let path = "\(fake.folder)/agent/ha/keepalived-transitions"
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "1 MASTER\n")
    }

    /// An inhibition outlives a reboot: the service's unit sees the mark that the agent's call left.
    @Test func theServicesUnitSeesTheAgentsMarks() throws {
        let settings = """
            data = \(fake.data)
            mate = host=127.0.0.1 port=1
            replication = host=127.0.0.1 port=1
            """
        try Data(settings.utf8).write(to: URL(filePath: "\(fake.folder)/driver.conf"))
        let file = URL(filePath: "\(fake.data)/postgresql.auto.conf")
        try Data("primary_conninfo = 'host=m'\n".utf8).write(to: file)
        let state = "\(fake.folder)/agent/ha"
        try FileManager.default.createDirectory(atPath: state, withIntermediateDirectories: true)
        try Data().write(to: URL(filePath: "\(state)/postgresql-inhibited"))
        let result = try run(
            "tandem-ha-postgresql",
            ["before-start"],
            agent: """
                state-directory = \(fake.folder)/agent
                ha.settings = \(fake.folder)/driver.conf
                """
        )
        #expect(result.ending == .exited(0), "\(result.errorText)")
        #expect(try String(contentsOf: file, encoding: .utf8) == "primary_conninfo = ''\n")
    }

    @Test func aFileOfAnotherFormIsNoReasonToUseAnotherFolder() throws {
        let result = try run(
            "tandem-ha-keepalived",
            ["notify", "INSTANCE", "cluster", "MASTER", "100"],
            agent: "no line\n"
        )
        #expect(result.ending == .exited(3), "\(result.errorText)")
        #expect(result.errorText.contains("agent.conf"))
    }

    @Test func theAgentsLinesBecomeVariables() throws {
        let text = "state-directory = /s/\nserver = a\nha.mate-member = b\nother = x\n"
        let variables = driverVariables(try KeyValueFile(Array(text.utf8)))
        #expect(
            variables == [
                "TANDEM_HA_STATE": "/s/ha", "TANDEM_SERVER": "a", "TANDEM_HA_MATE_MEMBER": "b",
            ]
        )
    }
}
