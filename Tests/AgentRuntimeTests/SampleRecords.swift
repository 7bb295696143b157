import AgentCore
import TandemModel

/// One record of each kind, and of each shape a kind can have.
enum SampleRecords {
    static let command = CommandID(high: 1, low: 2)
    static let digest = Digest(bytes: [UInt8](repeating: 5, count: 32)) ?? .none
    static let boot = BootID(high: 3, low: 4)
    static let failover = FailoverID(high: 5, low: 6)
    static let release = ReleaseID(product: "shop", version: "2")
    static let failure = TandemFailure(
        code: "TDM-4002",
        message: "dpkg failed",
        remedy: "Try Again.",
        diagnostic: "a\nb"
    )
    static let document = ConfigurationVersion(
        number: 7,
        schema: "shop-1",
        digest: digest,
        document: Array("a = 1".utf8)
    )

    static let ha = HAStatus(
        role: .standby,
        isInService: false,
        peerRole: .active,
        replication: ReplicationState(isCaughtUp: true, lagBytes: 3),
        exclusion: .referee,
        switchover: .twoStep,
        token: "t",
        position: "0/1",
        isHeld: true
    )

    static let report = ServerReport(
        sequence: 4,
        ha: ha,
        role: .forcedStandby,
        generation: 9,
        isHeld: true,
        software: .known(release),
        packageDigest: digest,
        previous: nil,
        isWayBackVerified: true,
        images: [StagedImage(image: digest, manifest: digest, release: release, isVerified: true)],
        configuration: AppliedConfiguration(number: 7, schema: "shop-1", digest: digest),
        health: .warning("warm"),
        zombie: nil,
        openCommands: [command]
    )

    static let alarm = AlarmEvent(
        number: .serverIsZombie,
        instance: "a",
        severity: .critical,
        isRaised: true,
        text: "words",
        time: WallTime(milliseconds: 5),
        sequence: 2,
        boot: boot
    )

    static let result = CommandResult(
        command: command,
        outcome: .indeterminate(failure),
        post: report,
        durationMilliseconds: 5,
        ownMilliseconds: 1,
        checks: [CheckResult(name: "disk", level: .warning, text: "full")],
        proof: DemotionProof(
            failover: failover,
            nonce: Nonce(high: 1, low: 1),
            agent: AgentID(high: 2, low: 2),
            generation: 3,
            position: "0/1"
        ),
        voided: VoidedFailover(failover: failover, agent: AgentID(high: 2, low: 2))
    )

    static let install = Command(
        id: command,
        verb: .install(manifest: digest, configuration: document),
        precondition: Precondition(
            own: Expectation(role: .standby, software: .known(release), generation: 9),
            mate: nil
        ),
        planHash: digest
    )

    static let all: [JournalRecord] = [
        .opened(JournalID(high: 1, low: 1)), .booted(boot), .epoch(3),
        .received(install, epoch: 3), .route(command, source: digest, fallback: nil),
        .started(command, boot: boot, at: Tick(milliseconds: 6), pre: report),
        .stepStarted(command, index: 2, isReturn: false),
        .stepChild(
            command,
            index: 2,
            child: ChildIdentity(pid: 77, startTime: 88, record: "x-2")
        ),
        .stepDone(command, index: 2, isReturn: true), .returning(command, failure), .ended(result),
        .delivered(command), .tombstone(command), .generation(10, role: .active, token: "u"),
        .held(true), .fenced(false), .inhibited(true),
        .demoted(
            failover,
            target: ServerName("b"),
            boot: boot,
            at: Tick(milliseconds: 9),
            deadManMilliseconds: 45_000
        ),
        .demotionClosed(failover, outcome: "moved"),
        .staged(StagedImage(image: digest, manifest: digest, release: release, isVerified: true)),
        .dropped(digest), .releases(current: digest, previous: nil), .attempted(digest),
        .attempted(nil), .configured(AppliedConfiguration(number: 7, schema: "s", digest: digest)),
        .zombie("half"), .zombie(nil), .alarm(alarm), .alarmsDelivered(boot: boot, sequence: 2),
        .operation(
            OperationRecord(
                operation: OperationID(high: 1, low: 9),
                cluster: ClusterName("c"),
                direction: .up,
                old: release,
                new: release,
                isClosed: false,
                snapshot: document
            )
        ),
        .matePinned(AgentID(high: 2, low: 2), publicKey: [1, 2, 3]),
        .snapshot(RootSnapshot(name: "tandem-a", holds: digest, operation: nil)),
        .snapshot(nil), .compacted(head: 500),
    ]
}
