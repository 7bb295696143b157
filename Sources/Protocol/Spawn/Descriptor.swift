package import Glibc
package import TandemModel

/// An open file descriptor, closed when the last holder lets go; always closed on exec.
package final class Descriptor: Sendable {
    /// The kernel's number: good only while somebody holds this object.
    ///
    /// The last holder may be let go right after its last *use*, before the end of its scope; where
    /// only the number is used from then on, put `withExtendedLifetime` around that.
    package let number: Int32

    /// Takes over an open descriptor; nobody else may close it from now on.
    package init(owning number: Int32) { self.number = number }

    deinit { _ = close(number) }

    /// A pipe whose both ends are closed on exec and block.
    package static func pipe() throws(TandemError) -> (reading: Descriptor, writing: Descriptor) {
        var ends: [Int32] = [-1, -1]
        let answer = GNUFunctions.pipe?(&ends, O_CLOEXEC)
        guard answer == 0 else {
            throw systemFailure(answer == nil ? ENOSYS : errno, doing: "open a pipe", path: "")
        }
        return (Descriptor(owning: ends[0]), Descriptor(owning: ends[1]))
    }

    /// Opens a path; `O_CLOEXEC` is always added.
    ///
    /// `neededByteCount` is what a full disk's message will ask for.
    package static func open(
        _ path: String,
        flags: Int32,
        mode: mode_t = 0o600,
        neededByteCount: UInt64 = 0
    ) throws(TandemError) -> Descriptor {
        let number = retryingInterrupts { Glibc.open(path, flags | O_CLOEXEC, mode) }
        guard number >= 0 else {
            throw systemFailure(
                errno,
                doing: "open",
                path: path,
                neededByteCount: neededByteCount
            )
        }
        return Descriptor(owning: number)
    }

    /// A second descriptor of the same open file, numbered `minimum` or above.
    package func duplicate(from minimum: Int32 = 3) throws(TandemError) -> Descriptor {
        let copy = fcntl(number, F_DUPFD_CLOEXEC, minimum)
        guard copy >= 0 else {
            throw systemFailure(errno, doing: "duplicate descriptor \(number)", path: "")
        }
        return Descriptor(owning: copy)
    }

    /// Makes reads and writes of this open file answer `EAGAIN` where they would wait.
    package func stopBlocking() throws(TandemError) {
        let flags = fcntl(number, F_GETFL)
        guard flags >= 0, fcntl(number, F_SETFL, flags | O_NONBLOCK) == 0 else {
            throw systemFailure(errno, doing: "change descriptor \(number)", path: "")
        }
    }

    /// One `read`; `EINTR` is retried.
    package func readOnce(into buffer: UnsafeMutableRawBufferPointer) -> ReadOutcome {
        let count = retryingInterrupts { Glibc.read(number, buffer.baseAddress, buffer.count) }
        if count > 0 { return .bytes(count) }
        if count == 0 { return .end }
        let failure = errno
        return failure == EAGAIN || failure == EWOULDBLOCK ? .wouldBlock : .failed(failure)
    }

    /// Fills the buffer from a position of the file; answers fewer bytes only at the file's end.
    package func read(
        into buffer: UnsafeMutableRawBufferPointer,
        at position: UInt64,
        path: String
    ) throws(TandemError) -> Int {
        var filled = 0
        while filled < buffer.count {
            let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[filled...])
            let offset = off_t(position) + off_t(filled)
            let count = retryingInterrupts { pread(number, rest.baseAddress, rest.count, offset) }
            guard count >= 0 else { throw systemFailure(errno, doing: "read", path: path) }
            guard count > 0 else { break }
            filled += count
        }
        return filled
    }

    /// Writes all bytes; `path` and `neededByteCount` only name the file in an error.
    package func writeAll(
        _ bytes: UnsafeRawBufferPointer,
        path: String,
        neededByteCount: UInt64 = 0
    ) throws(TandemError) {
        var written = 0
        while written < bytes.count {
            let rest = UnsafeRawBufferPointer(rebasing: bytes[written...])
            let count = retryingInterrupts { Glibc.write(number, rest.baseAddress, rest.count) }
            guard count >= 0 else {
                let needed = max(neededByteCount, UInt64(bytes.count))
                throw systemFailure(
                    errno,
                    doing: "write",
                    path: path,
                    neededByteCount: needed
                )
            }
            written += count
        }
    }

    /// Waits until the disk holds what was written (fsync); any error is final.
    package func sync(path: String, neededByteCount: UInt64 = 0) throws(TandemError) {
        guard retryingInterrupts({ fsync(number) }) == 0 else {
            throw systemFailure(
                errno,
                doing: "sync",
                path: path,
                neededByteCount: neededByteCount
            )
        }
    }

    /// Type, mode and size of the open file.
    package func attributes(path: String) throws(TandemError) -> stat {
        var attributes = stat()
        guard fstat(number, &attributes) == 0 else {
            throw systemFailure(errno, doing: "examine", path: path)
        }
        return attributes
    }
}

/// What one `read` gave.
package enum ReadOutcome: Hashable, Sendable {
    case bytes(Int)
    /// End of file, or every writer of the pipe is gone.
    case end
    /// Nothing there now.
    case wouldBlock
    /// The `errno`.
    case failed(Int32)
}

/// Repeats a system call while a signal interrupts it.
func retryingInterrupts<Value: SignedInteger>(_ call: () -> Value) -> Value {
    while true {
        let value = call()
        if value != -1 || errno != EINTR { return value }
    }
}
