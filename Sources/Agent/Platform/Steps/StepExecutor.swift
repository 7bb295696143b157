package import AgentCore
import TandemModel
import TandemSpawn

/// Does one step of a release, or looks whether its goal is reached.
///
/// Runs in a guard, never in the agent's own loop: every call waits, up to the step's hard limit.
package struct StepExecutor {
    /// Percent from 0 to 99, and the newest line worth showing.
    package typealias Progress = (_ percent: UInt8, _ text: String) -> Void

    let server: LocalServer
    let run: StepRun
    let facts: ServerFacts
    let progress: Progress

    /// A step on this server.
    package init(
        _ server: LocalServer,
        _ run: StepRun,
        facts: ServerFacts = ServerFacts(),
        progress: @escaping Progress = { _, _ in }
    ) {
        self.server = server
        self.run = run
        self.facts = facts
        self.progress = progress
    }

    /// Past its limit a step is overdue, which alone makes nothing failed; past twice the limit what
    /// still runs is ended.
    private static let hardLimitFactor: UInt64 = 2

    var limitMilliseconds: UInt64 { UInt64(max(1, run.definition.limitSeconds)) * 1000 }
    var hardLimitMilliseconds: UInt64 { limitMilliseconds * Self.hardLimitFactor }

    /// The release whose list the step stands in, and whose hooks it names: of a back-out mostly the
    /// one that is left.
    var author: ReleaseManifest {
        guard let source = run.source, run.direction == .back else { return run.target }
        let index = Int(run.index) - 1
        let isBackOut =
            source.backOutSteps.count == Int(run.count)
            && source.backOutSteps.indices.contains(index)
            && source.backOutSteps[index] == run.definition
        return isBackOut ? source : run.target
    }

    /// The service that a service step names, or the release's own.
    var service: String { run.definition.arguments.first ?? author.service }

    /// Does the step.
    package func execute() -> StepResult {
        do throws(TandemError) {
            return Self.result(try perform())
        } catch {
            return .failed(TandemFailure(error))
        }
    }

    /// A tool that was killed says nothing about how far it came: only looking does.
    static func result(_ failure: TandemFailure?) -> StepResult {
        guard let failure else { return .succeeded }
        let isCutShort = failure.code == ErrorCode.stateIndeterminate.id
        return isCutShort ? .unknown(failure) : .failed(failure)
    }

    private func perform() throws(TandemError) -> TandemFailure? {
        switch run.definition.action {
        case .check: try check()
        case .stopService:
            try server.services.stop(service, limitMilliseconds: hardLimitMilliseconds)
        case .startService:
            try server.services.start(service, limitMilliseconds: hardLimitMilliseconds)
        case .snapshot: try takeSnapshot()
        case .installPackages: try installPackages()
        case .configure: try configure()
        case .hook: try runHook(named: run.definition.arguments.first)
        case .dataCarry:
            try runHook(named: run.definition.arguments.first ?? author.dataCarryHook)
        case .reboot: try reboot()
        case .verify: verify()
        }
    }

    /// Looks whether the step's goal is reached.
    ///
    /// `recorded` is how the step's own guard saw it end, where it did: of checks and of hooks that
    /// may simply run again nothing else tells.
    package func observe(recorded: StepResult?) -> StepObservation {
        do throws(TandemError) {
            return switch run.definition.action {
            case .check: recorded == .succeeded ? .reached : .unchanged
            case .stopService: try server.services.isActive(service) ? .unchanged : .reached
            case .startService: try server.services.isActive(service) ? .reached : .unchanged
            case .snapshot: try observeSnapshot()
            case .reboot: try observeReboot()
            case .installPackages: try observePackages()
            case .configure: try observeConfiguration()
            case .hook:
                try observeHook(named: run.definition.arguments.first, recorded: recorded)
            case .dataCarry:
                try observeHook(
                    named: run.definition.arguments.first ?? author.dataCarryHook,
                    recorded: recorded
                )
            case .verify: observeVerify(recorded: recorded)
            }
        } catch {
            return .unknown
        }
    }

    private func check() throws(TandemError) -> TandemFailure? {
        let checks = PreUpgradeChecks(
            server,
            target: run.target,
            source: run.source,
            direction: run.isReturn ? .back : run.direction,
            facts: facts
        )
        let results = checks.run { name in progress(0, name) }
        return Self.failure(of: results)
    }

    /// The worst of the bad checks, with all of them as its diagnostic; `nil` when none is bad.
    static func failure(of results: [CheckResult]) -> TandemFailure? {
        let bad = results.filter { $0.level > .warning }
        guard let worst = bad.max(by: { $0.level < $1.level }) else { return nil }
        return TandemFailure(
            code: ErrorCode.checkFailed.id,
            message: "check \(worst.name): \(worst.text)",
            remedy: worst.remedy,
            diagnostic: bad.map { "\($0.name): \($0.level.rawValue): \($0.text)" }
                .joined(separator: "\n")
        )
    }
}
