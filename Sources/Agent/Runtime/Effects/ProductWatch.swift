import AgentPlatform
import TandemModel
import TandemSpawn

/// What the running product says of itself: asked again when that is due, and kept meanwhile.
final class ProductWatch {
    /// Questions of one kind; an answer counts unless a younger question was answered before it.
    private struct Questions {
        var askedCount: UInt64 = 0
        var answeredCount: UInt64 = 0
        /// When the question was asked whose answer is known; `nil`: it is due.
        var answerAskedAt: Tick?

        var isOpen: Bool { answeredCount < askedCount }

        mutating func ask() -> UInt64 {
            askedCount += 1
            return askedCount
        }

        /// - Returns: whether the answer counts.
        mutating func answer(_ number: UInt64) -> Bool {
            guard number > answeredCount else { return false }
            answeredCount = number
            return true
        }

        /// Answers to what was asked so far count no more.
        mutating func forget() {
            answeredCount = askedCount
            answerAskedAt = nil
        }
    }

    /// The newest answer; `nil` when the product gave none.
    private(set) var buildID: String?
    /// By the newest health check that ended.
    private(set) var health = Health.unknown

    private let server: LocalServer
    private let loop: PollLoop
    private var buildIDs = Questions()
    private var checks = Questions()

    init(_ server: LocalServer, loop: PollLoop) {
        self.server = server
        self.loop = loop
    }

    /// Packages or service have changed: the build id is asked for again.
    func forgetBuildID() { buildIDs.forget() }

    /// Asks what is due; a thorough look asks all anew, even while an older question is open.
    ///
    /// `onBegin` is called for each question now, `onEnd` when it has ended.
    func ask(
        _ manifest: ReleaseManifest,
        isThorough: Bool,
        onBegin: () -> Void,
        onEnd: @escaping () -> Void
    ) {
        let questions = ProductQuestions(server.hooks, manifest)
        let now = MachineClock.bootTime()
        if isThorough || isDue(buildIDs, now), let command = try? questions.buildIDCommand() {
            onBegin()
            askBuildID(command, at: now, onEnd)
        }
        guard isThorough || isDue(checks, now) else { return }
        guard let command = try? questions.healthCommand() else {
            health = .unknown
            return
        }
        onBegin()
        askHealth(command, at: now, onEnd)
    }

    private func isDue(_ questions: Questions, _ now: Tick) -> Bool {
        guard !questions.isOpen else { return false }
        let period = server.configuration.healthMilliseconds
        return questions.answerAskedAt.map { now.since($0) >= period } ?? true
    }

    private func askBuildID(
        _ command: ChildCommand,
        at now: Tick,
        _ onEnd: @escaping () -> Void
    ) {
        let number = buildIDs.ask()
        run(command) { [self] end in
            if buildIDs.answer(number) {
                buildID = end.flatMap { end in
                    end.isTimedOut ? nil : ProductQuestions.buildID(of: end.ending, end.output)
                }
                buildIDs.answerAskedAt = buildID == nil ? nil : now
            }
            onEnd()
        }
    }

    private func askHealth(_ command: ChildCommand, at now: Tick, _ onEnd: @escaping () -> Void) {
        let number = checks.ask()
        run(command) { [self] end in
            if checks.answer(number) {
                health = Self.health(end)
                checks.answerAskedAt = now
            }
            onEnd()
        }
    }

    private static func health(_ end: ChildTask.End?) -> Health {
        guard let end else { return .unknown }
        guard !end.isTimedOut else { return .failing("the health check did not end in time") }
        return ProductQuestions.health(of: end.ending, end.output)
    }

    /// `nil` when the child could not be started.
    private func run(_ command: ChildCommand, _ onEnd: @escaping (ChildTask.End?) -> Void) {
        do throws(TandemError) {
            loop.add(
                try ChildTask(
                    command,
                    limitMilliseconds: ProductQuestions.limitMilliseconds,
                    onEnd: onEnd
                )
            )
        } catch {
            onEnd(nil)
        }
    }
}
