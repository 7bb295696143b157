import AgentCore
import TandemModel
import TandemSpawn
import Testing

@testable import AgentPlatform

/// Every step action on a real private root.
struct StepExecutorTests {
    private let test: TestServer

    init() throws { test = try TestServer() }

    // MARK: - Packages

    @Test
    func packagesGoThereAndBack() throws {
        let one = try test.stage(
            "1",
            packages: [
                test.factory.package("shop", "1"), test.factory.package("shop-old", "1"),
            ]
        )
        let two = try test.stage(
            "2",
            packages: [
                test.factory.package("shop", "2"), test.factory.package("shop-new", "2"),
            ]
        )
        let first = test.run(.installPackages, to: one)
        #expect(test.observe(first) == .unchanged)
        #expect(test.execute(first) == .succeeded)
        #expect(test.observe(first) == .reached)
        let up = test.run(.installPackages, to: two, from: one)
        #expect(test.observe(up) == .unchanged)
        #expect(test.execute(up) == .succeeded)
        #expect(test.observe(up) == .reached)
        #expect(test.execute(up) == .succeeded)
        #expect(try !test.folder.exists("root/opt/shop-old"))
        let back = test.run(.installPackages, to: one, from: two, direction: .back)
        #expect(test.observe(back) == .unchanged)
        #expect(test.execute(back) == .succeeded)
        #expect(test.observe(back) == .reached)
        #expect(try !test.folder.exists("root/opt/shop-new"))
    }

    @Test
    func failedInstallIsRepairableEitherWay() throws {
        let one = try test.stage("1", packages: [test.factory.package("shop", "1")])
        let two = try test.stage(
            "2",
            packages: [
                test.factory.package(
                    "shop",
                    "2",
                    scripts: ["postinst": "[ -e \"$DPKG_ROOT/licence\" ] || { echo none; exit 1; }"]
                )
            ]
        )
        _ = test.execute(test.run(.installPackages, to: one))
        let up = test.run(.installPackages, to: two, from: one)
        let failure = test.execute(up).failure
        #expect(failure?.diagnostic.contains("none") == true)
        #expect(test.observe(up) == .repairable)
        let back = test.run(.installPackages, to: one, from: two, direction: .back)
        #expect(test.observe(back) == .repairable)
        #expect(StepExecutor(test.server, up).repair().failure != nil)
        try test.folder.write("root/licence", "")
        #expect(StepExecutor(test.server, up).repair() == .succeeded)
        #expect(test.observe(up) == .reached)
    }

    @Test
    func changedBlobIsNotInstalled() throws {
        let one = try test.stage("1", packages: [test.factory.package("shop", "1")])
        let blob = "\(test.server.state.store)/blobs/\(one.manifest.packages[0].sha256)"
        try Files.replace(blob, with: [1, 2, 3])
        let failure = test.execute(test.run(.installPackages, to: one)).failure
        #expect(failure?.code == ErrorCode.imageDamaged.id)
        #expect(try test.server.packages.packages(named: nil).isEmpty)
    }

    // MARK: - Services

    @Test
    func servicesStartAndStop() throws {
        let one = try test.stage("1", packages: [])
        let start = test.run(.startService, to: one)
        let stop = test.run(.stopService, to: one)
        #expect(test.observe(start) == .unchanged)
        #expect(test.observe(stop) == .reached)
        #expect(test.execute(start) == .succeeded)
        #expect(test.observe(start) == .reached)
        #expect(test.execute(stop) == .succeeded)
        #expect(test.observe(stop) == .reached)
        #expect(test.execute(test.run(.startService, ["other"], to: one)) == .succeeded)
        #expect(try test.folder.exists("root/running-other"))
        try test.folder.write("root/broken-shop", "")
        let failure = test.execute(start).failure
        #expect(failure?.code == ErrorCode.serviceFailed.id)
        #expect(failure?.diagnostic == "port is taken")
    }

    // MARK: - Hooks

    @Test
    func hookGetsItsArgumentsAndEnvironmentOnly() throws {
        let one = try test.stage("1", packages: [])
        let two = try test.stage(
            "2",
            packages: [],
            hooks: ["migrate": "echo \"$@\" > \"$TANDEM_ROOT/said\"; env >> \"$TANDEM_ROOT/said\""]
        )
        let run = test.run(.hook, ["migrate", "a b", "$HOME"], to: two, from: one)
        #expect(test.execute(run) == .succeeded)
        let said = try test.folder.text("root/said").split(whereSeparator: \.isNewline)
        #expect(said.first == "a b $HOME")
        let names = Set(said.dropFirst().map { $0.prefix { $0 != "=" } })
        #expect(
            names.subtracting(["PWD", "SHLVL", "_", "OLDPWD"]) == [
                "PATH", "LC_ALL", "TANDEM_ROOT", "TANDEM_SERVER", "TANDEM_SERVICE_CONTROL",
                "TANDEM_DIRECTION", "TANDEM_RELEASE", "TANDEM_PREVIOUS_RELEASE",
            ]
        )
        #expect(said.contains("TANDEM_RELEASE=2"))
        #expect(said.contains("TANDEM_PREVIOUS_RELEASE=1"))
    }

    @Test
    func hookThatObservesIsAsked() throws {
        let one = try test.stage(
            "1",
            packages: [],
            hooks: [
                "migrate": """
                if [ "$1" = --observe ]; then
                    [ ! -e "$TANDEM_ROOT/strange" ] || exit 3
                    [ -e "$TANDEM_ROOT/$2" ] && exit 0
                    exit 1
                fi
                : > "$TANDEM_ROOT/$1"
                """
            ]
        )
        let run = test.run(.hook, ["migrate", "done"], to: one)
        #expect(test.observe(run) == .unchanged)
        #expect(test.execute(run) == .succeeded)
        #expect(test.observe(run) == .reached)
        try test.folder.write("root/strange", "")
        #expect(test.observe(run) == .unknown)
    }

    @Test
    func repeatableHookIsNotAsked() throws {
        let one = try test.stage(
            "1",
            packages: [],
            hooks: ["warm-up": "echo x >> \"$TANDEM_ROOT/count\""],
            repeatable: ["warm-up"]
        )
        let run = test.run(.hook, ["warm-up"], to: one)
        #expect(test.observe(run) == .unchanged)
        #expect(test.observe(run, recorded: .succeeded) == .reached)
        #expect(try !test.folder.exists("root/count"))
    }

    @Test
    func failingHookBringsItsWords() throws {
        let one = try test.stage(
            "1",
            packages: [],
            hooks: ["bad": "echo 'index is corrupt' >&2; exit 4"]
        )
        let failure = test.execute(test.run(.hook, ["bad"], to: one)).failure
        #expect(failure?.code == ErrorCode.hookFailed.id)
        #expect(failure?.diagnostic == "index is corrupt")
        let missing = test.execute(test.run(.hook, ["none"], to: one)).failure
        #expect(missing?.code == ErrorCode.manifestInvalid.id)
    }

    @Test
    func hookPastItsHardLimitIsEnded() throws {
        let one = try test.stage(
            "1",
            packages: [],
            hooks: ["slow": "sleep 300 & echo waiting; wait"]
        )
        let failure = test.execute(test.run(.hook, ["slow"], to: one, limitSeconds: 1)).failure
        #expect(failure?.code == ErrorCode.limitExceeded.id)
        #expect(failure?.diagnostic == "waiting")
    }

    @Test
    func backOutStepsUseTheHooksOfTheReleaseThatIsLeft() throws {
        let note = "echo $TANDEM_RELEASE >> \"$TANDEM_ROOT/"
        let one = try test.stage("1", packages: [], hooks: ["migrate": note + "one\""])
        let definition = test.run(.hook, ["migrate"], to: one).definition
        let two = try test.stage("2", packages: [], hooks: ["migrate": note + "two\""]) {
            $0.backOutSteps = [definition]
        }
        let back = test.run(.hook, ["migrate"], to: one, from: two, direction: .back)
        #expect(test.execute(back) == .succeeded)
        #expect(try test.folder.text("root/two") == "1\n")
        #expect(try !test.folder.exists("root/one"))
    }

    // MARK: - Verify, check and what is not done

    @Test
    func verifyWaitsForBuildAndHealth() throws {
        let one = try test.stage(
            "1",
            packages: [],
            hooks: [
                "health": """
                [ -e "$TANDEM_ROOT/warm" ] && { echo 'OK: warm | t=1'; exit 0; }
                : > "$TANDEM_ROOT/warm"; echo 'CRITICAL: cold'; exit 2
                """
            ]
        )
        let run = test.run(.verify, to: one, limitSeconds: 1)
        #expect(test.observe(run) == .unchanged)
        let silent = test.execute(run).failure
        #expect(silent?.code == ErrorCode.verifyFailed.id)
        #expect(silent?.message.contains("does not answer") == true)
        try test.folder.write("root/running-build", "build-2\n")
        #expect(test.execute(run).failure?.message.contains("build-2") == true)
        try test.folder.write("root/running-build", "build-1\n")
        #expect(test.execute(run) == .succeeded)
        #expect(test.observe(run) == .reached)
    }

    @Test
    func aRebootIsAskedForAndNotTakenForDone() throws {
        try test.folder.script(
            "service-control",
            "[ \"$*\" = reboot ] && [ ! -e \"${0%/*}/stays\" ] && echo \"$*\" > \"${0%/*}/asked\""
        )
        let run = test.run(.reboot, to: try test.stage("1", packages: []))
        #expect(test.observe(run) == .unchanged)
        #expect(test.execute(run) == .succeeded)
        #expect(try test.folder.text("asked") == "reboot\n")
        #expect(test.observe(run, recorded: .succeeded) == .unchanged)
        try test.folder.write("stays", "")
        let failure = test.execute(run).failure
        #expect(failure?.code == ErrorCode.serviceFailed.id && failure?.remedy.isEmpty == false)
    }

    @Test
    func checkStepFailsWithTheWorstCheck() throws {
        let one = try test.stage("1", packages: [test.factory.package("shop", "1")])
        let run = test.run(.check, to: one)
        #expect(test.execute(run) == .succeeded)
        #expect(test.observe(run, recorded: .succeeded) == .reached)
        #expect(test.observe(run) == .unchanged)
        try test.folder.script("checks.d/pre-upgrade/backup", "echo 'no backup | age=9'; exit 2")
        let failure = test.execute(run).failure
        #expect(failure?.code == ErrorCode.checkFailed.id)
        #expect(failure?.message == "check backup: no backup")
    }
}
