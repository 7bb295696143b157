import Glibc
import TandemCrypto
import TandemImage
import TandemModel
import TandemSpawn
import Testing

struct BlobStoreTests {
    private let workshop: Workshop
    private let store: BlobStore

    init() throws {
        workshop = try Workshop()
        store = try workshop.store()
    }

    private func blobs() throws -> [String] { try Files.list("\(store.directory)/blobs") }

    @discardableResult
    private func accept(_ path: String) throws -> VerifiedImage {
        try store.accept(imageAt: path, trust: workshop.trust)
    }

    @Test func `an accepted image is held by what it contains`() throws {
        let image = try accept(try workshop.image("a.iso"))
        #expect(try store.manifests() == [image.manifestDigest])
        #expect(try store.manifest(image.manifestDigest) == image.manifest)
        #expect(try store.manifest(image.manifestDigest, trust: workshop.trust) == image.manifest)
        #expect(store.missing(from: image.manifest).isEmpty)
        #expect(store.missingByteCount(for: image.manifest) == 0)
        try store.check(image.manifest)
        let contents = image.manifest.allContents
        #expect(try blobs() == contents.map(\.sha256.description).sorted())
        #expect(try store.heldByteCount() == contents.reduce(0) { $0 + $1.byteCount })
        for package in image.manifest.packages {
            let file = try store.open(package.content)
            let bytes = try Files.read(file, path: package.file, byteCountMax: 1 << 20)
            #expect(try bytes == read(workshop.folder("debs/\(package.file)")))
        }
        // Once more is the same.
        #expect(try accept(workshop.folder("a.iso")) == image)
    }

    @Test func `a hook runs from the very descriptor that was verified`() throws {
        let image = try accept(try workshop.image("a.iso"))
        let hook = try #require(image.manifest.hooks.first { $0.file == "identify" })
        let file = try store.open(hook.content)
        let result = try runChild(
            ChildCommand("/proc/self/fd/9", passed: [.init(file, as: 9)]),
            timeoutMilliseconds: 20_000
        )
        #expect(result.outputText == "build-2\n")
        #expect(result.ending == .exited(0))
    }

    @Test func `a package installs from the very descriptor that was verified`() throws {
        let image = try accept(try workshop.image("a.iso"))
        let root = workshop.folder("root")
        for folder in ["updates", "info"] {
            try Files.createDirectory("\(root)/var/lib/dpkg/\(folder)")
        }
        try Files.replace("\(root)/var/lib/dpkg/status", with: [])
        let passed = try image.manifest.packages.enumerated().map { index, package in
            ChildCommand.Passed(try store.open(package.content), as: Int32(10 + index))
        }
        let command = ChildCommand(
            "/usr/bin/dpkg",
            [
                "--root=\(root)", "--force-script-chrootless", "--force-not-root",
                "--log=\(root)/log", "--install", "/proc/self/fd/10", "/proc/self/fd/11",
            ],
            passed: passed
        )
        try runChild(command, timeoutMilliseconds: 60_000).check(command)
        #expect(try read("\(root)/opt/app/payload") == Array("payload".utf8))
    }

    @Test func `a blob changed on the disk is refused, named, and mended by staging again`() throws
    {
        let image = try accept(try workshop.image("a.iso"))
        let content = image.manifest.packages[0].content
        let path = "\(store.directory)/blobs/\(content.sha256)"
        var bytes = try read(path)
        bytes[bytes.count / 2] ^= 1
        try Files.replace(path, with: bytes)
        let error = failure { _ = try store.open(content) }
        #expect(error?.code == .imageDamaged)
        #expect(error?.message.contains("packages/app_2.0_all.deb") == true)
        #expect(failure { try store.check(image.manifest) }?.code == .imageDamaged)
        #expect(store.missing(from: image.manifest).isEmpty)
        try accept(workshop.folder("a.iso"))
        try store.check(image.manifest)
    }

    @Test func `a missing blob is counted and named`() throws {
        let image = try accept(try workshop.image("a.iso"))
        let content = image.manifest.packages[1].content
        try Files.removeFile("\(store.directory)/blobs/\(content.sha256)")
        #expect(store.missing(from: image.manifest) == [content])
        #expect(store.missingByteCount(for: image.manifest) == content.byteCount)
        let error = failure { _ = try store.open(content) }
        #expect(error?.code == .imageUnknown)
        #expect(error?.message.contains("packages/lib_1.4~rc1_all.deb") == true)
    }

    @Test func `a kept manifest is hashed and its signatures are checked again`() throws {
        let image = try accept(try workshop.image("a.iso"))
        let digest = image.manifestDigest
        let stranger = try Ed25519.PrivateKey.generate()
        let untrusted = failure {
            _ = try store.manifest(digest, trust: workshop.trust(in: [stranger]))
        }
        #expect(untrusted?.code == .imageUntrusted)
        let path = "\(store.directory)/manifests/\(digest)"
        var bytes = try read(path)
        bytes[30] ^= 1
        try Files.replace(path, with: bytes)
        #expect(failure { _ = try store.manifest(digest) }?.code == .imageDamaged)
        // With a manifest that can't be read nothing may be swept: it may name any blob.
        #expect(failure { try store.removeUnnamedBlobs() } != nil)
        #expect(try blobs().count == 4)
        #expect(failure { _ = try store.manifest(.none) }?.code == .imageUnknown)
    }

    @Test func `dropping frees what nobody else names and never what is needed`() throws {
        let lib = try workshop.deb("lib", "1.0")
        let old = try accept(
            workshop.image("old.iso", packagePaths: [workshop.deb("app", "1.9"), lib])
        )
        let new = try accept(
            workshop.image(
                "new.iso",
                version: "2.1",
                packagePaths: [workshop.deb("app", "2.1"), lib]
            )
        )
        #expect(try blobs().count == 5)
        try store.markNeeded(old.manifestDigest, because: "operation 7 can go back to it")
        let refusal = failure { try store.drop(old.manifestDigest) }
        #expect(refusal?.code == .imageNeeded)
        #expect(refusal?.message.contains("operation 7 can go back to it") == true)
        // A restart does not forget it.
        let reopened = try workshop.store()
        #expect(try reopened.whyNeeded(old.manifestDigest) == "operation 7 can go back to it")
        try store.check(old.manifest)

        try store.clearNeeded(old.manifestDigest)
        let app = try #require(old.manifest.packages.first { $0.name == "app" })
        #expect(try store.drop(old.manifestDigest) == app.byteCount)
        #expect(try store.manifests() == [new.manifestDigest])
        try store.check(new.manifest)
        #expect(failure { try store.drop(old.manifestDigest) }?.code == .imageUnknown)
        #expect(
            failure { try store.markNeeded(old.manifestDigest, because: "x") }?.code
                == .imageUnknown
        )
        try store.drop(new.manifestDigest)
        #expect(try blobs().isEmpty)
        #expect(try store.heldByteCount() == 0)
    }

    @Test func `a patch takes from the store what it does not carry`() throws {
        let lib = try workshop.deb("lib", "1.0")
        let tool = try workshop.deb("tool", "3.0")
        let full = try workshop.image(
            "full.iso",
            packagePaths: [workshop.deb("app", "2.0"), lib, tool]
        )
        let patch = try workshop.image(
            "patch.iso",
            version: "2.1",
            packagePaths: [workshop.deb("app", "2.1"), lib, tool],
            carriedFiles: ["app_2.1_all.deb"]
        )
        let error = failure { try accept(patch) }
        #expect(error?.code == .imageUnknown)
        #expect(error?.message.contains("carries 1 of its 3 packages") == true)
        #expect(error?.message.contains("lib_1.0_all.deb, tool_3.0_all.deb") == true)
        #expect(try blobs().isEmpty)
        #expect(try store.manifests().isEmpty)

        let base = try accept(full)
        let image = try accept(patch)
        try store.check(image.manifest)
        // The base may go; what the patch needs of it stays.
        try store.drop(base.manifestDigest)
        try store.check(image.manifest)
    }

    @Test func `of a refused image nothing stays`() throws {
        let path = try workshop.image("a.iso")
        let image = try verifyImage(at: path, trust: workshop.trust)
        var bytes = try read(path)
        let last = try #require(image.manifest.hooks.last)
        let hook = try read(workshop.folder("hooks/\(last.file)"))
        bytes[try #require(place(of: hook, in: bytes)) + 3] ^= 1
        try Files.replace(path, with: bytes)
        let error = failure { try accept(path) }
        #expect(error?.code == .imageDamaged)
        #expect(error?.message.contains("hooks/\(last.file)") == true)
        #expect(try blobs().isEmpty)
        #expect(try store.manifests().isEmpty)
    }

    @Test func `what a crash left is swept when the store is opened`() throws {
        let (_, path) = try Files.createTemporary(in: "\(store.directory)/blobs")
        _ = try workshop.store()
        #expect(try Files.kind(of: path) == nil)
    }
}
