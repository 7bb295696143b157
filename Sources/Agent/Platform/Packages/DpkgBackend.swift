package import TandemModel
import TandemSpawn

/// Installs and removes packages below one root by single dpkg calls.
package struct DpkgBackend: PackageSystem {
    /// Most files of one call; each takes a descriptor.
    package static let fileCountMax = 4096

    private static let program = "/usr/bin/dpkg"
    private static let firstFileNumber = WatchedChild.statusNumber + 1

    package let root: String
    package let database: DpkgDatabase
    /// Where dpkg logs; of the machine's own root dpkg's configuration decides.
    private let logPath: String
    /// Added to the plain environment, for the packages' scripts.
    private let environment: [String]

    /// The packages below `root`; a private root's log goes to `logPath`.
    package init(root: String, logPath: String, environment: [String]) {
        self.root = root
        self.logPath = logPath
        self.environment = environment
        database = DpkgDatabase(root: root)
    }

    package var format: PackageFormat { .deb }
    package var mendingCommand: String { "dpkg --configure -a" }

    package func stamp() -> PackageStamp { database.stamp() }
    package func lockHolder() -> Int32? { database.lockHolder() }
    package func checkReadable() throws(TandemError) { _ = try database.packages(named: []) }

    package func look(named names: Set<String>?) throws(TandemError) -> PackageLook {
        .seen(try database.packages(named: names))
    }

    /// The log that dpkg writes.
    package var log: String { root == "/" ? "/var/log/dpkg.log" : logPath }

    /// Installs all files in one call, also over newer versions; their conffiles stay as they are.
    ///
    /// `nil` when dpkg says it worked.
    package func install(
        _ files: [PackageFile],
        limitMilliseconds: UInt64,
        progress: Progress
    ) throws(TandemError) -> TandemFailure? {
        guard files.count <= Self.fileCountMax else {
            throw TandemError(
                .packageFailed,
                "the release brings \(files.count) packages at once, above \(Self.fileCountMax)",
                remedy: "Build the release in several images of at most \(Self.fileCountMax)."
            )
        }
        let installed = try database.packages(named: Set(files.map(\.entry.name)))
        let old = Set(installed.filter { !$0.isAbsent }.map(\.name))
        let upgradeCount = files.count { old.contains($0.entry.name) }
        let names = files.indices.map { Self.firstFileNumber + Int32($0) }
        return try run(
            ["--install"] + names.map { "/proc/self/fd/\($0)" },
            passed: zip(files, names).map { ChildCommand.Passed($0.descriptor, as: $1) },
            expected: DpkgProgress(
                newCount: files.count - upgradeCount,
                upgradeCount: upgradeCount
            ),
            limitMilliseconds: limitMilliseconds,
            progress: progress
        )
    }

    /// Removes packages, whose configuration files stay; `nil` when dpkg says it worked.
    package func remove(
        _ names: [String],
        limitMilliseconds: UInt64,
        progress: Progress
    ) throws(TandemError) -> TandemFailure? {
        try run(
            ["--remove"] + names,
            expected: DpkgProgress(newCount: 0, upgradeCount: 0, removalCount: names.count),
            limitMilliseconds: limitMilliseconds,
            progress: progress
        )
    }

    /// Configures what a call that was cut short left unconfigured; `nil` when dpkg says it worked.
    package func endOpenCalls(
        limitMilliseconds: UInt64,
        progress: Progress
    ) throws(TandemError) -> TandemFailure? {
        try run(
            ["--configure", "-a"],
            expected: DpkgProgress(newCount: 0, upgradeCount: 0),
            limitMilliseconds: limitMilliseconds,
            progress: progress
        )
    }

    private func run(
        _ action: [String],
        passed: [ChildCommand.Passed] = [],
        expected: DpkgProgress,
        limitMilliseconds: UInt64,
        progress: Progress
    ) throws(TandemError) -> TandemFailure? {
        var progressed = expected
        let end = try WatchedChild.run(
            ChildCommand(
                Self.program,
                options + action,
                environment: ChildCommand.plainEnvironment
                    + ["DEBIAN_FRONTEND=noninteractive", "HOME=/root"] + environment,
                passed: passed
            ),
            limitMilliseconds: limitMilliseconds,
            hasStatus: true
        ) { line in
            progressed.take(line)
            progress(progressed.percent, progressed.text)
        }
        return failure(of: end, doing: action[0])
    }

    private var options: [String] {
        let asked = [
            "--force-confdef", "--force-confold", "--force-downgrade",
            "--status-fd", String(WatchedChild.statusNumber),
        ]
        guard root != "/" else { return asked }
        return [
            "--root=\(root)", "--force-script-chrootless", "--force-not-root", "--log=\(logPath)",
        ] + asked
    }

    private func failure(of end: WatchedChild.End, doing action: String) -> TandemFailure? {
        if end.isTimedOut {
            return TandemFailure(
                code: ErrorCode.limitExceeded.id,
                message: "dpkg \(action) did not end within the step's limit and was ended",
                remedy: "See what the package's scripts wait for, then try again.",
                diagnostic: end.tail
            )
        }
        guard !end.ending.isSuccess else { return nil }
        if end.saysDiskFull {
            return TandemFailure(
                code: ErrorCode.diskFull.id,
                message: "dpkg \(action) found no space below \(root)",
                remedy: "Free space on the file systems of \(root), then try again.",
                diagnostic: end.tail
            )
        }
        if case .signalled = end.ending {
            return TandemFailure(
                code: ErrorCode.stateIndeterminate.id,
                message: "dpkg \(action) was cut short: \(end.ending)",
                remedy: "See what ended it on this server, then Try Again or go back.",
                diagnostic: end.tail
            )
        }
        return TandemFailure(
            code: ErrorCode.packageFailed.id,
            message: "dpkg \(action) failed: \(end.ending)",
            remedy: "Read the package's own words below; then Try Again or go back.",
            diagnostic: end.tail
        )
    }
}
