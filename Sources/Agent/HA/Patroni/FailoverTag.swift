import Glibc
import TandemModel
import TandemSpawn

/// The line `nofailover: false` of Patroni's own file: a member that says `true` is not elected.
///
/// It holds back this member alone. To pause the cluster would do so too, but then nobody is elected,
/// an active server that is cut off from the store goes on, and a crashed one is not started again.
struct FailoverTag {
    private static let key = "nofailover:"

    /// Patroni's file.
    let path: String

    /// Whether the file says that this member stands back.
    var isSet: Bool {
        get throws(TandemError) {
            guard let isSet = Self.isSet(in: try text()) else { throw missing }
            return isSet
        }
    }

    /// Writes it, durably; done where the file says so already.
    func set(_ isSet: Bool) throws(TandemError) {
        let text = try text()
        guard let new = Self.changed(text, to: isSet) else { throw missing }
        guard new != text else { return }
        var old = stat()
        guard stat(path, &old) == 0 else { throw missing }
        // It holds passwords, and Patroni is not root: owner and mode stay.
        let beside = "\(path).tandem"
        try Files.replace(beside, with: Array(new.utf8), mode: old.st_mode & 0o7777)
        guard geteuid() != 0 || chown(beside, old.st_uid, old.st_gid) == 0 else {
            throw problem("\(path) can't be given back to its owner")
        }
        try Files.rename(beside, to: path)
    }

    private func text() throws(TandemError) -> String {
        String(decoding: try Files.read(path, byteCountMax: 1024 * 1024), as: UTF8.self)
    }

    private var missing: TandemError {
        problem("\(path) has not exactly one line `nofailover: false` below `tags:`")
    }

    private func problem(_ text: String) -> TandemError {
        TandemError(
            .configurationInvalid,
            text,
            remedy: "Mend the file as Docs/ha-drivers.md describes it."
        )
    }

    // MARK: - The text

    /// What the one line says; `nil` where there is none, or more than one.
    static func isSet(in text: String) -> Bool? {
        lines(text).flatMap { lines, index in value(of: lines[index]) }
    }

    /// The text with another value in that line; `nil` where there is none, or more than one.
    static func changed(_ text: String, to isSet: Bool) -> String? {
        guard let (found, index) = lines(text), let now = value(of: found[index]) else {
            return nil
        }
        guard now != isSet else { return text }
        let indent = found[index].prefix { $0 == " " }
        var lines = found
        lines[index] = "\(indent)\(key) \(isSet)"
        return lines.joined(separator: "\n")
    }

    private static func lines(_ text: String) -> (lines: [Substring], index: Int)? {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        let found = lines.indices.filter { lines[$0].drop { $0 == " " }.hasPrefix(key) }
        guard found.count == 1, let index = found.first, lines[index].hasPrefix(" ") else {
            return nil
        }
        return (lines, index)
    }

    private static func value(of line: Substring) -> Bool? {
        let words = line.split { $0 == " " || $0 == "\t" || $0 == "\r" }
        guard words.count >= 2, words.count == 2 || words[2].hasPrefix("#") else { return nil }
        return Bool(String(words[1]))
    }
}
