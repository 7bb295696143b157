import AgentCore
import AgentPlatform
import TandemModel
import TandemWire
import Testing

@testable import AgentRuntime

struct WorkerCodecTests {
    private static let manifest = AgentBench.manifest("2")
    private static let run = StepRun(
        command: SampleRecords.command,
        index: 2,
        count: 5,
        definition: manifest.upgradeSteps[1],
        target: manifest,
        targetDigest: SampleRecords.digest,
        source: manifest,
        direction: .back,
        isReturn: true,
        configuration: SampleRecords.document,
        snapshot: .boot("tandem-a")
    )
    private static let offer = ImageOffer(
        image: SampleRecords.digest,
        byteCount: 9,
        manifest: SampleRecords.digest,
        release: SampleRecords.release
    )
    private static let schema = ConfigurationSchema(schema: "s", path: "/etc/x", applyHook: "a")

    private static let facts = ServerFacts(
        mate: ServerFacts.Mate(server: ServerName("b"), role: .active, isConnected: true),
        isHeld: true,
        alarms: [SampleRecords.alarm],
        controllerAhead: -90_000
    )

    private static let tasks: [WorkerTask] =
        [
            .step(run, facts), .repair(run), .observeStep(run),
            .checks(target: manifest, source: nil, ServerFacts()),
            .checks(target: manifest, source: manifest, facts),
            .verifyRelease(SampleRecords.digest),
            .finishStaging(offer), .dropReleases(keep: [SampleRecords.digest]),
            .applyConfiguration(SampleRecords.document, schema),
            .dropSnapshots(keep: ["tandem-a", "tandem-b"]), .dropSnapshots(keep: []), .forgetBoot,
            .resolve(AgentConfiguration.Controller(host: "a.example", port: 7)),
        ]
        + [
            DriverCall.promote(
                token: "t",
                failover: SampleRecords.failover,
                deadline: Tick(milliseconds: 3)
            ),
            .demote(
                failover: SampleRecords.failover,
                target: ServerName("b"),
                deadline: Tick(milliseconds: 8_000)
            ),
            .takeBack(failover: SampleRecords.failover, isVoided: true), .fence, .hold, .unhold,
            .inhibitReplication, .allowReplication,
        ].map { .driver($0) }

    private static let answers: [WorkerAnswer] = [
        .result(.succeeded), .result(.failed(SampleRecords.failure)),
        .result(.unknown(SampleRecords.failure)), .observation(.reached), .observation(.unchanged),
        .observation(.repairable), .observation(.unknown),
        .checks(SampleRecords.result.checks), .failure(nil), .failure(SampleRecords.failure),
        .staged(SampleRecords.digest), .driver(.done), .driver(.refused("a")),
        .driver(.failed("b")),
        .driver(.unknown("c")), .tookBack(.moved), .tookBack(.returned), .tookBack(.undecided("d")),
        .addresses(["127.0.0.1", "::1"]),
    ]

    @Test
    func tasksReadBack() throws {
        for task in Self.tasks {
            #expect(try WorkerTask(wireBytes: task.wireBytes()) == task)
            #expect(!task.word.isEmpty)
        }
    }

    @Test
    func answersReadBackAndCutOnesDoNot() throws {
        for answer in Self.answers {
            let bytes = try answer.wireBytes()
            #expect(try WorkerAnswer(wireBytes: bytes) == answer)
            for count in 0..<bytes.count {
                #expect(throws: WireError.self) {
                    try WorkerAnswer(wireBytes: Array(bytes[..<count]))
                }
            }
        }
    }
}
