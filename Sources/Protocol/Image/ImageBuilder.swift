import Glibc
package import TandemCrypto
package import TandemModel
import TandemSpawn
import TandemWire

/// Makes and signs release images; the same files in give the same bytes out.
package enum ImageBuilder {
    /// Builds an unsigned image and answers its manifest.
    ///
    /// Package names, versions and architectures are read from the packages, sizes and digests
    /// measured. Throws `manifestInvalid` with every rule that the draft breaks. `path` is
    /// replaced only when all went well.
    @discardableResult
    package static func build(
        _ draft: ReleaseDraft,
        to path: String
    ) throws(TandemError) -> ReleaseManifest {
        try checkFiles(of: draft)
        let folder = try ImageFolder(beside: path)
        var manifest = draft.manifest
        let packages = try addPackages(of: draft, to: folder)
        manifest.packages = packages.map(\.entry)
        manifest.carriedFiles = draft.carriedFiles ?? manifest.packages.map(\.file)
        manifest.hooks = try addHooks(of: draft, to: folder)
        manifest.spaceNeeded =
            draft.spaceNeeded ?? manifest.packages.reduce(0) { $0 + 2 * $1.byteCount }
        manifest.upgradeSteps = completed(manifest.upgradeSteps, manifest)
        manifest.backOutSteps = completed(manifest.backOutSteps, manifest)
        try refuse(DraftRules.findings(in: manifest) + conffileFindings(manifest, packages))
        try removeFilesNotCarried(manifest, from: folder)
        let bytes = try encode(manifest)
        try folder.write(
            manifest: manifest,
            bytes: bytes,
            signatures: ManifestSignatures(),
            to: path
        )
        return try decodeManifest(bytes, path: path)
    }

    /// Adds a signature to an image, in the place of an earlier one of the same key; others stay.
    ///
    /// Every file of the image is checked first: what is signed is what is there.
    @discardableResult
    package static func sign(
        imageAt path: String,
        with key: Ed25519.PrivateKey
    ) throws(TandemError) -> ReleaseManifest {
        let reader = try ImageReader(path: path)
        let listing = try reader.listing()
        var (bytes, signatures) = try reader.manifestFiles(listing)
        let manifest = try reader.decode(bytes)
        let contents = manifest.carriedContents
        try listing.check(
            holdsExactly: [.manifest, .signatures] + contents.map(\.member),
            image: path
        )
        let folder = try ImageFolder(beside: path)
        for content in contents { try folder.add(content, from: reader) }
        try signatures.sign(manifest: bytes, with: key)
        try folder.write(manifest: manifest, bytes: bytes, signatures: signatures, to: path)
        return manifest
    }

    /// The manifest and the keys that claim to have signed it, without any check of the signatures:
    /// for people to look at.
    package static func inspect(
        imageAt path: String
    ) throws(TandemError) -> (manifest: ReleaseManifest, signedBy: [Digest]) {
        let reader = try ImageReader(path: path)
        let (bytes, signatures) = try reader.manifestFiles(try reader.listing())
        return (try reader.decode(bytes), signatures.entries.map(\.key))
    }

    // MARK: - Files

    private static func checkFiles(of draft: ReleaseDraft) throws(TandemError) {
        var findings: [String] = []
        for path in draft.packagePaths {
            let name = Files.lastComponent(of: path)
            if !ImageMember.isFileName(name) {
                findings.append("packages: '\(name)' is no plain file name")
            } else if !name.hasSuffix(".\(draft.manifest.format.rawValue)") {
                findings.append(
                    "packages: \(name) is no .\(draft.manifest.format.rawValue) file, as format says"
                )
            } else if try Files.kind(of: path) != .regular {
                findings.append("packages: \(path) is not a regular file")
            }
        }
        for hook in draft.hooks {
            let name = Files.lastComponent(of: hook.path)
            if !ImageMember.isFileName(name) {
                findings.append("hooks: '\(name)' is no plain file name")
            } else if try Files.kind(of: hook.path) != .regular || access(hook.path, X_OK) != 0 {
                findings.append("hooks: \(hook.path) is not a regular executable file")
            }
            if !hook.isRepeatable && !hook.observes {
                findings.append(
                    "hooks: \(name) neither answers --observe nor is repeatable: after a crash "
                        + "nobody could tell what became of it"
                )
            }
        }
        findings += twice(draft.packagePaths).map { "packages: two files are named \($0)" }
        findings += twice(draft.hooks.map(\.path)).map { "hooks: two files are named \($0)" }
        try refuse(findings)
    }

    private static func twice(_ paths: [String]) -> [String] {
        let names = paths.map { Files.lastComponent(of: $0) }.sorted()
        return zip(names, names.dropFirst()).filter { $0 == $1 }.map(\.0)
    }

    private static func addPackages(
        of draft: ReleaseDraft,
        to folder: ImageFolder
    ) throws(TandemError) -> [(entry: PackageEntry, conffiles: [String])] {
        var packages: [(entry: PackageEntry, conffiles: [String])] = []
        for path in draft.packagePaths {
            let file = Files.lastComponent(of: path)
            let content = try folder.add(.package(file), from: path)
            let copy = "\(folder.root)/\(content.member.path)"
            let (entry, conffiles) =
                switch draft.manifest.format {
                case .deb:
                    try described(content, file, DebianPackage(path: copy, scratch: folder.scratch))
                case .rpm: try described(content, file, RpmPackage(path: copy))
                }
            packages.append((entry, conffiles))
        }
        return packages
    }

    private static func described(
        _ content: ImageContent,
        _ file: String,
        _ package: some PackageDescription
    ) -> (entry: PackageEntry, conffiles: [String]) {
        let entry = PackageEntry(
            file: file,
            name: package.name,
            version: package.version,
            architecture: package.architecture,
            sha256: content.sha256,
            byteCount: content.byteCount
        )
        return (entry, package.conffiles)
    }

    private static func addHooks(
        of draft: ReleaseDraft,
        to folder: ImageFolder
    ) throws(TandemError) -> [HookEntry] {
        var hooks: [HookEntry] = []
        for hook in draft.hooks {
            let file = Files.lastComponent(of: hook.path)
            let content = try folder.add(.hook(file), from: hook.path)
            hooks.append(
                HookEntry(
                    file: file,
                    sha256: content.sha256,
                    byteCount: content.byteCount,
                    isRepeatable: hook.isRepeatable
                )
            )
        }
        return hooks
    }

    private static func removeFilesNotCarried(
        _ manifest: ReleaseManifest,
        from folder: ImageFolder
    ) throws(TandemError) {
        for package in manifest.packages where !manifest.carriedFiles.contains(package.file) {
            try Files.removeFile("\(folder.root)/\(package.content.member.path)")
        }
    }

    // MARK: - The manifest

    /// Puts in what a step leaves unsaid: the release's service, the release's data-carry hook.
    private static func completed(
        _ steps: [StepDefinition],
        _ manifest: ReleaseManifest
    ) -> [StepDefinition] {
        steps.map { step in
            guard step.arguments.isEmpty else { return step }
            var step = step
            switch step.action {
            case .stopService, .startService: step.arguments = [manifest.service]
            case .dataCarry: step.arguments = manifest.dataCarryHook.map { [$0] } ?? []
            case .check, .snapshot, .installPackages, .configure, .hook, .reboot, .verify: break
            }
            return step
        }
    }

    private static func conffileFindings(
        _ manifest: ReleaseManifest,
        _ packages: [(entry: PackageEntry, conffiles: [String])]
    ) -> [String] {
        guard let path = manifest.configuration?.path else { return [] }
        return packages.filter { $0.conffiles.contains(path) }.map { package in
            "configuration: path \(path) is a conffile of package \(package.entry.name), "
                + "which the package system would keep, move or replace"
        }
    }

    private static func encode(_ manifest: ReleaseManifest) throws(TandemError) -> [UInt8] {
        do throws(WireError) {
            let bytes = try manifest.wireBytes()
            if bytes.count <= ImageReader.manifestByteCountMax { return bytes }
            throw WireError.tooLong(
                count: bytes.count,
                limit: ImageReader.manifestByteCountMax,
                offset: 0
            )
        } catch {
            throw TandemError(
                .manifestInvalid,
                "the manifest of \(manifest.release) can't be written",
                remedy: "Shorten what is too long and remove what stands twice.",
                cause: "\(error)"
            )
        }
    }

    private static func refuse(_ findings: [String]) throws(TandemError) {
        guard !findings.isEmpty else { return }
        throw TandemError(
            .manifestInvalid,
            "the release can't be built: \(findings.joined(separator: "; "))",
            remedy: "Mend release.yaml or the files it names."
        )
    }
}
