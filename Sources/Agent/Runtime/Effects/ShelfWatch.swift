import AgentPlatform
import TandemImage
import TandemModel
import TandemSpawn

/// Notices that a file of a staged release is gone or has changed (70505).
///
/// A look at names, sizes and times costs next to nothing and is taken often; a release is read and
/// hashed only when that look differs, and once a day for what changes without a trace. One release
/// is read at a time.
final class ShelfWatch {
    private static let lookMilliseconds: UInt64 = 10_000
    private static let readMilliseconds: UInt64 = 24 * 60 * 60_000

    /// What a release's files looked like when they were last read.
    private struct Reading {
        var stamp: Int
        var at: Tick
    }

    private let server: LocalServer
    private let loop: PollLoop
    /// The manifests of the releases that are to be here.
    private let staged: () -> [Digest]
    /// What was read of a manifest when it came, or when this process began.
    private let manifest: (Digest) -> ReleaseManifest?
    /// Reads one; answers by ``beganReading(_:)`` and ``endedReading(_:)``.
    private let read: (Digest) -> Void
    private var readings: [Digest: Reading] = [:]
    private var openCount = 0

    init(
        _ server: LocalServer,
        loop: PollLoop,
        staged: @escaping () -> [Digest],
        manifest: @escaping (Digest) -> ReleaseManifest?,
        read: @escaping (Digest) -> Void
    ) {
        self.server = server
        self.loop = loop
        self.staged = staged
        self.manifest = manifest
        self.read = read
    }

    /// Looks from now on.
    func begin() {
        loop.at(MachineClock.bootTime() + Self.lookMilliseconds) { [weak self] in
            self?.look()
            self?.begin()
        }
    }

    private func look() {
        let digests = staged()
        readings = readings.filter { digests.contains($0.key) }
        guard openCount == 0 else { return }
        let now = MachineClock.bootTime()
        let due = digests.first { digest in
            guard let last = readings[digest] else { return true }
            return last.stamp != stamp(of: digest)
                || now.since(last.at) >= Self.readMilliseconds
        }
        if let due { read(due) }
    }

    /// Somebody, not always this watch, begins to read a release.
    func beganReading(_ digest: Digest) {
        openCount += 1
        // Taken before the first byte: what changes meanwhile is read again.
        readings[digest] = Reading(stamp: stamp(of: digest), at: MachineClock.bootTime())
    }

    func endedReading() { openCount -= 1 }

    /// What was just staged has been read while it came.
    func accept(_ digest: Digest) {
        readings[digest] = Reading(stamp: stamp(of: digest), at: MachineClock.bootTime())
    }

    /// Equal as long as nobody wrote, replaced or removed a file of that release.
    private func stamp(of digest: Digest) -> Int {
        var hasher = Hasher()
        for path in server.store.paths(of: digest, manifest(digest)) {
            hasher.combine(ConfigurationStamp(path))
        }
        return hasher.finalize()
    }
}
