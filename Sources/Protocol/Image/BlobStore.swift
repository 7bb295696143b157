import Glibc
import TandemCrypto
package import TandemModel
package import TandemSpawn

/// Packages and hooks of staged releases, kept by what they contain, and the manifests that name them.
///
/// Below its folder: `blobs/SHA256` (mode 0500, so that a hook can be run), `manifests/SHA256` with
/// `manifests/SHA256.sig` and, while somebody needs it, `manifests/SHA256.needed`, and
/// `images/SHA256.iso` with the partial `.part` and `.resume`. A file two releases share is kept
/// once. One process at a time may use a store.
package struct BlobStore: Sendable {
    package let directory: String

    /// Opens a store, creates its folders and removes what a crash left half written.
    package init(directory: String) throws(TandemError) {
        self.directory = directory
        for folder in [blobFolder, manifestFolder, imageFolder] {
            try Files.createDirectory(folder)
            try Files.removeTemporaries(in: folder)
        }
    }

    /// A store that another process of the same agent has opened: nothing is created or swept.
    package init(sharing directory: String) { self.directory = directory }

    var blobFolder: String { "\(directory)/blobs" }
    var manifestFolder: String { "\(directory)/manifests" }
    var imageFolder: String { "\(directory)/images" }

    // MARK: - Blobs

    /// Opens a blob for reading and hashes it through that very descriptor.
    ///
    /// Throws `imageUnknown` when it is not here and `imageDamaged` when its content has changed.
    package func open(_ digest: Digest) throws(TandemError) -> Descriptor {
        let path = blobPath(digest)
        guard try Files.kind(of: path) == .regular else {
            throw TandemError(
                .imageUnknown,
                "the file with SHA-256 \(digest.short) is not held here",
                remedy: "Stage the image that holds it."
            )
        }
        let file = try Descriptor.open(path, flags: O_RDONLY | O_NOFOLLOW)
        guard try sha256(descriptor: file.number) == digest else {
            throw TandemError(
                .imageDamaged,
                "\(path) was changed since it was staged",
                remedy: "Check the disk, then stage the image that holds it again."
            )
        }
        return file
    }

    /// Opens a package of a release by its verified content; errors name the package's file.
    package func open(_ content: ImageContent) throws(TandemError) -> Descriptor {
        do throws(TandemError) {
            return try open(content.sha256)
        } catch {
            throw TandemError(
                error.code,
                "\(content.member.path): \(error.message)",
                remedy: error.remedy,
                cause: error.cause
            )
        }
    }

    /// Whether a blob of that size is here; its content is not looked at.
    package func holds(_ content: ImageContent) -> Bool {
        (try? Files.byteCount(of: blobPath(content.sha256))) == content.byteCount
    }

    /// The packages and hooks of a release that are not here; contents are not looked at.
    package func missing(from manifest: ReleaseManifest) -> [ImageContent] {
        manifest.allContents.filter { !holds($0) }
    }

    /// Hashes every package and hook of a release; throws for the first that is missing or changed.
    package func check(_ manifest: ReleaseManifest) throws(TandemError) {
        for content in manifest.allContents { _ = try open(content) }
    }

    /// Bytes of blobs that keeping a release would add.
    package func missingByteCount(for manifest: ReleaseManifest) -> UInt64 {
        var seen: Set<Digest> = []
        return missing(from: manifest).filter { seen.insert($0.sha256).inserted }
            .reduce(0) { $0 + $1.byteCount }
    }

    /// Bytes of all blobs here.
    package func heldByteCount() throws(TandemError) -> UInt64 {
        var count: UInt64 = 0
        for name in try Files.list(blobFolder) where Digest(name) != nil {
            count += try Files.byteCount(of: "\(blobFolder)/\(name)")
        }
        return count
    }

    /// Removes blobs that no kept manifest names; answers the bytes set free.
    @discardableResult
    package func removeUnnamedBlobs() throws(TandemError) -> UInt64 {
        var named: Set<Digest> = []
        for digest in try manifests() {
            named.formUnion(try manifest(digest).allContents.map(\.sha256))
        }
        var freed: UInt64 = 0
        for name in try Files.list(blobFolder) {
            if let digest = Digest(name), named.contains(digest) { continue }
            freed += try Files.byteCount(of: "\(blobFolder)/\(name)")
            try Files.removeTree("\(blobFolder)/\(name)")
        }
        return freed
    }

    /// Where everything of a release lies: its manifest, and where that is known, its files.
    package func paths(of digest: Digest, _ manifest: ReleaseManifest?) -> [String] {
        let contents = manifest?.allContents ?? []
        return ["\(manifestFolder)/\(digest)"] + contents.map { blobPath($0.sha256) }
    }

    func blobPath(_ digest: Digest) -> String { "\(blobFolder)/\(digest)" }
}
