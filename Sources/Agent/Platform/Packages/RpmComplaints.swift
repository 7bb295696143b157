/// What rpm's words say went wrong.
///
/// rpm exits 0 when `%post`, `%postun` or a trigger has failed, so the exit code alone means
/// nothing. Scripts print into the same pipes, also without an end of line: a complaint may begin in
/// the middle of a line.
struct RpmComplaints: Hashable {
    /// A scriptlet that failed.
    struct Scriptlet: Hashable {
        /// As rpm calls it: `prein`, `post`, `triggerin`.
        var kind: String
        /// The label of the package that it belongs to.
        var label: String
        /// What rpm says of its end.
        var end: String

        /// For people: `%post of a-2-1.noarch failed: exit status 7`.
        var text: String {
            let name = kind == "prein" ? "pre" : kind
            return "%\(name) of \(label) failed: \(end)"
        }

        /// Whether it failed before rpm had changed anything of its package.
        var isBeforeChange: Bool { kind == "prein" || kind == "pretrans" }
    }

    /// At most ``countMax``.
    private(set) var scriptlets: [Scriptlet] = []
    /// Labels of packages that rpm says it could not put in or take out.
    private(set) var failedLabels: Set<String> = []
    private(set) var isDiskFull = false
    /// The first error of another kind, such as unmet dependencies.
    private(set) var otherError: String?

    private static let countMax = 4096
    private static let textByteCountMax = 200

    /// Whether something failed, whatever rpm's exit code is.
    ///
    /// The other words count beside a bad exit code only: they may be a script's own.
    var hasFailures: Bool { !scriptlets.isEmpty || !failedLabels.isEmpty }

    /// The names of packages of which something failed.
    var names: Set<String> {
        Set((scriptlets.map(\.label) + failedLabels).compactMap { rpmName($0) })
    }

    /// The scriptlets of one package that failed.
    func scriptlets(of name: String) -> [Scriptlet] {
        scriptlets.filter { rpmName($0.label) == name }
    }

    /// Whether all that failed is taking out packages whose `%preun` fails.
    var isOnlyPreun: Bool {
        !scriptlets.isEmpty && scriptlets.allSatisfy { $0.kind == "preun" }
            && failedLabels.isSubset(of: Set(scriptlets.map(\.label)))
    }

    /// Takes one line of rpm's output.
    mutating func take(_ line: some StringProtocol) {
        if let scriptlet = Self.scriptlet(in: line) ?? Self.luaScriptlet(in: line) {
            guard scriptlets.count < Self.countMax, !scriptlets.contains(scriptlet) else { return }
            scriptlets.append(scriptlet)
        } else if let label = Self.failedElement(in: line) {
            if failedLabels.count < Self.countMax { failedLabels.insert(label) }
        } else if Self.tellsFullDisk(line) {
            isDiskFull = true
        } else if otherError == nil, line.hasPrefix("error: "), !Self.isAboutSkipped(line) {
            otherError = String(line.dropFirst("error: ".count).prefix(Self.textByteCountMax))
        }
    }

    /// `warning: %post(a-2-1.noarch) scriptlet failed, exit status 7`.
    private static func scriptlet(in line: some StringProtocol) -> Scriptlet? {
        guard let close = line.lastPosition(of: ") scriptlet failed, "),
            let sign = line[..<close].lastPosition(of: "%"),
            let open = line[sign..<close].firstIndex(of: "(")
        else { return nil }
        return Scriptlet(
            kind: String(line[line.index(after: sign)..<open]),
            label: String(line[line.index(after: open)..<close]),
            end: String(line[close...].dropFirst(") scriptlet failed, ".count))
        )
    }

    /// `error: lua script failed: [string "%post(a-2-1.noarch)"]:1: words`: of these rpm says no more.
    private static func luaScriptlet(in line: some StringProtocol) -> Scriptlet? {
        guard let start = line.lastPosition(of: #"lua script failed: [string "%"#),
            let sign = line[start...].firstIndex(of: "%"),
            let open = line[sign...].firstIndex(of: "("),
            let close = line[open...].lastPosition(of: #")"]"#)
        else { return nil }
        return Scriptlet(
            kind: String(line[line.index(after: sign)..<open]),
            label: String(line[line.index(after: open)..<close]),
            end: String(line[close...].dropFirst(3).prefix(textByteCountMax))
        )
    }

    /// `error: a-2-1.noarch: install failed`.
    private static func failedElement(in line: some StringProtocol) -> String? {
        let end =
            line.hasSuffix(": install failed")
            ? ": install failed".count
            : line.hasSuffix(": erase failed") ? ": erase failed".count : nil
        guard let end, let start = line.lastPosition(of: "error: ") else { return nil }
        return String(line[start...].dropFirst("error: ".count).dropLast(end))
    }

    private static func isAboutSkipped(_ line: some StringProtocol) -> Bool {
        line.hasSuffix(": erase skipped") || line.hasSuffix(": install skipped")
    }

    /// `installing package a-2-1.noarch needs 2MB more space on the / filesystem` (or `inodes`), or
    /// the kernel's or SQLite's words.
    private static func tellsFullDisk(_ line: some StringProtocol) -> Bool {
        (line.hasSuffix(" filesystem") && line.holds("installing package ")
            && line.holds(" needs "))
            || line.holds("No space left on device") || line.holds("database or disk is full")
    }
}
