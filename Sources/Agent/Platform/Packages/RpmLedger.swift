import TandemModel
import TandemSpawn

/// What rpm was told to change and was not seen to end well.
///
/// The rpm database knows no half: a package whose `%post` failed, or whose files a killed rpm had
/// put in place before its entry, looks there like any other. So each change is written down before
/// rpm begins and struck out once it has ended well.
struct RpmLedger: Sendable {
    /// One package that counts as half there.
    struct Entry: Hashable, Sendable {
        var name: String
        var version: String
        var architecture: String
        /// The marks of the packages of that name when rpm had ended, sorted; `nil`: nobody saw it end.
        ///
        /// Once the database has other marks, somebody else has installed or removed it since.
        var marks: [String]?

        /// A package of a release, about to be installed.
        init(_ entry: PackageEntry) {
            self.init(entry.name, entry.version, entry.architecture)
        }

        /// A package that is there, about to be removed.
        init(_ row: RpmRow) { self.init(row.name, row.version, row.architecture) }

        private init(_ name: String, _ version: String, _ architecture: String) {
            self.name = name
            self.version = version
            self.architecture = architecture
        }

        /// One line of the file.
        init?(line: some StringProtocol) {
            let words = line.split(separator: "\t", omittingEmptySubsequences: false)
            guard words.count == 4, !words[0].isEmpty else { return nil }
            self.init(String(words[0]), String(words[1]), String(words[2]))
            guard words[3] != "-" else { return }
            let seen = String(words[3]).split(separator: " ")
            marks = seen.map { String($0) }
        }

        var line: String {
            let seen = marks.map { $0.joined(separator: " ") } ?? "-"
            return "\(name)\t\(version)\t\(architecture)\t\(seen)\n"
        }

        /// Whether it still says something of these packages, the ones of its name.
        func counts(beside rows: [RpmRow]) -> Bool {
            marks.map { $0 == rows.map(\.mark).sorted() } ?? true
        }
    }

    private static let byteCountMax = 4 * 1024 * 1024

    let path: String

    /// What stands there.
    func entries() throws(TandemError) -> [Entry] {
        guard try Files.kind(of: path) != nil else { return [] }
        let bytes = try Files.read(path, byteCountMax: Self.byteCountMax)
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n")
            .compactMap { Entry(line: $0) }
    }

    /// Puts these entries in the place of all, durably.
    func write(_ entries: [Entry]) throws(TandemError) {
        guard !entries.isEmpty else {
            if try Files.kind(of: path) != nil { try Files.removeFile(path) }
            return
        }
        try Files.replace(path, with: Array(entries.map(\.line).joined().utf8))
    }

    /// Strikes out what stands there of these names.
    func forget(_ names: Set<String>) throws(TandemError) {
        let all = try entries()
        let kept = all.filter { !names.contains($0.name) }
        if kept.count < all.count { try write(kept) }
    }

    /// The packages that the database and the ledger together tell of.
    ///
    /// Where names were asked for, two packages of one name and architecture are what a call that
    /// was cut short left; among all packages of a server some, such as kernels, stand side by side.
    static func packages(
        _ rows: [RpmRow],
        named names: Set<String>?,
        _ entries: [Entry]
    ) -> [InstalledPackage] {
        let byName = Dictionary(grouping: rows, by: \.name)
        let open = entries.filter { entry in
            (names?.contains(entry.name) ?? true) && entry.counts(beside: byName[entry.name] ?? [])
        }
        let openNames = Set(open.map(\.name))
        var packages = rows.map { row in
            let isTwice =
                names != nil
                && byName[row.name, default: []].count { $0.architecture == row.architecture } > 1
            return InstalledPackage(
                name: row.name,
                version: row.version,
                architecture: row.architecture,
                state: isTwice
                    ? .duplicate : openNames.contains(row.name) ? .halfConfigured : .installed,
                needsReinstallation: false
            )
        }
        for entry in open where byName[entry.name] == nil {
            packages.append(
                InstalledPackage(
                    name: entry.name,
                    version: entry.version,
                    architecture: entry.architecture,
                    state: .halfInstalled,
                    needsReinstallation: false
                )
            )
        }
        return packages.sorted {
            ($0.name, $0.architecture, $0.version) < ($1.name, $1.architecture, $1.version)
        }
    }
}
