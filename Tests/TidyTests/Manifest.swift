/// What `Package.swift` declares, read from its text.
///
/// Only the manifest's own forms are understood: `library("Name", "Path", [...])`, `program(...)`,
/// and `let x = Target.Dependency.product(name: "X", ...)`.
struct Manifest {
    struct Target {
        var name: String
        /// Below `Sources`.
        var path: String
        /// Names of targets and products.
        var dependencies: Set<String>
    }

    /// By target name; system libraries and test targets are left out.
    var targets: [String: Target] = [:]
    /// Folders below `Tests` that are built: `tests("Name", ...)` or a path `"Tests/Name"`.
    var tests: Set<String>
    /// Names of the packages fetched from elsewhere: last part of their address.
    var packages: [String]

    init(_ text: String) throws {
        packages = try matches(of: #"\.package\(\s*url:\s*"[^"]*/([^"/]+)""#, in: text).map(\.group)
        tests = Set(try matches(of: #"(?:\btests\(\s*"|"Tests/)(\w+)""#, in: text).map(\.group))
        var products: [String: String] = [:]
        let constants = #"let\s+(\w+)\s*=\s*Target\.Dependency\.product\(\s*name:\s*"\w+""#
        for found in try matches(of: constants, in: text) {
            products[found.group] = found.text.split(separator: "\"").last.map(String.init)
        }
        let call = #"(?:library|program)\(\s*("[\w-]+",\s*"[\w/]+"(?:,\s*\[[^\]]*\])?)"#
        for found in try matches(of: call, in: text) {
            let words = try matches(of: #""?([\w/-]+)"?"#, in: found.group)
            guard words.count >= 2 else { continue }
            let dependencies = words.dropFirst(2).map { word in
                word.text.hasPrefix("\"") ? word.group : products[word.group] ?? word.group
            }
            let name = words[0].group
            targets[name] = Target(
                name: name,
                path: words[1].group,
                dependencies: Set(dependencies)
            )
        }
    }
}
