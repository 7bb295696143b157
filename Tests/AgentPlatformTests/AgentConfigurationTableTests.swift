@testable import AgentPlatform
import TandemModel
import TandemSpawn
import Testing

struct AgentConfigurationTableTests {
    private static let minimal = [
        "server = scef-1a", "agent-id = 00000000-0000-0000-0000-00000000000a",
        "controller = cmp-a:7443", "certificate = /etc/tandem/agent.crt",
        "key = /etc/tandem/agent.key", "authority = /etc/tandem/ca.crt", "ha-driver = local",
    ]

    private func read(_ lines: [String]) throws -> AgentConfiguration {
        let text = lines.joined(separator: "\n")
        return try AgentConfiguration(KeyValueFile(Array(text.utf8)))
    }

    @Test
    func missingLinesGetTheirDefaults() throws {
        let configuration = try read(Self.minimal)
        #expect(configuration.server == ServerName("scef-1a"))
        #expect(configuration.controllers.map(\.description) == ["cmp-a:7443"])
        #expect(configuration.trust == "/etc/tandem/trust")
        #expect(configuration.stateDirectory == "/var/lib/tandem")
        #expect(configuration.root == "/")
        #expect(configuration.driver.path == "/usr/lib/tandem/ha/local")
        #expect(configuration.serviceControl == nil)
        #expect(configuration.snapshots == nil && configuration.bootSelect == nil)
        #expect(configuration.dataDirectories.isEmpty)
        #expect(configuration.clocks == FailoverClocks())
        #expect(configuration.logLevel == .info)
        #expect(configuration.packageBackend == nil)
        #expect(configuration.packageSignatures == .manifest)
    }

    @Test
    func packageSystemIsTheOneNamedOrFound() throws {
        let folder = try TemporaryFolder()
        func system(_ lines: [String] = []) throws -> any PackageSystem {
            let configuration = try read(Self.minimal + ["root = \(folder.path)"] + lines)
            return try configuration.packageSystem(
                state: StateFolder(path: folder("state")),
                environment: []
            )
        }
        #expect(try system().format == .deb)
        try folder.write("var/lib/rpm/rpmdb.sqlite", "")
        #expect(try system().format == .rpm)
        try folder.write("var/lib/dpkg/status", "")
        #expect(throws: TandemError.self) { try system() }
        #expect(try system(["package-backend = dpkg"]).format == .deb)
        #expect(try system(["package-backend = rpm"]).format == .rpm)
        #expect(throws: KeyValueFile.Problem.self) { try system(["package-backend = apk"]) }
    }

    @Test
    func everyLineIsTaken() throws {
        let configuration = try read(
            Self.minimal + [
                "controller = [::1]:1, 127.0.0.1:65535", "trust = /t", "state-directory = /s/",
                "root = /r", "package-backend = rpm", "package-signatures = vendor",
                "ha-directory = /h",
                "ha.service-address = 127.0.0.9:80", "service-control = /c",
                "checks-directory = /d", "log-level = debug", "observe-seconds = 0.5",
                "health-seconds = 2", "clock.arm-seconds = 3", "clock.demote-seconds = 2.5",
                "snapshots = /.snapshots/", "boot-select = /b", "data-directory = /srv/one",
                "data-directory = /srv/two",
            ]
        )
        #expect(
            configuration.controllers.map(\.description) == [
                "cmp-a:7443", "[::1]:1", "127.0.0.1:65535",
            ]
        )
        #expect(configuration.stateDirectory == "/s")
        #expect(configuration.packageBackend == .rpm)
        #expect(configuration.packageSignatures == .vendor)
        #expect(
            configuration.driver.options == [
                .init(name: "service-address", value: "127.0.0.9:80")
            ]
        )
        #expect(configuration.serviceControl == "/c")
        #expect(configuration.logLevel == .debug)
        #expect(configuration.observeMilliseconds == 500)
        #expect(configuration.healthMilliseconds == 2000)
        #expect(configuration.clocks.arm == 3000)
        #expect(configuration.clocks.demoteLimit == 2500)
        #expect(configuration.snapshots == "/.snapshots" && configuration.bootSelect == "/b")
        #expect(configuration.dataDirectories == ["/srv/one", "/srv/two"])
    }

    @Test(arguments: 0..<7)
    func everyNeededLineIsMissed(_ index: Int) {
        var lines = Self.minimal
        let key = lines.remove(at: index).split(separator: " ")[0]
        let problem = #expect(throws: KeyValueFile.Problem.self) { try read(lines) }
        #expect(problem?.text.contains("`\(key)` is missing") == true)
    }

    @Test(arguments: [
        "colour = red", "controller = host", "controller = host:0", "controller = ::1:7",
        "controller = host:70000", "root = relative", "root = /a/../b", "log-level = loud",
        "observe-seconds = 0", "ha. = 1", "ha.a.b = 1", "clock.lunch-seconds = 5",
        "clock.arm-seconds = x", "root = /\nroot = /",
    ])
    func wrongLinesAreNamed(_ line: String) {
        let problem = #expect(throws: KeyValueFile.Problem.self) {
            try read(Self.minimal + [line])
        }
        #expect(problem?.line ?? 0 >= Self.minimal.count)
    }

    @Test(arguments: [
        ("server", "a b"), ("agent-id", "7"), ("ha-driver", "../sh"), ("key", "key.pem"),
    ])
    func wrongNeededValuesAreNamed(_ key: String, _ value: String) {
        let lines = Self.minimal.filter { !$0.hasPrefix("\(key) ") } + ["\(key) = \(value)"]
        let problem = #expect(throws: KeyValueFile.Problem.self) { try read(lines) }
        #expect(problem?.line == 7)
    }

    @Test(arguments: [
        ["dead-man-seconds = 44"], ["dead-man-seconds = 50"], ["promote-seconds = 21"],
        ["arm-seconds = 16"], ["take-back-seconds = 15"], ["demote-seconds = 15"],
    ])
    func clocksThatDoNotAddUpAreRefused(_ clocks: [String]) {
        let problem = #expect(throws: KeyValueFile.Problem.self) {
            try read(Self.minimal + clocks.map { "clock.\($0)" })
        }
        #expect(problem?.line == 0)
    }

    @Test
    func missingFileNamesItself() {
        let error = #expect(throws: TandemError.self) {
            try AgentConfiguration.load("/nonexistent/agent.conf")
        }
        #expect(error?.message.contains("/nonexistent/agent.conf") == true)
    }
}
