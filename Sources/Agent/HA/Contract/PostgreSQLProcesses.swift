import Glibc
package import TandemModel
import TandemSpawn

/// The processes of the PostgreSQL server of one data folder.
///
/// A process is one of them only where it calls itself so and works in that folder: the id that
/// PostgreSQL noted may be anybody's by now, after a crash or in a folder that came from elsewhere.
package struct PostgreSQLProcesses: Sendable {
    /// PostgreSQL's name for its processes.
    private static let name = "postgres"

    let data: String

    /// Those of that data folder, which need not be there.
    package init(data: String) { self.data = data }

    /// PostgreSQL's own note of its first process.
    package var notePath: String { "\(data)/postmaster.pid" }

    /// Its lines: the process's id comes first, its state is the eighth; none where there is no note.
    package var noteLines: [Substring] {
        guard let bytes = try? Files.read(notePath, byteCountMax: 4096) else { return [] }
        return String(decoding: bytes, as: UTF8.self)
            .split(separator: "\n", omittingEmptySubsequences: false)
    }

    /// The first process; `nil` when it is not there.
    package var first: Int32? {
        guard let pid = noteLines.first.flatMap({ Int32($0) }), pid > 1, isOurs(pid) else {
            return nil
        }
        return pid
    }

    /// All that are there, also those that the first one left behind when it was killed.
    package func all() throws(TandemError) -> [Int32] {
        try Files.list("/proc").compactMap { Int32($0) }.filter { $0 > 1 && isOurs($0) }
    }

    /// Ends all at once; PostgreSQL makes the data whole at its next start.
    ///
    /// - Returns: whether none is left.
    package func end(within deadline: CallDeadline) throws(TandemError) -> Bool {
        // First it must not fork more.
        if let first { kill(first, SIGSTOP) }
        let members = try all()
        for member in members { kill(member, SIGKILL) }
        return haveEnded(members, within: deadline)
    }

    private func isOurs(_ pid: Int32) -> Bool {
        guard let name = try? Files.read("/proc/\(pid)/comm", byteCountMax: 64),
            String(decoding: name, as: UTF8.self) == "\(Self.name)\n",
            let entry = ProcessEntry.read(pid), !entry.hasEnded
        else { return false }
        var work = stat()
        var own = stat()
        // Whom we may not look at is not ours to end; it still may be what serves.
        guard stat("/proc/\(pid)/cwd", &work) == 0 else { return errno == EACCES }
        return stat(data, &own) == 0 && work.st_dev == own.st_dev && work.st_ino == own.st_ino
    }
}
