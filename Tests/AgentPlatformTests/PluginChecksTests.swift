import AgentCore
import TandemModel
import TandemSpawn
import Testing

@testable import AgentPlatform

/// The operator's own executables: what they are told, when they run, and what their answers do.
struct PluginChecksTests {
    private let test: TestServer

    init() throws { test = try TestServer() }

    private static let facts = ServerFacts(
        mate: ServerFacts.Mate(server: ServerName("b"), role: .active, isConnected: true),
        isHeld: true,
        alarms: [
            AlarmEvent(
                number: .serverForcedStandby,
                instance: "a",
                severity: .minor,
                isRaised: true,
                text: "held\nby hand",
                time: WallTime(milliseconds: 1),
                sequence: 1,
                boot: BootID(high: 1, low: 1)
            )
        ],
        controllerAhead: -1500
    )

    /// The names are a promise to whoever writes a check; nothing else leaks in.
    @Test
    func theEnvironmentIsFixed() throws {
        let one = try test.stage("1", packages: [test.factory.package("shop", "1")])
        try test.setDriver(role: "standby", peer: "active")
        try test.folder.script("checks.d/pre-upgrade/tell", "env > \(test.folder("environment"))")
        let checks = PreUpgradeChecks(
            test.server,
            target: one.manifest,
            source: nil,
            direction: .up,
            facts: Self.facts
        )
        #expect(checks.run().last?.level == .ok)
        let lines = try test.folder.text("environment").split(whereSeparator: \.isNewline)
        let own = ["PWD=", "_=", "SHLVL=", "OLDPWD="]
        let found = Set(
            lines.filter { line in !own.contains { line.hasPrefix($0) } }.map(String.init)
        )
        #expect(
            found == [
                "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C.UTF-8",
                "TANDEM_ROOT=\(test.folder("root"))", "TANDEM_SERVER=a",
                "TANDEM_PHASE=pre-upgrade", "TANDEM_DIRECTION=up", "TANDEM_RELEASE=1",
                "TANDEM_PREVIOUS_RELEASE=", "TANDEM_ROLE=standby", "TANDEM_IN_SERVICE=no",
                "TANDEM_HELD=yes", "TANDEM_PEER_ROLE=active", "TANDEM_CAUGHT_UP=yes",
                "TANDEM_LAG_BYTES=0", "TANDEM_LAG_SECONDS=0", "TANDEM_INHIBITED=no",
                "TANDEM_MATE=b", "TANDEM_MATE_ROLE=active", "TANDEM_MATE_CONNECTED=yes",
                "TANDEM_CLOCK_AHEAD_MS=-1500",
                "TANDEM_ALARMS=70503 SERVER_FORCED_STANDBY minor heldby hand",
            ]
        )
    }

    private func verified(_ direction: Direction = .up) throws -> StepResult {
        let one = try test.stage(
            "1",
            packages: [],
            hooks: ["health": "exit 0"]
        )
        try test.folder.write("root/running-build", "build-1\n")
        return test.execute(test.run(.verify, to: one, direction: direction, limitSeconds: 1))
    }

    @Test
    func aBadCheckAfterTheUpgradeFailsVerify() throws {
        #expect(try verified() == .succeeded)
        try test.folder.script("checks.d/post-upgrade/calls", "echo 'no call gets through'; exit 2")
        let failure = try verified().failure
        #expect(failure?.code == ErrorCode.checkFailed.id)
        #expect(failure?.message == "check calls: no call gets through")
        #expect(failure?.remedy.contains("checks.d/post-upgrade/calls") == true)
        #expect(try verified(.back) == .succeeded, "the way back is only warned")
        // A guard that died before its checks ended leaves them to be run again.
        let run = test.run(
            .verify,
            to: try test.stage("1", packages: [], hooks: ["health": "exit 0"])
        )
        #expect(test.observe(run) == .unchanged)
        #expect(test.observe(run, recorded: .succeeded) == .reached)
    }

    @Test
    func aBadHealthCheckKeepsVerifyWaiting() throws {
        try test.folder.script("checks.d/health/disk", "echo 'no room'; exit 2")
        let failure = try verified().failure
        #expect(failure?.code == ErrorCode.verifyFailed.id)
        #expect(failure?.diagnostic == "disk: no room")
        try test.folder.script("checks.d/health/disk", "echo 'little room'; exit 1")
        #expect(try verified() == .succeeded)
    }

    private static func result(_ level: CheckResult.Level) -> CheckResult {
        CheckResult(name: "x", level: level, text: "t", remedy: "r")
    }

    static let words: [(Health?, [CheckResult.Level], Health)] = [
        (.healthy, [], .healthy), (.healthy, [.ok, .ok], .healthy), (nil, [.ok], .healthy),
        (nil, [], .unknown), (.healthy, [.ok, .critical, .warning], .failing("x: t")),
        (.warning("own"), [.warning], .warning("own")), (.healthy, [.unknown], .warning("x: t")),
        (.failing("own"), [.critical], .failing("own")), (.unknown, [.ok], .unknown),
        (.unknown, [.critical], .failing("x: t")), (nil, [.critical], .failing("x: t")),
    ]

    @Test(arguments: words)
    func healthIsTheWorstWord(_ own: Health?, _ levels: [CheckResult.Level], _ health: Health) {
        #expect(Health.worst(own, levels.map(Self.result)) == health)
    }
}
