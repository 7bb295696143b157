import Glibc
package import TandemModel

extension Files {
    /// Removes a file or a directory with all below it; none there is fine.
    ///
    /// Never follows a symbolic link, also when somebody swaps a directory for one meanwhile.
    package static func removeTree(_ path: String) throws(TandemError) {
        try removeEntry(at: AT_FDCWD, name: path, path: path, depth: 0)
    }

    /// Deeper trees are refused: each level holds one descriptor open.
    private static let depthMax = 64

    private static func removeEntry(
        at directory: Int32,
        name: String,
        path: String,
        depth: Int
    ) throws(TandemError) {
        if unlinkat(directory, name, 0) == 0 || errno == ENOENT { return }
        guard errno == EISDIR || errno == EPERM else {
            throw systemFailure(errno, doing: "remove", path: path)
        }
        guard depth < depthMax else {
            throw systemFailure(ELOOP, doing: "remove", path: path)
        }
        let number = openat(directory, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard number >= 0 else { throw systemFailure(errno, doing: "remove", path: path) }
        guard let stream = fdopendir(number) else {
            let failure = systemFailure(errno, doing: "remove", path: path)
            close(number)
            throw failure
        }
        defer { closedir(stream) }
        for child in try names(in: stream, path: path) {
            try removeEntry(at: number, name: child, path: "\(path)/\(child)", depth: depth + 1)
        }
        guard unlinkat(directory, name, AT_REMOVEDIR) == 0 || errno == ENOENT else {
            throw systemFailure(errno, doing: "remove", path: path)
        }
    }
}
