import Glibc
package import TandemModel
import TandemSpawn

/// Installs and removes packages below one root by single rpm calls.
///
/// Not by dnf: it takes no descriptors, so what it reads could be another file than the verified one.
package struct RpmBackend: PackageSystem {
    /// Whose word counts for what a package file holds.
    package enum Signatures: String, Hashable, Sendable, CaseIterable {
        /// The manifest's alone: its signed digests cover each byte.
        case manifest
        /// The manifest's, and rpm refuses a package that no key of the root's keyring has signed.
        case vendor
    }

    static let fileCountMax = 4096

    private static let firstFileNumber = WatchedChild.statusNumber + 1

    let root: String
    let database: RpmDatabase
    let ledger: RpmLedger
    private let signatures: Signatures
    private let environment: [String]
    /// What rpm is started by, the program first; empty: it is started itself.
    private let launcher: [String]
    package let log: String

    /// The packages below `root`.
    ///
    /// `ledgerPath` keeps what is open; rpm has no log of its own, so one is written to `logPath`.
    /// `launcher` starts rpm where it is not this process' own root and namespace.
    package init(
        root: String,
        ledgerPath: String,
        logPath: String,
        signatures: Signatures,
        environment: [String],
        launcher: [String]? = nil
    ) {
        self.root = root
        self.signatures = signatures
        log = logPath
        // rpm enters a private root by chroot, which others than root may do as the root of a
        // namespace of their own. Asking takes no chroot.
        let isOwnNamespace = root != "/" && geteuid() != 0
        self.launcher = launcher ?? (isOwnNamespace ? ["/usr/bin/unshare", "-r"] : [])
        database = RpmDatabase(root: root, launcher: launcher ?? [])
        ledger = RpmLedger(path: ledgerPath)
        // In a private root scripts run with that root as `/`.
        self.environment =
            root == "/" ? environment : environment.filter { !$0.hasPrefix("TANDEM_ROOT=") }
    }

    package var format: PackageFormat { .rpm }
    package var mendingCommand: String { "rpm -U --replacepkgs" }

    package func stamp() -> PackageStamp {
        PackageStamp(database.stampedFiles + [ledger.path])
    }

    package func lockHolder() -> Int32? { database.lockHolder() }

    package func checkReadable() throws(TandemError) {
        _ = try database.rows(named: ["tandem-agent"])
    }

    package func look(named names: Set<String>?) throws(TandemError) -> PackageLook {
        if names?.isEmpty == true { return .seen([]) }
        let (database, ledger) = (database, ledger)
        return .asking(
            PackageQuestion(command: try database.question(names)) {
                (ending, output, errors) throws(TandemError) in
                let rows = try database.rows(names, ending, output, errors)
                return RpmLedger.packages(rows, named: names, try ledger.entries())
            }
        )
    }

    // MARK: - Operations

    package func install(
        _ files: [PackageFile],
        limitMilliseconds: UInt64,
        progress: Progress
    ) throws(TandemError) -> TandemFailure? {
        try check(files)
        let deadline = MachineClock.monotonic() + limitMilliseconds
        let change = try RpmChange(self, files.map { RpmLedger.Entry($0.entry) })
        let first = try call(install: files, over: change.before, until: deadline, progress)
        guard first.isByItself else { return failure(of: first, installing: true) }
        var calls = [first]
        var after = try database.rows(named: change.names)
        let stale = RpmDuplicates(of: change.wanted, in: after)
        // What an earlier call left beside the new version could not be taken out in two attempts:
        // its %preun fails each time. Without it, it goes.
        if !stale.isEmpty, change.hadDuplicates {
            calls = first.complaints.isOnlyPreun ? [] : [first]
            calls += try drop(stale, files, until: deadline, progress)
            if let cut = calls.first(where: { !$0.isByItself }) {
                return failure(of: cut, installing: true)
            }
            after = try database.rows(named: change.names)
        }
        try change.settle(calls, after)
        return calls.lazy.compactMap { failure(of: $0, installing: true) }.first
    }

    package func remove(
        _ names: [String],
        limitMilliseconds: UInt64,
        progress: Progress
    ) throws(TandemError) -> TandemFailure? {
        let deadline = MachineClock.monotonic() + limitMilliseconds
        let rows = try database.rows(named: Set(names))
        try ledger.forget(Set(names).subtracting(rows.map(\.name)))
        guard !rows.isEmpty else { return nil }
        let change = try RpmChange(self, rows.map { RpmLedger.Entry($0) })
        let made = try call(
            ["-e", "-v", "--allmatches", "--"] + Set(rows.map(\.label)).sorted(),
            expectedCount: rows.count,
            until: deadline,
            progress
        )
        guard made.isByItself else { return failure(of: made, installing: false) }
        try change.settle([made], try database.rows(named: change.names), isRemoval: true)
        return failure(of: made, installing: false)
    }

    /// Runs nothing, and only forgets what is no package any more.
    ///
    /// What a killed rpm left half is installed again from its file, which the caller does next.
    package func endOpenCalls(
        limitMilliseconds: UInt64,
        progress: Progress
    ) throws(TandemError) -> TandemFailure? {
        let names = Set(try ledger.entries().map(\.name))
        try ledger.forget(names.subtracting(try database.rows(named: names).map(\.name)))
        return nil
    }

    // MARK: - Calls

    private func check(_ files: [PackageFile]) throws(TandemError) {
        guard files.count <= Self.fileCountMax else {
            throw TandemError(
                .packageFailed,
                "the release brings \(files.count) packages at once, above \(Self.fileCountMax)",
                remedy: "Build the release in several images of at most \(Self.fileCountMax)."
            )
        }
        let odd = files.first { file in
            (file.entry.name + file.entry.version + file.entry.architecture).utf8
                .contains { $0 <= 0x20 || $0 == 0x7f }
        }
        guard let odd else { return }
        throw TandemError(
            .packageFailed,
            "the package of \(odd.entry.file) has blanks in its name, version or architecture",
            remedy: "Build the image anew by `tandem image build`."
        )
    }

    private func call(
        install files: [PackageFile],
        over before: [RpmRow],
        until deadline: Tick,
        _ progress: Progress
    ) throws(TandemError) -> RpmCall {
        let names = files.indices.map { Self.firstFileNumber + Int32($0) }
        let trust =
            switch signatures {
            case .manifest: ["--nosignature"]
            case .vendor: ["--define", "_pkgverify_level all"]
            }
        return try call(
            ["-U", "-v", "--percent", "--oldpackage", "--replacepkgs"] + trust + ["--"]
                + names.map { "/proc/self/fd/\($0)" },
            passed: zip(files, names).map { ChildCommand.Passed($0.descriptor, as: $1) },
            expectedCount: files.count + before.count,
            until: deadline,
            progress
        )
    }

    private func drop(
        _ stale: RpmDuplicates,
        _ files: [PackageFile],
        until deadline: Tick,
        _ progress: Progress
    ) throws(TandemError) -> [RpmCall] {
        var calls: [RpmCall] = []
        if !stale.others.isEmpty {
            calls.append(
                try call(
                    ["-e", "-v", "--nopreun", "--nodeps", "--allmatches", "--"] + stale.others,
                    expectedCount: stale.others.count,
                    until: deadline,
                    progress
                )
            )
        }
        guard !stale.same.isEmpty else { return calls }
        // The same one twice: rpm can't take out one of them. Both entries go, the files stay, and
        // the package is installed over them.
        calls.append(
            try call(
                ["-e", "--justdb", "--noscripts", "--nodeps", "--allmatches", "--"] + stale.same,
                expectedCount: stale.same.count,
                until: deadline,
                progress
            )
        )
        let again = files.filter { stale.sameNames.contains($0.entry.name) }
        calls.append(try call(install: again, over: [], until: deadline, progress))
        return calls
    }

    private func call(
        _ action: [String],
        passed: [ChildCommand.Passed] = [],
        expectedCount: Int,
        until deadline: Tick,
        _ progress: Progress
    ) throws(TandemError) -> RpmCall {
        let place = ["--dbpath", database.place]
        let arguments = (root == "/" ? place : ["--root=\(root)"] + place) + action
        let words = launcher + [RpmDatabase.program] + arguments
        let command = ChildCommand(
            words[0],
            Array(words.dropFirst()),
            environment: ChildCommand.plainEnvironment + ["HOME=/root"] + environment,
            passed: passed
        )
        var progressed = RpmProgress(expectedCount: expectedCount)
        var complaints = RpmComplaints()
        var record = RpmLog(path: log, began: action)
        let end = try WatchedChild.run(
            command,
            limitMilliseconds: max(1, deadline.since(MachineClock.monotonic())),
            onOutputLine: { line in
                complaints.take(line)
                progressed.take(line)
                if RpmProgress.number(of: line) == nil { record.take(line) }
                progress(progressed.percent, progressed.text)
            }
        )
        record.write(end)
        return RpmCall(
            end: end,
            complaints: complaints,
            hasBegun: progressed.hasBegun
        )
    }
}
