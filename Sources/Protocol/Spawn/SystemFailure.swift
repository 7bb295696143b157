import Glibc
package import TandemModel

/// The error an operator sees for a failed system call on a path.
///
/// A full disk or quota becomes `diskFull` and names the bytes that were needed (0: unknown).
package func systemFailure(
    _ number: Int32,
    doing verb: String,
    path: String,
    neededByteCount: UInt64 = 0
) -> TandemError {
    let cause = "errno \(number): \(String(cString: strerror(number)))"
    let what = path.isEmpty ? verb : "\(verb) \(path)"
    switch number {
    case ENOSPC, EDQUOT:
        let needed = neededByteCount == 0 ? "" : "; \(neededByteCount) bytes are needed"
        return TandemError(
            .diskFull,
            "no space to \(what)\(needed)",
            remedy: "Free space on the file system that holds \(path), then try again.",
            cause: cause
        )
    case EMFILE, ENFILE, ENOMEM, EAGAIN:
        return TandemError(
            .fileUnavailable,
            "can't \(what): the system is out of resources",
            remedy: "See what uses up the machine's memory, processes or open files.",
            cause: cause
        )
    case _:
        return TandemError(
            .fileUnavailable,
            "can't \(what)",
            remedy: "Check that the path exists and may be used by this program.",
            cause: cause
        )
    }
}
