import ControllerAPI
import Synchronization
import TandemModel

/// How much of which image each server has asked for: what a push has come to.
final class SentImages: Sendable {
    private struct Key: Hashable {
        var server: ServerName
        var image: Digest
    }

    private let pushes = Mutex<[Key: (end: UInt64, askedAt: WallTime)]>([:])

    /// The server has asked for the bytes before `end`.
    func note(_ server: ServerName, _ image: Digest, end: UInt64) {
        pushes.withLock { $0[Key(server: server, image: image)] = (end, wallNow()) }
    }

    /// Of the images that the library holds; what it holds no more is forgotten.
    func all(byteCounts: [Digest: UInt64]) -> [ImagePush] {
        pushes.withLock { pushes in
            pushes = pushes.filter { byteCounts[$0.key.image] != nil }
            return pushes.compactMap { key, push in
                byteCounts[key.image].map { byteCount in
                    ImagePush(
                        server: key.server,
                        image: key.image,
                        offset: min(push.end, byteCount),
                        byteCount: byteCount,
                        askedAt: push.askedAt
                    )
                }
            }
        }
    }
}
