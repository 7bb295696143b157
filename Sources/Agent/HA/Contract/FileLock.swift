import Glibc
package import TandemModel
package import TandemSpawn

/// A lock of the kernel's on a file: whoever opened it lets go when the last descriptor is closed, also
/// by dying.
package struct FileLock: Sendable {
    /// Who else may have it.
    package enum Mode: Sendable {
        case exclusive
        case shared
    }

    /// Passed on to a child, it keeps the lock as long as that child lives.
    package let descriptor: Descriptor

    /// Takes the lock; `nil` where somebody else keeps it until the deadline.
    package init?(
        _ path: String,
        _ mode: Mode,
        within deadline: CallDeadline
    ) throws(TandemError) {
        try Files.createDirectory(Files.parent(of: path))
        let file = try Descriptor.open(path, flags: O_RDWR | O_CREAT | O_NOFOLLOW)
        let operation = (mode == .exclusive ? LOCK_EX : LOCK_SH) | LOCK_NB
        let isOurs = try deadline.waits { () throws(TandemError) in
            if flock(file.number, operation) == 0 { return true }
            let number = errno
            guard number == EWOULDBLOCK || number == EINTR else {
                throw systemFailure(number, doing: "lock", path: path)
            }
            return false
        }
        guard isOurs else { return nil }
        descriptor = file
    }

    /// Lets go before the last descriptor is closed.
    package func release() throws(TandemError) {
        guard flock(descriptor.number, LOCK_UN) == 0 else {
            throw systemFailure(errno, doing: "unlock", path: "")
        }
    }
}
