import AgentCore
import TandemModel
import TandemSpawn
import TandemWire
import Testing

@testable import AgentPlatform

struct PreUpgradeChecksTests {
    private let test: TestServer

    init() throws { test = try TestServer() }

    private func results(
        to target: StoredManifest,
        from source: StoredManifest? = nil,
        direction: Direction? = .up
    ) -> [String: CheckResult] {
        let checks = PreUpgradeChecks(
            test.server,
            target: target.manifest,
            source: source?.manifest,
            direction: direction
        )
        let results = checks.run()
        for result in results where result.level != .ok { #expect(!result.remedy.isEmpty) }
        return Dictionary(uniqueKeysWithValues: results.map { ($0.name, $0) })
    }

    @Test
    func soundServerPasses() throws {
        let one = try test.stage("1", packages: [test.factory.package("shop", "1")])
        let two = try test.stage("2", packages: [test.factory.package("shop", "2")])
        let found = results(to: two, from: one)
        #expect(found.values.filter { $0.level > .warning }.isEmpty)
        #expect(
            Set(found.keys) == [
                "release", "image", "previous-release", "package-database", "disk-space", "role",
                "clock", "memory", "snapshot",
            ]
        )
        #expect(found["snapshot"]?.text.contains("only package back-out is possible") == true)
    }

    /// The way forward needs what the release wants; the way back and a blank server do not.
    @Test
    func aSnapshotThatIsWantedAndImpossibleIsCritical() throws {
        let one = try test.stage("1", packages: [])
        let two = try test.stage("2", packages: []) { manifest in
            manifest.upgradeSteps = [test.run(.snapshot, to: one).definition]
        }
        let found = results(to: two, from: one)["snapshot"]
        #expect(found?.level == .critical && found?.text.contains("agent.conf") == true)
        #expect(results(to: two, from: one, direction: .back)["snapshot"]?.level == .ok)
        #expect(results(to: two)["snapshot"]?.level == .ok)
        let three = try test.stage("2", packages: []) { manifest in
            manifest.upgradeSteps = two.manifest.upgradeSteps
            manifest.replicatesData = true
        }
        #expect(results(to: three, from: one)["snapshot"]?.text.contains("data-directory") == true)
    }

    @Test
    func missingOrDamagedFilesAreNamed() throws {
        let one = try test.stage("1", packages: [test.factory.package("shop", "1")])
        let two = try test.stage("2", packages: [test.factory.package("shop", "2")])
        let store = "\(test.server.state.store)/blobs"
        try Files.removeFile("\(store)/\(one.manifest.packages[0].sha256)")
        try Files.replace("\(store)/\(two.manifest.packages[0].sha256)", with: [0])
        let found = results(to: two, from: one)
        #expect(found["image"]?.level == .critical)
        #expect(found["image"]?.text.contains("shop-2.deb") == true)
        #expect(found["previous-release"]?.level == .critical)
        #expect(found["previous-release"]?.text.contains("shop 1") == true)
    }

    @Test
    func releaseThatDoesNotFitIsRefused() throws {
        let one = try test.stage("1", packages: []) { $0.rollsBackTo = [] }
        let three = try test.stage("3", packages: []) {
            $0.installsOver = ["2"]
            $0.installsOnBlank = false
        }
        #expect(results(to: three, from: one)["release"]?.level == .critical)
        #expect(results(to: three)["release"]?.level == .critical)
        #expect(results(to: one, from: three, direction: .back)["release"]?.level == .ok)
    }

    @Test
    func spaceRoleClockAndDatabaseAreLookedAt() throws {
        let one = try test.stage("1", packages: []) {
            $0.spaceNeeded = UInt64.max / 4
            $0.dateSeconds = 99_999_999_999
        }
        try test.folder.write("driver-status", "role=unknown\nin-service=no\n")
        try test.folder.write(
            "root/var/lib/dpkg/status",
            "Package: x\nStatus: install ok half-configured\nVersion: 1\nArchitecture: all\n"
        )
        let found = results(to: one)
        for name in ["disk-space", "role", "clock", "package-database"] {
            #expect(found[name]?.level == .critical, "\(name)")
        }
        try test.folder.write("driver-status", "what?")
        #expect(results(to: one)["role"]?.text.contains("does not answer") == true)
    }

    @Test
    func ownChecksFollowTheConvention() throws {
        let one = try test.stage("1", packages: [])
        let folder = "checks.d/pre-upgrade"
        try test.folder.script("\(folder)/10-ok", "echo 'all well | a=1'")
        try test.folder.script("\(folder)/20-warning", "echo 'nearly full'; exit 1")
        try test.folder.script("\(folder)/30-critical", "echo; exit 2")
        try test.folder.script("\(folder)/40-odd", "exit 77")
        try test.folder.write("\(folder)/50-not-executable", "exit 2")
        try test.folder.script("\(folder)/.hidden", "exit 2")
        let found = results(to: one)
        #expect(found["10-ok"]?.text == "all well")
        #expect(found["20-warning"]?.level == .warning)
        #expect(found["30-critical"]?.level == .critical)
        #expect(found["30-critical"]?.text == "exit status 2")
        #expect(found["40-odd"]?.level == .unknown)
        #expect(found["50-not-executable"] == nil)
        #expect(found[".hidden"] == nil)
    }

    @Test
    func tooManyChecksAreCutAndSaid() throws {
        let one = try test.stage("1", packages: [])
        for number in 10..<60 {
            try test.folder.script("checks.d/pre-upgrade/\(number)", "echo fine")
        }
        let found = results(to: one)
        #expect(found["checks.d"]?.level == .unknown)
        #expect(found.count == 9 + PluginChecks.countMax + 1)
        #expect(found.count <= WireLimit.checks)
    }
}
