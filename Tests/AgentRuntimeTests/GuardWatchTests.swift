import AgentCore
import AgentPlatform
import Glibc
import TandemModel
import TandemSpawn
import Testing

@testable import AgentRuntime

/// Guards that are shell scripts: what the agent makes of their ends.
struct GuardWatchTests {
    private let folder: TemporaryFolder
    private let state: StateFolder
    private let loop = PollLoop()

    init() throws {
        folder = try TemporaryFolder()
        state = StateFolder(path: folder("state"))
        try state.create()
    }

    private func run(limitSeconds: UInt32 = 1) -> StepRun {
        let manifest = AgentBench.manifest("2")
        var definition = manifest.upgradeSteps[0]
        definition.limitSeconds = limitSeconds
        return StepRun(
            command: SampleRecords.command,
            index: 1,
            count: 1,
            definition: definition,
            target: manifest,
            targetDigest: .none,
            source: nil,
            direction: .up,
            isReturn: false,
            configuration: nil
        )
    }

    /// Starts a script as the guard of a step and waits for what is made of it.
    private func watch(
        _ script: String,
        isOwn: Bool = true,
        limitSeconds: UInt32 = 1,
        meanwhile: (ChildProcess) throws -> Void = { _ in }
    ) throws -> (result: StepResult?, progress: [String]) {
        let child = try ChildProcess.start(ChildCommand("/bin/sh", ["-c", script]))
        let identity = ChildIdentity(
            pid: child.processID,
            startTime: child.startTicks,
            record: "step"
        )
        var result: StepResult?
        var progress: [String] = []
        loop.add(
            GuardWatch(
                run(limitSeconds: limitSeconds),
                identity,
                child: isOwn ? child : nil,
                state: state,
                onProgress: { progress.append("\($0.percent) \($0.text)") },
                onEnd: { result = $0 }
            )
        )
        try meanwhile(child)
        let limit = MachineClock.bootTime() + 20_000
        while result == nil, limit.since(MachineClock.bootTime()) > 0 {
            // An adopted guard is another's child: somebody reaps it.
            if !isOwn { _ = child.tryWait() }
            loop.turn(until: MachineClock.bootTime() + 50)
        }
        return (result, progress)
    }

    private var recordPath: String { "\(state.guards)/step" }

    @Test(arguments: [true, false])
    func recordTellsTheEnd(_ isOwn: Bool) throws {
        let failure = TandemFailure(
            code: "TDM-4002",
            message: "dpkg failed",
            remedy: "Try Again.",
            diagnostic: "one = 1\ntwo"
        )
        try GuardRecord(.failed(failure)).write("other", in: state)
        let (result, _) = try watch(
            "sleep 0.3; mv \(state.guards)/other \(recordPath)",
            isOwn: isOwn
        )
        #expect(result == .failed(failure))
    }

    @Test
    func progressIsTold() throws {
        try GuardRecord(.succeeded).write("other", in: state)
        let writer = try GuardProgress.Writer("step", in: state)
        writer.show(percent: 40, text: "configure shop")
        let (result, progress) = try watch(
            "sleep 0.5; mv \(state.guards)/other \(recordPath)"
        )
        #expect(result == .succeeded)
        #expect(progress == ["40 configure shop"])
    }

    @Test(arguments: [true, false])
    func killedGuardIsUnknownOnceItsSessionIsEmpty(_ isOwn: Bool) throws {
        let began = MachineClock.monotonic()
        let (result, _) = try watch(
            "sleep 1 & kill -9 $$",
            isOwn: isOwn,
            limitSeconds: 30
        )
        guard case .unknown = result else {
            Issue.record("\(String(describing: result))")
            return
        }
        #expect(MachineClock.monotonic().since(began) >= 900)
    }

    @Test
    func leftoversOfAKilledGuardAreEndedAtTheLimit() throws {
        let (result, _) = try watch("sleep 300 & kill -9 $$")
        guard case .unknown = result else {
            Issue.record("\(String(describing: result))")
            return
        }
    }

    @Test
    func whatAProductLeftIsNotWaitedFor() throws {
        try GuardRecord(.succeeded).write("other", in: state)
        var session: Int32 = 0
        let (result, _) = try watch("sleep 300 & mv \(state.guards)/other \(recordPath)") {
            session = $0.processID
        }
        #expect(result == .succeeded)
        #expect(!SessionMembers.others(ofSession: session).isEmpty)
        SessionMembers.endOthers(ofSession: session)
    }

    @Test
    func guardOfAnotherProcessIdIsGone() throws {
        var result: StepResult?
        let identity = ChildIdentity(pid: getpid(), startTime: 1, record: "none")
        loop.add(
            GuardWatch(
                run(),
                identity,
                child: nil,
                state: state,
                onProgress: { _ in },
                onEnd: { result = $0 }
            )
        )
        let limit = MachineClock.bootTime() + 5000
        while result == nil, limit.since(MachineClock.bootTime()) > 0 {
            loop.turn(until: MachineClock.bootTime() + 50)
        }
        guard case .unknown = result else {
            Issue.record("\(String(describing: result))")
            return
        }
    }
}
