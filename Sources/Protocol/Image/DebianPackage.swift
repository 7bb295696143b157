import TandemModel
import TandemSpawn

/// What a package file says about itself.
protocol PackageDescription {
    var name: String { get }
    var version: String { get }
    var architecture: String { get }
    /// Absolute paths of the files that the package system treats as settings.
    var conffiles: [String] { get }
}

/// What a `.deb` file says about itself.
struct DebianPackage: PackageDescription, Hashable {
    var name: String
    var version: String
    var architecture: String
    /// Absolute paths of its conffiles.
    var conffiles: [String]

    static let program = "/usr/bin/dpkg-deb"

    /// Asks dpkg-deb; `scratch` is a path that may be created and is removed again.
    init(path: String, scratch: String) throws(TandemError) {
        let fields = try Self.ask(["-f", path, "Package", "Version", "Architecture"], path: path)
        var values: [Substring: Substring] = [:]
        for line in fields.split(separator: "\n") {
            guard let colon = line.firstIndex(of: ":") else { continue }
            values[line[..<colon]] = line[line.index(after: colon)...].drop { $0 == " " }
        }
        guard let name = values["Package"], let version = values["Version"],
            let architecture = values["Architecture"]
        else { throw Self.unreadable(path, cause: fields) }
        self.name = String(name)
        self.version = String(version)
        self.architecture = String(architecture)
        defer { try? Files.removeTree(scratch) }
        _ = try Self.ask(["-e", path, scratch], path: path)
        conffiles = try Self.conffiles(at: "\(scratch)/conffiles")
    }

    /// One path a line; a flag such as `remove-on-upgrade` may stand before it (deb-conffiles(5)).
    private static func conffiles(at path: String) throws(TandemError) -> [String] {
        guard try Files.kind(of: path) == .regular else { return [] }
        let bytes = try Files.read(path, byteCountMax: 1024 * 1024)
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n").compactMap { line in
            line.firstIndex(of: "/").map { String(line[$0...]) }
        }
    }

    private static func ask(
        _ arguments: [String],
        path: String
    ) throws(TandemError) -> String {
        let command = ChildCommand(program, arguments)
        let result = try runChild(command, timeoutMilliseconds: 120_000)
        do throws(TandemError) {
            try result.check(command)
        } catch {
            throw unreadable(path, cause: error.cause)
        }
        return result.outputText
    }

    private static func unreadable(_ path: String, cause: String) -> TandemError {
        TandemError(
            .manifestInvalid,
            "\(path) is not a Debian package that dpkg-deb can read",
            remedy: "Check the file; only .deb packages can be put into an image.",
            cause: cause
        )
    }
}
