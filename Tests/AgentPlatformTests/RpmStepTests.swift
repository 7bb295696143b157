import AgentCore
import TandemModel
import TandemSpawn
import Testing

@testable import AgentPlatform

/// The step that installs packages, on a real rpm root.
struct RpmStepTests {
    private let factory: RpmFactory
    private let test: TestServer

    init() throws {
        factory = try RpmFactory()
        test = try TestServer(rpmRoot: factory.root().root)
    }

    private func stage(_ version: String, _ packages: [PackageFile]) throws -> StoredManifest {
        try test.stage(version, packages: packages) { $0.format = .rpm }
    }

    @Test
    func packagesGoThereAndBack() throws {
        let one = try stage(
            "1",
            [try factory.package("shop", "1"), try factory.package("shop-old", "1")]
        )
        let two = try stage(
            "2",
            [try factory.package("shop", "2"), try factory.package("shop-new", "2")]
        )
        let first = test.run(.installPackages, to: one)
        #expect(test.observe(first) == .unchanged)
        #expect(test.execute(first) == .succeeded)
        #expect(test.observe(first) == .reached)
        let up = test.run(.installPackages, to: two, from: one)
        #expect(test.observe(up) == .unchanged)
        #expect(test.execute(up) == .succeeded)
        #expect(test.observe(up) == .reached)
        #expect(try !factory.folder.exists("root/opt/shop-old"))
        let back = test.run(.installPackages, to: one, from: two, direction: .back)
        #expect(test.observe(back) == .unchanged)
        #expect(test.execute(back) == .succeeded)
        #expect(test.observe(back) == .reached)
        #expect(try !factory.folder.exists("root/opt/shop-new"))
        #expect(try factory.folder.text("root/opt/shop/version") == "1")
    }

    @Test
    func failedPostIsSeenAfterwardsAndRepairableEitherWay() throws {
        let one = try stage("1", [try factory.package("shop", "1")])
        let script = "[ -e /licence ] || { echo none; exit 1; }"
        let two = try stage("2", [try factory.package("shop", "2", scripts: ["post": script])])
        let manifests = [one, two]
        func match() throws -> PackageMatch {
            let names = PackageMatch.names(of: manifests)
            let packages = try test.server.packages.packages(named: names)
            return PackageMatch(packages: packages, manifests: manifests)
        }
        #expect(test.execute(test.run(.installPackages, to: one)) == .succeeded)
        #expect(try match() == .release(one))
        let up = test.run(.installPackages, to: two, from: one)
        #expect(test.execute(up).failure?.code == ErrorCode.packageFailed.id)
        // The rpm database says that all of release 2 is there; that is no reason to go on.
        #expect(test.observe(up) == .repairable)
        #expect(try match() == .half("shop 2-1 is half-configured"))
        let executor = StepExecutor(test.server, up)
        #expect(executor.repair().failure?.code == ErrorCode.packageFailed.id)
        #expect(test.observe(up) == .repairable)
        try factory.folder.write("root/licence", "")
        #expect(executor.repair() == .succeeded)
        #expect(test.observe(up) == .reached)
        let back = test.run(.installPackages, to: one, from: two, direction: .back)
        #expect(test.execute(back) == .succeeded)
        #expect(try match() == .release(one))
    }

    @Test
    func killedRpmEndsUnknownAndIsRepaired() throws {
        let one = try stage("1", [try factory.package("shop", "1")])
        let script = "[ -e /mended ] || kill -9 $PPID"
        let two = try stage("2", [try factory.package("shop", "2", scripts: ["post": script])])
        #expect(test.execute(test.run(.installPackages, to: one)) == .succeeded)
        let up = test.run(.installPackages, to: two, from: one)
        guard case .unknown = test.execute(up) else {
            Issue.record("a killed rpm must not count as an end")
            return
        }
        #expect(test.observe(up) == .repairable)
        try factory.folder.write("root/mended", "")
        #expect(StepExecutor(test.server, up).repair() == .succeeded)
        #expect(test.observe(up) == .reached)
    }

    @Test
    func droppedPackageWhosePostunFailsIsToldOnce() throws {
        let one = try stage(
            "1",
            [
                try factory.package("shop", "1"),
                try factory.package("shop-old", "1", scripts: ["postun": "exit 6"]),
            ]
        )
        let two = try stage("2", [try factory.package("shop", "2")])
        #expect(test.execute(test.run(.installPackages, to: one)) == .succeeded)
        let up = test.run(.installPackages, to: two, from: one)
        let failure = test.execute(up).failure
        #expect(failure?.message.contains("%postun of shop-old-1-1.noarch failed") == true)
        #expect(test.observe(up) == .repairable)
        #expect(test.execute(up) == .succeeded)
        #expect(test.observe(up) == .reached)
    }

    @Test
    func imageOfTheOtherFormatIsRefused() throws {
        let debian = try test.stage("1", packages: [test.factory.package("shop", "1")])
        let failure = test.execute(test.run(.installPackages, to: debian)).failure
        #expect(failure?.code == ErrorCode.releaseUnsuitable.id)
        let results = PreUpgradeChecks(test.server, target: debian.manifest, source: nil).run()
        let release = try #require(results.first { $0.name == "release" })
        #expect(release.level == .critical)
        #expect(release.text == "shop 1 holds deb packages and this server installs rpm")
        #expect(test.observe(test.run(.installPackages, to: debian)) == .unchanged)
    }

    @Test
    func rpmOfTheOwnReleaseThatIsHalfThereIsAWarningOnly() throws {
        let one = try stage(
            "1",
            [try factory.package("shop", "1", scripts: ["post": "exit 1"])]
        )
        #expect(test.execute(test.run(.installPackages, to: one)) != .succeeded)
        func level(_ target: StoredManifest) throws -> CheckResult.Level? {
            PreUpgradeChecks(test.server, target: target.manifest, source: nil).run()
                .first { $0.name == "package-database" }?.level
        }
        #expect(try level(one) == .warning)
        let other = try stage("2", [try factory.package("other", "2")])
        #expect(try level(other) == .critical)
    }
}
