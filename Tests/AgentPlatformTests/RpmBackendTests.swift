import Glibc
import TandemModel
import TandemSpawn
import Testing

@testable import AgentPlatform

/// Real rpm on real packages in private roots.
struct RpmBackendTests {
    private let factory: RpmFactory

    init() throws { factory = try RpmFactory() }

    private func install(
        _ files: [PackageFile],
        into root: RpmBackend,
        limitMilliseconds: UInt64 = 60_000,
        progress: RpmBackend.Progress = { _, _ in }
    ) throws -> TandemFailure? {
        try root.install(files, limitMilliseconds: limitMilliseconds, progress: progress)
    }

    private func remove(_ names: [String], from root: RpmBackend) throws -> TandemFailure? {
        try root.remove(names, limitMilliseconds: 60_000) { _, _ in }
    }

    private static let names: Set = ["a", "b"]

    private func state(_ root: RpmBackend) throws -> [String] {
        try root.packages(named: Self.names).map { "\($0.name) \($0.version) \($0.state)" }
    }

    private func version(_ name: String) throws -> String {
        try factory.folder.text("root/opt/\(name)/version")
    }

    @Test
    func installUpgradeDowngradeAndRemove() throws {
        let root = try factory.root()
        let old = [
            try factory.package("a", "1"), try factory.package("b", "1", head: ["Epoch: 3"]),
        ]
        let new = [
            try factory.package("a", "2"), try factory.package("b", "2", head: ["Epoch: 3"]),
        ]
        #expect(try state(root) == [])
        let blank = root.stamp()
        #expect(try install(old, into: root) == nil)
        #expect(root.stamp() != blank)
        #expect(try state(root) == ["a 1-1 installed", "b 3:1-1 installed"])
        let first = packageDigest(try root.packages(named: Self.names))
        #expect(try install(new, into: root) == nil)
        #expect(try state(root) == ["a 2-1 installed", "b 3:2-1 installed"])
        #expect(packageDigest(try root.packages(named: Self.names)) != first)
        #expect(try install(old, into: root) == nil)
        #expect(try version("a") == "1")
        #expect(packageDigest(try root.packages(named: Self.names)) == first)
        #expect(try remove(["b", "nothing"], from: root) == nil)
        #expect(try state(root) == ["a 1-1 installed"])
        // Looking changes nothing, and nothing is left open.
        let stamp = root.stamp()
        _ = try root.packages(named: nil)
        #expect(root.stamp() == stamp)
        #expect(try !factory.folder.exists("rpm-open"))
        let log = try factory.folder.text("rpm.log")
        #expect(log.contains("--oldpackage") && log.contains("a-2-1.noarch"))
    }

    @Test
    func progressCountsToTheEnd() throws {
        let root = try factory.root()
        let old = [try factory.package("a", "1"), try factory.package("b", "1")]
        let new = [try factory.package("a", "2"), try factory.package("b", "2")]
        for files in [old, new] {
            var percents: [UInt8] = []
            var texts: Set<String> = []
            let failure = try install(files, into: root) { percent, text in
                percents.append(percent)
                texts.insert(text)
            }
            #expect(failure == nil)
            #expect(percents == percents.sorted())
            #expect(percents.last == 99)
            #expect(Set(percents).count >= 6)
            #expect(texts.contains("a-\(files[0].entry.version).noarch"))
        }
    }

    @Test
    func failingPostIsAFailureThoughRpmExitsWithZero() throws {
        let root = try factory.root()
        let old = try factory.package("a", "1")
        let other = try factory.package("b", "1")
        #expect(try install([old], into: root) == nil)
        let bad = try factory.package(
            "a",
            "2",
            scripts: ["post": "echo 'schema 7 is too old' >&2; exit 7"]
        )
        let failure = try install([bad, other], into: root)
        #expect(failure?.code == ErrorCode.packageFailed.id)
        #expect(failure?.message.contains("%post of a-2-1.noarch failed: exit status 7") == true)
        #expect(failure?.message.contains("rpm itself exits with 0") == true)
        #expect(failure?.diagnostic.contains("schema 7 is too old") == true)
        #expect(try state(root) == ["a 2-1 halfConfigured", "b 1-1 installed"])
        // The way back repairs it in one call.
        #expect(try install([old], into: root) == nil)
        #expect(try state(root) == ["a 1-1 installed", "b 1-1 installed"])
        #expect(try version("a") == "1")
    }

    @Test
    func failingPostThatIsMendedByHandIsHalfNoMore() throws {
        let root = try factory.root()
        let bad = try factory.package("a", "1", scripts: ["post": "[ -e /ready ]"])
        #expect(try install([bad], into: root) != nil)
        #expect(try state(root) == ["a 1-1 halfConfigured"])
        try factory.folder.write("root/ready", "")
        // rpm counts transactions by the second.
        let seen = try factory.rpmTransaction(of: "a", in: root)
        let limit = MachineClock.monotonic() + 10_000
        while try factory.rpmTransaction(of: "a", in: root) == seen,
            limit.since(MachineClock.monotonic()) > 0
        {
            try factory.rpm(
                ["--root", root.root, "--dbpath", "/var/lib/rpm", "-U", "--replacepkgs"]
                    + [factory.folder("a-1.rpm")]
            )
        }
        #expect(try state(root) == ["a 1-1 installed"])
    }

    @Test(arguments: [("post -p <lua>", "error('bad lua')"), ("posttrans", "exit 3")])
    func otherFailingScriptsCountAsWell(_ section: String, _ body: String) throws {
        let root = try factory.root()
        let bad = try factory.package("a", "1", scripts: [section: body])
        #expect(try install([bad], into: root)?.code == ErrorCode.packageFailed.id)
        #expect(try state(root) == ["a 1-1 halfConfigured"])
    }

    @Test
    func failingPreLeavesTheOldVersion() throws {
        let root = try factory.root()
        #expect(try install([try factory.package("a", "1")], into: root) == nil)
        let bad = try factory.package("a", "2", scripts: ["pre": "echo no >&2; exit 1"])
        let failure = try install([bad], into: root)
        #expect(failure?.message.contains("%pre of a-2-1.noarch failed") == true)
        #expect(try state(root) == ["a 1-1 installed"])
        #expect(try version("a") == "1")
    }

    @Test
    func unmetDependencyChangesNothing() throws {
        let root = try factory.root()
        let bad = try factory.package("a", "1", head: ["Requires: what-is-not-there"])
        let failure = try install([bad], into: root)
        #expect(failure?.message.contains("Failed dependencies") == true)
        #expect(try state(root) == [])
        #expect(try !factory.folder.exists("rpm-open"))
    }

    @Test
    func failingPreunLeavesTwoVersionsAndTheNextCallEndsThem() throws {
        let root = try factory.root()
        let old = try factory.package("a", "1", scripts: ["preun": "exit 5"])
        let new = try factory.package("a", "2")
        #expect(try install([old], into: root) == nil)
        #expect(try install([new], into: root)?.code == ErrorCode.packageFailed.id)
        #expect(try state(root) == ["a 1-1 duplicate", "a 2-1 duplicate"])
        #expect(try install([new], into: root) == nil)
        #expect(try state(root) == ["a 2-1 installed"])
        #expect(try version("a") == "2")
        // And back: the old one is put in, the new one taken out.
        #expect(try install([old], into: root) == nil)
        #expect(try install([new], into: root) != nil)
        #expect(try install([old], into: root) == nil)
        #expect(try state(root) == ["a 1-1 installed"])
        #expect(try version("a") == "1")
    }

    @Test
    func failingPostunOfARemovedPackageIsToldOnce() throws {
        let root = try factory.root()
        let file = try factory.package("a", "1", scripts: ["postun": "exit 6"])
        #expect(try install([file], into: root) == nil)
        let failure = try remove(["a"], from: root)
        #expect(failure?.message.contains("%postun of a-1-1.noarch failed") == true)
        #expect(try state(root) == ["a 1-1 halfInstalled"])
        #expect(try remove(["a"], from: root) == nil)
        #expect(try state(root) == [])
    }

    /// What kill -9 leaves, by the script in which it strikes.
    @Test(
        arguments: [
            ("post", ["a 1-1 duplicate", "a 2-1 duplicate"]), ("pre", ["a 1-1 halfConfigured"]),
        ]
    )
    func killedRpmIsSeenAndRepaired(_ script: String, _ states: [String]) throws {
        let root = try factory.root()
        let old = try factory.package("a", "1")
        #expect(try install([old], into: root) == nil)
        let deadly = try factory.package("a", "2", scripts: [script: "kill -9 $PPID"])
        let failure = try install([deadly], into: root)
        #expect(failure?.code == ErrorCode.stateIndeterminate.id)
        #expect(try state(root) == states)
        #expect(try root.endOpenCalls(limitMilliseconds: 1000) { _, _ in } == nil)
        #expect(try state(root) == states)
        #expect(try install([old], into: root) == nil)
        #expect(try state(root) == ["a 1-1 installed"])
        #expect(try version("a") == "1")
    }

    @Test
    func killedFirstInstallIsHalfUntilItIsGivenUp() throws {
        let root = try factory.root()
        let deadly = try factory.package("a", "1", scripts: ["pre": "kill -9 $PPID"])
        #expect(try install([deadly], into: root)?.code == ErrorCode.stateIndeterminate.id)
        #expect(try state(root) == ["a 1-1 halfInstalled"])
        #expect(try root.endOpenCalls(limitMilliseconds: 1000) { _, _ in } == nil)
        #expect(try state(root) == [])
    }

    @Test
    func limitEndsRpmAndItsScripts() throws {
        let root = try factory.root()
        let file = try factory.package(
            "a",
            "1",
            scripts: ["post": "echo $$ > /pid; exec sleep 300"]
        )
        let failure = try install([file], into: root, limitMilliseconds: 4000)
        #expect(failure?.code == ErrorCode.limitExceeded.id)
        let script = try #require(Int32(try factory.folder.text("root/pid").dropLast()))
        #expect(ProcessEntry.read(script).map(\.hasEnded) ?? true)
        #expect(try state(root) == ["a 1-1 halfConfigured"])
    }

    @Test
    func daemonOfPostIsNotWaitedFor() throws {
        let root = try factory.root()
        let file = try factory.package("a", "1", scripts: ["post": "sleep 300 & echo $! > /pid"])
        let began = MachineClock.monotonic()
        #expect(try install([file], into: root) == nil)
        #expect(MachineClock.monotonic().since(began) < 30_000)
        let daemon = try #require(Int32(try factory.folder.text("root/pid").dropLast()))
        #expect(ProcessEntry.read(daemon)?.hasEnded == false)
        kill(daemon, SIGKILL)
    }

    @Test
    func unlinkedFileIsInstalledFromItsDescriptor() throws {
        let root = try factory.root()
        let file = try factory.package("a", "1")
        try Files.removeFile(factory.folder("a-1.rpm"))
        #expect(try install([file], into: root) == nil)
        #expect(try state(root) == ["a 1-1 installed"])
    }

    @Test
    func lockHolderIsNamed() throws {
        let root = try factory.root()
        #expect(root.lockHolder() == nil)
        let path = factory.folder("root/var/lib/rpm/.rpm.lock")
        let program =
            "import fcntl,sys; f=open(sys.argv[1],'r+'); fcntl.lockf(f,fcntl.LOCK_EX);"
            + " print('held', flush=True); sys.stdin.read()"
        let child = try ChildProcess.start(
            ChildCommand(
                "/usr/bin/python3",
                ["-c", program + "; import time; time.sleep(300)", path]
            )
        )
        defer {
            child.signalAll(SIGKILL)
            while child.tryWait() == nil { _ = poll(nil, 0, 2) }
        }
        let limit = MachineClock.monotonic() + 20_000
        while root.lockHolder() == nil, limit.since(MachineClock.monotonic()) > 0 {
            _ = poll(nil, 0, 5)
        }
        #expect(root.lockHolder() == child.processID)
        let failure = try install([try factory.package("a", "1")], into: root)
        #expect(failure?.message.contains("can't create transaction lock") == true)
        #expect(try state(root) == [])
    }

    @Test
    func fullDiskIsNamedAndLeavesTheOldVersion() throws {
        try Files.createDirectory(factory.folder("root"))
        guard let disk = try SmallDisk(byteCount: 6_000_000, at: factory.folder("root")) else {
            return
        }
        let root = try factory.root(on: disk)
        #expect(try install([try factory.package("a", "1")], into: root) == nil)
        let large = try factory.package("a", "2", bigByteCount: 5_000_000)
        let failure = try install([large], into: root)
        #expect(failure?.code == ErrorCode.diskFull.id)
        #expect(try state(root) == ["a 1-1 installed"])
    }

    @Test
    func damagedDatabaseIsNoBlankServer() throws {
        let root = try factory.root()
        try root.checkReadable()
        try factory.folder.write("root/var/lib/rpm/rpmdb.sqlite", "no database at all")
        #expect(throws: TandemError.self) { try root.checkReadable() }
        #expect(throws: TandemError.self) { try root.packages(named: Self.names) }
    }

    // MARK: - Signatures

    @Test
    func vendorSignaturesAreAskedForWhereTheConfigurationSaysSo() throws {
        let root = try factory.root()
        let strict = factory.backend(signatures: .vendor)
        let file = try factory.package("a", "1")
        let refused = try install([file], into: strict)
        #expect(refused?.diagnostic.contains("does not verify: no signature") == true)
        #expect(try state(root) == [])
        let signed = try factory.signed("a-1.rpm", "a", "1-1")
        let unknown = try install([signed], into: strict)
        #expect(unknown?.diagnostic.contains("NOKEY") == true)
        // A key that nobody knows does not stop a release: the manifest's signatures count.
        #expect(try install([signed], into: root) == nil)
        #expect(try remove(["a"], from: root) == nil)
        try factory.rpm(
            [
                "--root", root.root, "--dbpath", "/var/lib/rpm", "--import",
                factory.folder("vendor.asc"),
            ]
        )
        #expect(try install([signed], into: strict) == nil)
        #expect(try state(root) == ["a 1-1 installed"])
    }
}
