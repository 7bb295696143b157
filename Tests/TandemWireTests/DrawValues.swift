import TandemModel
import TandemWire

extension Draw {
    mutating func release() -> ReleaseID { ReleaseID(product: name(), version: name()) }

    mutating func time() -> WallTime { WallTime(milliseconds: number()) }

    mutating func software() -> SoftwareState {
        switch below(4) {
        case 0: .known(release())
        case 1: .blank
        case 2: .halfInstalled(line())
        case _: .unknown(line())
        }
    }

    mutating func health() -> Health {
        switch below(4) {
        case 0: .healthy
        case 1: .warning(line())
        case 2: .failing(line())
        case _: .unknown
        }
    }

    mutating func role() -> ServerRole { one(of: ServerRole.allCases) }

    mutating func ha() -> HAStatus {
        HAStatus(
            role: role(),
            isInService: bool(),
            peerRole: one(of: [.active, .other, .unseen]),
            replication: ReplicationState(
                isCaughtUp: bool(),
                lagBytes: number(),
                lagMilliseconds: number(),
                isInhibited: bool()
            ),
            exclusion: one(of: [.referee, .none]),
            switchover: one(of: [.twoStep, .atomic]),
            token: name(),
            position: name(),
            isHeld: bool()
        )
    }

    mutating func report() -> ServerReport {
        ServerReport(
            sequence: number(),
            ha: ha(),
            role: role(),
            generation: number(),
            isHeld: bool(),
            software: software(),
            packageDigest: digest(),
            previous: maybe { $0.release() },
            isWayBackVerified: bool(),
            images: list(WireLimit.images) {
                StagedImage(
                    image: $0.digest(),
                    manifest: $0.digest(),
                    release: $0.release(),
                    isVerified: $0.bool()
                )
            },
            configuration: maybe {
                AppliedConfiguration(number: $0.number(), schema: $0.name(), digest: $0.digest())
            },
            health: health(),
            zombie: maybe { $0.line() },
            openCommands: list(WireLimit.openCommands) { $0.id() },
            snapshots: maybe { $0.bool() ? .possible : .impossible($0.line()) }
        )
    }

    mutating func failure() -> TandemFailure {
        TandemFailure(
            code: name(),
            message: text(TextLimit.message),
            remedy: text(TextLimit.message),
            diagnostic: text(TextLimit.diagnostic)
        )
    }

    mutating func outcome() -> Outcome {
        switch below(3) {
        case 0: .done
        case 1: .failed(failure())
        case _: .indeterminate(failure())
        }
    }

    mutating func commandState() -> CommandState {
        switch below(5) {
        case 0: .neverSeen
        case 1: .received
        case 2: .started(isInterrupted: bool())
        case 3: .ended(outcome())
        case _: .void
        }
    }

    mutating func result() -> CommandResult {
        CommandResult(
            command: id(),
            outcome: outcome(),
            post: report(),
            durationMilliseconds: number(),
            ownMilliseconds: number(),
            checks: list(WireLimit.checks) {
                CheckResult(
                    name: $0.name(),
                    level: $0.one(of: [.ok, .warning, .critical, .unknown]),
                    text: $0.line(),
                    remedy: $0.line()
                )
            },
            proof: maybe { $0.proof() },
            voided: maybe { $0.voided() }
        )
    }

    mutating func voucher() -> Voucher {
        Voucher(
            command: maybe { $0.id() },
            failover: maybe { $0.id() },
            nonce: id(),
            agent: id(),
            role: role(),
            isInService: bool(),
            software: software(),
            generation: number(),
            position: name(),
            signature: bytes(WireLimit.signature)
        )
    }

    mutating func proof() -> DemotionProof {
        DemotionProof(
            failover: id(),
            nonce: id(),
            agent: id(),
            generation: number(),
            position: name(),
            signature: bytes(WireLimit.signature)
        )
    }

    mutating func voided() -> VoidedFailover {
        VoidedFailover(failover: id(), agent: id(), signature: bytes(WireLimit.signature))
    }

    mutating func alarm() -> AlarmEvent {
        AlarmEvent(
            number: AlarmNumber(number()),
            instance: name(),
            severity: one(of: AlarmSeverity.allCases),
            isRaised: bool(),
            text: line(),
            time: time(),
            sequence: number(),
            boot: id()
        )
    }

    mutating func configuration() -> ConfigurationVersion {
        ConfigurationVersion(
            number: number(),
            schema: name(),
            digest: digest(),
            document: bytes(TextLimit.document)
        )
    }

    mutating func operation() -> OperationRecord {
        OperationRecord(
            operation: id(),
            cluster: ClusterName(name()),
            direction: one(of: [.up, .back]),
            old: release(),
            new: release(),
            isClosed: bool(),
            snapshot: maybe { $0.configuration() }
        )
    }
}
