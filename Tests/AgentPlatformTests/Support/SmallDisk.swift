import Glibc
import TandemModel
import TandemSpawn

/// A small file system of its own, mounted in the namespace of a child and reached through `/proc`.
final class SmallDisk {
    let path: String
    private let child: ChildProcess

    /// What starts a program that sees the disk at its own place.
    var launcher: [String] {
        ["/usr/bin/nsenter", "-U", "--preserve-credentials", "-m", "-t", String(child.processID)]
    }

    /// A disk at a folder that is there; `nil` where this machine lets nobody make namespaces.
    init?(byteCount: Int, at folder: String = "/mnt") throws {
        let script =
            "mount -t tmpfs -o size=\(byteCount) tmpfs \(folder) && echo ready; exec sleep 600"
        child = try ChildProcess.start(
            ChildCommand("/usr/bin/unshare", ["-rm", "/bin/sh", "-c", script])
        )
        path = "/proc/\(child.processID)/root\(folder)"
        var said: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 64)
        let limit = MachineClock.monotonic() + 20_000
        while said.isEmpty, limit.since(MachineClock.monotonic()) > 0 {
            guard let pipe = child.standardOutput else { break }
            let outcome = chunk.withUnsafeMutableBytes { pipe.readOnce(into: $0) }
            if case .bytes(let count) = outcome { said += chunk[..<count] }
            if case .end = outcome { break }
            _ = poll(nil, 0, 2)
        }
        guard said.starts(with: Array("ready".utf8)) else {
            end()
            return nil
        }
    }

    deinit { end() }

    private func end() {
        child.signalAll(SIGKILL)
        let limit = MachineClock.monotonic() + 5000
        while child.tryWait() == nil, limit.since(MachineClock.monotonic()) > 0 {
            _ = poll(nil, 0, 1)
        }
    }
}
