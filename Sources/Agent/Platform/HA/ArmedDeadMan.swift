package import TandemModel
import TandemSpawn

/// The file that arms a dead-man: as long as it names that guard, the guard will act.
package struct ArmedDeadMan: Hashable, Sendable {
    package var failover: FailoverID
    /// On CLOCK_BOOTTIME of `boot`.
    package var deadline: Tick
    package var boot: BootID
    /// The guard.
    package var process: ProcessMark

    /// A dead-man that waits.
    package init(
        failover: FailoverID,
        deadline: Tick,
        boot: BootID,
        process: ProcessMark
    ) {
        self.failover = failover
        self.deadline = deadline
        self.boot = boot
        self.process = process
    }

    // MARK: - On disk

    private static func path(_ failover: FailoverID, in state: StateFolder) -> String {
        "\(state.guards)/dead-man-\(failover)"
    }

    /// The one that is armed for a failover; `nil` when there is none, or its file says nothing.
    package static func read(_ failover: FailoverID, in state: StateFolder) -> ArmedDeadMan? {
        guard let bytes = try? Files.read(path(failover, in: state), byteCountMax: 4096),
            let file = try? KeyValueFile(bytes),
            let deadline = (try? file.value("deadline")).flatMap({ UInt64($0) }),
            let boot = (try? file.value("boot")).flatMap({ BootID($0) }),
            let process = (try? file.value("process")).flatMap({ ProcessMark(text: $0) })
        else { return nil }
        return ArmedDeadMan(
            failover: failover,
            deadline: Tick(milliseconds: deadline),
            boot: boot,
            process: process
        )
    }

    /// Arms; on disk when it returns.
    package func write(in state: StateFolder) throws(TandemError) {
        let text = """
            deadline = \(deadline.milliseconds)
            boot = \(boot)
            process = \(process.text)

            """
        try Files.replace(Self.path(failover, in: state), with: Array(text.utf8))
    }

    /// Disarms: a guard that has not begun to act will not.
    package static func remove(
        _ failover: FailoverID,
        in state: StateFolder
    ) throws(TandemError) {
        try Files.removeFile(path(failover, in: state))
        try Files.syncDirectory(state.guards)
        try Files.removeFile(outcomePath(failover, in: state))
    }

    // MARK: - What came of it

    private static func outcomePath(_ failover: FailoverID, in state: StateFolder) -> String {
        "\(state.guards)/dead-man-\(failover).outcome"
    }

    /// What the guard last reported; `nil` before it has acted.
    package static func outcome(
        _ failover: FailoverID,
        in state: StateFolder
    ) -> TakeBackOutcome? {
        guard let bytes = try? Files.read(outcomePath(failover, in: state), byteCountMax: 4096)
        else { return nil }
        return TakeBackOutcome(text: String(decoding: bytes, as: UTF8.self))
    }

    static func report(
        _ outcome: TakeBackOutcome,
        _ failover: FailoverID,
        in state: StateFolder
    ) throws(TandemError) {
        try Files.replace(outcomePath(failover, in: state), with: Array(outcome.text.utf8))
    }
}
