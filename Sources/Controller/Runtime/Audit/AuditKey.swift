import Foundation
import Glibc
import TandemCrypto
import TandemModel

/// The key that signs the audit's heads: of its own, made at the first start, in the state folder.
struct AuditKey: Sendable {
    let key: Ed25519.PrivateKey
    /// Whether it was made just now.
    let isNew: Bool

    /// Reads `audit-key.pem` of a folder, or makes it (0600) together with `audit-key.pub`.
    init(folder: String) throws {
        let path = "\(folder)/audit-key.pem"
        if let pem = FileManager.default.contents(atPath: path) {
            key = try Ed25519.PrivateKey(pem: Array(pem))
            isNew = false
        } else {
            key = try .generate()
            isNew = true
            try Self.write(try key.pem(), to: path)
        }
        let pub = "\(folder)/audit-key.pub"
        guard !FileManager.default.fileExists(atPath: pub) else { return }
        try Self.write(Array("\(text)\n".utf8), to: pub)
    }

    /// The public half as it stands in `audit-key.pub`.
    var text: String { "tandem-audit-key " + Data(key.publicKey.rawBytes).base64EncodedString() }

    /// Written whole under another name first, so that half a key is never found.
    private static func write(_ bytes: [UInt8], to path: String) throws {
        let new = "\(path).new"
        unlink(new)
        let file = open(new, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw unwritable(path) }
        defer { close(file) }
        guard Glibc.write(file, bytes, bytes.count) == bytes.count, fsync(file) == 0,
            rename(new, path) == 0
        else { throw unwritable(path) }
    }

    private static func unwritable(_ path: String) -> TandemError {
        TandemError(
            .fileUnavailable,
            "\(path) can't be written",
            remedy: "Let the controller's user own the state folder, on a disk with space left.",
            cause: String(cString: strerror(errno))
        )
    }
}
