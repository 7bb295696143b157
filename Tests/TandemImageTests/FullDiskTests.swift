import Glibc
import TandemImage
import TandemModel
import TandemSpawn
import Testing

/// A small file system of its own, mounted in the namespace of a child and reached through `/proc`.
private final class SmallDisk {
    let path: String
    private let child: ChildProcess

    /// `nil` where this machine lets nobody make namespaces.
    init?(byteCount: Int) throws {
        let script =
            "mount -t tmpfs -o size=\(byteCount) tmpfs /mnt && echo ready && exec sleep 600"
        child = try ChildProcess.start(
            ChildCommand("/usr/bin/unshare", ["-rm", "/bin/sh", "-c", script])
        )
        path = "/proc/\(child.processID)/root/mnt"
        var isReady = false
        var chunk = [UInt8](repeating: 0, count: 64)
        let limit = MachineClock.monotonic() + 20_000
        while !isReady, limit.since(MachineClock.monotonic()) > 0 {
            guard let pipe = child.standardOutput else { break }
            let outcome = chunk.withUnsafeMutableBytes { pipe.readOnce(into: $0) }
            if case .bytes = outcome { isReady = true }
            if case .end = outcome { break }
            _ = poll(nil, 0, 2)
        }
        guard isReady else {
            end()
            return nil
        }
    }

    deinit { end() }

    private func end() {
        child.signalAll(SIGKILL)
        let limit = MachineClock.monotonic() + 20_000
        while child.tryWait() == nil, limit.since(MachineClock.monotonic()) > 0 {
            _ = poll(nil, 0, 1)
        }
    }

    static let isPossible: Bool = (try? SmallDisk(byteCount: 1_000_000)) != nil
}

@Suite(
    .enabled(
        if: SmallDisk.isPossible,
        "needs `unshare -rm` (user namespaces) to mount a small tmpfs"
    )
)
struct FullDiskTests {
    @Test func `too little room is told before anything is written`() throws {
        let workshop = try Workshop()
        let payload = [UInt8](repeating: 5, count: 3_000_000)
        let path = try workshop.image(
            "a.iso",
            packagePaths: [workshop.deb("app", "2.0", payload: payload)]
        )
        let image = try verifyImage(at: path, trust: workshop.trust)
        let disk = try #require(try SmallDisk(byteCount: 2_000_000))
        let store = try BlobStore(directory: "\(disk.path)/store")

        let accepting = failure {
            _ = try store.accept(imageAt: path, trust: workshop.trust)
        }
        #expect(accepting?.code == .diskFull)
        let needed = image.manifest.allContents.reduce(0) { $0 + $1.byteCount }
        #expect(accepting?.message.contains("\(needed) bytes are needed") == true)
        #expect(accepting?.message.contains("\(disk.path)/store/blobs") == true)
        #expect(try store.heldByteCount() == 0)

        let staging = failure { _ = try PartialImage(image.offer, in: store) }
        #expect(staging?.code == .diskFull)
        #expect(staging?.message.contains("\(2 * image.byteCount) bytes are needed") == true)
        #expect(try Files.list("\(store.directory)/images").isEmpty)
    }

    @Test func `a disk that fills up while writing leaves nothing half done`() throws {
        let workshop = try Workshop()
        let payload = [UInt8](repeating: 5, count: 3_000_000)
        let path = try workshop.image(
            "a.iso",
            packagePaths: [workshop.deb("app", "2.0", payload: payload)]
        )
        let image = try verifyImage(at: path, trust: workshop.trust)
        let disk = try #require(try SmallDisk(byteCount: 8_000_000))
        let store = try BlobStore(directory: "\(disk.path)/store")
        let partial = try PartialImage(image.offer, in: store)
        let bytes = try read(path)
        // Somebody else takes the room meanwhile.
        let other = "\(disk.path)/other"
        try Files.replace(other, with: [UInt8](repeating: 1, count: 6_500_000))

        let writing = failure { try partial.append(bytes, at: 0) }
        #expect(writing?.code == .diskFull)
        #expect(writing?.message.contains("\(image.byteCount) bytes are needed") == true)
        #expect(writing?.remedy.contains(disk.path) == true)

        let replacing = failure {
            try Files.replace("\(disk.path)/x", with: [UInt8](repeating: 1, count: 4_000_000))
        }
        #expect(replacing?.code == .diskFull)
        #expect(try Files.list(disk.path) == ["other", "store"])

        try Files.removeFile(other)
        let again = try PartialImage(image.offer, in: store)
        try again.append(Array(bytes[Int(again.byteCount)...]), at: again.byteCount)
        #expect(try again.accept(trust: workshop.trust) == image)
        try store.check(image.manifest)
    }
}
