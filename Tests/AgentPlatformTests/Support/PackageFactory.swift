import Glibc
import TandemCrypto
import TandemModel
import TandemSpawn

@testable import AgentPlatform

/// Makes real packages with `dpkg-deb`, and private roots to install them into.
struct PackageFactory {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// A package with one file `/opt/NAME/version` and these scripts (bodies of `/bin/sh`).
    func package(
        _ name: String,
        _ version: String,
        scripts: [String: String] = [:],
        files: [String: String] = [:],
        fields: [String] = []
    ) throws -> PackageFile {
        let tree = "tree-\(name)-\(version)"
        let control = [
            "Package: \(name)", "Version: \(version)", "Architecture: all",
            "Maintainer: Tandem <tandem@example.net>", "Description: for a test",
        ]
        try folder.write(
            "\(tree)/DEBIAN/control",
            (control + fields).joined(separator: "\n") + "\n"
        )
        for (script, body) in scripts { try folder.script("\(tree)/DEBIAN/\(script)", body) }
        try folder.write("\(tree)/opt/\(name)/version", version)
        for (path, content) in files { try folder.write("\(tree)/\(path)", content) }
        let file = folder("\(name)-\(version).deb")
        try Files.makeReadable(folder(tree))
        try runTool("/usr/bin/dpkg-deb", ["--root-owner-group", "-b", folder(tree), file])
        let descriptor = try Descriptor.open(file, flags: O_RDONLY)
        return PackageFile(
            entry: PackageEntry(
                file: "\(name)-\(version).deb",
                name: name,
                version: version,
                architecture: "all",
                sha256: try sha256(descriptor: descriptor.number),
                byteCount: try Files.byteCount(of: file)
            ),
            descriptor: descriptor
        )
    }

    /// A package system over a new, empty private root.
    func root(_ name: String = "root", environment: [String] = []) throws -> DpkgBackend {
        try Files.createDirectory(folder(name), mode: 0o755)
        let backend = DpkgBackend(
            root: folder(name),
            logPath: folder("\(name).log"),
            environment: environment
        )
        try backend.database.create()
        return backend
    }
}

/// Runs a tool that the test needs; throws with its words when it fails.
func runTool(_ program: String, _ arguments: [String]) throws {
    let command = ChildCommand(program, arguments)
    try runChild(command, timeoutMilliseconds: 60_000).check(command)
}

extension Files {
    /// dpkg-deb refuses folders that others can't enter.
    static func makeReadable(_ path: String) throws {
        chmod(path, 0o755)
        for name in try list(path) where try kind(of: "\(path)/\(name)") == .directory {
            try makeReadable("\(path)/\(name)")
        }
    }
}
