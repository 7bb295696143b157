import Glibc
import TandemCrypto
package import TandemModel
import TandemSpawn

extension BlobStore {
    /// Verifies an image as `verifyImage` does and keeps its packages, hooks and manifest.
    ///
    /// A patch takes what it does not carry from the store: if something is missing there, the
    /// error lists it and nothing is kept. When anything fails, nothing of the image stays here.
    package func accept(
        imageAt path: String,
        trust: TrustFile,
        offer: ImageOffer? = nil
    ) throws(TandemError) -> VerifiedImage {
        let reader = try ImageReader(path: path)
        do throws(TandemError) {
            let signed = try reader.signedManifest(trust: trust, offer: offer)
            try checkBase(of: signed.manifest)
            try checkSpace(for: signed.manifest)
            for content in signed.manifest.carriedContents { try take(content, from: reader) }
            let image = try reader.finishVerification(signed, offer: offer)
            try keep(signed)
            return image
        } catch {
            _ = try? removeUnnamedBlobs()
            throw error
        }
    }

    /// Throws unless the store holds, unchanged, every package that a patch does not carry.
    private func checkBase(of manifest: ReleaseManifest) throws(TandemError) {
        let carried = Set(manifest.carriedFiles)
        var absent: [String] = []
        for package in manifest.packages where !carried.contains(package.file) {
            do throws(TandemError) {
                _ = try open(package.sha256)
            } catch {
                absent.append(package.file)
            }
        }
        guard absent.isEmpty else {
            throw TandemError(
                .imageUnknown,
                "\(manifest.release) is a patch: it carries \(carried.count) of its "
                    + "\(manifest.packages.count) packages, and of the others these are missing "
                    + "here: \(absent.joined(separator: ", "))",
                remedy: "Stage the image of the release that the patch was made for, then the "
                    + "patch again."
            )
        }
    }

    private func checkSpace(for manifest: ReleaseManifest) throws(TandemError) {
        let needed = missingByteCount(for: manifest)
        let free = try Files.freeByteCount(at: blobFolder)
        guard free >= needed else {
            throw diskFull(
                "\(manifest.release) can't be kept in \(blobFolder)",
                needed: needed,
                free: free
            )
        }
    }

    /// Brings one file of the image into the store, unless a sound copy is there: then the image's
    /// own is only checked.
    private func take(
        _ content: ImageContent,
        from reader: ImageReader
    ) throws(TandemError) {
        guard (try? open(content.sha256)) == nil else { return try reader.check(content) }
        let (file, temporary) = try Files.createTemporary(
            in: blobFolder,
            neededByteCount: content.byteCount
        )
        do throws(TandemError) {
            let path = blobPath(content.sha256)
            try reader.stream(content.member, byteCount: content.byteCount) {
                bytes throws(TandemError) in
                try file.writeAll(bytes, path: path, neededByteCount: content.byteCount)
            }
            guard fchmod(file.number, 0o500) == 0 else {
                throw systemFailure(errno, doing: "set the mode of", path: path)
            }
            try file.sync(path: path, neededByteCount: content.byteCount)
            // Read back what was written, through the descriptor it was written by.
            guard try sha256(descriptor: file.number) == content.sha256 else {
                throw reader.damaged(content.member, ImageReader.changed)
            }
            try Files.rename(temporary, to: path)
        } catch {
            try? Files.removeFile(temporary)
            throw error
        }
    }
}

/// The error for a disk that is known to be too full before anything is written.
func diskFull(_ what: String, needed: UInt64, free: UInt64) -> TandemError {
    TandemError(
        .diskFull,
        "\(what): \(needed) bytes are needed and \(free) are free",
        remedy: "Drop a release image that nobody needs, or free space there, then try again."
    )
}
