import AgentCore
import TandemModel
import TandemSpawn

extension StepExecutor {
    /// How long a question to a hook may take.
    private static let questionMilliseconds: UInt64 = 30_000

    func runHook(named name: String?) throws(TandemError) -> TandemFailure? {
        let hook = try namedHook(name)
        let end = try server.hooks.run(
            hook,
            Array(run.definition.arguments.dropFirst()),
            environment: hookEnvironment,
            limitMilliseconds: hardLimitMilliseconds
        )
        guard end.isTimedOut || !end.ending.isSuccess else { return nil }
        let how = end.isTimedOut ? "did not end within its limit and was ended" : "\(end.ending)"
        return TandemFailure(
            code: end.isTimedOut ? ErrorCode.limitExceeded.id : ErrorCode.hookFailed.id,
            message: "hook \(hook.file) of \(author.release): \(how)",
            remedy: "Read the hook's own words; then Try Again or go back.",
            diagnostic: end.tail
        )
    }

    /// Asks the hook itself; one that is marked repeatable may run again and is not asked.
    func observeHook(
        named name: String?,
        recorded: StepResult?
    ) throws(TandemError) -> StepObservation {
        let hook = try namedHook(name)
        if hook.isRepeatable { return recorded == .succeeded ? .reached : .unchanged }
        let end = try server.hooks.run(
            hook,
            ["--observe"] + run.definition.arguments.dropFirst(),
            environment: hookEnvironment,
            limitMilliseconds: Self.questionMilliseconds
        )
        guard !end.isTimedOut else { return .unknown }
        return switch end.ending {
        case .exited(0): .reached
        case .exited(1): .unchanged
        case .exited, .signalled: .unknown
        }
    }

    private func namedHook(_ name: String?) throws(TandemError) -> HookEntry {
        guard let name else {
            throw TandemError(
                .manifestInvalid,
                "step \(run.definition.name) of \(author.release) names no hook",
                remedy: "Build the image again with the hook's name in the step."
            )
        }
        return try author.hook(name)
    }

    private var hookEnvironment: [String] {
        [
            "TANDEM_DIRECTION=\(run.direction.rawValue)",
            "TANDEM_RELEASE=\(run.target.release.version)",
            "TANDEM_PREVIOUS_RELEASE=\(run.source?.release.version ?? "")",
        ]
    }
}
