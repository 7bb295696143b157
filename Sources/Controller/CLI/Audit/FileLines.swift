import Foundation
import TandemModel

/// The lines of a file, read as they are wanted: one of them and a piece of the file lie in memory.
struct FileLines {
    /// No line of an audit is longer.
    static let lineByteCountMax = 16 << 20

    private let read: () throws -> Data?
    private var rest = Data()
    private var isAtEnd = false

    /// Lines of what `read` gives piece by piece; `nil` or nothing ends them.
    init(_ read: @escaping () throws -> Data?) { self.read = read }

    init(_ data: Data) {
        var data: Data? = data
        self.init { data.take() }
    }

    init(_ path: String, pieceByteCount: Int = 256 << 10) throws {
        guard let handle = FileHandle(forReadingAtPath: path) else {
            throw TandemError(.fileUnavailable, "\(path) can't be read", remedy: "Check the path.")
        }
        self.init(handle, pieceByteCount: pieceByteCount)
    }

    init(_ handle: FileHandle, pieceByteCount: Int = 256 << 10) {
        self.init { try handle.read(upToCount: pieceByteCount) }
    }

    /// The next line that is not empty, without its newline; `nil` at the end.
    mutating func next() throws -> Data? {
        while true {
            if let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
                let line = rest[rest.startIndex..<end]
                rest = rest[rest.index(after: end)...]
                if !line.isEmpty { return line }
                continue
            }
            guard !isAtEnd else {
                defer { rest = Data() }
                return rest.isEmpty ? nil : rest
            }
            guard rest.count <= Self.lineByteCountMax else {
                throw TandemError(
                    .auditBroken,
                    "a line is longer than any of an audit",
                    remedy: "Give a file that `tandem audit export` wrote."
                )
            }
            let piece = try read() ?? Data()
            isAtEnd = piece.isEmpty
            rest = Data(rest) + piece
        }
    }
}
