import TandemModel
import TandemWire

extension Draw {
    mutating func message(_ kind: FrameKind) -> AnyMessage {
        switch kind.sender {
        case .agent: .agent(agentMessage(kind))
        case .controller: .controller(controllerMessage(kind))
        }
    }

    private mutating func hello() -> Hello {
        let versionMin = UInt8(1 + below(255))
        return Hello(
            versionMin: versionMin,
            versionMax: UInt8.random(in: versionMin...255, using: &generator),
            server: ServerName(name()),
            agent: id(),
            boot: id(),
            journal: id(),
            journalHead: number(),
            epoch: number(),
            agentVersion: name(),
            software: software(),
            previous: maybe { $0.release() }
        )
    }

    private mutating func heartbeat() -> Heartbeat {
        Heartbeat(
            sequence: number(),
            reportSequence: number(),
            role: role(),
            generation: number(),
            isInService: bool(),
            isCaughtUp: bool(),
            lagBytes: number(),
            packageDigestPrefix: number(),
            loadHundredths: number(),
            alarmSequence: number()
        )
    }

    private mutating func step() -> StepProgress {
        StepProgress(
            command: id(),
            index: number(),
            count: number(),
            name: name(),
            percent: UInt8(below(101)),
            elapsedMilliseconds: number(),
            leftMilliseconds: number(),
            text: text(TextLimit.diagnostic)
        )
    }

    private mutating func bye() -> Bye { Bye(code: name(), text: text(TextLimit.message)) }

    private mutating func agentMessage(_ kind: FrameKind) -> AgentMessage {
        switch kind {
        case .hello: .hello(hello())
        case .heartbeat: .heartbeat(heartbeat())
        case .report: .report(report())
        case .accepted: .accepted(id(), promoteNonce: maybe { $0.id() })
        case .refused: .refused(id(), failure())
        case .voucherNeeded: .voucherNeeded(id(), failover: maybe { $0.id() }, nonce: id())
        case .voucher: .voucher(voucher())
        case .vouchRefused: .vouchRefused(nonce: id(), failure())
        case .step: .step(step())
        case .finished: .finished(result())
        case .status: .status(id(), commandState())
        case .alarm: .alarm(alarm())
        case .alarmSnapshot:
            .alarmSnapshot(list(WireLimit.alarms) { $0.alarm() }, boot: id(), sequence: number())
        case .chunkRequest:
            .chunkRequest(
                image: digest(),
                offset: number(),
                byteCount: UInt32(1 + below(WireLimit.chunk))
            )
        case .operationRecord: .operationRecord(operation())
        case .logChunk:
            .logChunk(id(), offset: number(), bytes: bytes(WireLimit.logChunk), isLast: bool())
        case .error: .error(bye())
        case _: .bye(bye())
        }
    }

    private mutating func mate() -> MateView {
        MateView(
            server: ServerName(name()),
            agent: id(),
            publicKey: bytes(WireLimit.publicKey),
            role: role(),
            software: software(),
            generation: number(),
            isConnected: bool()
        )
    }

    private mutating func controllerMessage(_ kind: FrameKind) -> ControllerMessage {
        switch kind {
        case .welcome:
            .welcome(
                Welcome(
                    version: number(),
                    controller: name(),
                    epoch: number(),
                    heartbeatMilliseconds: number(),
                    nonce: id(),
                    time: time()
                )
            )
        case .heartbeatAck: .heartbeatAck(sequence: number(), time: time())
        case .command: .command(envelope())
        case .vouchRequest:
            .vouchRequest(command: maybe { $0.id() }, failover: maybe { $0.id() }, nonce: id())
        case .relayedVoucher: .voucher(voucher())
        case .voucherRelease: .voucherRelease(nonce: id())
        case .relayedProof: .proof(proof())
        case .relayedVoided: .voided(voided())
        case .stop: .stop(id())
        case .void: .void(id())
        case .statusQuery: .statusQuery(id())
        case .alarmAck: .alarmAck(boot: id(), sequence: number())
        case .chunk: .chunk(image: digest(), offset: number(), bytes: bytes(70_000))
        case .chunkRefused: .chunkRefused(image: digest(), failure())
        case .clusterView:
            .clusterView(ClusterView(cluster: ClusterName(name()), mate: maybe { $0.mate() }))
        case .operationToKeep: .operationRecord(operation())
        case .controllerError: .error(bye())
        case _: .bye(bye())
        }
    }
}

// MARK: - Commands

extension Draw {
    private mutating func expectation() -> Expectation {
        Expectation(role: role(), software: software(), generation: number())
    }

    private mutating func envelope() -> CommandEnvelope {
        CommandEnvelope(
            command: Command(
                id: id(),
                verb: verb(UInt8(1 + below(18))),
                precondition: maybe {
                    Precondition(own: $0.expectation(), mate: $0.maybe { $0.expectation() })
                },
                planHash: digest()
            ),
            epoch: number(),
            sequence: number(),
            anchorHeartbeat: number(),
            deadlineMilliseconds: number()
        )
    }

    private mutating func authority() -> PromotionAuthority {
        switch below(3) {
        case 0: .demotionProof
        case 1: .mateFenced
        case _: .mateDeclaredDead(by: PersonName(name()), at: time())
        }
    }

    private mutating func verb(_ number: UInt8) -> Verb {
        switch number {
        case 1:
            .stageImage(
                ImageOffer(
                    image: digest(),
                    byteCount: self.number(),
                    manifest: digest(),
                    release: release()
                )
            )
        case 2: .dropImage(digest())
        case 3: .check(manifest: digest(), direction: one(of: [.up, .back]))
        case 4: .install(manifest: digest(), configuration: maybe { $0.configuration() })
        case 5: .backOut(manifest: digest(), configuration: maybe { $0.configuration() })
        case 6: .promote(failover: id(), authority: authority())
        case 7:
            .demote(
                failover: id(),
                target: ServerName(name()),
                targetNonce: id(),
                deadManMilliseconds: self.number()
            )
        case 8: .takeBack(failover: id())
        case 14: .applyConfiguration(configuration())
        case 15: .accept(release: release())
        case _:
            one(
                of: [
                    .fence, .hold, .unhold, .inhibitReplication, .allowReplication, .recover,
                    .collectLogs, .report,
                ]
            )
        }
    }
}
