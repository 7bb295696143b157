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
        _ surroundings: CheckSurroundings,
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
        askHealth(questions, surroundings, at: now, onBegin, onEnd)
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

    /// The product's own check and the operator's run at once, so that one that hangs costs no more
    /// than its own limit.
    private func askHealth(
        _ questions: ProductQuestions,
        _ surroundings: CheckSurroundings,
        at now: Tick,
        _ onBegin: () -> Void,
        _ onEnd: @escaping () -> Void
    ) {
        let command = (try? questions.healthCommand()).flatMap(\.self)
        let (found, problem) = PluginChecks(server, surroundings).plugins()
        let plugins = found.prefix(Self.pluginCountMax)
        guard command != nil || !plugins.isEmpty else {
            health = .unknown
            return
        }
        let round = HealthRound(
            results: [problem].compactMap(\.self),
            openCount: plugins.count + (command == nil ? 0 : 1)
        )
        let number = checks.ask()
        let ended = { [self] in
            round.openCount -= 1
            if round.openCount == 0, checks.answer(number) {
                health = Health.worst(round.own, round.results)
                checks.answerAskedAt = now
            }
            onEnd()
        }
        if let command {
            onBegin()
            run(command) { end in
                round.own = Self.health(end)
                ended()
            }
        }
        for plugin in plugins {
            onBegin()
            run(plugin.command) { end in
                round.results.append(
                    plugin.result(
                        end?.ending ?? .exited(3),
                        end?.output ?? Array("it can't be started".utf8),
                        isTimedOut: end?.isTimedOut ?? false
                    )
                )
                ended()
            }
        }
    }

    /// The operator's health checks run at once; more would be a burden of their own.
    private static let pluginCountMax = 8

    /// The answers of one round of health checks, as they come.
    private final class HealthRound {
        var own: Health?
        var results: [CheckResult]
        var openCount: Int

        init(results: [CheckResult], openCount: Int) {
            self.results = results
            self.openCount = openCount
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
