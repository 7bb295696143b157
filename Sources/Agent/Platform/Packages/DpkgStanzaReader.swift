/// Collects packages out of the stanzas of dpkg's files, which come piece by piece.
struct DpkgStanzaReader {
    /// A line longer than this is skipped; the fields looked at are short.
    private static let lineByteCountMax = 4096

    /// `nil`: all.
    private let names: Set<String>?
    /// By name and architecture; a later stanza takes an earlier one's place.
    private(set) var packages: [Key: InstalledPackage] = [:]
    private var line: [UInt8] = []
    private var isLineTooLong = false
    private var fields = Fields()

    struct Key: Hashable {
        var name: String
        var architecture: String
    }

    private struct Fields {
        var name = ""
        var version = ""
        var architecture = ""
        var status = ""
    }

    init(names: Set<String>?) { self.names = names }

    mutating func take(_ bytes: UnsafeRawBufferPointer) {
        var rest = bytes[...]
        while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
            append(rest[..<end])
            endLine()
            rest = rest[(end + 1)...]
        }
        append(rest)
    }

    /// The end of a file ends its last stanza.
    mutating func finish() {
        endLine()
        endStanza()
    }

    private mutating func append(_ bytes: Slice<UnsafeRawBufferPointer>) {
        guard line.count + bytes.count <= Self.lineByteCountMax else {
            isLineTooLong = true
            return
        }
        line.append(contentsOf: bytes)
    }

    private mutating func endLine() {
        defer {
            line.removeAll(keepingCapacity: true)
            isLineTooLong = false
        }
        if line.isEmpty && !isLineTooLong { return endStanza() }
        guard !isLineTooLong else { return }
        if let value = value(of: "Package: ") {
            fields.name = value
        } else if let value = value(of: "Version: ") {
            fields.version = value
        } else if let value = value(of: "Architecture: ") {
            fields.architecture = value
        } else if let value = value(of: "Status: ") {
            fields.status = value
        }
    }

    private func value(of key: StaticString) -> String? {
        let isKey =
            line.count >= key.utf8CodeUnitCount
            && key.withUTF8Buffer { line.starts(with: $0) }
        guard isKey else { return nil }
        return String(decoding: line[key.utf8CodeUnitCount...], as: UTF8.self)
    }

    private mutating func endStanza() {
        defer { fields = Fields() }
        guard !fields.name.isEmpty, names?.contains(fields.name) ?? true else { return }
        // Want, flag, state.
        let words = fields.status.split(separator: " ")
        guard words.count == 3, let state = InstalledPackage.State(rawValue: String(words[2]))
        else { return }
        let key = Key(name: fields.name, architecture: fields.architecture)
        if state == .notInstalled {
            // dpkg leaves the architecture out of what it has forgotten.
            packages = packages.filter { $0.key.name != key.name }
        }
        packages[key] = InstalledPackage(
            name: fields.name,
            version: fields.version,
            architecture: fields.architecture,
            state: state,
            needsReinstallation: words[1] == "reinstreq"
        )
    }
}
