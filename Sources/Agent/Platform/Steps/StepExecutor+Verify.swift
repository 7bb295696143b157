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
            guard let problem = healthProblem() else { return nil }
            guard limit.since(MachineClock.monotonic()) > 0 else { return problem }
            progress(0, problem.message)
            _ = poll(nil, 0, Self.napMilliseconds)
        }
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
        switch product.health() {
        case .healthy, .warning, nil: return nil
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
