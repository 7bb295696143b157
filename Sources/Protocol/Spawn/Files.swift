import Glibc
package import TandemModel

/// Small file operations without Foundation; each failure names the path.
package enum Files {
    /// What a path is, without following a symbolic link at its end.
    package enum Kind: Hashable, Sendable {
        case regular
        case directory
        case symbolicLink
        case other
    }

    /// The whole content of a regular file.
    ///
    /// A file larger than `byteCountMax` is an error. Works for files of `/proc`, whose size reads 0.
    package static func read(_ path: String, byteCountMax: Int) throws(TandemError) -> [UInt8] {
        let file = try Descriptor.open(path, flags: O_RDONLY)
        return try read(file, path: path, byteCountMax: byteCountMax)
    }

    /// The whole content of an open file from its beginning, at most `byteCountMax` bytes.
    package static func read(
        _ file: Descriptor,
        path: String,
        byteCountMax: Int
    ) throws(TandemError) -> [UInt8] {
        var content: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16 * 1024)
        while true {
            var outcome: Result<Int, TandemError> = .success(0)
            chunk.withUnsafeMutableBytes { buffer in
                outcome = Result { () throws(TandemError) in
                    try file.read(into: buffer, at: UInt64(content.count), path: path)
                }
            }
            let count = try outcome.get()
            guard count > 0 else { return content }
            guard content.count + count <= byteCountMax else {
                throw TandemError(
                    .fileUnavailable,
                    "\(path) is larger than \(byteCountMax) bytes",
                    remedy: "Check that it is the right file."
                )
            }
            content += chunk[..<count]
        }
    }

    /// The names in a directory, sorted, without `.` and `..`.
    package static func list(_ directory: String) throws(TandemError) -> [String] {
        guard let stream = opendir(directory) else {
            throw systemFailure(errno, doing: "list", path: directory)
        }
        defer { closedir(stream) }
        return try names(in: stream, path: directory).sorted()
    }

    /// What the path is; `nil` when nothing is there.
    package static func kind(of path: String) throws(TandemError) -> Kind? {
        var attributes = stat()
        guard lstat(path, &attributes) == 0 else {
            let number = errno
            if number == ENOENT || number == ENOTDIR { return nil }
            throw systemFailure(number, doing: "examine", path: path)
        }
        switch attributes.st_mode & S_IFMT {
        case S_IFREG: return .regular
        case S_IFDIR: return .directory
        case S_IFLNK: return .symbolicLink
        case _: return .other
        }
    }

    /// The size of the file in bytes.
    package static func byteCount(of path: String) throws(TandemError) -> UInt64 {
        var attributes = stat()
        guard stat(path, &attributes) == 0 else {
            throw systemFailure(errno, doing: "examine", path: path)
        }
        return UInt64(max(0, attributes.st_size))
    }

    /// Bytes that an ordinary writer can still use on the file system of the path.
    package static func freeByteCount(at path: String) throws(TandemError) -> UInt64 {
        var space = statvfs()
        guard retryingInterrupts({ statvfs(path, &space) }) == 0 else {
            throw systemFailure(errno, doing: "ask for free space of", path: path)
        }
        return UInt64(space.f_bavail) * UInt64(space.f_frsize)
    }

    /// The last part of a path.
    package static func lastComponent(of path: String) -> String {
        String(path.split(separator: "/").last ?? "")
    }

    /// The path without its last part; `.` for a bare name, `/` below the root.
    package static func parent(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    static func names(
        in stream: OpaquePointer,
        path: String
    ) throws(TandemError) -> [String] {
        var names: [String] = []
        while true {
            errno = 0
            guard let entry = readdir(stream) else {
                guard errno == 0 else { throw systemFailure(errno, doing: "list", path: path) }
                return names
            }
            let name = withUnsafePointer(to: &entry.pointee.d_name) { tuple in
                tuple.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != "." && name != ".." { names.append(name) }
        }
    }
}
