import Glibc

/// How a child ended.
package enum ChildEnding: Hashable, Sendable, CustomStringConvertible {
    /// It exited by itself; 0 to 255.
    case exited(Int32)
    /// A signal ended it.
    case signalled(Int32)

    /// Reads the status word of `waitpid`.
    init(waitStatus: Int32) {
        let signal = waitStatus & 0x7f
        self = signal == 0 ? .exited((waitStatus >> 8) & 0xff) : .signalled(signal)
    }

    /// Whether it exited with 0.
    package var isSuccess: Bool { self == .exited(0) }

    /// Such as `exit status 3` or `ended by signal 9`.
    package var description: String {
        switch self {
        case .exited(let code): "exit status \(code)"
        case .signalled(let signal): "ended by signal \(signal)"
        }
    }
}
