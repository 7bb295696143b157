import ControllerAPI
import ControllerAudit
import Foundation
import TandemCrypto
import TandemModel

/// Values of every type of the API, by the name of their schema: with everything, and with the least.
enum APISamples {
    static func all() throws -> [(String, [Data])] {
        try lists() + status() + requests() + images() + audit() + people() + tokens() + charge()
    }

    static func json(_ values: any Encodable...) throws -> [Data] {
        try values.map { try JSONEncoder().encode($0) }
    }

    static let person = PersonName("ada")
    static let server = ServerName("cmp-1")
    private static let cluster = ClusterName("cmp-a")
    static let time = WallTime(milliseconds: 1_700_000_000_000)
    private static let release = ReleaseID(product: "cmp", version: "12.6.1")
    private static let digest = sha256([1])
    private static let failure = TandemFailure(code: "TDM-4002", message: "m", remedy: "r")

    static func id<Tag>(_ type: Identifier<Tag>.Type = Identifier<Tag>.self) -> Identifier<
        Tag
    > {
        Identifier<Tag>(high: 1, low: 2)
    }

    private static let alarm = AlarmEntry(
        number: .clusterMixedVersion,
        severity: .minor,
        instance: "cmp-a",
        text: "t",
        raisedAt: time,
        clearedAt: time,
        isExpected: true,
        isStale: false
    )

    // MARK: - Status

    private static let action = ActionStatus(
        id: id(),
        button: .startUpgrade,
        text: "Initiate upgrade",
        startedAt: time,
        person: person,
        step: StepProgress(
            command: id(),
            index: 1,
            count: 2,
            name: "install",
            percent: 50,
            elapsedMilliseconds: 1,
            leftMilliseconds: 2,
            text: "x"
        ),
        waitsFor: ""
    )

    private static let press = ButtonPress(
        button: .fence,
        server: server,
        release: release,
        person: person,
        reason: "r",
        seen: "s"
    )

    private static func serverStatus(isFull: Bool) -> ServerStatus {
        ServerStatus(
            name: server,
            agent: id(),
            isConnected: true,
            ageMilliseconds: isFull ? 5 : nil,
            isStale: false,
            role: .active,
            isInService: true,
            generation: 1,
            isHeld: false,
            isCaughtUp: true,
            lagBytes: 0,
            runningRelease: "cmp-12.6.0",
            previousRelease: "",
            isUpToDate: false,
            operation: "",
            isZombie: false,
            worstAlarm: isFull ? .major : nil,
            images: isFull
                ? [StagedImage(image: digest, manifest: digest, release: release, isVerified: true)]
                : [],
            configuration: isFull
                ? AppliedConfiguration(number: 1, schema: "s", digest: digest) : nil,
            health: "healthy",
            wayBack: isFull ? "packages" : nil
        )
    }

    private static let operation = OperationStatus(
        id: id(),
        direction: .up,
        old: release,
        new: release,
        owner: person,
        reason: "r",
        startedAt: time,
        action: action,
        lastResult: "",
        failure: failure
    )

    private static func clusterStatus(isFull: Bool) -> ClusterStatus {
        ClusterStatus(
            name: cluster,
            kind: .cmp,
            site: SiteName("north"),
            isPrimarySite: true,
            position: .oldNew,
            positionText: "p",
            servers: [serverStatus(isFull: true), serverStatus(isFull: false)],
            operation: isFull ? operation : nil,
            buttons: [
                ButtonOffer(
                    button: .accept,
                    server: server,
                    isEnabled: false,
                    whyNot: "w",
                    action: "a",
                    warnings: ["w"],
                    peopleNeeded: 2
                )
            ],
            seen: "s",
            seenLines: ["l"],
            nextStep: "n",
            approvals: [
                PendingApproval(id: id(), press: press, requestedAt: time, leftMilliseconds: 1),
                PendingApproval(id: id(), press: press, requestedAt: time),
            ],
            configurationNumber: 1,
            queuedEditCount: 0,
            alarms: [alarm],
            action: isFull ? action : nil,
            endedActions: isFull
                ? [EndedAction(id: id(), ending: .failed, result: "r", failure: failure)] : nil
        )
    }

    private static func status() throws -> [(String, [Data])] {
        let full = clusterStatus(isFull: true)
        return [
            ("ClusterStatus", try json(full, clusterStatus(isFull: false))),
            ("ServerStatus", try json(serverStatus(isFull: true), serverStatus(isFull: false))),
            ("OperationStatus", try json(operation)), ("ActionStatus", try json(action)),
            ("ButtonPress", try json(press)),
            ("Cluster", try json(ClusterSnapshot(version: 1, status: full))),
            (
                "Network",
                try json(
                    NetworkSnapshot(
                        version: 1,
                        controller: "c1",
                        epoch: 2,
                        time: time,
                        clusters: [full],
                        alarms: [alarm]
                    )
                )
            ),
        ]
    }

    // MARK: - Requests

    private static func requests() throws -> [(String, [Data])] {
        [
            (
                "Press",
                try json(
                    PressRequest(
                        button: .startUpgrade,
                        server: server,
                        release: release,
                        statement: "done",
                        reason: "r",
                        seen: "s",
                        acknowledgesNotices: true,
                        acceptsDataLoss: false
                    ),
                    PressRequest(button: .stop, seen: "s")
                )
            ),
            (
                "PressAnswer",
                try json(
                    PressResponse(action: id(), approval: id()),
                    PressResponse(action: nil, approval: nil)
                )
            ),
            (
                "ClusterAddition",
                try json(
                    ClusterAddRequest(
                        name: cluster,
                        kind: .cmp,
                        site: SiteName("north"),
                        isPrimarySite: true,
                        servers: [.init(name: server, certificate: "PEM")],
                        reappliesByItself: true,
                        peopleNeeded: 2
                    )
                )
            ), ("ClusterRemoval", try json(ClusterRemovalRequest(reason: "r", seen: "s"))),
            ("Enrolment", try json(EnrolRequest(certificate: "PEM"))),
            (
                "ConfigurationEdit",
                try json(ConfigurationRequest(schema: "s", document: "d", reason: "r"))
            ),
            ("Staging", try json(StageRequest(cluster: cluster, server: server))),
            ("Role", try json(Role.approver)),
            ("Problem", try json(Problem(TandemError(.usage, "m", remedy: "r")))),
        ]
    }

    private static let image = ImageInfo(
        image: digest,
        manifest: digest,
        release: release,
        byteCount: 1,
        kinds: [.cmp],
        minimumCMP: "12.6.0",
        notices: ["n"],
        isPatch: false,
        addedAt: time,
        heldBy: [server]
    )

    private static let configuration = ConfigurationInfo(
        number: 1,
        schema: "s",
        digest: digest,
        document: "d",
        person: person,
        reason: "r",
        savedAt: time,
        isQueued: false
    )

    private static func images() throws -> [(String, [Data])] {
        [
            ("Configuration", try json(configuration)),
            ("ConfigurationPage", try json(Page(items: [configuration], next: 4))),
            ("Image", try json(image)), ("ImagePage", try json(Page(items: [image], next: 4))),
            (
                "ImageDetail",
                try json(["info": image])
                    .map { Data($0.dropLast()) + Data(",\"manifest\":{}}".utf8) }
            ),
            (
                "Logs",
                try json(
                    LogCollection(id: id(), isComplete: true, text: "t"),
                    LogCollection(id: nil, isComplete: false, text: "")
                )
            ),
        ]
    }

    // MARK: - Lists

    private static func lists() throws -> [(String, [Data])] {
        func line(isFull: Bool) -> UpgradeLogEntry {
            UpgradeLogEntry(
                action: id(),
                operation: isFull ? id() : nil,
                stepIndex: 0,
                text: "t",
                cluster: cluster,
                server: isFull ? server : nil,
                startedAt: time,
                endedAt: isFull ? time : nil,
                durationMilliseconds: 1,
                ownMilliseconds: isFull ? 1 : nil,
                result: "done",
                detail: "",
                person: person,
                isAutomatic: false
            )
        }
        return [
            ("Alarm", try json(alarm)), ("AlarmPage", try json(Page(items: [alarm], next: 4))),
            ("LogLine", try json(line(isFull: true), line(isFull: false))),
            ("LogLinePage", try json(Page(items: [line(isFull: true)], next: 4))),
        ]
    }

    private static func audit() throws -> [(String, [Data])] {
        let full = AuditEntry(
            time: time,
            person: person,
            cluster: cluster,
            server: server,
            what: "w",
            reason: "r",
            address: "192.0.2.1",
            means: "certificate"
        )
        let bare = AuditEntry(
            time: time,
            person: person,
            cluster: nil,
            server: nil,
            what: "w",
            reason: ""
        )
        let head = try AuditHead(AuditTip(count: 1, hash: digest), at: time, by: .generate())
        let entry = ChainedEntry(row: 1, entry: try AuditChain.bytes(of: full), hash: digest)
        return [
            ("AuditLine", try json(full, bare)),
            ("AuditLinePage", try json(Page(items: [full], next: 4))),
            ("AuditHead", try json(head)),
            (
                "AuditExportLine",
                [Data(try AuditLine.head(head).bytes), Data(try AuditLine.entry(entry).bytes)]
            ),
        ]
    }
}
