/// One line of the answer to ``RpmDatabase/format``: a package as the rpm database has it.
struct RpmRow: Hashable, Sendable {
    var name: String
    /// `EPOCH:VERSION-RELEASE`, without an epoch where the package has none.
    var version: String
    var architecture: String
    /// rpm's number of the transaction that put it there, a time in seconds.
    var transaction: String

    /// Reads a line; `nil` when it is none of ours, such as `package a is not installed`.
    init?(_ line: some StringProtocol) {
        let words = line.split(separator: "\t", omittingEmptySubsequences: false)
        guard words.count == 4, !words[0].isEmpty else { return nil }
        name = String(words[0])
        version = String(words[1])
        architecture = String(words[2])
        transaction = String(words[3])
    }

    /// What names exactly this package in a call of rpm; a name alone could mean another's version.
    var label: String { "\(name)-\(version).\(architecture)" }

    /// What is another one once the package was installed anew.
    var mark: String { "\(version)@\(transaction)" }
}

/// The name in a text of the form `NAME-EPOCH:VERSION-RELEASE.ARCHITECTURE`, as rpm's messages have
/// it; `nil` when it has another form.
func rpmName(_ text: some StringProtocol) -> String? {
    guard let dash = text.lastIndex(of: "-"),
        let other = text[..<dash].lastIndex(of: "-"), other > text.startIndex
    else { return nil }
    return String(text[..<other])
}
