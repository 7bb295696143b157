import Glibc

/// Signals without handlers: they stay blocked, and the loop asks for them each turn.
///
/// So nothing runs between two instructions of the agent. The loop's turns bound how late a signal
/// is seen: one second.
struct Signals {
    private var wanted = sigset_t()

    /// Blocks SIGTERM, SIGINT and SIGHUP and ignores SIGPIPE; children start with none of that.
    init() {
        sigemptyset(&wanted)
        for signal in [SIGTERM, SIGINT, SIGHUP] { sigaddset(&wanted, signal) }
        pthread_sigmask(SIG_BLOCK, &wanted, nil)
        signal(SIGPIPE, SIG_IGN)
    }

    /// Whether somebody asked the agent to end since the last call; SIGHUP is taken and ignored.
    mutating func isEndAsked() -> Bool {
        var now = timespec()
        while true {
            let number = sigtimedwait(&wanted, nil, &now)
            if number == SIGTERM || number == SIGINT { return true }
            if number <= 0 { return false }
        }
    }
}
