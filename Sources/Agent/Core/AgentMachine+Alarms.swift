import TandemModel

/// An alarm that ought to stand.
private struct Claim {
    var number: AlarmNumber
    var severity: AlarmSeverity
    var text: String
}

extension AgentMachine {
    /// Numbers that this agent raises and clears by itself.
    private static let serverAlarms: [AlarmNumber] = [
        .clusterReplicationInhibited, .serverForcedStandby, .isoMismatch, .serverIsZombie,
    ]
    private static let clusterAlarms: [AlarmNumber] = [.clusterNoActive, .noTakeover]

    /// Raises what holds and is not raised, clears what is raised and holds no more.
    mutating func settleAlarms(_ turn: inout Turn) {
        settleAlarms(Self.serverAlarms, instance: server.text, claims: serverClaims, &turn)
        guard let view = live.view else { return }
        settleAlarms(Self.clusterAlarms, instance: view.cluster.text, claims: clusterClaims, &turn)
    }

    private mutating func settleAlarms(
        _ numbers: [AlarmNumber],
        instance: String,
        claims: [Claim],
        _ turn: inout Turn
    ) {
        for number in numbers {
            let raised = state.alarms.active.first {
                $0.number == number && $0.instance == instance
            }
            let claim = claims.first { $0.number == number }
            if let claim, raised == nil {
                note(claim, instance: instance, isRaised: true, &turn)
            } else if let raised, claim == nil {
                let end = Claim(number: number, severity: raised.severity, text: raised.text)
                note(end, instance: instance, isRaised: false, &turn)
            }
        }
    }

    private mutating func note(
        _ claim: Claim,
        instance: String,
        isRaised: Bool,
        _ turn: inout Turn
    ) {
        guard let boot = live.boot else { return }
        let event = AlarmEvent(
            number: claim.number,
            instance: instance,
            severity: claim.severity,
            isRaised: isRaised,
            text: clipped(claim.text, byteCountMax: TextLimit.line),
            time: turn.wall,
            sequence: state.alarms.sequence(of: boot) + 1,
            boot: boot
        )
        record(.alarm(event), &turn)
        send(.alarm(event), &turn)
    }

    private var serverClaims: [Claim] {
        var claims: [Claim] = []
        if state.isInhibited {
            let text = "Tandem holds back replication to \(server)"
            claims.append(
                Claim(number: .clusterReplicationInhibited, severity: .minor, text: text)
            )
        }
        if state.isHeld {
            let text = "Tandem holds \(server) in standby" + (state.isFenced ? " (fenced)" : "")
            claims.append(Claim(number: .serverForcedStandby, severity: .minor, text: text))
        }
        if let text = imageFault {
            claims.append(Claim(number: .isoMismatch, severity: .minor, text: text))
        }
        if let zombie = state.zombie {
            claims.append(Claim(number: .serverIsZombie, severity: .critical, text: zombie))
        }
        return claims
    }

    /// What is wrong with a stored release; what a former process found wrong stays until this one
    /// has looked.
    private var imageFault: String? {
        let shelf = Set(state.staged.map(\.manifest) + [wayBack].compactMap(\.self))
        let known = live.verified.filter { shelf.contains($0.manifest) }
        if let fault = known.lazy.compactMap(\.failure).first { return fault.message }
        guard known.count < shelf.count else { return nil }
        return state.alarms.active.first { $0.number == .isoMismatch }?.text
    }

    private var clusterClaims: [Claim] {
        var claims: [Claim] = []
        if state.demotion != nil, let why = live.takeBack.undecided {
            let text = "\(server) gave its role up and may not take it back: \(why)"
            claims.append(Claim(number: .clusterNoActive, severity: .critical, text: text))
        }
        if live.view?.mate != nil, let seen = live.observation, seen.ha.role != .active,
            state.isHeld || state.isInhibited
        {
            let why = state.isHeld ? "is held" : "gets no replication"
            let text = "NO TAKEOVER: \(server) \(why)"
            claims.append(Claim(number: .noTakeover, severity: .major, text: text))
        }
        return claims
    }

    /// What the controller missed, in order, then all that stands.
    mutating func resendAlarms(_ turn: inout Turn) {
        guard let boot = live.boot else { return }
        for event in state.alarms.undelivered { send(.alarm(event), &turn) }
        send(
            .alarmSnapshot(
                state.alarms.active,
                boot: boot,
                sequence: state.alarms.sequence(of: boot)
            ),
            &turn
        )
    }
}
