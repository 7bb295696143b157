import Glibc
import TandemModel
import TandemSpawn

/// A folder of its own for one test, removed with all in it.
final class TemporaryFolder: Sendable {
    let path: String

    init() throws {
        var template = Array("/tmp/tandem-cli-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else {
            throw systemFailure(errno, doing: "create", path: "/tmp")
        }
        path = String(
            decoding: template.dropLast().map(UInt8.init(bitPattern:)),
            as: UTF8.self
        )
    }

    deinit { try? Files.removeTree(path) }

    /// The path of a name in the folder.
    func callAsFunction(_ name: String) -> String { "\(path)/\(name)" }

    func write(_ name: String, _ text: String) throws {
        try Files.createDirectory(Files.parent(of: self(name)))
        try Files.replace(self(name), with: Array(text.utf8))
    }

    /// Permission bits of a file.
    func mode(_ name: String) -> mode_t {
        var attributes = stat()
        return stat(self(name), &attributes) == 0 ? attributes.st_mode & 0o777 : 0
    }
}

/// The error that a body throws, if it is one of ours.
func failure(_ body: () throws -> Void) -> TandemError? {
    do {
        try body()
        return nil
    } catch {
        return error as? TandemError
    }
}
