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
    ///
    /// A child writes it: were it open for writing here, a child that another test starts at that
    /// moment would inherit the descriptor, and the kernel would call the script busy.
    @discardableResult
    func script(_ name: String, _ body: String) throws -> String {
        let target = self(name)
        try Files.createDirectory(Files.parent(of: target))
        let program =
            #"printf '#!/bin/sh\n%s\n' "$1" > "$2.new" && chmod 755 "$2.new""#
            + #" && mv "$2.new" "$2""#
        let command = ChildCommand("/bin/sh", ["-c", program, "sh", body, target])
        try runChild(command, timeoutMilliseconds: 10_000).check(command)
        return target
    }

    func text(_ name: String) throws -> String {
        String(decoding: try Files.read(self(name), byteCountMax: 1 << 20), as: UTF8.self)
    }

    func exists(_ name: String) throws -> Bool { try Files.kind(of: self(name)) != nil }
}
