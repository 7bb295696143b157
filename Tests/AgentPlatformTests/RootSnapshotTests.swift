import AgentCore
import Glibc
import TandemModel
import TandemSpawn
import Testing

@testable import AgentPlatform

/// Snapshots on a real btrfs in a file, mounted for one test; needs root.
struct RootSnapshotTests {
    private let test: TestServer?
    private let disk: SmallBtrfs?

    init() throws {
        let factory = try PackageFactory()
        disk = try SmallBtrfs.make(in: factory.folder)
        test = try disk.map { try TestServer(factory, on: $0) }
    }

    private func step(
        _ action: StepAction,
        _ order: SnapshotOrder?,
        on test: TestServer
    ) throws -> StepRun {
        let one = try test.stage("1", packages: [])
        var run = test.run(action, to: one)
        run.snapshot = order
        return run
    }

    private func rebooted(_ test: TestServer) throws -> [String] {
        let text = (try? test.folder.text("reboots")) ?? ""
        return text.split(whereSeparator: \.isNewline).map(String.init)
    }

    @Test
    func aSnapshotIsWholeReadOnlyAndTakenOnce() throws {
        guard let test else { return }
        #expect(test.server.snapshots.ability() == .possible)
        try test.folder.write("disk/root/etc/version", "old")
        let run = try step(.snapshot, .take("tandem-1"), on: test)
        #expect(test.observe(run) == .unchanged)
        #expect(test.execute(run) == .succeeded)
        #expect(test.observe(run) == .reached)
        try test.folder.write("disk/root/etc/version", "new")
        #expect(test.execute(run) == .succeeded)
        #expect(try test.folder.text("disk/snapshots/tandem-1/etc/version") == "old")
        #expect(open(test.folder("disk/snapshots/tandem-1/etc/version"), O_WRONLY) < 0)
        #expect(errno == EROFS)
        let kept = try step(.snapshot, .keep("tandem-1"), on: test)
        #expect(test.execute(kept) == .succeeded)
        let none = try step(.snapshot, .keep("tandem-9"), on: test)
        #expect(test.execute(none).failure?.code == ErrorCode.wayBackMissing.id)
        #expect(test.execute(try step(.snapshot, nil, on: test)) == .succeeded)
    }

    @Test
    func whatSomebodyElseMadeIsNoSnapshotAndIsNotDropped() throws {
        guard let test else { return }
        try test.folder.write("disk/snapshots/tandem-2/file", "x")
        try test.folder.write("disk/snapshots/mine/file", "x")
        #expect(try !test.server.snapshots.has("tandem-2"))
        for name in ["tandem-3", "tandem-4"] {
            #expect(test.execute(try step(.snapshot, .take(name), on: test)) == .succeeded)
        }
        try test.server.snapshots.drop(allBut: ["tandem-4"])
        #expect(
            try Files.list(test.folder("disk/snapshots")) == ["mine", "tandem-2", "tandem-4"]
        )
    }

    @Test
    func bootingIsSeenByTheRootItself() throws {
        guard let test, let disk else { return }
        try test.folder.write("disk/root/etc/version", "old")
        #expect(test.execute(try step(.snapshot, .take("tandem-5"), on: test)) == .succeeded)
        try test.folder.write("disk/root/etc/version", "new")
        let boot = try step(.reboot, .boot("tandem-5"), on: test)
        #expect(test.observe(boot) == .unknown)
        #expect(test.execute(boot) == .succeeded)
        #expect(try test.folder.text("wanted") == "tandem-5\n")
        #expect(try rebooted(test) == ["reboot"])
        #expect(test.observe(boot) == .unchanged)
        try disk.exchangeRoot(for: "tandem-5")
        #expect(try test.folder.text("disk/root/etc/version") == "old")
        #expect(test.observe(boot) == .reached)
        // The same snapshot once more: what the root was made of long ago is no boot.
        #expect(test.execute(boot) == .succeeded)
        #expect(test.observe(boot) == .unchanged)
        try test.server.snapshots.forgetBoot()
        #expect(try !test.folder.exists("wanted"))
    }

    @Test
    func aRebootThatIsRefusedTakesTheBootBack() throws {
        guard let test else { return }
        #expect(test.execute(try step(.snapshot, .take("tandem-6"), on: test)) == .succeeded)
        try test.folder.write("no-reboot", "")
        let result = test.execute(try step(.reboot, .boot("tandem-6"), on: test))
        #expect(result.failure?.code == ErrorCode.serviceFailed.id)
        #expect(try !test.folder.exists("wanted"))
        let gone = test.execute(try step(.reboot, .boot("tandem-7"), on: test))
        #expect(gone.failure?.code == ErrorCode.wayBackMissing.id)
        #expect(try !test.folder.exists("wanted"))
    }

    /// What must outlast a root may not lie on it.
    @Test(arguments: ["state-directory", "trust", "data-directory"])
    func whatWouldBeRestoredWithTheRootIsNamed(key: String) throws {
        guard let test else { return }
        let path = test.folder("disk/root/kept")
        try Files.createDirectory(path)
        var configuration = test.server.configuration
        switch key {
        case "state-directory": configuration.stateDirectory = path
        case "trust": configuration.trust = path
        case _: configuration.dataDirectories = [path]
        }
        #expect(
            RootSnapshots(configuration, environment: []).ability()
                == .impossible("\(path) lies on the root and would be restored with it")
        )
    }

    @Test
    func withoutBtrfsOnlyPackagesGoBack() throws {
        let plain = try TestServer()
        var configuration = plain.server.configuration
        func why() -> String {
            let ability = RootSnapshots(configuration, environment: []).ability()
            if case .impossible(let reason) = ability { return reason }
            return ""
        }
        #expect(why().contains("no folder for `snapshots`"))
        configuration.snapshots = plain.folder.path
        #expect(why().contains("no `boot-select`"))
        configuration.bootSelect = "/nowhere"
        #expect(why() == "/nowhere can't be executed")
        configuration.bootSelect = "/bin/true"
        #expect(why() == "\(configuration.root) is no subvolume of btrfs")
    }
}

/// A btrfs of 256 MB in a file; unmounted with the last reference.
final class SmallBtrfs {
    let folder: TemporaryFolder
    let path: String

    /// Mounts one; `nil`, with a printed reason, where that can't be.
    static func make(in folder: TemporaryFolder) throws -> SmallBtrfs? {
        let tools = ["/usr/sbin/mkfs.btrfs", "/usr/bin/btrfs", "/usr/bin/mount"]
        if getuid() != 0 { return skip("not root") }
        for tool in tools where access(tool, X_OK) != 0 { return skip("\(tool) is missing") }
        let file = folder("disk.btrfs")
        try Files.createDirectory(folder("disk"))
        try call("/usr/bin/truncate", "-s", "256M", file)
        try call("/usr/sbin/mkfs.btrfs", "-q", file)
        do {
            try call("/usr/bin/mount", "-o", "loop", file, folder("disk"))
        } catch {
            return skip("\(error)")
        }
        return try SmallBtrfs(mountedIn: folder)
    }

    private init(mountedIn folder: TemporaryFolder) throws {
        self.folder = folder
        path = folder("disk")
        for name in ["root", "snapshots"] {
            try Self.call("/usr/bin/btrfs", "-q", "subvolume", "create", "\(path)/\(name)")
        }
        for name in ["etc", "usr"] { try Files.createDirectory("\(path)/root/\(name)") }
    }

    deinit { try? Self.call("/usr/bin/umount", path) }

    /// What a boot loader does.
    func exchangeRoot(for name: String) throws {
        try Files.rename("\(path)/root", to: "\(path)/root.failed")
        try Self.call(
            "/usr/bin/btrfs",
            "-q",
            "subvolume",
            "snapshot",
            "\(path)/snapshots/\(name)",
            "\(path)/root"
        )
    }

    private static func skip(_ why: String) -> SmallBtrfs? {
        print("skipped: snapshots of a real btrfs: \(why)")
        return nil
    }

    private static func call(_ program: String, _ arguments: String...) throws {
        let result = try runChild(
            ChildCommand(program, arguments),
            timeoutMilliseconds: 60_000
        )
        guard result.ending.isSuccess else { throw Failed(words: result.errorText) }
    }

    private struct Failed: Error { let words: String }
}
