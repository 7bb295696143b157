import ControllerAPI
import TandemModel

/// Values as a controller answers them.
enum Sample {
    static let command = CommandID(high: 1, low: 2)
    static let action = ActionID(high: 3, low: 4)
    static let request = RequestID(high: 5, low: 6)
    static let seen = "0123456789abcdef"
    static let time = WallTime(milliseconds: 1_764_000_000_000)
    static let anna = PersonName("anna")
    static let next = ReleaseID(product: "scef-fe", version: "12.6.1")

    static func server(
        _ name: String,
        _ role: ServerRole,
        runs release: String = "scef-fe 12.6.0",
        configuration: UInt32? = nil
    ) -> ServerStatus {
        ServerStatus(
            name: ServerName(name),
            agent: AgentID(high: 7, low: 8),
            isConnected: true,
            ageMilliseconds: 1000,
            isStale: false,
            role: role,
            isInService: role == .active,
            generation: 4,
            isHeld: false,
            isCaughtUp: true,
            lagBytes: 0,
            runningRelease: release,
            previousRelease: "",
            isUpToDate: false,
            operation: "",
            isZombie: false,
            worstAlarm: nil,
            images: [],
            configuration: configuration.map {
                AppliedConfiguration(number: $0, schema: "scef-fe-1", digest: .none)
            },
            health: "healthy"
        )
    }

    static func running(
        step: StepProgress? = nil,
        waitsFor: String = ""
    ) -> ActionStatus {
        ActionStatus(
            id: action,
            button: .startUpgrade,
            text: "Initiate upgrade scef-1b (next)",
            startedAt: time,
            person: anna,
            step: step,
            waitsFor: waitsFor
        )
    }

    static func step(
        _ index: UInt16,
        _ name: String,
        percent: UInt8 = 0,
        elapsed: UInt64 = 0,
        left: UInt64 = 0,
        text: String = ""
    ) -> StepProgress {
        StepProgress(
            command: command,
            index: index,
            count: 7,
            name: name,
            percent: percent,
            elapsedMilliseconds: elapsed,
            leftMilliseconds: left,
            text: text
        )
    }

    static func operation(
        action: ActionStatus? = nil,
        lastResult: String = "",
        failure: TandemFailure? = nil
    ) -> OperationStatus {
        OperationStatus(
            id: OperationID(high: 9, low: 10),
            direction: .up,
            old: ReleaseID(product: "scef-fe", version: "12.6.0"),
            new: next,
            owner: anna,
            reason: "CHG-1",
            startedAt: time,
            action: action,
            lastResult: lastResult,
            failure: failure
        )
    }

    static func offer(
        _ button: Button,
        server: String? = nil,
        whyNot: String = ""
    ) -> ButtonOffer {
        ButtonOffer(
            button: button,
            server: server.map { ServerName($0) },
            isEnabled: whyNot.isEmpty,
            whyNot: whyNot,
            action: "Initiate upgrade scef-1b (next)",
            warnings: [],
            peopleNeeded: 1
        )
    }

    static func cluster(
        operation: OperationStatus? = nil,
        buttons: [ButtonOffer] = [offer(.startUpgrade)],
        approvals: [PendingApproval] = [],
        servers: [ServerStatus] = [server("scef-1a", .active), server("scef-1b", .standby)],
        action: ActionStatus? = nil,
        endedActions: [EndedAction]? = nil
    ) -> ClusterStatus {
        ClusterStatus(
            name: ClusterName("scef-1"),
            kind: .scefFE,
            site: SiteName("north"),
            isPrimarySite: true,
            position: .idle,
            positionText: "No operation is open.",
            servers: servers,
            operation: operation,
            buttons: buttons,
            seen: seen,
            seenLines: ["scef-1a active, scef-fe 12.6.0", "scef-1b standby, scef-fe 12.6.0"],
            nextStep: "Start Upgrade, if it is time.",
            approvals: approvals,
            configurationNumber: 2,
            queuedEditCount: 0,
            action: action,
            endedActions: endedActions
        )
    }

    static func network(
        _ cluster: ClusterStatus,
        version: UInt64 = 1,
        alarms: [AlarmEntry] = []
    ) -> NetworkSnapshot {
        NetworkSnapshot(
            version: version,
            controller: "c1",
            epoch: 1,
            time: time,
            clusters: [cluster],
            alarms: alarms
        )
    }

    static func alarm(_ number: AlarmNumber, _ instance: String) -> AlarmEntry {
        AlarmEntry(
            number: number,
            severity: .minor,
            instance: instance,
            text: "raised for a test",
            raisedAt: time,
            clearedAt: nil,
            isExpected: false,
            isStale: false
        )
    }

    static func image(
        _ first: UInt8,
        _ release: ReleaseID = next,
        notices: [String] = [],
        heldBy: [String] = []
    ) -> ImageInfo {
        let bytes = [first] + [UInt8](repeating: 0xcd, count: 31)
        return ImageInfo(
            image: Digest(bytes: bytes) ?? .none,
            manifest: .none,
            release: release,
            byteCount: 455_000,
            kinds: [.scefFE],
            minimumCMP: "",
            notices: notices,
            isPatch: false,
            addedAt: time,
            heldBy: heldBy.map { ServerName($0) }
        )
    }

    static func configuration(_ number: UInt32, _ document: String) -> ConfigurationInfo {
        ConfigurationInfo(
            number: number,
            schema: "scef-fe-1",
            digest: .none,
            document: document,
            person: anna,
            reason: "CHG-\(number)",
            savedAt: time,
            isQueued: false
        )
    }
}
