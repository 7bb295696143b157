import TandemModel
import Yams

/// The part of YAML that a release description uses: texts, lists and mappings, each with its line.
///
/// A scalar is the text that stands there, whatever YAML would make of it. Anchors, aliases and tags
/// are refused: a description has to mean what it says where it says it.
struct PlainYAML: Hashable {
    enum Content: Hashable {
        case text(String)
        case list([PlainYAML])
        case mapping([Entry])
    }

    /// One key of a mapping with its value.
    struct Entry: Hashable {
        var key: String
        /// Of the key, from 1.
        var line: Int
        var value: PlainYAML
    }

    var content: Content
    /// From 1.
    var line: Int

    /// What the value is, for messages.
    var form: String {
        switch content {
        case .text: "a text"
        case .list: "a list"
        case .mapping: "a mapping"
        }
    }
}

/// What is wrong with a release description, and where.
struct YAMLProblem: Error, Hashable, CustomStringConvertible {
    /// From 1; 0 when it is about the whole document.
    var line: Int
    var text: String

    init(line: Int, _ text: String) {
        self.line = line
        self.text = text
    }

    var description: String { line == 0 ? text : "line \(line): \(text)" }
}

// MARK: - Reading

extension PlainYAML {
    /// Reads the one document of a text.
    init(parsing text: String) throws(YAMLProblem) {
        let lines = text.split(
            omittingEmptySubsequences: false,
            whereSeparator: \.isNewline
        )
        let document: (parser: Parser, root: Node?)
        do {
            // The basic resolver leaves scalars alone: no number, date or null is made of them.
            let parser = try Parser(yaml: text, resolver: .basic)
            document = (parser, try parser.singleRoot())
        } catch {
            throw YAMLProblem(yams: error)
        }
        guard let root = document.root else { throw YAMLProblem(line: 0, "the document is empty") }
        // Anchors are held weakly by their nodes: they live as long as the parser.
        self = try withExtendedLifetime(document.parser) { () throws(YAMLProblem) in
            try PlainYAML(root, lines: lines, depth: 0)
        }
    }

    /// A description nests three deep; more is refused before the stack could suffer.
    private static let depthMax = 8

    private init(_ node: Node, lines: [Substring], depth: Int) throws(YAMLProblem) {
        let line = node.mark?.line ?? 0
        guard depth <= Self.depthMax else { throw YAMLProblem(line: line, "nested too deep") }
        try Self.refuseProperties(of: node, lines: lines)
        self.line = line
        switch node {
        case .scalar(let scalar):
            content = .text(scalar.string)
        case .sequence(let sequence):
            var list: [PlainYAML] = []
            for element in sequence {
                list.append(try PlainYAML(element, lines: lines, depth: depth + 1))
            }
            content = .list(list)
        case .mapping(let mapping):
            var entries: [Entry] = []
            for (key, value) in mapping {
                let read = try PlainYAML(key, lines: lines, depth: depth + 1)
                guard case .text(let name) = read.content else {
                    throw YAMLProblem(line: read.line, "a key has to be a text")
                }
                entries.append(
                    Entry(
                        key: name,
                        line: read.line,
                        value: try PlainYAML(value, lines: lines, depth: depth + 1)
                    )
                )
            }
            content = .mapping(entries)
        case .alias:
            throw YAMLProblem(line: line, "aliases (*name) are not allowed")
        }
    }

    /// An alias comes as the node it stands for, so it is caught at that node's anchor.
    private static func refuseProperties(
        of node: Node,
        lines: [Substring]
    ) throws(YAMLProblem) {
        let line = node.mark?.line ?? 0
        let column = (node.mark?.column ?? 0) - 1
        guard node.anchor == nil else {
            throw YAMLProblem(line: line, "anchors (&name) and aliases are not allowed")
        }
        let plainTags = [Tag.Name.str, .seq, .map, .implicit].map(\.rawValue)
        var isTagged = !plainTags.contains(node.tag.description)
        // `!!str` is what a text is anyway; only the source shows that somebody wrote it.
        if lines.indices.contains(line - 1), column >= 0 {
            let first = lines[line - 1].unicodeScalars.dropFirst(column).first
            isTagged = isTagged || first == "!"
        }
        guard !isTagged else { throw YAMLProblem(line: line, "tags (!name) are not allowed") }
    }
}

extension YAMLProblem {
    /// What the parser says, in one line.
    fileprivate init(yams error: any Error) {
        switch error as? YamlError {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            self.init(line: mark.line, problem)
        case .duplicatedKeysInMapping(let duplicates, let context):
            let names = duplicates.joined(separator: ", ")
            self.init(line: context.mark.line, "a key stands twice in this mapping: \(names)")
        case .reader(let problem, _, _, _):
            self.init(line: 0, "not readable as UTF-8 text: \(problem)")
        case _:
            self.init(line: 0, "not readable as YAML: \(error)")
        }
    }
}
