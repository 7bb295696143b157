import TandemModel
import TandemWire

/// Every message a controller sends; the first of a kind is the one the protocol page shows.
enum ControllerSamples {
    static let all: [Sample] = session + verbs + failover + rest

    private static let view = ClusterView(
        cluster: ClusterName("scef-1"),
        mate: MateView(
            server: ServerName("scef-1a"),
            agent: Samples.id(0xa2),
            publicKey: [0x30, 0x59, 0x30, 0x13],
            role: .active,
            software: .known(Samples.old),
            generation: 12,
            isConnected: true
        )
    )

    private static let session: [Sample] = [
        Sample(
            controller: "welcome",
            .welcome(
                Welcome(
                    version: 1,
                    controller: "cmp-1a",
                    epoch: 9,
                    heartbeatMilliseconds: 5000,
                    nonce: Samples.id(0x4e),
                    time: Samples.time
                )
            )
        ),
        Sample(controller: "heartbeat-ack", .heartbeatAck(sequence: 1000, time: Samples.time)),
        Sample(controller: "cluster-view", .clusterView(view)),
        Sample(controller: "cluster-view-single", .clusterView(changed(view) { $0.mate = nil })),
        Sample(
            controller: "controller-error",
            .error(Bye(code: "TDM-2004", text: "frame kind 99 is not known here"))
        ),
        Sample(
            controller: "controller-bye",
            .bye(
                Bye(
                    code: "TDM-2003",
                    text: "agent a1a1 is not enrolled: run tandem cluster add"
                )
            )
        ),
    ]

    private static func command(_ verb: Verb, precondition: Precondition? = nil) -> Sample {
        Sample(
            controller: "command-\(verb.word)",
            .command(
                CommandEnvelope(
                    command: Command(
                        id: Samples.id(0xc0),
                        verb: verb,
                        precondition: precondition,
                        planHash: Samples.digest(0x9a)
                    ),
                    epoch: 9,
                    sequence: 5,
                    anchorHeartbeat: 1000,
                    deadlineMilliseconds: 10_000
                )
            )
        )
    }

    private static let pair = Precondition(
        own: Expectation(role: .standby, software: .known(Samples.old), generation: 11),
        mate: Expectation(role: .active, software: .known(Samples.old), generation: 12)
    )
    private static let single = Precondition(
        own: Expectation(role: .outOfService, software: .known(Samples.old), generation: 11),
        mate: nil
    )
    private static let failoverID: FailoverID = Samples.id(0xf0)

    private static let verbs: [Sample] = [
        // The page shows this one.
        command(
            .install(manifest: Samples.digest(0x1b), configuration: Samples.configuration),
            precondition: pair
        ),
        command(
            .stageImage(
                ImageOffer(
                    image: Samples.digest(0x1a),
                    byteCount: 5_300_224,
                    manifest: Samples.digest(0x1b),
                    release: Samples.new
                )
            )
        ),
        command(.dropImage(Samples.digest(0x1a))),
        command(.check(manifest: Samples.digest(0x1b), direction: .up)),
        command(
            .backOut(manifest: Samples.digest(0x1b), configuration: nil),
            precondition: single
        ),
        command(
            .promote(failover: failoverID, authority: .demotionProof),
            precondition: pair
        ),
        Sample(
            renamed: "command-promote-fenced",
            command(
                .promote(failover: failoverID, authority: .mateFenced),
                precondition: single
            )
        ),
        Sample(
            renamed: "command-promote-declared-dead",
            command(
                .promote(
                    failover: failoverID,
                    authority: .mateDeclaredDead(by: PersonName("anna"), at: Samples.time)
                ),
                precondition: single
            )
        ),
        command(
            .demote(
                failover: failoverID,
                target: ServerName("scef-1b"),
                targetNonce: Samples.id(0x70),
                deadManMilliseconds: 45_000
            ),
            precondition: pair
        ),
        command(.takeBack(failover: failoverID), precondition: pair),
        command(.fence, precondition: pair),
        command(.hold, precondition: pair),
        command(.unhold, precondition: pair),
        command(.inhibitReplication, precondition: pair),
        command(.allowReplication, precondition: pair),
        command(.applyConfiguration(Samples.configuration), precondition: pair),
        command(.accept(release: Samples.new), precondition: pair),
        command(.recover, precondition: single),
        command(.collectLogs),
        command(.report),
    ]

    private static let failover: [Sample] = [
        Sample(
            controller: "vouch-request",
            .vouchRequest(
                command: Samples.id(0xc0),
                failover: failoverID,
                nonce: Samples.id(0x70)
            )
        ),
        Sample(
            controller: "vouch-request-fresh-report",
            .vouchRequest(
                command: nil,
                failover: nil,
                nonce: Samples.id(0x70)
            )
        ),
        Sample(controller: "relayed-voucher", .voucher(Samples.voucher)),
        Sample(controller: "voucher-release", .voucherRelease(nonce: Samples.id(0x70))),
        Sample(controller: "relayed-proof", .proof(Samples.proof)),
        Sample(controller: "relayed-voided", .voided(Samples.voided)),
    ]

    private static let rest: [Sample] = [
        Sample(controller: "stop", .stop(Samples.id(0xc0))),
        Sample(controller: "void", .void(Samples.id(0xc0))),
        Sample(controller: "status-query", .statusQuery(Samples.id(0xc0))),
        Sample(controller: "alarm-ack", .alarmAck(boot: Samples.id(0xb0), sequence: 3)),
        Sample(
            controller: "chunk",
            .chunk(
                image: Samples.digest(0x1a),
                offset: 1_048_576,
                bytes: Array("CD001".utf8)
            )
        ),
        Sample(
            controller: "chunk-refused",
            .chunkRefused(image: Samples.digest(0x1a), Samples.failure)
        ),
        Sample(controller: "operation-to-keep", .operationRecord(Samples.operation)),
        Sample(
            controller: "operation-to-keep-closed",
            .operationRecord(
                changed(Samples.operation) {
                    $0.isClosed = true
                    $0.direction = .back
                    $0.snapshot = nil
                }
            )
        ),
    ]
}
