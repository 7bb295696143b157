package import AgentCore
package import TandemModel
import TandemSpawn

/// When checks are run; the raw value is their folder below `checks.d`.
package enum CheckPhase: String, Hashable, Sendable {
    case preUpgrade = "pre-upgrade"
    case postUpgrade = "post-upgrade"
    case health
}

/// What a check finds in its environment: a fixed list of names, each always there, empty where the
/// value is not known (`Docs/checks.md`).
package struct CheckSurroundings: Sendable {
    let phase: CheckPhase
    let ha: HAStatus
    let facts: ServerFacts
    let direction: Direction?
    let target: ReleaseID?
    let source: ReleaseID?

    /// Alarms handed to a check at most; a cluster's own can't be more.
    private static let alarmCountMax = 16

    /// What is known at one moment.
    package init(
        _ phase: CheckPhase,
        ha: HAStatus,
        facts: ServerFacts,
        direction: Direction? = nil,
        target: ReleaseID? = nil,
        source: ReleaseID? = nil
    ) {
        self.phase = phase
        self.ha = ha
        self.facts = facts
        self.direction = direction
        self.target = target
        self.source = source
    }

    /// The whole environment of a check on a server.
    func environment(on configuration: AgentConfiguration) -> [String] {
        let own: [(String, String)] = [
            ("ROOT", configuration.root),
            ("SERVER", configuration.server.text),
            ("PHASE", phase.rawValue),
            ("DIRECTION", direction?.rawValue ?? ""),
            ("RELEASE", target?.version ?? ""),
            ("PREVIOUS_RELEASE", source?.version ?? ""),
            ("ROLE", ha.role.rawValue),
            ("IN_SERVICE", Self.word(ha.isInService)),
            ("HELD", Self.word(facts.isHeld || ha.isHeld)),
            ("PEER_ROLE", ha.peerRole.rawValue),
            ("CAUGHT_UP", Self.word(ha.replication.isCaughtUp)),
            ("LAG_BYTES", "\(ha.replication.lagBytes)"),
            ("LAG_SECONDS", "\((ha.replication.lagMilliseconds + 999) / 1000)"),
            ("INHIBITED", Self.word(ha.replication.isInhibited)),
            ("MATE", facts.mate?.server.text ?? ""),
            ("MATE_ROLE", facts.mate?.role.rawValue ?? ""),
            ("MATE_CONNECTED", facts.mate.map { Self.word($0.isConnected) } ?? ""),
            ("CLOCK_AHEAD_MS", facts.controllerAhead.map { "\($0)" } ?? ""),
            ("ALARMS", alarms),
        ]
        return ChildCommand.plainEnvironment + own.map { "TANDEM_\($0.0)=\($0.1)" }
    }

    /// A line each: number, severity, text.
    private var alarms: String {
        facts.alarms.prefix(Self.alarmCountMax)
            .map { alarm in
                let text = alarm.text.filter { !$0.isNewline && $0 != "\0" }
                return "\(alarm.number) \(alarm.severity.rawValue) \(text)"
            }
            .joined(separator: "\n")
    }

    private static func word(_ value: Bool) -> String { value ? "yes" : "no" }
}
