import Glibc
import TandemCrypto
package import TandemModel
import TandemSpawn

extension BlobStore {
    /// The digests of the kept manifests, in order.
    package func manifests() throws(TandemError) -> [Digest] {
        try Files.list(manifestFolder).compactMap { Digest($0) }
    }

    /// A kept manifest as it was verified when it was staged; its bytes are hashed again.
    ///
    /// Throws `imageUnknown` when it is not kept here.
    package func manifest(_ digest: Digest) throws(TandemError) -> ReleaseManifest {
        try decodeManifest(try manifestBytes(digest), path: manifestPath(digest))
    }

    /// A kept manifest whose signatures are checked again, against the trust of today.
    package func manifest(
        _ digest: Digest,
        trust: TrustFile
    ) throws(TandemError) -> ReleaseManifest {
        let bytes = try manifestBytes(digest)
        let path = signaturePath(digest)
        let raw = try Files.read(path, byteCountMax: ManifestSignatures.byteCountMax)
        guard let signatures = ManifestSignatures(bytes: raw) else {
            throw TandemError(
                .imageDamaged,
                "\(path) is not a list of signatures",
                remedy: "Check the disk, then stage the image again."
            )
        }
        _ = try signatures.verify(manifest: bytes, trust: trust, image: manifestPath(digest))
        return try decodeManifest(bytes, path: manifestPath(digest))
    }

    /// Keeps `manifest` and its blobs until `clearNeeded`, whatever is asked; the reason is shown
    /// to who wants to drop it.
    package func markNeeded(_ digest: Digest, because reason: String) throws(TandemError) {
        _ = try manifestBytes(digest)
        try Files.replace(neededPath(digest), with: Array(reason.utf8))
    }

    /// Takes back `markNeeded`.
    package func clearNeeded(_ digest: Digest) throws(TandemError) {
        try Files.removeFile(neededPath(digest))
        try Files.syncDirectory(manifestFolder)
    }

    /// Why a manifest may not be dropped; `nil` when it may.
    package func whyNeeded(_ digest: Digest) throws(TandemError) -> String? {
        guard try Files.kind(of: neededPath(digest)) != nil else { return nil }
        let reason = try Files.read(neededPath(digest), byteCountMax: 64 * 1024)
        return String(decoding: reason, as: UTF8.self)
    }

    /// Forgets a release and removes the blobs that no other kept manifest names; answers the bytes
    /// set free.
    ///
    /// Throws `imageNeeded` while it is marked as needed, and `imageUnknown` when it is not here.
    @discardableResult
    package func drop(_ digest: Digest) throws(TandemError) -> UInt64 {
        guard try Files.kind(of: manifestPath(digest)) != nil else { throw unknown(digest) }
        if let reason = try whyNeeded(digest) {
            throw TandemError(
                .imageNeeded,
                "the release of manifest \(digest.short) can't be dropped: \(reason)",
                remedy: "End what needs it first."
            )
        }
        // The manifest goes first: blobs without one are swept, a manifest without blobs is not.
        try Files.removeFile(manifestPath(digest))
        try Files.removeFile(signaturePath(digest))
        try Files.syncDirectory(manifestFolder)
        return try removeUnnamedBlobs()
    }

    /// Keeps a verified manifest and its signatures; its blobs must be here already.
    func keep(_ signed: SignedManifest) throws(TandemError) {
        // The manifest comes last: it is what makes the release one that is held.
        try Files.replace(signaturePath(signed.digest), with: signed.signatures.bytes)
        try Files.replace(manifestPath(signed.digest), with: signed.bytes)
    }

    private func manifestBytes(_ digest: Digest) throws(TandemError) -> [UInt8] {
        let path = manifestPath(digest)
        guard try Files.kind(of: path) == .regular else { throw unknown(digest) }
        let bytes = try Files.read(path, byteCountMax: ImageReader.manifestByteCountMax)
        guard sha256(bytes) == digest else {
            throw TandemError(
                .imageDamaged,
                "\(path) was changed since it was staged",
                remedy: "Check the disk, then stage the image again."
            )
        }
        return bytes
    }

    private func unknown(_ digest: Digest) -> TandemError {
        TandemError(
            .imageUnknown,
            "no release with manifest \(digest.short) is held here",
            remedy: "Stage its image first."
        )
    }

    private func manifestPath(_ digest: Digest) -> String { "\(manifestFolder)/\(digest)" }
    private func signaturePath(_ digest: Digest) -> String { "\(manifestFolder)/\(digest).sig" }
    private func neededPath(_ digest: Digest) -> String { "\(manifestFolder)/\(digest).needed" }
}
