import Glibc
import TandemModel
import TandemSpawn

/// rpm's own record of what is installed below a root, asked through `rpm -q`.
///
/// Its file is a SQLite, ndb or Berkeley database, depending on the rpm, and reading it is rpm's
/// affair; only whether it has changed is seen without a child.
package struct RpmDatabase: Sendable {
    static let program = "/usr/bin/rpm"
    static let format =
        #"%{NAME}\t%|EPOCH?{%{EPOCH}:}|%{VERSION}-%{RELEASE}\t%{ARCH}\t%{INSTALLTID}\n"#

    /// Where distributions have it; the second may be a link to the first.
    private static let places = ["/usr/lib/sysimage/rpm", "/var/lib/rpm"]
    private static let files = ["rpmdb.sqlite", "Packages.db", "Packages"]

    private let root: String
    private let launcher: [String]

    /// The database of a root; `launcher` is what rpm is started by, the program first.
    package init(root: String, launcher: [String] = []) {
        self.root = root
        self.launcher = launcher
    }

    /// Whether a database is there; where none is, a question to rpm would make an empty one.
    package var exists: Bool { found != nil }

    private var found: String? {
        Self.places.first { place in
            Self.files.contains { access("\(directory(of: place))/\($0)", F_OK) == 0 }
        }
    }

    /// Its folder as seen from inside the root.
    var place: String { found ?? Self.places[1] }

    private func directory(of place: String) -> String { root == "/" ? place : root + place }

    /// Its folder.
    package var directory: String { directory(of: place) }

    /// Its files: readers write to none of them but SQLite's `-shm`, which is left out.
    var stampedFiles: [String] {
        (Self.files + ["rpmdb.sqlite-wal"]).map { "\(directory)/\($0)" }
    }

    /// Who runs a transaction now; `nil` when nobody does.
    package func lockHolder() -> Int32? { recordLockHolder("\(directory)/.rpm.lock") }

    /// Asks for the packages of these names, or for all.
    func question(_ names: Set<String>?) throws(TandemError) -> ChildCommand {
        guard exists else {
            throw TandemError(
                .fileUnavailable,
                "there is no rpm database in \(directory)",
                remedy: "Correct `root` or `package-backend` in the agent's configuration."
            )
        }
        let asked = names.map { ["--"] + $0.sorted() } ?? []
        let words =
            launcher + [Self.program, "--dbpath", directory, names == nil ? "-qa" : "-q", "--qf"]
            + [Self.format] + asked
        return ChildCommand(words[0], Array(words.dropFirst()))
    }

    /// Reads an answer; `ending` is `nil` when the child was ended or said too much.
    ///
    /// The exit code counts the names that are not there. A database that can't be read looks the
    /// same but for the errors, so all that is no answer to a name is refused.
    func rows(
        _ names: Set<String>?,
        _ ending: ChildEnding?,
        _ output: [UInt8],
        _ errors: [UInt8]
    ) throws(TandemError) -> [RpmRow] {
        let said = String(decoding: errors, as: UTF8.self).split(whereSeparator: \.isNewline)
        let lines = String(decoding: output, as: UTF8.self).split(separator: "\n")
        let rows = lines.compactMap { RpmRow($0) }
        let isAnswered =
            switch (ending, names) {
            case (.exited(let code)?, nil): code == 0
            case (.exited?, let names?): lines.count >= names.count
            case (.signalled?, _), (nil, _): false
            }
        guard isAnswered, !said.contains(where: { $0.hasPrefix("error:") }) else {
            throw TandemError(
                .packageFailed,
                "rpm can't read its database in \(directory)",
                remedy: "Read rpm's words; `rpm --rebuilddb` mends a damaged database.",
                cause: clipped(said.joined(separator: " / "), byteCountMax: TextLimit.line)
            )
        }
        guard let names else { return rows }
        // `a-1` also finds version 1 of a package `a`.
        return rows.filter { names.contains($0.name) }
    }

    /// The packages of these names, asked and waited for.
    func rows(named names: Set<String>) throws(TandemError) -> [RpmRow] {
        guard !names.isEmpty else { return [] }
        let result = try runChild(
            try question(names),
            timeoutMilliseconds: PackageLook.limitMilliseconds,
            outputByteCountMax: PackageLook.outputByteCountMax
        )
        let isWhole = !result.isTimedOut && !result.isTruncated
        return try rows(
            names,
            isWhole ? result.ending : nil,
            result.standardOutput,
            result.standardError
        )
    }
}
