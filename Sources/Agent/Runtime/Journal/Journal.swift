package import AgentCore
package import AgentJournal
import Glibc
package import TandemModel
import TandemSpawn

/// The agent's journal: one append-only file, synced before anything it says is told to anybody.
///
/// After an error of a write or sync nobody knows what the disk holds: the agent must end and read
/// the file again.
package final class Journal {
    /// Above this size a rewrite is worth it.
    private static let compactionByteCountMin: UInt64 = 256 * 1024
    /// Room that is given up when the disk is full, so that what is under way can be noted.
    private static let reserveByteCount = 512 * 1024

    private let path: String
    private var file: Descriptor
    private var byteCount: UInt64
    /// The size after the last rewrite.
    private var compactByteCount: UInt64 = 0
    private let isDamaged: Bool
    private let syncDirectory: DirectorySync

    /// Waits until a directory's entries are on the disk.
    package typealias DirectorySync = (_ path: String) throws(TandemError) -> Void

    /// Opens the journal and hands out what it holds; a record that a crash cut short is dropped.
    package static func open(
        _ path: String,
        syncDirectory: @escaping DirectorySync = Files.syncDirectory
    ) throws(TandemError) -> (journal: Journal, content: JournalContent) {
        let file = try Descriptor.open(path, flags: O_RDWR | O_CREAT | O_NOFOLLOW)
        try syncDirectory(Files.parent(of: path))
        let bytes = try Files.read(file, path: path, byteCountMax: 64 * 1024 * 1024)
        let (content, end) = JournalFrame.scan(bytes)
        let journal = Journal(file, path, byteCount: UInt64(end), content, syncDirectory)
        if content.damage == nil {
            try journal.truncate(from: UInt64(bytes.count))
            journal.makeReserve()
        }
        return (journal, content)
    }

    private init(
        _ file: Descriptor,
        _ path: String,
        byteCount: UInt64,
        _ content: JournalContent,
        _ syncDirectory: @escaping DirectorySync
    ) {
        self.file = file
        self.syncDirectory = syncDirectory
        self.path = path
        self.byteCount = byteCount
        isDamaged = content.damage != nil
    }

    private func truncate(from found: UInt64) throws(TandemError) {
        // A process that died before its sync left records that can be read and are not safe yet.
        guard found != byteCount else { return try file.sync(path: path) }
        guard ftruncate(file.number, off_t(byteCount)) == 0 else {
            throw systemFailure(errno, doing: "cut", path: path)
        }
        try file.sync(path: path)
    }

    /// Appends records in order; they are on the disk when it returns.
    package func append(_ records: [JournalRecord]) throws(TandemError) {
        guard !records.isEmpty else { return }
        precondition(!isDamaged, "a damaged journal is never written")
        var bytes: [UInt8] = []
        do {
            for record in records {
                try JournalFrame.append(record, at: byteCount + UInt64(bytes.count), to: &bytes)
            }
        } catch {
            throw TandemError(
                .stateIndeterminate,
                "a record does not fit into the journal \(path)",
                remedy: "Report this as a defect of tandem-agent.",
                cause: "\(error)"
            )
        }
        #if CrashPoints
            CrashPoint.journalAppend.before()
        #endif
        try write(bytes)
        try file.sync(path: path)
        byteCount += UInt64(bytes.count)
        #if CrashPoints
            CrashPoint.journalAppend.after()
        #endif
    }

    /// Writes at the end; on a full disk the reserve is given up once.
    private func write(_ bytes: [UInt8]) throws(TandemError) {
        do throws(TandemError) {
            try writeAtEnd(bytes)
        } catch {
            guard error.code == .diskFull, unlink(reservePath) == 0 else { throw error }
            try writeAtEnd(bytes)
        }
    }

    private func writeAtEnd(_ bytes: [UInt8]) throws(TandemError) {
        guard lseek(file.number, off_t(byteCount), SEEK_SET) >= 0 else {
            throw systemFailure(errno, doing: "position in", path: path)
        }
        let outcome = bytes.withUnsafeBytes { raw in
            Result { () throws(TandemError) in try file.writeAll(raw, path: path) }
        }
        try outcome.get()
    }

    private var reservePath: String { "\(path).reserve" }

    /// A disk that has no room for a reserve has none.
    private func makeReserve() {
        guard (try? Files.kind(of: reservePath)) == nil else { return }
        let zeros = [UInt8](repeating: 0, count: Self.reserveByteCount)
        try? Files.replace(reservePath, with: zeros)
    }

    // MARK: - Rewriting

    /// Whether the file has grown so much that a rewrite is due.
    package var wantsCompaction: Bool {
        !isDamaged && byteCount > max(Self.compactionByteCountMin, compactByteCount * 4)
    }

    /// Replaces the file by one that holds these records; after a crash there is the old or the new.
    ///
    /// - Returns: why the old one stays in use; nil when it is replaced.
    /// - Throws: what failed once the new one was in its place. Which of them a crash would leave is not
    ///   known then, so nothing more may be promised: the agent must end and read the file again.
    package func compact(_ records: [JournalRecord]) throws(TandemError) -> TandemError? {
        precondition(!isDamaged, "a damaged journal is never written")
        do throws(TandemError) {
            let bytes = try image(of: records)
            // Not tried again at each record when the disk is full.
            compactByteCount = max(byteCount / 2, UInt64(bytes.count))
            file = try replaced(by: bytes)
            byteCount = UInt64(bytes.count)
            compactByteCount = byteCount
        } catch {
            return error
        }
        try syncDirectory(Files.parent(of: path))
        return nil
    }

    private func image(of records: [JournalRecord]) throws(TandemError) -> [UInt8] {
        var bytes: [UInt8] = []
        do {
            for record in records {
                try JournalFrame.append(record, at: UInt64(bytes.count), to: &bytes)
            }
        } catch {
            throw TandemError(
                .stateIndeterminate,
                "the journal \(path) can't be rewritten",
                remedy: "Report this as a defect of tandem-agent.",
                cause: "\(error)"
            )
        }
        return bytes
    }

    /// A new file in the place of the old one; the directory is not synced yet.
    private func replaced(by bytes: [UInt8]) throws(TandemError) -> Descriptor {
        let (new, temporary) = try Files.createTemporary(
            in: Files.parent(of: path),
            neededByteCount: UInt64(bytes.count)
        )
        do throws(TandemError) {
            let outcome = bytes.withUnsafeBytes { raw in
                Result { () throws(TandemError) in try new.writeAll(raw, path: path) }
            }
            try outcome.get()
            try new.sync(path: path)
            guard rename(temporary, path) == 0 else {
                throw systemFailure(errno, doing: "rename \(temporary) to", path: path)
            }
            return new
        } catch {
            _ = unlink(temporary)
            throw error
        }
    }
}
