import ControllerAPI
import TandemModel

@testable import ControllerWeb

/// Clusters as a page gets them.
enum Sample {
    static let ada = KnownPerson(
        name: PersonName("ada"),
        roles: Set(Role.allCases),
        means: .session(formToken: "token-of-ada")
    )
    static let viewer = KnownPerson(
        name: PersonName("vera"),
        roles: [.viewer],
        means: .session(formToken: "token-of-vera")
    )

    static func server(
        _ name: String,
        role: ServerRole = .standby,
        running: String = "cmp 1.0.0",
        operation: String = "",
        isStale: Bool = false
    ) -> ServerStatus {
        ServerStatus(
            name: ServerName(name),
            agent: AgentID(high: 1, low: 2),
            isConnected: !isStale,
            ageMilliseconds: isStale ? 95_000 : 800,
            isStale: isStale,
            role: role,
            isInService: role == .active,
            generation: 1,
            isHeld: false,
            isCaughtUp: true,
            lagBytes: 0,
            runningRelease: running,
            previousRelease: "",
            isUpToDate: true,
            operation: operation,
            isZombie: false,
            worstAlarm: nil,
            images: [],
            configuration: nil,
            health: "healthy"
        )
    }

    static func offer(
        _ button: Button,
        server: String? = nil,
        whyNot: String = "",
        action: String = "Initiate upgrade cmp-2 (next)",
        warnings: [String] = [],
        peopleNeeded: Int = 1,
        demands: PressDemands? = PressDemands(needsReason: true)
    ) -> ButtonOffer {
        ButtonOffer(
            button: button,
            server: server.map { ServerName($0) },
            isEnabled: whyNot.isEmpty,
            whyNot: whyNot,
            action: action,
            warnings: warnings,
            peopleNeeded: peopleNeeded,
            demands: demands
        )
    }

    static func cluster(
        _ name: String = "cmp-a",
        position: Position = .idle,
        servers: [ServerStatus]? = nil,
        buttons: [ButtonOffer] = [],
        nextStep: String = "",
        approvals: [PendingApproval] = [],
        alarms: [AlarmEntry] = [],
        action: ActionStatus? = nil
    ) -> ClusterStatus {
        ClusterStatus(
            name: ClusterName(name),
            kind: .cmp,
            site: SiteName("north"),
            isPrimarySite: true,
            position: position,
            positionText: "both servers run one release",
            servers: servers
                ?? [server("\(name)-1", role: .active), server("\(name)-2")],
            operation: nil,
            buttons: buttons,
            seen: "token-of-\(name)",
            seenLines: ["position idle", "\(name)-1: active, cmp 1.0.0"],
            nextStep: nextStep,
            approvals: approvals,
            configurationNumber: 0,
            queuedEditCount: 0,
            alarms: alarms,
            action: action
        )
    }

    static func network(_ clusters: [ClusterStatus]) -> NetworkSnapshot {
        NetworkSnapshot(
            version: 7,
            controller: "c1",
            epoch: 3,
            time: WallTime(milliseconds: 1_780_000_000_000),
            clusters: clusters,
            alarms: clusters.flatMap(\.alarms)
        )
    }
}
