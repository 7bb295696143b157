import TandemModel

/// What an image's own directory says it holds; not to be believed, only to be refused by.
struct ImageListing: Hashable {
    enum Kind: Hashable {
        case regular
        case directory
        /// Symbolic or hard link, device, anything else.
        case other
    }

    struct Entry: Hashable {
        var kind: Kind
        var path: String
    }

    var entries: [Entry]

    /// Reads the long listing of bsdtar: `mode links owner group size month day time path`.
    ///
    /// A link reads `path -> target` or `path link to target`. Lines of another form are entries of
    /// kind `other` under their whole text, so that nothing is overlooked.
    init(longListing text: String) {
        entries = text.split(separator: "\n").map { Self.entry($0) }
    }

    private static func entry(_ line: Substring) -> Entry {
        let fields = line.split(separator: " ", maxSplits: 8, omittingEmptySubsequences: true)
        guard fields.count == 9, let type = fields[0].first else {
            return Entry(kind: .other, path: String(line))
        }
        let text = String(fields[8])
        for mark in [" -> ", " link to "] {
            if let path = prefix(of: text, before: mark) { return Entry(kind: .other, path: path) }
        }
        switch type {
        case "-": return Entry(kind: .regular, path: text)
        case "d":
            return Entry(
                kind: .directory,
                path: text.hasSuffix("/") ? String(text.dropLast()) : text
            )
        case _: return Entry(kind: .other, path: text)
        }
    }

    private static func prefix(of text: String, before mark: String) -> String? {
        var rest = text[...]
        while let start = rest.firstIndex(of: " ") {
            if rest[start...].hasPrefix(mark) { return String(text[..<start]) }
            rest = rest[rest.index(after: start)...]
        }
        return nil
    }

    /// Throws unless the image holds exactly these files: each once, as a regular file, and beside
    /// them only the folders they are in.
    func check(holdsExactly members: [ImageMember], image: String) throws(TandemError) {
        let wanted = Set(members.map(\.path))
        for entry in entries where !wanted.contains(entry.path) {
            let isFolder =
                entry.kind == .directory && [".", "packages", "hooks"].contains(entry.path)
            if !isFolder {
                throw Self.refusal(
                    "\(image) holds \(entry.path), which its manifest does not name"
                )
            }
        }
        for member in members { try check(holds: member, image: image) }
    }

    /// Throws unless the file is there exactly once, as a regular file.
    func check(holds member: ImageMember, image: String) throws(TandemError) {
        let found = entries.filter { $0.path == member.path }
        guard let entry = found.first else {
            throw Self.refusal("\(member.path) is missing from \(image)")
        }
        guard found.count == 1 else {
            throw Self.refusal("\(image) holds \(member.path) \(found.count) times")
        }
        guard entry.kind == .regular else {
            throw Self.refusal("\(member.path) of \(image) is not a regular file")
        }
    }

    private static func refusal(_ what: String) -> TandemError {
        TandemError(
            .imageDamaged,
            what,
            remedy: "Get the image again from whoever built it; do not use this copy."
        )
    }
}
