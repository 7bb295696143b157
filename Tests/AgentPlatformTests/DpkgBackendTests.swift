import Glibc
import TandemModel
import TandemSpawn
import Testing

@testable import AgentPlatform

/// Real dpkg on real packages in private roots.
struct DpkgBackendTests {
    private let factory: PackageFactory

    init() throws { factory = try PackageFactory() }

    private func install(
        _ files: [PackageFile],
        into root: DpkgBackend,
        limitMilliseconds: UInt64 = 30_000,
        progress: DpkgBackend.Progress = { _, _ in }
    ) throws -> TandemFailure? {
        try root.install(files, limitMilliseconds: limitMilliseconds, progress: progress)
    }

    private func state(_ root: DpkgBackend) throws -> [String] {
        try root.database.packages(named: nil).map { "\($0.name) \($0.version) \($0.state)" }
    }

    @Test
    func installUpgradeDowngradeAndRemove() throws {
        let root = try factory.root()
        let old = [try factory.package("a", "1"), try factory.package("b", "1")]
        let new = [try factory.package("a", "2"), try factory.package("b", "2")]
        #expect(try root.database.packages(named: nil).isEmpty)
        let blank = root.database.stamp()
        #expect(try install(old, into: root) == nil)
        #expect(root.database.stamp() != blank)
        #expect(try state(root) == ["a 1 installed", "b 1 installed"])
        let first = packageDigest(try root.database.packages(named: ["a", "b"]))
        #expect(try install(new, into: root) == nil)
        #expect(try state(root) == ["a 2 installed", "b 2 installed"])
        #expect(packageDigest(try root.database.packages(named: ["a", "b"])) != first)
        #expect(try install(old, into: root) == nil)
        #expect(try factory.folder.text("root/opt/a/version") == "1")
        #expect(packageDigest(try root.database.packages(named: ["a", "b"])) == first)
        #expect(try root.remove(["b"], limitMilliseconds: 30_000) { _, _ in } == nil)
        #expect(try state(root) == ["a 1 installed"])
        #expect(try root.database.packages(named: ["b"]).isEmpty)
        #expect(try factory.folder.text("root.log").contains("remove b:all 1"))
    }

    @Test
    func progressCountsToTheEnd() throws {
        let root = try factory.root()
        var percents: [UInt8] = []
        var texts: [String] = []
        func note(_ percent: UInt8, _ text: String) {
            percents.append(percent)
            if texts.last != text { texts.append(text) }
        }
        let files = [try factory.package("a", "1"), try factory.package("b", "1")]
        #expect(try install(files, into: root, progress: note) == nil)
        #expect(percents == percents.sorted())
        #expect(percents.last == 99)
        #expect(Set(percents).count >= 8)
        #expect(texts == ["install a", "install b", "configure a", "configure b"])
        percents = []
        let next = [try factory.package("a", "2"), try factory.package("b", "2")]
        #expect(try install(next, into: root, progress: note) == nil)
        #expect(percents.last == 99)
        #expect(Set(percents).count >= 12)
    }

    @Test
    func failingPostinstLeavesNewVersionHalfConfigured() throws {
        let root = try factory.root()
        #expect(try install([try factory.package("a", "1")], into: root) == nil)
        let bad = try factory.package(
            "a",
            "2",
            scripts: ["postinst": "echo 'schema 7 is too old' >&2; exit 3"]
        )
        let failure = try install([bad], into: root)
        #expect(failure?.code == ErrorCode.packageFailed.id)
        #expect(failure?.diagnostic.contains("schema 7 is too old") == true)
        #expect(failure?.diagnostic.contains("subprocess returned error exit status 3") == true)
        #expect(try state(root) == ["a 2 halfConfigured"])
        // The way back repairs it in one call.
        #expect(try install([try factory.package("a", "1")], into: root) == nil)
        #expect(try state(root) == ["a 1 installed"])
    }

    @Test
    func failingPreinstLeavesOldVersion() throws {
        let root = try factory.root()
        #expect(try install([try factory.package("a", "1")], into: root) == nil)
        let bad = try factory.package("a", "2", scripts: ["preinst": "echo no >&2; exit 1"])
        #expect(try install([bad], into: root) != nil)
        #expect(try state(root) == ["a 1 installed"])
    }

    @Test
    func failingPreinstAndAbortLeaveUnpackedOldVersion() throws {
        let root = try factory.root()
        let old = try factory.package(
            "a",
            "1",
            scripts: ["postinst": "[ \"$1\" != abort-upgrade ]"]
        )
        #expect(try install([old], into: root) == nil)
        let bad = try factory.package("a", "2", scripts: ["preinst": "exit 1"])
        #expect(try install([bad], into: root) != nil)
        let packages = try root.database.packages(named: nil)
        #expect(packages.map(\.version) == ["1"])
        #expect(packages.filter(\.isHalf).count == 1)
        #expect(try install([old], into: root) == nil)
        #expect(try state(root) == ["a 1 installed"])
    }

    @Test
    func configureAllEndsWhatWasCutShort() throws {
        let root = try factory.root()
        let file = try factory.package(
            "a",
            "1",
            scripts: ["postinst": "[ -e \"$DPKG_ROOT/ready\" ]"]
        )
        #expect(try install([file], into: root) != nil)
        #expect(try root.endOpenCalls(limitMilliseconds: 10_000) { _, _ in } != nil)
        try factory.folder.write("root/ready", "")
        #expect(try root.endOpenCalls(limitMilliseconds: 10_000) { _, _ in } == nil)
        #expect(try state(root) == ["a 1 installed"])
    }

    @Test
    func changedConffileDoesNotAsk() throws {
        let root = try factory.root()
        func version(_ version: String) throws -> PackageFile {
            try factory.package(
                "a",
                version,
                files: ["etc/a.conf": "from \(version)\n", "DEBIAN/conffiles": "/etc/a.conf\n"]
            )
        }
        #expect(try install([try version("1")], into: root) == nil)
        try factory.folder.write("root/etc/a.conf", "by hand\n")
        #expect(try install([try version("2")], into: root) == nil)
        #expect(try factory.folder.text("root/etc/a.conf") == "by hand\n")
    }

    @Test
    func daemonOfPostinstIsNotWaitedFor() throws {
        let root = try factory.root()
        let mark = factory.folder("daemon.pid")
        let file = try factory.package(
            "a",
            "1",
            scripts: ["postinst": "sleep 300 & echo $! > \(mark)"]
        )
        let began = MachineClock.monotonic()
        #expect(try install([file], into: root) == nil)
        #expect(MachineClock.monotonic().since(began) < 20_000)
        // It is the product's and goes on.
        let text = try factory.folder.text("daemon.pid")
        let daemon = try #require(Int32(text.dropLast()))
        #expect(kill(daemon, 0) == 0)
        kill(daemon, SIGKILL)
    }

    @Test
    func limitEndsDpkgAndItsScripts() throws {
        let root = try factory.root()
        let mark = factory.folder("script.pid")
        let file = try factory.package(
            "a",
            "1",
            scripts: ["postinst": "echo $$ > \(mark); exec sleep 300"]
        )
        let failure = try install([file], into: root, limitMilliseconds: 3000)
        #expect(failure?.code == ErrorCode.limitExceeded.id)
        let script = try #require(Int32(try factory.folder.text("script.pid").dropLast()))
        #expect(ProcessEntry.read(script).map(\.hasEnded) ?? true)
        #expect(try state(root) == ["a 1 halfConfigured"])
    }

    @Test
    func unlinkedFileIsInstalledFromItsDescriptor() throws {
        let root = try factory.root()
        let file = try factory.package("a", "1")
        try Files.removeFile(factory.folder("a-1.deb"))
        #expect(try install([file], into: root) == nil)
        #expect(try state(root) == ["a 1 installed"])
    }

    @Test
    func lockHolderIsNamed() throws {
        let root = try factory.root()
        #expect(root.database.lockHolder() == nil)
        let pid = factory.folder("pid")
        let file = try factory.package(
            "a",
            "1",
            scripts: ["postinst": "echo $PPID > \(pid).tmp; mv \(pid).tmp \(pid); exec sleep 300"]
        )
        let child = try ChildProcess.start(
            ChildCommand(
                "/usr/bin/dpkg",
                [
                    "--root=\(root.root)", "--force-script-chrootless", "--force-not-root",
                    "--log=\(factory.folder("log"))", "--install", "/proc/self/fd/4",
                ],
                passed: [.init(file.descriptor, as: 4)]
            )
        )
        defer {
            child.signalAll(SIGKILL)
            while child.tryWait() == nil { _ = poll(nil, 0, 2) }
        }
        let limit = MachineClock.monotonic() + 20_000
        while try !factory.folder.exists("pid"), limit.since(MachineClock.monotonic()) > 0 {
            _ = poll(nil, 0, 5)
        }
        #expect(root.database.lockHolder() == child.processID)
    }

    @Test
    func fullDiskIsNamedAndLeavesTheOldVersion() throws {
        guard let disk = try SmallDisk(byteCount: 2_000_000) else { return }
        let root = DpkgBackend(
            root: "\(disk.path)/root",
            logPath: factory.folder("log"),
            environment: []
        )
        try root.database.create()
        #expect(try install([try factory.package("a", "1")], into: root) == nil)
        var generator = SystemRandomNumberGenerator()
        let noise = String(
            (0..<400_000).map { _ in
                Character(Unicode.Scalar(UInt8.random(in: 33..<127, using: &generator)))
            }
        )
        let large = try factory.package(
            "a",
            "2",
            files: ["opt/a/one": noise + noise + noise, "opt/a/two": noise + noise]
        )
        let failure = try install([large], into: root)
        #expect(failure?.code == ErrorCode.diskFull.id)
        #expect(failure?.diagnostic.contains("No space left on device") == true)
        #expect(try state(root) == ["a 1 installed"])
    }
}
