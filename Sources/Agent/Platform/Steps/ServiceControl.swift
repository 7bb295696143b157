package import TandemModel
import TandemSpawn

/// Starts, stops and asks after services, by `systemctl` or an executable called the same way.
package struct ServiceControl: Sendable {
    /// What is called when the configuration names nothing.
    package static let systemctl = "/usr/bin/systemctl"

    private let program: String
    private let environment: [String]

    /// `nil`: systemctl.
    init(program: String?, environment: [String]) {
        self.program = program ?? Self.systemctl
        self.environment = environment
    }

    /// `nil` when the service runs now.
    package func start(
        _ service: String,
        limitMilliseconds: UInt64
    ) throws(TandemError) -> TandemFailure? {
        // systemd refuses a start that comes too often; what is tried again on purpose is no crash loop.
        if program == Self.systemctl { _ = try run(["reset-failed", service], limitMilliseconds) }
        return try change("start", service, limitMilliseconds)
    }

    /// `nil` when the service does not run any more.
    package func stop(
        _ service: String,
        limitMilliseconds: UInt64
    ) throws(TandemError) -> TandemFailure? {
        try change("stop", service, limitMilliseconds)
    }

    /// Has the server rebooted in good order; `nil` when it is under way.
    package func reboot(limitMilliseconds: UInt64) throws(TandemError) -> TandemFailure? {
        let end = try run(["reboot"], limitMilliseconds)
        guard end.isTimedOut || !end.ending.isSuccess else { return nil }
        let how = end.isTimedOut ? "did not end in time" : "\(end.ending)"
        return TandemFailure(
            code: ErrorCode.serviceFailed.id,
            message: "reboot of the server failed: \(how)",
            remedy: "Reboot it by hand, or see why it can't.",
            diagnostic: end.tail
        )
    }

    /// Whether the service runs: `is-active` answers 0.
    package func isActive(
        _ service: String,
        limitMilliseconds: UInt64 = 10_000
    ) throws(TandemError) -> Bool {
        try run(["is-active", service], limitMilliseconds).ending.isSuccess
    }

    private func change(
        _ verb: String,
        _ service: String,
        _ limitMilliseconds: UInt64
    ) throws(TandemError) -> TandemFailure? {
        let end = try run([verb, service], limitMilliseconds)
        guard end.isTimedOut || !end.ending.isSuccess else { return nil }
        let how = end.isTimedOut ? "did not end in time" : "\(end.ending)"
        return TandemFailure(
            code: ErrorCode.serviceFailed.id,
            message: "\(verb) of service \(service) failed: \(how)",
            remedy: "See the service's own log on this server.",
            diagnostic: end.tail
        )
    }

    private func run(
        _ words: [String],
        _ limitMilliseconds: UInt64
    ) throws(TandemError) -> WatchedChild.End {
        try WatchedChild.run(
            ChildCommand(
                program,
                words,
                environment: ChildCommand.plainEnvironment + environment
            ),
            limitMilliseconds: limitMilliseconds
        )
    }
}
