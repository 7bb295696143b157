import Glibc
package import TandemModel

/// Where a PEM text comes from: a file, or memory under a name for error messages.
package enum PEMSource: Hashable, Sendable {
    /// A file of at most 1 MiB, read when it is needed.
    case file(String)
    /// A text in memory; the name stands for it in errors.
    case bytes([UInt8], name: String)

    /// The longest file accepted, in bytes.
    package static let fileByteCountMax = 1 << 20

    /// What errors call it.
    package var name: String {
        switch self {
        case .file(let path): path
        case .bytes(_, let name): name
        }
    }

    /// The text.
    ///
    /// - Throws: ``ErrorCode/fileUnavailable`` naming the file.
    package func load() throws(TandemError) -> [UInt8] {
        switch self {
        case .bytes(let bytes, _): bytes
        case .file(let path): try Self.read(path)
        }
    }

    private static func read(_ path: String) throws(TandemError) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY)
        guard descriptor >= 0 else { throw unreadable(path, String(cString: strerror(errno))) }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16 << 10)
        while true {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw unreadable(path, String(cString: strerror(errno))) }
            guard count > 0 else { return bytes }
            bytes += chunk[..<count]
            guard bytes.count <= fileByteCountMax else {
                throw unreadable(path, "longer than \(fileByteCountMax) bytes")
            }
        }
    }

    private static func unreadable(_ path: String, _ why: String) -> TandemError {
        TandemError(
            .fileUnavailable,
            "\(path) can't be read",
            remedy: "Correct the path or its permissions; `tandem ca` makes such files.",
            cause: why
        )
    }
}
