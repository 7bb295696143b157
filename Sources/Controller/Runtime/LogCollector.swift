import Foundation
import Logging
import Synchronization
import TandemModel

/// A piece of a server's collected logs.
struct LogChunk: Sendable {
    var server: ServerName
    var command: CommandID
    var offset: UInt64
    var bytes: [UInt8]
    var isLast: Bool
}

/// Keeps the newest log collection of each server in a file of its own.
final class LogCollector: Sendable {
    /// Most bytes kept of one collection; what is beyond is cut and said so.
    static let byteCountMax = 16 * 1024 * 1024

    private struct Progress {
        var command: CommandID
        var isComplete: Bool
    }

    private let folder: URL
    private let logger: Logger
    private let progress = Mutex<[ServerName: Progress]>([:])

    init(folder: String, logger: Logger) throws {
        self.folder = URL(filePath: folder)
        self.logger = logger
        try FileManager.default.createDirectory(at: self.folder, withIntermediateDirectories: true)
    }

    /// Appends a piece; a piece at offset 0 begins a new collection.
    func take(_ chunk: LogChunk) {
        let file = url(of: chunk.server)
        do {
            if chunk.offset == 0 { try Data().write(to: file) }
            guard chunk.offset <= UInt64(Self.byteCountMax) else { return }
            let handle = try FileHandle(forWritingTo: file)
            defer { try? handle.close() }
            try handle.seek(toOffset: chunk.offset)
            try handle.write(contentsOf: Data(chunk.bytes))
            progress.withLock {
                $0[chunk.server] = Progress(command: chunk.command, isComplete: chunk.isLast)
            }
        } catch {
            logger.warning(
                "collected logs can't be kept",
                metadata: ["server": "\(chunk.server)", "error": "\(error)"]
            )
        }
    }

    /// The newest collection; complete ones survive a restart of the controller.
    func collection(of server: ServerName) -> (id: CommandID?, isComplete: Bool, text: String) {
        let progress = progress.withLock { $0[server] }
        let data = (try? Data(contentsOf: url(of: server))) ?? Data()
        return (
            progress?.command, progress?.isComplete ?? !data.isEmpty,
            String(decoding: data, as: UTF8.self)
        )
    }

    /// A valid server name has no separators, so it can be a file name.
    private func url(of server: ServerName) -> URL {
        folder.appending(path: "\(server.text).log")
    }
}
