import Glibc
import TandemModel
import TandemSpawn

/// A folder of its own for one test, gone with its last user.
final class TemporaryFolder {
    let path: String

    init() throws {
        var template = Array("/tmp/tandem-agent-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else {
            throw systemFailure(errno, doing: "create", path: "/tmp")
        }
        path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    deinit { try? Files.removeTree(path) }

    func callAsFunction(_ name: String) -> String { "\(path)/\(name)" }

    /// Writes a file below the folder and answers its path.
    @discardableResult
    func write(_ name: String, _ text: String, mode: mode_t = 0o644) throws -> String {
        let target = self(name)
        try Files.createDirectory(Files.parent(of: target))
        try Files.replace(target, with: Array(text.utf8), mode: mode)
        return target
    }

    /// Writes a shell script and answers its path.
    @discardableResult
    func script(_ name: String, _ body: String) throws -> String {
        try write(name, "#!/bin/sh\n\(body)\n", mode: 0o755)
    }

    func text(_ name: String) throws -> String {
        String(decoding: try Files.read(self(name), byteCountMax: 1 << 20), as: UTF8.self)
    }

    func exists(_ name: String) throws -> Bool { try Files.kind(of: self(name)) != nil }
}
