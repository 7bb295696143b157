import TandemCrypto
import TandemModel

/// A connection ended after a request was sent and before its answer came.
struct AnswerLost: Error {
    var error: TandemError
}

/// One changing request, sent again under the same key until its answer comes.
struct RepeatedRequest<Time: Clock> where Time.Duration == Duration {
    /// How long a lost answer is asked for: longer than a controller needs to start again.
    var lostLimit = Duration.seconds(30)
    var pause = Duration.seconds(1)

    private let clock: Time
    private let key: String

    init(clock: Time = ContinuousClock()) {
        self.clock = clock
        var generator = SecureGenerator()
        key = TandemModel.RequestID.random(using: &generator).description
    }

    /// Sends by `ask` until there is an answer.
    ///
    /// - Throws: the controller's refusal, or `unreachable` when no answer came in time.
    func answer<Answer>(_ ask: (_ key: String) async throws -> Answer) async throws -> Answer {
        var lostAt: Time.Instant?
        var lostBy: TandemError?
        while true {
            do {
                return try await ask(key)
            } catch let lost as AnswerLost {
                let since = lostAt ?? clock.now
                lostAt = since
                lostBy = lost.error
                guard since.duration(to: clock.now) < lostLimit else { throw lost.error }
            } catch let error as TandemError where error.code == .unreachable {
                // Never sent, or sent once before: only then is it worth coming back.
                guard let lostAt, lostAt.duration(to: clock.now) < lostLimit else {
                    throw lostBy ?? error
                }
            } catch let refusal as ControllerRefusal where refusal.error.code == .requestRunning {
                let since = lostAt ?? clock.now
                lostAt = since
                guard since.duration(to: clock.now) < lostLimit else { throw refusal }
            }
            try await clock.sleep(for: pause)
        }
    }
}
