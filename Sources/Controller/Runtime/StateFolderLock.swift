import Glibc
package import TandemModel

/// The right to use a state folder: held by one controller, for as long as its process lives.
///
/// The store's epoch ends an older controller only at its next write; this one never begins.
package final class StateFolderLock: Sendable {
    private let file: Int32

    /// Takes the lock in an existing folder.
    ///
    /// - Throws: `storeInUse` when another controller has it; `fileUnavailable`.
    package init(folder: String) throws(TandemError) {
        let path = "\(folder)/lock"
        file = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard file >= 0 else {
            throw TandemError(
                .fileUnavailable,
                "\(path) can't be written",
                remedy:
                    "Let the controller's user own the state folder, on a disk with space left.",
                cause: String(cString: strerror(errno))
            )
        }
        guard flock(file, LOCK_EX | LOCK_NB) == 0 else {
            close(file)
            throw TandemError(
                .storeInUse,
                "another tandem-controller uses the state folder \(folder)",
                remedy:
                    "End it (`fuser -v \(path)` names it), or give this one a folder of its own."
            )
        }
    }

    deinit { close(file) }
}
