import ControllerAudit
import ControllerStore
import Foundation
import Glibc
import Logging
import ServiceLifecycle
import TandemCrypto
import TandemModel

/// Signs the newest row of the audit again and again, and lets each signed head leave this machine
/// in the log: who changes a row later is found out by whoever kept a head.
package struct AuditSealer: Service {
    /// When a head is due.
    struct Pace: Sendable {
        /// Rows that are signed at once, without waiting.
        var rowCount: UInt64 = 1000
        /// The longest that a row stays unsigned.
        var time = Duration.seconds(60)
        /// How often is looked.
        var look = Duration.seconds(1)
    }

    let store: any NetworkStore
    let key: AuditKey
    let folder: String
    let logger: Logger
    var pace = Pace()

    /// A sealer with the key of this folder, which it makes where there is none.
    init(store: any NetworkStore, folder: String, pace: Pace = Pace(), logger: Logger) throws {
        self.store = store
        self.key = try AuditKey(folder: folder)
        self.folder = folder
        self.pace = pace
        self.logger = logger
    }

    package func run() async throws {
        logger.notice("the audit is signed", metadata: ["key": "\(key.text)"])
        await checkNewestHead()
        await cancelWhenGracefulShutdown {
            let clock = ContinuousClock()
            var oldest: ContinuousClock.Instant?
            while !Task.isCancelled {
                try? await clock.sleep(for: pace.look)
                oldest = await look(oldest, now: clock.now)
            }
        }
        _ = await seal()
    }

    /// Signs if it is time; returns since when something waits to be signed.
    private func look(
        _ oldest: ContinuousClock.Instant?,
        now: ContinuousClock.Instant
    ) async -> ContinuousClock.Instant? {
        guard let count = try? await unsignedCount(), count > 0 else { return nil }
        let since = oldest ?? now
        guard count >= pace.rowCount || now - since >= pace.time else { return since }
        return await seal() ? nil : since
    }

    private func unsignedCount() async throws -> UInt64 {
        let tip = try await store.auditTip()
        let signed = try await store.newestAuditHead()?.count ?? 0
        return tip.count > signed ? tip.count - signed : 0
    }

    /// Signs the newest row if that is not done; whether all is well.
    func seal() async -> Bool {
        do {
            let tip = try await store.auditTip()
            guard tip.count > (try await store.newestAuditHead()?.count ?? 0) else { return true }
            let head = try AuditHead(tip, at: wallNow(), by: key.key)
            try await store.addAuditHead(head)
            logger.notice(
                "audit head",
                metadata: [
                    "count": "\(head.count)", "hash": "\(head.hash)",
                    "time": "\(head.time.milliseconds)", "key": "\(head.key)",
                    "signature": "\(head.signature)",
                ]
            )
            try append(head)
            return true
        } catch {
            logger.error("the audit could not be signed", metadata: ["error": "\(error)"])
            return false
        }
    }

    /// Beside the store, so that a copy is as easy as one of a file.
    private func append(_ head: AuditHead) throws {
        let path = "\(folder)/audit-heads"
        let bytes = try AuditLine.head(head).bytes
        let file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0o600)
        defer { if file >= 0 { close(file) } }
        guard file >= 0, write(file, bytes, bytes.count) == bytes.count, fsync(file) == 0 else {
            throw TandemError(
                .fileUnavailable,
                "\(path) can't be written",
                remedy: "Let the controller's user own it, on a disk with space left.",
                cause: String(cString: strerror(errno))
            )
        }
    }

    /// What was signed last must still stand.
    ///
    /// If it does not, the network goes on: people must be told, not left without upgrades.
    private func checkNewestHead() async {
        guard let head = try? await store.newestAuditHead() else { return }
        let row = try? await store.auditEntries(after: head.count - 1, limit: 1).first
        guard head.isSigned(by: key.key.publicKey), row?.row == head.count, row?.hash == head.hash
        else {
            logger.critical(
                "the audit was altered while this controller was away",
                metadata: [
                    "code": "\(ErrorCode.auditBroken.id)", "signed-row": "\(head.count)",
                    "remedy": "Export it and run `tandem audit verify`; keep the store's file.",
                ]
            )
            return
        }
    }
}
