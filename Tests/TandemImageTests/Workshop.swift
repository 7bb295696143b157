import Glibc
import TandemCrypto
import TandemImage
import TandemModel
import TandemSpawn

/// Makes packages, hooks, drafts and images in a folder of its own.
final class Workshop {
    let folder: TemporaryFolder
    let key: Ed25519.PrivateKey

    init() throws {
        folder = try TemporaryFolder()
        key = try Ed25519.PrivateKey.generate()
        for name in ["debs", "hooks", "store"] { try Files.createDirectory(folder(name)) }
    }

    var trust: TrustFile {
        get throws { try trust(in: [key]) }
    }

    func trust(in keys: [Ed25519.PrivateKey], threshold: Int = 1) throws -> TrustFile {
        let lines = keys.map { TrustFile.line(for: $0.publicKey) }.joined()
        return try TrustFile(
            parsing: "version 1\nthreshold \(threshold)\n" + lines,
            path: "trust"
        )
    }

    func store() throws -> BlobStore { try BlobStore(directory: folder("store")) }

    /// A real package whose payload is `payload` and which may have a conffile.
    func deb(
        _ name: String,
        _ version: String,
        payload: [UInt8] = Array("payload".utf8),
        conffile: String? = nil
    ) throws -> String {
        let root = folder("deb-\(name)-\(version)")
        try Files.createDirectory("\(root)/DEBIAN", mode: 0o755)
        let control = """
            Package: \(name)
            Version: \(version)
            Architecture: all
            Maintainer: Nobody <nobody@example.net>
            Description: made for a test

            """
        try Files.replace("\(root)/DEBIAN/control", with: Array(control.utf8), mode: 0o644)
        try Files.createDirectory("\(root)/opt/\(name)", mode: 0o755)
        try Files.replace("\(root)/opt/\(name)/payload", with: payload, mode: 0o644)
        if let conffile {
            try Files.createDirectory(Files.parent(of: root + conffile), mode: 0o755)
            try Files.replace(root + conffile, with: Array("a = b\n".utf8), mode: 0o644)
            let list = Array("\(conffile)\n".utf8)
            try Files.replace("\(root)/DEBIAN/conffiles", with: list, mode: 0o644)
        }
        let path = folder("debs/\(name)_\(version)_all.deb")
        try run("/usr/bin/dpkg-deb", ["--root-owner-group", "-Znone", "-b", root, path])
        try Files.removeTree(root)
        return path
    }

    /// A real package with a file below `/opt` and which may have a `%config` file.
    func rpm(
        _ name: String,
        _ version: String,
        epoch: String? = nil,
        conffile: String? = nil,
        isSource: Bool = false
    ) throws -> String {
        let specification = """
            Name: \(name)
            Version: \(version)
            Release: 1
            Summary: made for a test
            License: none
            BuildArch: noarch
            \(epoch.map { "Epoch: \($0)" } ?? "")
            %description
            made for a test
            %install
            mkdir -p %{buildroot}/opt/\(name)
            echo payload > %{buildroot}/opt/\(name)/payload
            \(conffile.map { "mkdir -p %{buildroot}$(dirname \($0)); echo a > %{buildroot}\($0)" } ?? "")
            %files
            /opt/\(name)
            \(conffile.map { "%config(noreplace) \($0)" } ?? "")

            """
        let top = folder("rpm-top")
        defer { try? Files.removeTree(top) }
        try Files.createDirectory(top)
        try Files.replace("\(top)/it.spec", with: Array(specification.utf8))
        let file = "\(name)-\(version)\(isSource ? ".src" : "").rpm"
        let words = [
            isSource ? "-bs" : "-bb", "--quiet", "--define", "_dbpath \(top)/db", "--define",
            "_topdir \(top)", "--define",
            "_rpmdir \(folder("debs"))", "--define", "_srcrpmdir \(folder("debs"))", "--define",
            "_rpmfilename \(file)", "\(top)/it.spec",
        ]
        try run("/usr/bin/rpmbuild", words)
        if isSource {
            try Files.rename(
                folder("debs/\(name)-\(version)-1.src.rpm"),
                to: folder("debs/\(file)")
            )
        }
        return folder("debs/\(file)")
    }

    func hook(_ name: String, _ script: String = "exit 0") throws -> ReleaseDraft.Hook {
        let content = Array("#!/bin/sh\n# \(name)\n\(script)\n".utf8)
        try Files.replace(folder("hooks/\(name)"), with: content, mode: 0o755)
        return ReleaseDraft.Hook(
            path: folder("hooks/\(name)"),
            isRepeatable: true,
            observes: false
        )
    }

    /// A draft that breaks no rule.
    func draft(
        version: String = "2.0",
        packagePaths: [String],
        carriedFiles: [String]? = nil
    ) throws -> ReleaseDraft {
        ReleaseDraft(
            manifest: manifest(version: version),
            packagePaths: packagePaths,
            hooks: [try hook("identify", "echo build-2"), try hook("apply")],
            carriedFiles: carriedFiles
        )
    }

    /// Builds and signs an image with two packages.
    @discardableResult
    func image(
        _ name: String,
        version: String = "2.0",
        packagePaths: [String]? = nil,
        carriedFiles: [String]? = nil,
        signers: [Ed25519.PrivateKey]? = nil
    ) throws -> String {
        let paths = try packagePaths ?? [deb("app", "2.0"), deb("lib", "1.4~rc1")]
        try ImageBuilder.build(
            draft(version: version, packagePaths: paths, carriedFiles: carriedFiles),
            to: folder(name)
        )
        for signer in signers ?? [key] {
            try ImageBuilder.sign(imageAt: folder(name), with: signer)
        }
        return folder(name)
    }

    /// Makes an image of a folder, past all rules of the builder.
    func raw(_ name: String, of root: String) throws -> String {
        try run("/usr/bin/xorriso", ["-as", "mkisofs", "-quiet", "-r", "-o", folder(name), root])
        return folder(name)
    }

    /// The files of an image in a folder, to be tampered with.
    func unpacked(_ image: String) throws -> String {
        let root = folder("unpacked")
        try Files.removeTree(root)
        try Files.createDirectory(root)
        try run("/usr/bin/bsdtar", ["-xf", image, "-C", root])
        try run("/bin/chmod", ["-R", "u+w", root])
        return root
    }

    @discardableResult
    func run(_ program: String, _ arguments: [String]) throws -> ChildResult {
        let command = ChildCommand(program, arguments)
        let result = try runChild(command, timeoutMilliseconds: 120_000)
        try result.check(command)
        return result
    }

    private func manifest(version: String) -> ReleaseManifest {
        ReleaseManifest(
            release: ReleaseID(product: "scef-fe", version: version),
            format: .deb,
            kinds: [ClusterKind("scef-fe")],
            installsOver: ["1.0"],
            installsOnBlank: true,
            rollsBackTo: ["1.0"],
            minimumAgent: "",
            minimumController: "",
            minimumCMP: "",
            packages: [],
            carriedFiles: [],
            hooks: [],
            upgradeSteps: Self.steps,
            backOutSteps: Self.steps,
            configuration: ConfigurationSchema(
                schema: "scef-fe-2",
                path: "/etc/scef-fe/cluster.conf",
                applyHook: "apply"
            ),
            service: "scef-fe",
            buildID: "build-2",
            identifyHook: "identify",
            healthHook: nil,
            replicatesData: false,
            replicatesWith: [],
            dataCarryHook: nil,
            takeoverWhileMixed: .allowed,
            notices: [],
            spaceNeeded: 0,
            dateSeconds: 1_700_000_000
        )
    }

    static let steps = [
        step("Stop the service", .stopService),
        step("Install packages", .installPackages),
        step("Write the configuration", .configure),
        step("Start the service", .startService),
        step("Prove that it runs", .verify),
    ]

    static func step(
        _ name: String,
        _ action: StepAction,
        arguments: [String] = []
    ) -> StepDefinition {
        StepDefinition(
            name: name,
            action: action,
            arguments: arguments,
            expectedSeconds: 2,
            limitSeconds: 60,
            isSafeAfter: false,
            onFailure: .stop
        )
    }
}
