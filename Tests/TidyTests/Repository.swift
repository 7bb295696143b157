import Foundation

/// One text file of the repository.
struct RepositoryFile: Sendable {
    /// Path from the top of the repository, `/` between the parts.
    let path: String
    /// The bytes as text; what is no UTF-8 becomes U+FFFD.
    let text: String

    /// Lines as `wc -l` counts them, plus a last one without a line break.
    var lineCount: Int {
        text.utf8.count { $0 == UInt8(ascii: "\n") }
            + (text.isEmpty || text.hasSuffix("\n") ? 0 : 1)
    }
    /// The last part of the path.
    var name: String { path.split(separator: "/").last.map(String.init) ?? path }

    func isUnder(_ folder: String) -> Bool { path.hasPrefix(folder + "/") }
}

/// One Swift file, read once, with its code blanked once.
struct SourceFile: Sendable {
    let file: RepositoryFile
    /// The file without comments and literals: what rules about code look at.
    let code: String
    let functions: [FunctionSpan]

    var path: String { file.path }

    init(_ file: RepositoryFile) {
        self.file = file
        let blanked = SwiftCode(file.text)
        code = blanked.text
        functions = functionSpans(in: blanked)
    }

    /// A file that exists only in a test of a rule.
    init(path: String, text: String) {
        self.init(RepositoryFile(path: path, text: text))
    }

    /// Every `import`, whatever its access level or attributes.
    func imports() throws -> [Match] {
        try matches(
            of: #"^[ \t]*(?:@\w+(?:\([^)]*\))?[ \t]+)*(?:\w+[ \t]+)?import[ \t]+"#
                + #"(?:(?:struct|class|enum|protocol|func|var|let|typealias)[ \t]+)?(\w+)"#,
            in: code
        )
    }
}

/// The working tree this test was built from, without what `.gitignore` leaves out.
struct Repository: Sendable {
    static let shared = Repository(root: topFolder())

    let root: URL
    let files: [RepositoryFile]
    /// All Swift files below `Sources` and `Tests`.
    let swift: [SourceFile]

    init(root: URL) {
        self.root = root
        files = Self.paths(below: root).compactMap { path in
            guard let data = FileManager.default.contents(atPath: root.path + "/" + path),
                !data.prefix(8_192).contains(0)  // binary fixtures hold no prose
            else { return nil }
            return RepositoryFile(path: path, text: String(decoding: data, as: UTF8.self))
        }
        swift =
            files
            .filter {
                $0.path.hasSuffix(".swift") && ($0.isUnder("Sources") || $0.isUnder("Tests"))
            }
            .map(SourceFile.init)
    }

    var sources: [SourceFile] { swift.filter { $0.file.isUnder("Sources") } }

    func file(_ path: String) -> RepositoryFile? { files.first { $0.path == path } }

    /// The file; a rule about a file must not pass without it.
    func required(_ path: String, _ why: String) throws(MissingFile) -> RepositoryFile {
        guard let file = file(path) else {
            throw MissingFile(finding: Finding(path: path, what: "is missing", why: why))
        }
        return file
    }

    struct MissingFile: Error, CustomStringConvertible {
        let finding: Finding
        var description: String { finding.description }
    }

    private static func topFolder() -> URL {
        URL(filePath: #filePath).resolvingSymlinksInPath()
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    }

    /// Paths of all files, sorted; build folders, caches and other ignored names are not entered.
    private static func paths(below root: URL) -> [String] {
        let ignored = [".git", ".demo", ".swiftpm", "__pycache__", "Package.resolved"]
        var found: [String] = []
        var folders = [""]
        while let folder = folders.popLast() {
            let names =
                (try? FileManager.default.contentsOfDirectory(atPath: root.path + folder)) ?? []
            for name in names where !ignored.contains(name) && !name.hasPrefix(".build") {
                let path = folder + "/" + name
                let attributes = try? FileManager.default.attributesOfItem(atPath: root.path + path)
                switch attributes?[.type] as? FileAttributeType {
                case .typeDirectory?: folders.append(path)
                case .typeRegular?: found.append(String(path.dropFirst()))
                default: break  // links and sockets hold no text of their own
                }
            }
        }
        return found.sorted()
    }
}
