import COpenSSL
import Glibc
package import TandemModel

/// A SHA-256 computation that takes its bytes piece by piece.
package struct SHA256Hasher: ~Copyable {
    private let context: OpaquePointer?

    /// Starts an empty computation.
    package init() {
        context = EVP_MD_CTX_new()
        // Fails only without memory or without SHA-256 in the library: nothing can go on then.
        precondition(EVP_DigestInit_ex(context, EVP_sha256(), nil) == 1, "libcrypto has no SHA-256")
    }

    deinit { EVP_MD_CTX_free(context) }

    /// Adds bytes.
    package mutating func update(_ bytes: UnsafeRawBufferPointer) {
        guard let start = bytes.baseAddress, bytes.count > 0 else { return }
        precondition(EVP_DigestUpdate(context, start, bytes.count) == 1, "SHA-256 update")
    }

    /// Adds bytes.
    package mutating func update(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { update($0) }
    }

    /// Adds bytes; copies them first when they don't lie in one piece.
    package mutating func update(_ bytes: some Sequence<UInt8>) {
        let done: Void? = bytes.withContiguousStorageIfAvailable {
            update(UnsafeRawBufferPointer($0))
        }
        if done == nil { update(Array(bytes)) }
    }

    /// Ends the computation.
    package consuming func finish() -> Digest {
        var bytes = [UInt8](repeating: 0, count: 32)
        precondition(EVP_DigestFinal_ex(context, &bytes, nil) == 1, "SHA-256 end")
        return Digest(bytes: bytes) ?? .none
    }
}

/// The SHA-256 of bytes in memory.
package func sha256(_ bytes: [UInt8]) -> Digest {
    var hasher = SHA256Hasher()
    hasher.update(bytes)
    return hasher.finish()
}

/// The SHA-256 of everything behind an open file, from its first byte.
///
/// Reads with `pread`, so the descriptor's own position neither matters nor moves: what is hashed
/// here is what a child that inherits the same descriptor will read.
package func sha256(descriptor: Int32) throws(TandemError) -> Digest {
    var hasher = SHA256Hasher()
    let chunk = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 << 10, alignment: 16)
    defer { chunk.deallocate() }
    var offset: off_t = 0
    while true {
        let count = pread(descriptor, chunk.baseAddress, chunk.count, offset)
        if count < 0 && errno == EINTR { continue }
        guard count >= 0 else {
            throw TandemError(
                .fileUnavailable,
                "an open file can't be read for its SHA-256 at byte \(offset)",
                remedy: "Check the disk and the system log of this machine.",
                cause: String(cString: strerror(errno))
            )
        }
        guard count > 0 else { return hasher.finish() }
        hasher.update(UnsafeRawBufferPointer(rebasing: chunk[..<count]))
        offset += off_t(count)
    }
}
