import Testing

/// A pattern that must not occur in some files, with the reason and with its own test cases.
struct Ban: Sendable, CustomTestStringConvertible {
    enum Text: Sendable {
        /// The blanked code: comments and literals are not looked at.
        case code
        /// The file as it stands.
        case all
    }

    /// What a finding says stands there.
    var what: String
    /// ICU regular expression, searched in each file as a whole.
    var pattern: String
    /// Folders it holds in, from the top of the repository.
    var folders: [String]
    /// Folders it does not hold in although they lie below `folders`.
    var exempt: [String] = []
    var looksAt: Text = .code
    /// Why, and what to do instead; printed with each finding.
    var why: String
    /// Texts in which the ban must find something: every rule proves that it bites.
    var planted: [String]
    /// Texts in which it must find nothing.
    var innocent: [String]

    var testDescription: String { what }

    func holds(in path: String) -> Bool {
        folders.contains { path.hasPrefix($0 + "/") }
            && !exempt.contains { path.hasPrefix($0 + "/") }
    }

    func findings(in file: SourceFile) throws -> [Finding] {
        try findings(path: file.path, text: looksAt == .code ? file.code : file.file.text)
    }

    /// For a ban on text, which holds in files of every kind.
    func findings(in file: RepositoryFile) throws -> [Finding] {
        try findings(path: file.path, text: file.text)
    }

    private func findings(path: String, text: String) throws -> [Finding] {
        guard holds(in: path) else { return [] }
        return try matches(of: pattern, in: text).map { found in
            Finding(path: path, line: found.line, what: what, why: why)
        }
    }
}
