import AgentCore
import AgentPlatform
import Glibc
import TandemModel
import TandemSpawn
import TandemWire

extension EffectRunner {
    private static let checksMilliseconds: UInt64 = 15 * 60_000
    private static let verifyMilliseconds: UInt64 = 30 * 60_000
    private static let applyMilliseconds: UInt64 = 2 * 60_000

    func runChecks(_ id: CommandID, _ target: ReleaseManifest, _ source: ReleaseManifest?) {
        work(
            .checks(target: target, source: source, facts()),
            limitMilliseconds: Self.checksMilliseconds
        ) { [weak self] answer in
            guard let self else { return }
            if case .checks(let results) = answer {
                emit(.checked(id, results))
                return
            }
            let failure = failure(answer)
            emit(
                .checked(
                    id,
                    [
                        CheckResult(
                            name: "checks",
                            level: .unknown,
                            text: failure.message,
                            remedy: failure.remedy
                        )
                    ]
                )
            )
        }
    }

    func verifyRelease(_ digest: Digest) {
        shelf?.beganReading(digest)
        work(.verifyRelease(digest), limitMilliseconds: Self.verifyMilliseconds) {
            [weak self] answer in
            guard let self else { return }
            shelf?.endedReading()
            if case .failure(let failure) = answer {
                emit(.releaseVerified(digest, failure))
            } else {
                emit(.releaseVerified(digest, failure(answer)))
            }
        }
    }

    func apply(_ id: CommandID, _ version: ConfigurationVersion, _ schema: ConfigurationSchema) {
        work(
            .applyConfiguration(version, schema),
            limitMilliseconds: Self.applyMilliseconds
        ) { [weak self] answer in
            guard let self else { return }
            if case .failure(let failure) = answer {
                emit(.configurationApplied(id, version, failure))
            } else {
                emit(.configurationApplied(id, version, failure(answer)))
            }
        }
    }

    // MARK: - Logs

    /// Bytes of the package system's log that are worth sending.
    private static let packageLogByteCount = 64 * 1024

    /// Sends one text in parts: what the journal is, what the HA driver said last, the agent's newest
    /// lines, the package system's newest lines.
    ///
    /// Pages find a part by its head.
    func collectLogs(_ id: CommandID) {
        var text = Array("== journal ==\n\(summary())\n== HA driver ==\n".utf8)
        text += observer.driverWords + Array("\n== agent ==\n".utf8) + log.tail
        text += Array("\n== \(server.packages.log) ==\n".utf8)
        text += Self.tail(of: server.packages.log, byteCount: Self.packageLogByteCount)
        var messages: [AgentMessage] = []
        for start in stride(from: 0, to: text.count, by: WireLimit.logChunk) {
            let end = min(start + WireLimit.logChunk, text.count)
            messages.append(
                .logChunk(
                    id,
                    offset: UInt64(start),
                    bytes: Array(text[start..<end]),
                    isLast: end == text.count
                )
            )
        }
        send(messages)
        emit(.logsCollected(id, nil))
    }

    private static func tail(of path: String, byteCount: Int) -> [UInt8] {
        guard let file = try? Descriptor.open(path, flags: O_RDONLY),
            let size = (try? file.attributes(path: path))?.st_size
        else { return Array("(none)\n".utf8) }
        let start = max(0, Int(size) - byteCount)
        var bytes = [UInt8](repeating: 0, count: Int(size) - start)
        let count = bytes.withUnsafeMutableBytes { buffer in
            (try? file.read(into: buffer, at: UInt64(start), path: path)) ?? 0
        }
        return Array(bytes.prefix(count))
    }
}
