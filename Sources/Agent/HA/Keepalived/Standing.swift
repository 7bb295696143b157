import AgentHA
import TandemModel
import TandemSpawn

/// Why this server may not become master: the one file that keepalived tracks.
///
/// Its first word is the weight that keepalived adds to its priority, and -254 means FAULT: it gives the
/// address up at once and does not contend. The words behind it are ours; keepalived reads the number
/// and passes over the rest (tried with 2.2.7). One file, so that reason and effect never part.
struct Standing: Hashable, Sendable {
    /// Why a server stands back.
    enum Mark: String, CaseIterable {
        /// It gave its role up, or was made to, and nobody else is seen to serve yet.
        case demoted
        /// It is being changed.
        case held
    }

    static let faultWeight = "-254"

    var marks: Set<Mark> = []

    init(marks: Set<Mark> = []) { self.marks = marks }

    /// - Throws: when the file can't be read; a file that is not there has no marks.
    init(path: String) throws(TandemError) {
        guard try Files.kind(of: path) != nil else { return }
        let text = String(decoding: try Files.read(path, byteCountMax: 4096), as: UTF8.self)
        let words = text.split { $0 == " " || $0 == "\n" }
        marks = Set(words.compactMap { Mark(rawValue: String($0)) })
        // Somebody's hand may have written the number alone.
        if marks.isEmpty, words.first.map(String.init) == Self.faultWeight { marks = [.held] }
    }

    /// What the file says.
    var text: String {
        guard !marks.isEmpty else { return "0\n" }
        let words = Mark.allCases.filter(marks.contains).map(\.rawValue)
        return ([Self.faultWeight] + words).joined(separator: " ") + "\n"
    }

    /// How long another call may keep the file to itself: it reads and writes it, no more.
    static let lockMilliseconds: UInt64 = 500

    /// Changes what the file says now, while nobody else does: two calls never lose each other's mark.
    ///
    /// Keepalived notices by itself. Nothing is written where nothing changes.
    static func update(
        _ path: String,
        _ change: (inout Standing) -> Void
    ) throws(TandemError) {
        // A lock that can't be had must not keep a server from standing back.
        let deadline = CallDeadline(milliseconds: lockMilliseconds)
        let lock = (try? FileLock("\(path).lock", .exclusive, within: deadline)) ?? nil
        let old = try Standing(path: path)
        var new = old
        change(&new)
        if new != old { try new.save(path) }
        withExtendedLifetime(lock) {}
    }

    /// Makes it durable.
    func save(_ path: String) throws(TandemError) {
        try Files.createDirectory(Files.parent(of: path))
        try Files.replace(path, with: Array(text.utf8))
    }
}

/// What keepalived has told its notify script: how often this server won or lost, and its state.
///
/// The count is the token: whatever moves the address to or from this server, moves it.
struct Transitions: Hashable, Sendable {
    var count: UInt64 = 0
    /// `MASTER`, `BACKUP`, `FAULT` or `STOP`; empty before the first word.
    var state = ""

    init() {}

    /// - Throws: when the file can't be read; none: keepalived has said nothing yet.
    init(path: String) throws(TandemError) {
        guard try Files.kind(of: path) != nil else { return }
        let text = String(decoding: try Files.read(path, byteCountMax: 4096), as: UTF8.self)
        let words = text.split { $0 == " " || $0 == "\n" }
        guard words.count == 2, let count = UInt64(words[0]) else { return }
        self.count = count
        state = String(words[1])
    }

    /// Takes one call of the notify script: `INSTANCE NAME STATE PRIORITY`.
    ///
    /// - Returns: `false` for words of another form.
    mutating func note(_ words: [String]) -> Bool {
        guard words.count >= 3, ["INSTANCE", "GROUP"].contains(words[0]) else { return false }
        // Standing back and no longer: a hold, nobody's role has moved.
        if words[2] == "MASTER" || state == "MASTER" { count += 1 }
        state = words[2]
        return true
    }

    func save(_ path: String) throws(TandemError) {
        try Files.createDirectory(Files.parent(of: path))
        try Files.replace(path, with: Array("\(count) \(state)\n".utf8))
    }
}

/// Counts one change of keepalived's state; exit code 2 for a call of another form.
func noteTransition(_ words: [String], in folder: String) -> Int32 {
    do throws(TandemError) {
        let path = "\(folder)/keepalived-transitions"
        let deadline = CallDeadline(milliseconds: Standing.lockMilliseconds)
        let lock = (try? FileLock("\(path).lock", .exclusive, within: deadline)) ?? nil
        defer { withExtendedLifetime(lock) {} }
        var transitions = try Transitions(path: path)
        guard transitions.note(words) else { return 2 }
        try transitions.save(path)
        return 0
    } catch {
        return 1
    }
}
