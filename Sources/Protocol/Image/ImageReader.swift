import Glibc
import TandemCrypto
package import TandemModel
import TandemSpawn

/// Reads single files out of one release image, which is never mounted and never unpacked.
///
/// All reading goes through one open file, so an image that is replaced meanwhile changes nothing.
package struct ImageReader: Sendable {
    /// Longest `manifest.bin` in bytes.
    package static let manifestByteCountMax = 1024 * 1024
    /// What reads the image.
    package static let program = "/usr/bin/bsdtar"

    /// For messages.
    package let path: String
    package let byteCount: UInt64
    let file: Descriptor

    /// Opens an image.
    package init(path: String) throws(TandemError) {
        self.path = path
        file = try Descriptor.open(path, flags: O_RDONLY)
        let attributes = try file.attributes(path: path)
        guard attributes.st_mode & S_IFMT == S_IFREG else {
            throw TandemError(
                .imageUnreadable,
                "\(path) is not a file",
                remedy: "Name the file of a release image."
            )
        }
        byteCount = UInt64(attributes.st_size)
    }

    /// The SHA-256 of the whole image.
    package func digest() throws(TandemError) -> Digest {
        try sha256(descriptor: file.number)
    }

    /// Hands a file of the image to `sink`, piece by piece, and stops at `byteCount` bytes.
    ///
    /// Throws `imageDamaged`, naming the file, when it is shorter or longer than that.
    package func stream(
        _ member: ImageMember,
        byteCount: UInt64,
        sink: (UnsafeRawBufferPointer) throws(TandemError) -> Void
    ) throws(TandemError) {
        var count: UInt64 = 0
        // One megabyte a second is the slowest disk that counts as working.
        let timeout = 60_000 + byteCount / 1000
        let command = tar(["-xqO", member.path])
        let result = try streamChild(command, timeoutMilliseconds: timeout) {
            bytes throws(TandemError) in
            count += UInt64(bytes.count)
            guard count <= byteCount else { return false }
            try sink(bytes)
            return true
        }
        guard !result.isStopped else {
            throw damaged(member, "it is longer than the \(byteCount) bytes that are allowed")
        }
        do throws(TandemError) {
            try result.check(command)
        } catch {
            throw damaged(member, "it can't be read", cause: error.cause)
        }
        guard count == byteCount else {
            throw damaged(member, "it has \(count) bytes instead of \(byteCount)")
        }
    }

    /// The content of a small file of the image: at most `byteCountMax` bytes.
    package func read(
        _ member: ImageMember,
        byteCountMax: Int
    ) throws(TandemError) -> [UInt8] {
        let command = tar(["-xqO", member.path])
        let result = try runChild(
            command,
            timeoutMilliseconds: 60_000,
            outputByteCountMax: byteCountMax
        )
        guard !result.isTruncated else {
            throw damaged(member, "it is longer than \(byteCountMax) bytes")
        }
        do throws(TandemError) {
            try result.check(command)
        } catch {
            throw damaged(member, "it can't be read", cause: error.cause)
        }
        return result.standardOutput
    }

    /// Throws `imageDamaged`, naming the file, unless it is exactly what the manifest says.
    package func check(_ content: ImageContent) throws(TandemError) {
        var hasher = SHA256Hasher()
        try stream(content.member, byteCount: content.byteCount) { hasher.update($0) }
        guard hasher.finish() == content.sha256 else { throw damaged(content.member, Self.changed) }
    }

    static let changed = "its content was changed: the SHA-256 is not the one of the manifest"

    func listing() throws(TandemError) -> ImageListing {
        let command = tar(["-tv"])
        let result = try runChild(
            command,
            timeoutMilliseconds: 60_000,
            outputByteCountMax: Self.listingByteCountMax
        )
        do throws(TandemError) {
            try result.check(command)
        } catch {
            throw TandemError(
                .imageUnreadable,
                "\(path) can't be read as an ISO 9660 image",
                remedy: "Check that it is a release image, and get it again if it is.",
                cause: error.cause
            )
        }
        guard !result.isTruncated else {
            throw TandemError(
                .imageUnreadable,
                "\(path) lists more files than a release image can hold",
                remedy: "Get the image again from whoever built it; do not use this copy."
            )
        }
        return ImageListing(longListing: result.outputText)
    }

    /// Room for the listing of the most packages and hooks a manifest can name.
    private static let listingByteCountMax = 2 * 1024 * 1024

    func damaged(_ member: ImageMember, _ what: String, cause: String = "") -> TandemError {
        TandemError(
            .imageDamaged,
            "\(member.path) of \(path): \(what)",
            remedy: "Get the image again from where this copy came from.",
            cause: cause
        )
    }

    /// The image is handed down open: it is the same file for every call.
    private func tar(_ arguments: [String]) -> ChildCommand {
        ChildCommand(
            Self.program,
            ["-f", "/proc/self/fd/3"] + arguments,
            passed: [.init(file, as: 3)]
        )
    }
}
