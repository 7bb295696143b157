import Glibc
import TandemModel
import TandemSpawn

func shell(_ script: String) -> ChildCommand { ChildCommand("/bin/sh", ["-c", script]) }

/// A folder of its own for one test, removed with all in it.
final class TemporaryFolder {
    let path: String

    init() throws {
        var template = Array("/tmp/tandem-spawn-XXXXXX".utf8CString)
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
}

/// Where this process's open descriptors lead, such as `pipe:[4711]`.
func openDescriptorTargets() throws -> Set<String> {
    var targets: Set<String> = []
    for name in try Files.list("/proc/self/fd") {
        if let target = linkTarget("/proc/self/fd/\(name)") { targets.insert(target) }
    }
    return targets
}

func linkTarget(_ path: String) -> String? {
    var buffer = [CChar](repeating: 0, count: 4096)
    let count = readlink(path, &buffer, buffer.count)
    guard count > 0 else { return nil }
    return String(decoding: buffer[..<count].map(UInt8.init(bitPattern:)), as: UTF8.self)
}

/// Waits for a condition by looking again, at most 20 s.
func eventually(_ condition: () throws -> Bool) rethrows -> Bool {
    let limit = MachineClock.monotonic() + 20_000
    while limit.since(MachineClock.monotonic()) > 0 {
        if try condition() { return true }
        _ = poll(nil, 0, 2)
    }
    return false
}

/// Everything in the pipe now and until its end, waiting at most 20 s.
func readToEnd(_ pipe: Descriptor?) -> [UInt8] {
    guard let pipe else { return [] }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 4096)
    _ = eventually {
        switch chunk.withUnsafeMutableBytes({ pipe.readOnce(into: $0) }) {
        case .bytes(let count):
            bytes += chunk[..<count]
            return false
        case .wouldBlock: return false
        case .end, .failed: return true
        }
    }
    return bytes
}

/// Runs the body and answers the `TandemError` it throws.
func failure(_ body: () throws -> Void) -> TandemError? {
    do {
        try body()
        return nil
    } catch {
        return error as? TandemError
    }
}
