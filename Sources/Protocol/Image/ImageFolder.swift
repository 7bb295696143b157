import Glibc
import TandemCrypto
import TandemModel
import TandemSpawn

/// The files of an image being made, laid out as they will be in it; removed at the end.
final class ImageFolder {
    let path: String

    /// A new folder beside the image to be, so that one disk holds both.
    init(beside image: String) throws(TandemError) {
        let parent = Files.parent(of: image)
        var template = Array("\(parent)/.tandem-image-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else {
            throw systemFailure(errno, doing: "create a folder in", path: parent)
        }
        let bytes = template.dropLast().map(UInt8.init(bitPattern:))
        path = String(decoding: bytes, as: UTF8.self)
        for folder in ["root", "root/packages", "root/hooks"] {
            try Files.createDirectory("\(path)/\(folder)")
        }
    }

    deinit { try? Files.removeTree(path) }

    /// A path in the folder that is not part of the image.
    var scratch: String { "\(path)/scratch" }

    /// What becomes the image.
    var root: String { "\(path)/root" }

    /// Copies a file in and measures the very bytes that were copied.
    func add(_ member: ImageMember, from source: String) throws(TandemError) -> ImageContent {
        let file = try Descriptor.open(source, flags: O_RDONLY)
        let attributes = try file.attributes(path: source)
        guard attributes.st_mode & S_IFMT == S_IFREG else {
            throw systemFailure(EINVAL, doing: "use what is no regular file,", path: source)
        }
        var offset: UInt64 = 0
        return try add(member) { chunk throws(TandemError) in
            let count = try file.read(into: chunk, at: offset, path: source)
            offset += UInt64(count)
            return count
        }
    }

    /// Writes a file whose content `next` hands out piece by piece, 0 at the end.
    private func add(
        _ member: ImageMember,
        next: (UnsafeMutableRawBufferPointer) throws(TandemError) -> Int
    ) throws(TandemError) -> ImageContent {
        let target = try create(member)
        var hasher = SHA256Hasher()
        var byteCount: UInt64 = 0
        let chunk = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 << 10, alignment: 16)
        defer { chunk.deallocate() }
        while true {
            let count = try next(chunk)
            guard count > 0 else { break }
            let bytes = UnsafeRawBufferPointer(rebasing: chunk[..<count])
            hasher.update(bytes)
            try target.writeAll(bytes, path: member.path)
            byteCount += UInt64(count)
        }
        return ImageContent(member: member, sha256: hasher.finish(), byteCount: byteCount)
    }

    /// Copies a file out of another image; it must be what that image's manifest says.
    func add(_ content: ImageContent, from reader: ImageReader) throws(TandemError) {
        let target = try create(content.member)
        var hasher = SHA256Hasher()
        try reader.stream(content.member, byteCount: content.byteCount) {
            bytes throws(TandemError) in
            hasher.update(bytes)
            try target.writeAll(bytes, path: content.member.path)
        }
        guard hasher.finish() == content.sha256 else {
            throw reader.damaged(content.member, ImageReader.changed)
        }
    }

    /// Writes manifest and signatures and makes the image, in the place of what `image` was.
    func write(
        manifest: ReleaseManifest,
        bytes: [UInt8],
        signatures: ManifestSignatures,
        to image: String
    ) throws(TandemError) {
        try Files.replace("\(root)/\(ImageMember.manifest.path)", with: bytes, mode: 0o444)
        try Files.replace(
            "\(root)/\(ImageMember.signatures.path)",
            with: signatures.bytes,
            mode: 0o444
        )
        try settle(root, dateSeconds: manifest.dateSeconds)
        let made = "\(path)/image.iso"
        try ISORecipe.write(
            folder: root,
            to: made,
            release: manifest.release,
            dateSeconds: manifest.dateSeconds
        )
        guard chmod(made, 0o644) == 0 else {
            throw systemFailure(errno, doing: "set the mode of", path: made)
        }
        try Descriptor.open(made, flags: O_RDONLY).sync(path: made)
        try Files.rename(made, to: image)
    }

    private func create(_ member: ImageMember) throws(TandemError) -> Descriptor {
        let mode: mode_t =
            switch member {
            case .hook: 0o555
            case .manifest, .signatures, .package: 0o444
            }
        return try Descriptor.open(
            "\(root)/\(member.path)",
            flags: O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW,
            mode: mode
        )
    }

    /// Gives everything below one date and fixed modes, whatever the umask was.
    private func settle(_ path: String, dateSeconds: UInt64) throws(TandemError) {
        // Not by searching a text in a text: that links the regular expressions into the agent.
        let isHook = Files.lastComponent(of: Files.parent(of: path)) == "hooks"
        var mode: mode_t = isHook ? 0o555 : 0o444
        if try Files.kind(of: path) == .directory {
            mode = 0o755
            for name in try Files.list(path) {
                try settle("\(path)/\(name)", dateSeconds: dateSeconds)
            }
        }
        let time = timespec(tv_sec: Int(dateSeconds), tv_nsec: 0)
        guard chmod(path, mode) == 0, utimensat(AT_FDCWD, path, [time, time], 0) == 0 else {
            throw systemFailure(errno, doing: "set mode and date of", path: path)
        }
    }
}
