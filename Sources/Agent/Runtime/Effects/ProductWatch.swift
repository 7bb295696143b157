import AgentPlatform
import TandemModel
import TandemSpawn

/// What the running product says of itself: asked again when that is due, and kept meanwhile.
final class ProductWatch {
    /// The newest answer; `nil` when the product gave none.
    private(set) var buildID: String?
    /// By the newest health check that ended.
    private(set) var health = Health.unknown

    private let server: LocalServer
    private let loop: PollLoop
    private var buildIDs = ProductQuestionLog()
    private var checks = ProductQuestionLog()

    init(_ server: LocalServer, loop: PollLoop) {
        self.server = server
        self.loop = loop
    }

    /// Other packages lie there: what the product answered before them says nothing of them.
    func forgetBuildID() {
        buildIDs.forget()
        buildID = nil
    }

    /// The service has come or gone: an answer under way is better than none, and the next look asks again.
    func doubtBuildID() { buildIDs.doubt() }

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

    private func isDue(_ questions: ProductQuestionLog, _ now: Tick) -> Bool {
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
            let answer = end.flatMap { end in
                end.isTimedOut ? nil : ProductQuestions.buildID(of: end.ending, end.output)
            }
            if buildIDs.answer(number, askedAt: now, isKept: answer != nil) { buildID = answer }
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
            if round.openCount == 0, checks.answer(number, askedAt: now) {
                health = Health.worst(round.own, round.results)
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
