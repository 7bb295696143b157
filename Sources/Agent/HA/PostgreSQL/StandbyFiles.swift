import Glibc
import TandemModel
import TandemSpawn

/// What makes a data folder come up as a standby: a signal file, and whom to follow.
///
/// PostgreSQL looks at both when it starts, so they are laid while it still runs: whatever ends it
/// from then on, a reboot too, it comes back read-only.
struct StandbyFiles {
    let data: String

    private var signalPath: String { "\(data)/standby.signal" }
    private var settingsPath: String { "\(data)/postgresql.auto.conf" }

    /// Lays the signal file, durably.
    func lay() throws(TandemError) {
        if try Files.kind(of: signalPath) == .regular { return }
        try Files.replace(signalPath, with: [])
        try give(signalPath)
    }

    /// Takes the signal file away: `pg_rewind` recovers a crashed folder only without it.
    func lift() throws(TandemError) { try Files.removeFile(signalPath) }

    /// Writes a setting for a server that is down; one that runs is told by `alter system`.
    func set(_ key: String, _ value: String) throws(TandemError) {
        let escaped = value.map { $0 == "'" || $0 == "\\" ? "\($0)\($0)" : "\($0)" }.joined()
        let line = "\(key) = '\(escaped)'"
        let old = try Files.read(settingsPath, byteCountMax: 1024 * 1024)
        let lines = String(decoding: old, as: UTF8.self).split(whereSeparator: \.isNewline)
            .map(String.init)
        guard lines.last(where: { $0.hasPrefix("\(key) =") }) != line else { return }
        let kept = lines.filter { !$0.hasPrefix("\(key) =") } + [line]
        try Files.replace(settingsPath, with: Array((kept.joined(separator: "\n") + "\n").utf8))
        try give(settingsPath)
    }

    /// The newest timeline of its log.
    func timeline() throws(TandemError) -> UInt32 {
        newestTimeline(in: try Files.list("\(data)/pg_wal"))
    }

    /// The history file of a timeline; empty for the first one, or where it is not there.
    func history(of timeline: UInt32) throws(TandemError) -> String {
        let path = "\(data)/pg_wal/\(historyName(of: timeline))"
        guard try Files.kind(of: path) == .regular else { return "" }
        return String(decoding: try Files.read(path, byteCountMax: 1024 * 1024), as: UTF8.self)
    }

    /// Whether a server that starts here would follow somebody.
    var isFollowing: Bool {
        get throws(TandemError) {
            let text = try Files.read(settingsPath, byteCountMax: 1024 * 1024)
            let line = String(decoding: text, as: UTF8.self).split(whereSeparator: \.isNewline)
                .last { $0.hasPrefix("primary_conninfo =") }
            return line.map { $0 != "primary_conninfo = ''" } ?? false
        }
    }

    /// Hands a file to whom the folder belongs.
    private func give(_ path: String) throws(TandemError) {
        var folder = stat()
        guard stat(data, &folder) == 0,
            geteuid() != 0 || chown(path, folder.st_uid, folder.st_gid) == 0
        else { throw Database.problem("\(path) can't be given to the owner of \(data)") }
    }
}
