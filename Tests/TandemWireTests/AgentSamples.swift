import TandemModel
import TandemWire

/// Every message an agent sends; the first of a kind is the one the protocol page shows.
enum AgentSamples {
    static let all: [Sample] = session + commands + rest

    private static let hello = Hello(
        versionMin: 1,
        versionMax: 1,
        server: ServerName("scef-1b"),
        agent: Samples.id(0xa1),
        boot: Samples.id(0xb0),
        journal: Samples.id(0x10),
        journalHead: 42,
        epoch: 9,
        agentVersion: "1.0.0",
        software: .known(Samples.new),
        previous: Samples.old
    )

    private static let session: [Sample] = [
        Sample(agent: "hello", .hello(hello)),
        Sample(
            agent: "hello-half-installed",
            .hello(
                changed(hello) {
                    $0.software = .halfInstalled("scef-fe is unpacked, not configured")
                    $0.previous = nil
                }
            )
        ),
        Sample(
            agent: "heartbeat",
            .heartbeat(
                Heartbeat(
                    sequence: 1000,
                    reportSequence: 4,
                    role: .standby,
                    generation: 12,
                    isInService: false,
                    isCaughtUp: true,
                    lagBytes: 0,
                    packageDigestPrefix: 0xdddd_dddd_dddd_dddd,
                    loadHundredths: 37,
                    alarmSequence: 3
                )
            )
        ),
        Sample(agent: "report", .report(Samples.report)),
        Sample(agent: "report-plain", .report(Samples.plainReport)),
        Sample(
            agent: "report-snapshots",
            .report(changed(Samples.plainReport) { $0.snapshots = .possible })
        ),
        Sample(
            agent: "report-no-snapshots",
            .report(
                changed(Samples.plainReport) {
                    $0.snapshots = .impossible("/ is no subvolume of btrfs")
                }
            )
        ),
        Sample(
            agent: "report-failing",
            .report(
                changed(Samples.plainReport) {
                    $0.software = .unknown("no staged image describes what is installed")
                    $0.health = .failing("no answer on 127.0.0.21:5060")
                }
            )
        ),
        Sample(
            agent: "error",
            .error(Bye(code: "TDM-2004", text: "frame kind 200 is not known here"))
        ),
        Sample(agent: "bye", .bye(Bye(code: "TDM-4010", text: "epoch 8 is older than 9"))),
    ]

    private static let result = CommandResult(
        command: Samples.id(0xc0),
        outcome: .done,
        post: Samples.plainReport,
        durationMilliseconds: 41_250,
        ownMilliseconds: 85
    )

    private static let commands: [Sample] = [
        Sample(agent: "accepted", .accepted(Samples.id(0xc0), promoteNonce: Samples.id(0x70))),
        Sample(agent: "accepted-plain", .accepted(Samples.id(0xc0), promoteNonce: nil)),
        Sample(agent: "refused", .refused(Samples.id(0xc0), Samples.failure)),
        Sample(
            agent: "voucher-needed",
            .voucherNeeded(
                Samples.id(0xc0),
                failover: Samples.id(0xf0),
                nonce: Samples.id(0x70)
            )
        ),
        Sample(
            agent: "voucher-needed-plain",
            .voucherNeeded(
                Samples.id(0xc0),
                failover: nil,
                nonce: Samples.id(0x70)
            )
        ),
        Sample(agent: "voucher", .voucher(Samples.voucher)),
        Sample(
            agent: "voucher-fresh-report",
            .voucher(
                changed(Samples.voucher) {
                    $0.command = nil
                    $0.failover = nil
                    $0.signature = []
                }
            )
        ),
        Sample(agent: "vouch-refused", .vouchRefused(nonce: Samples.id(0x70), Samples.failure)),
        Sample(
            agent: "step",
            .step(
                StepProgress(
                    command: Samples.id(0xc0),
                    index: 3,
                    count: 7,
                    name: "install packages",
                    percent: 60,
                    elapsedMilliseconds: 12_500,
                    leftMilliseconds: 30_000,
                    text: "Setting up scef-fe (12.6.1) ..."
                )
            )
        ),
        Sample(agent: "finished", .finished(result)),
        Sample(
            agent: "finished-checks",
            .finished(
                changed(result) {
                    $0.outcome = .failed(Samples.failure)
                    $0.checks = [
                        CheckResult(name: "disk space", level: .ok, text: "12 GB free"),
                        CheckResult(
                            name: "licence",
                            level: .warning,
                            text: "9 days left",
                            remedy: "Renew it."
                        ),
                        CheckResult(
                            name: "roles",
                            level: .critical,
                            text: "two active",
                            remedy: "Demote one."
                        ),
                        CheckResult(
                            name: "raid",
                            level: .unknown,
                            text: "no answer",
                            remedy: "Look at it."
                        ),
                    ]
                }
            )
        ),
        Sample(
            agent: "finished-demote",
            .finished(
                changed(result) {
                    $0.post = Samples.report
                    $0.proof = Samples.proof
                }
            )
        ),
        Sample(
            agent: "finished-promote-voided",
            .finished(
                changed(result) {
                    $0.outcome = .indeterminate(Samples.failure)
                    $0.voided = Samples.voided
                }
            )
        ),
        Sample(agent: "status", .status(Samples.id(0xc0), .ended(.failed(Samples.failure)))),
        Sample(agent: "status-never-seen", .status(Samples.id(0xc0), .neverSeen)),
        Sample(agent: "status-received", .status(Samples.id(0xc0), .received)),
        Sample(agent: "status-started", .status(Samples.id(0xc0), .started(isInterrupted: true))),
        Sample(agent: "status-done", .status(Samples.id(0xc0), .ended(.done))),
        Sample(
            agent: "status-indeterminate",
            .status(Samples.id(0xc0), .ended(.indeterminate(Samples.failure)))
        ),
        Sample(agent: "status-void", .status(Samples.id(0xc0), .void)),
    ]

    private static let rest: [Sample] = [
        Sample(agent: "alarm", .alarm(Samples.alarm)),
        Sample(
            agent: "alarm-cleared",
            .alarm(
                changed(Samples.alarm) {
                    $0.isRaised = false
                    $0.severity = .critical
                }
            )
        ),
        Sample(
            agent: "alarm-snapshot",
            .alarmSnapshot(
                [Samples.alarm, changed(Samples.alarm) { $0.severity = .major }],
                boot: Samples.id(0xb0),
                sequence: 4
            )
        ),
        Sample(
            agent: "alarm-snapshot-empty",
            .alarmSnapshot([], boot: Samples.id(0xb0), sequence: 0)
        ),
        Sample(
            agent: "chunk-request",
            .chunkRequest(
                image: Samples.digest(0x1a),
                offset: 1_048_576,
                byteCount: 262_144
            )
        ),
        Sample(agent: "operation-record", .operationRecord(Samples.operation)),
        Sample(
            agent: "log-chunk",
            .logChunk(
                Samples.id(0xc0),
                offset: 0,
                bytes: Array("journal: 42 records\n".utf8),
                isLast: true
            )
        ),
    ]
}
