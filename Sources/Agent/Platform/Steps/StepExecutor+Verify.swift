import AgentCore
import Glibc
import TandemModel
import TandemSpawn

extension StepExecutor {
    private static let napMilliseconds: Int32 = 200

    /// Waits until the product answers the target's build id and its health check is content.
    func verify() -> TandemFailure? {
        let limit = MachineClock.monotonic() + limitMilliseconds
        while true {
            guard let problem = healthProblem() else { return postUpgradeFailure() }
            guard limit.since(MachineClock.monotonic()) > 0 else { return problem }
            progress(0, problem.message)
            _ = poll(nil, 0, Self.napMilliseconds)
        }
    }

    /// Where the operator's own checks were not seen to end, they are to run: again, if need be.
    func observeVerify(recorded: StepResult?) -> StepObservation {
        guard healthProblem() == nil else { return .unchanged }
        guard recorded == nil else { return .reached }
        let plugins = PluginChecks(server, surroundings(.postUpgrade)).plugins().plugins
        return plugins.isEmpty ? .reached : .unchanged
    }

    /// What the operator's own checks find where the release is up; on the way back they warn only,
    /// because that way must not depend on them.
    private func postUpgradeFailure() -> TandemFailure? {
        let results = PluginChecks(server, surroundings(.postUpgrade)).run { progress(99, $0) }
        let failure = Self.failure(of: results)
        guard run.direction == .back || run.isReturn else { return failure }
        if let failure { progress(99, "warning: \(failure.message)") }
        return nil
    }

    private func surroundings(_ phase: CheckPhase) -> CheckSurroundings {
        CheckSurroundings(
            phase,
            ha: server.driver.status().status,
            facts: facts,
            direction: run.direction,
            target: run.target.release,
            source: run.source?.release
        )
    }

    /// Why the target does not run as it should; `nil` when it does.
    func healthProblem() -> TandemFailure? {
        let product = ProductQuestions(server.hooks, run.target)
        let answered = product.buildID()
        guard answered.buildID == run.target.buildID else {
            let found = answered.buildID.map { "answers build id \($0)" } ?? "does not answer"
            return failure(
                "the product \(found), where \(run.target.release) has \(run.target.buildID)",
                answered.words
            )
        }
        let own = product.health()
        let results = PluginChecks(server, surroundings(.health)).run(
            limitMilliseconds: ProductQuestions.limitMilliseconds
        )
        guard own != nil || !results.isEmpty else { return nil }
        switch Health.worst(own, results) {
        case .healthy, .warning: return nil
        case .failing(let words): return failure("the product is not healthy", words)
        case .unknown: return failure("the product's health check could not tell", "")
        }
    }

    private func failure(_ message: String, _ diagnostic: String) -> TandemFailure {
        TandemFailure(
            code: ErrorCode.verifyFailed.id,
            message: message,
            remedy: "See the product's own log on this server; then Try Again or go back.",
            diagnostic: diagnostic
        )
    }
}
