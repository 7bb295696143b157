import TandemModel
import TandemWire

/// Values with recognisable bytes.
enum Samples {
    /// 32 times the same byte.
    static func digest(_ byte: UInt8) -> Digest {
        Digest(bytes: [UInt8](repeating: byte, count: 32)) ?? .none
    }

    /// 16 times the same byte.
    static func id<Tag>(_ byte: UInt8) -> Identifier<Tag> {
        let half = UInt64(byte) * 0x0101_0101_0101_0101
        return Identifier(high: half, low: half)
    }

    static let old = ReleaseID(product: "scef-fe", version: "12.6.0")
    static let new = ReleaseID(product: "scef-fe", version: "12.6.1")
    static let time = WallTime(milliseconds: 1_795_305_600_000)

    static let failure = TandemFailure(
        code: "TDM-4002",
        message: "dpkg could not configure scef-fe 12.6.1 on scef-1b",
        remedy: "Read the package's words below, then Try Again or Start Rollback.",
        diagnostic: "post-installation script returned error exit status 3"
    )

    static let configuration = ConfigurationVersion(
        number: 7,
        schema: "scef-fe-2",
        digest: digest(0xcf),
        document: Array("peers = 4\n".utf8)
    )

    static let voucher = Voucher(
        command: id(0xc0),
        failover: id(0xf0),
        nonce: id(0x70),
        agent: id(0xa2),
        role: .active,
        isInService: true,
        software: .known(old),
        generation: 12,
        position: "0/3000148",
        signature: [0x30, 0x06, 0x02, 0x01, 0x05, 0x02, 0x01, 0x09]
    )

    static let proof = DemotionProof(
        failover: id(0xf0),
        nonce: id(0x70),
        agent: id(0xa2),
        generation: 13,
        position: "0/3000148",
        signature: [0x30, 0x06, 0x02, 0x01, 0x05, 0x02, 0x01, 0x09]
    )

    static let voided = VoidedFailover(
        failover: id(0xf0),
        agent: id(0xa1),
        signature: [0x30, 0x06, 0x02, 0x01, 0x05, 0x02, 0x01, 0x09]
    )

    static let alarm = AlarmEvent(
        number: .serverForcedStandby,
        instance: "scef-1b",
        severity: .minor,
        isRaised: true,
        text: "held while it is being upgraded",
        time: time,
        sequence: 3,
        boot: id(0xb0)
    )

    static let operation = OperationRecord(
        operation: id(0x0e),
        cluster: ClusterName("scef-1"),
        direction: .up,
        old: old,
        new: new,
        isClosed: false,
        snapshot: configuration
    )

    /// A report that has every optional field.
    static let report = ServerReport(
        sequence: 4,
        ha: HAStatus(
            role: .standby,
            isInService: false,
            peerRole: .active,
            replication: ReplicationState(
                isCaughtUp: true,
                lagBytes: 0,
                lagMilliseconds: 40,
                isInhibited: false
            ),
            exclusion: .referee,
            switchover: .twoStep,
            token: "17",
            position: "0/3000148",
            isHeld: false
        ),
        role: .forcedStandby,
        generation: 12,
        isHeld: true,
        software: .known(new),
        packageDigest: digest(0xdd),
        previous: old,
        isWayBackVerified: true,
        images: [
            StagedImage(
                image: digest(0x1a),
                manifest: digest(0x1b),
                release: new,
                isVerified: true
            )
        ],
        configuration: AppliedConfiguration(number: 7, schema: "scef-fe-2", digest: digest(0xcf)),
        health: .warning("licence ends in 9 days"),
        zombie: "postinst failed, and so did the return",
        openCommands: [id(0xc0), id(0xc1)]
    )

    /// A report that has none.
    static let plainReport = ServerReport(
        sequence: 1,
        ha: .unknown,
        role: .unknown,
        generation: 0,
        isHeld: false,
        software: .blank,
        packageDigest: .none,
        previous: nil,
        isWayBackVerified: false,
        images: [],
        configuration: nil,
        health: .unknown,
        zombie: nil,
        openCommands: []
    )
}
