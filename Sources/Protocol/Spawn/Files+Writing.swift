package import Glibc
package import TandemModel

extension Files {
    /// How the temporary files of `replace` begin; a crash may leave some behind.
    package static let temporaryPrefix = ".tandem-"

    /// Puts new content in the place of a file: after a crash there is the old or the new, whole.
    ///
    /// Written beside the file, synced, renamed, and the directory synced.
    package static func replace(
        _ path: String,
        with content: [UInt8],
        mode: mode_t = 0o600
    ) throws(TandemError) {
        let needed = UInt64(content.count)
        let (file, temporary) = try createTemporary(
            in: parent(of: path),
            neededByteCount: needed
        )
        do throws(TandemError) {
            try write(content, to: file, path: path)
            guard fchmod(file.number, mode) == 0 else {
                throw systemFailure(errno, doing: "set the mode of", path: path)
            }
            try file.sync(path: path, neededByteCount: needed)
            try rename(temporary, to: path)
        } catch {
            _ = unlink(temporary)
            throw error
        }
    }

    /// A new, empty, uniquely named file in the directory, for `rename` later.
    package static func createTemporary(
        in directory: String,
        neededByteCount: UInt64 = 0
    ) throws(TandemError) -> (file: Descriptor, path: String) {
        while true {
            // The clock only keeps names apart; O_EXCL decides.
            var now = timespec()
            clock_gettime(CLOCK_MONOTONIC, &now)
            let path = "\(directory)/\(temporaryPrefix)\(getpid())-\(now.tv_sec)-\(now.tv_nsec)"
            let flags = O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC
            let number = retryingInterrupts { open(path, flags, 0o600) }
            if number >= 0 { return (Descriptor(owning: number), path) }
            guard errno == EEXIST else {
                throw systemFailure(
                    errno,
                    doing: "create a file in",
                    path: directory,
                    neededByteCount: neededByteCount
                )
            }
        }
    }

    /// Removes what a crash left of `createTemporary` in the directory; call when nobody writes there.
    package static func removeTemporaries(in directory: String) throws(TandemError) {
        for name in try list(directory) where name.hasPrefix(temporaryPrefix) {
            try removeFile("\(directory)/\(name)")
        }
    }

    /// Creates a file that must not exist yet, and writes, syncs and keeps it open.
    package static func createNew(
        _ path: String,
        content: [UInt8],
        mode: mode_t = 0o600
    ) throws(TandemError) -> Descriptor {
        let needed = UInt64(content.count)
        let file = try Descriptor.open(
            path,
            flags: O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW,
            mode: mode,
            neededByteCount: needed
        )
        do throws(TandemError) {
            try write(content, to: file, path: path)
            try file.sync(path: path, neededByteCount: needed)
            return file
        } catch {
            _ = unlink(path)
            throw error
        }
    }

    /// Moves a path over another on the same file system and syncs the directory.
    package static func rename(_ path: String, to target: String) throws(TandemError) {
        guard Glibc.rename(path, target) == 0 else {
            throw systemFailure(errno, doing: "rename \(path) to", path: target)
        }
        try syncDirectory(parent(of: target))
    }

    /// Waits until the directory's entries are on the disk.
    package static func syncDirectory(_ directory: String) throws(TandemError) {
        try Descriptor.open(directory, flags: O_RDONLY | O_DIRECTORY).sync(path: directory)
    }

    /// Creates a directory and what is missing above it; an existing one is left as it is.
    package static func createDirectory(
        _ path: String,
        mode: mode_t = 0o700
    ) throws(TandemError) {
        if mkdir(path, mode) == 0 { return }
        var number = errno
        if number == ENOENT, parent(of: path) != path {
            try createDirectory(parent(of: path), mode: mode)
            if mkdir(path, mode) == 0 { return }
            number = errno
        }
        guard number == EEXIST else {
            throw systemFailure(number, doing: "create directory", path: path)
        }
        var attributes = stat()
        guard stat(path, &attributes) == 0, attributes.st_mode & S_IFMT == S_IFDIR else {
            throw systemFailure(ENOTDIR, doing: "create directory", path: path)
        }
    }

    /// Removes a file or link; none there is fine.
    package static func removeFile(_ path: String) throws(TandemError) {
        guard unlink(path) == 0 || errno == ENOENT else {
            throw systemFailure(errno, doing: "remove", path: path)
        }
    }

    private static func write(
        _ content: [UInt8],
        to file: Descriptor,
        path: String
    ) throws(TandemError) {
        let outcome = content.withUnsafeBytes { bytes in
            Result { () throws(TandemError) in try file.writeAll(bytes, path: path) }
        }
        try outcome.get()
    }
}
