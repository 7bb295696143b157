import NIOCore
import TandemCrypto
import TandemModel

extension TLSEngine {
    /// Decrypts until `buffer` has no space left (`.bytes`) or the engine has nothing more.
    func fill(_ buffer: inout ByteBuffer) -> ReadOutcome {
        var outcome = ReadOutcome.needsBytes
        repeat {
            buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: 0) { space in
                outcome = read(into: space)
                if case .bytes(let count) = outcome { return count }
                return 0
            }
            guard case .bytes = outcome else { return outcome }
        } while buffer.writableBytes > 0
        return outcome
    }

    /// How a stream that brings no more bytes ends.
    func readNothing() -> ReadOutcome {
        var scrap = ByteBufferAllocator().buffer(capacity: 1024)
        var outcome = fill(&scrap)
        while case .bytes = outcome {
            scrap.clear()
            outcome = fill(&scrap)
        }
        return outcome
    }

    /// Encrypts from the front of `buffer`; answers how many bytes it accepted.
    func write(from buffer: ByteBuffer) throws(TandemError) -> Int {
        let accepted = buffer.withUnsafeReadableBytes { bytes in
            Result { () throws(TandemError) in try write(bytes) }
        }
        return try accepted.get()
    }
}

extension TandemError {
    static func stuck(_ remoteName: String) -> TandemError {
        TandemError(
            .protocolViolation,
            "\(remoteName) makes this side answer faster than it listens",
            remedy: "Look for a broken proxy or a foreign program at that address."
        )
    }

    static func tooMuchEarly(_ remoteName: String) -> TandemError {
        TandemError(
            .unreachable,
            "more than \(TLSChannelHandler.earlyByteCountMax) bytes wait for \(remoteName) to "
                + "finish the TLS handshake",
            remedy: "Look whether that machine is overloaded or the line loses packets."
        )
    }
}
