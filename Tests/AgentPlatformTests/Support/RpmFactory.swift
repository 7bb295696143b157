import Glibc
import TandemCrypto
import TandemModel
import TandemSpawn

@testable import AgentPlatform

/// Makes real packages with `rpmbuild`, and private roots with an rpm database and a shell.
///
/// Nothing of the machine's own is touched: each call names its database and its folders.
struct RpmFactory {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private var macros: [String] {
        ["_topdir \(folder("top"))", "_tmppath \(folder("top"))", "_dbpath \(folder("top"))/db"]
            .flatMap { ["--define", $0] }
    }

    private var environment: [String] {
        ChildCommand.plainEnvironment + ["HOME=\(folder.path)"]
    }

    /// A package with one file `/opt/NAME/version`, these scripts (bodies of `/bin/sh`, by the name
    /// of their section, such as `post` or `post -p <lua>`) and more lines of its head.
    func package(
        _ name: String,
        _ version: String,
        scripts: [String: String] = [:],
        head: [String] = [],
        bigByteCount: Int = 0
    ) throws -> PackageFile {
        let label = "\(name)-\(version)"
        let sections = scripts.sorted { $0.key < $1.key }.map { "%\($0.key)\n\($0.value)\n" }
        let big = "head -c \(bigByteCount) /dev/urandom > %{buildroot}/opt/\(name)/big"
        let specification = """
            Name: \(name)
            Version: \(version)
            Release: 1
            Summary: for a test
            License: none
            BuildArch: noarch
            AutoReqProv: no
            \(head.joined(separator: "\n"))
            %description
            for a test
            %install
            mkdir -p %{buildroot}/opt/\(name)
            printf \(version) > %{buildroot}/opt/\(name)/version
            \(bigByteCount > 0 ? big : "")
            \(sections.joined())
            %files
            /opt/\(name)

            """
        let path = try folder.write("\(label).spec", specification)
        try Files.createDirectory(folder("top"))
        let command = ChildCommand(
            "/usr/bin/rpmbuild",
            ["-bb", "--quiet"] + macros
                + [
                    "--define", "_rpmdir \(folder.path)", "--define", "_rpmfilename \(label).rpm",
                    path,
                ],
            environment: environment
        )
        try runChild(command, timeoutMilliseconds: 60_000).check(command)
        return try file("\(label).rpm", name, Self.epoch(of: head) + "\(version)-1")
    }

    private static func epoch(of head: [String]) -> String {
        head.first { $0.hasPrefix("Epoch: ") }.map { $0.dropFirst("Epoch: ".count) + ":" } ?? ""
    }

    /// A package file of the folder, opened.
    func file(_ path: String, _ name: String, _ version: String) throws -> PackageFile {
        let descriptor = try Descriptor.open(folder(path), flags: O_RDONLY)
        return PackageFile(
            entry: PackageEntry(
                file: path,
                name: name,
                version: version,
                architecture: "noarch",
                sha256: try sha256(descriptor: descriptor.number),
                byteCount: try Files.byteCount(of: folder(path))
            ),
            descriptor: descriptor
        )
    }

    /// A package system over a new private root, in which scripts find a shell and `sleep`, and
    /// packages one that provides `/bin/sh`.
    func root() throws -> RpmBackend {
        let root = folder("root")
        try makeEmpty(root)
        try rpm(["--dbpath", "\(root)/var/lib/rpm", "--initdb"])
        return try withBase(backend())
    }

    /// The same on a disk of its own that lies over the folder of the root.
    func root(on disk: SmallDisk) throws -> RpmBackend {
        try makeEmpty(disk.path)
        let command = ChildCommand(
            disk.launcher[0],
            disk.launcher.dropFirst()
                + [RpmDatabase.program, "--dbpath", folder("root/var/lib/rpm"), "--initdb"],
            environment: environment
        )
        try runChild(command, timeoutMilliseconds: 60_000).check(command)
        // Below the disk a file says, to who looks from outside, that a database is there.
        try folder.write("root/var/lib/rpm/rpmdb.sqlite", "")
        return try withBase(backend(launcher: disk.launcher))
    }

    /// A package system over the folder of the root.
    func backend(
        signatures: RpmBackend.Signatures = .manifest,
        launcher: [String]? = nil
    ) -> RpmBackend {
        RpmBackend(
            root: folder("root"),
            ledgerPath: folder("rpm-open"),
            logPath: folder("rpm.log"),
            signatures: signatures,
            environment: [],
            launcher: launcher
        )
    }

    private func makeEmpty(_ root: String) throws {
        for name in ["var/lib/rpm", "bin", "tmp"] {
            try Files.createDirectory("\(root)/\(name)", mode: 0o755)
        }
        try copyShell(to: root)
        // A shell opens it for what it starts in the background; to make a device takes root's rights.
        try Files.createDirectory("\(root)/dev", mode: 0o755)
        try Files.replace("\(root)/dev/null", with: [], mode: 0o666)
    }

    private func withBase(_ backend: RpmBackend) throws -> RpmBackend {
        let base = try package("base", "1", head: ["Provides: /bin/sh"])
        guard
            let failure = try backend.install(
                [base],
                limitMilliseconds: 60_000,
                progress: { _, _ in }
            )
        else { return backend }
        throw TandemError(.packageFailed, failure.message, remedy: failure.diagnostic)
    }

    /// rpm's number of the transaction that installed a package.
    func rpmTransaction(of name: String, in root: RpmBackend) throws -> String? {
        try root.database.rows(named: [name]).first?.transaction
    }

    /// Signs a copy of a package with a key made for it, whose public half is `vendor.asc`.
    func signed(_ path: String, _ name: String, _ version: String) throws -> PackageFile {
        let home = folder("gpg")
        try Files.createDirectory(home, mode: 0o700)
        defer { try? runTool("/usr/bin/gpgconf", ["--homedir", home, "--kill", "all"]) }
        let gpg = ["--homedir", home, "--batch", "--quiet"]
        let key = ["--passphrase", "", "--quick-gen-key", "vendor@example.net", "rsa3072", "sign"]
        try runTool("/usr/bin/gpg", gpg + key + ["never"])
        try runTool(
            "/usr/bin/gpg",
            gpg + ["--armor", "--output", folder("vendor.asc"), "--export"]
        )
        try runTool("/bin/cp", [folder(path), folder("signed.rpm")])
        let command = ChildCommand(
            "/usr/bin/rpmsign",
            ["--define", "_gpg_name vendor@example.net", "--define", "_gpg_path \(home)"]
                + ["--define", "__gpg /usr/bin/gpg", "--addsign", folder("signed.rpm")],
            environment: environment
        )
        try runChild(command, timeoutMilliseconds: 60_000).check(command)
        return try file("signed.rpm", name, version)
    }

    /// Calls rpm past the backend, as a person would.
    func rpm(_ arguments: [String]) throws {
        let needsNamespace = geteuid() != 0 && arguments.contains("--root")
        let command = ChildCommand(
            needsNamespace ? "/usr/bin/unshare" : RpmDatabase.program,
            (needsNamespace ? ["-r", RpmDatabase.program] : []) + arguments,
            environment: environment
        )
        try runChild(command, timeoutMilliseconds: 60_000).check(command)
    }

    /// The machine's own shell and `sleep`, with the libraries they name.
    private func copyShell(to root: String) throws {
        try copy("/bin/dash", to: "\(root)/bin/sh")
        try copy("/bin/sleep", to: "\(root)/bin/sleep")
        let command = ChildCommand("/usr/bin/ldd", ["/bin/dash", "/bin/sleep"])
        let result = try runChild(command, timeoutMilliseconds: 10_000)
        try result.check(command)
        let words = result.outputText.split { $0.isWhitespace }
        for library in Set(words.filter { $0.hasPrefix("/") && $0.last != ":" }).map(String.init) {
            try Files.createDirectory(Files.parent(of: root + library), mode: 0o755)
            try copy(library, to: root + library)
        }
    }

    private func copy(_ path: String, to target: String) throws {
        try runTool("/bin/cp", ["-L", path, target])
    }
}
