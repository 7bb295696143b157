import AgentHA
import Glibc
import TandemModel
import TandemSpawn

/// A cluster that Patroni runs: its leader's key in a store of several machines is the referee.
///
/// The role moves in one go, by Patroni's own switchover.
struct PatroniDriver: HADriverProgram {
    /// What is kept of a call's time for the look behind a move, or behind a stop.
    static let lookMilliseconds: UInt64 = 1500
    static let nearByteCount: UInt64 = 1_048_576

    let patroni: PatroniService
    let tag: FailoverTag
    /// This server's name in Patroni.
    let member: String
    /// The mate's name in Patroni, where that is not its server's; empty: it is.
    let mateMember: String
    var deadline: CallDeadline

    func status() throws(TandemError) -> HAStatus {
        guard !patroni.data.isEmpty else { throw Self.missingData }
        if let view = try patroni.look() {
            return view.status(of: member, nearByteCount: Self.nearByteCount)
        }
        if let doubt = try patroni.doubt() {
            throw TandemError(
                .driverFailed,
                doubt,
                remedy: "Look at Patroni's log and start its service, or fence this server."
            )
        }
        return HAStatus(
            role: .outOfService,
            isInService: false,
            peerRole: .unseen,
            replication: ReplicationState(isCaughtUp: false),
            exclusion: .referee,
            switchover: .atomic,
            token: "down",
            isHeld: (try? tag.isSet) ?? false
        )
    }

    /// Without the folder no word about a server whose Patroni is down would be true.
    private static var missingData: TandemError {
        TandemError(
            .configurationInvalid,
            "`ha.data` is not set",
            remedy: "Set it to PostgreSQL's data folder in the agent's configuration."
        )
    }

    func perform(_ request: DriverRequest) -> DriverEnd {
        guard !patroni.data.isEmpty || request == .fence else {
            return .refused(Self.missingData.message)
        }
        do throws(TandemError) {
            switch request {
            case .status: return .done
            case .promote(let token): return try promote(token)
            case .takeBack: return try becomeLeader()
            case .demote(let target): return try demote(to: target)
            case .fence:
                return try patroni.stop(limitMilliseconds: moveMilliseconds)
                    .map(DriverEnd.unknown) ?? .done
            case .hold: return try hold()
            case .unhold: return try unhold()
            case .inhibitReplication:
                return .refused("Patroni keeps its replicas in step: it can't be inhibited")
            case .allowReplication: return .done
            }
        } catch {
            return .failed(error.message)
        }
    }

    // MARK: - Moving the leader's key

    private func promote(_ token: String) throws(TandemError) -> DriverEnd {
        let now = try status()
        if now.role == .active { return .done }
        guard token.isEmpty || token == now.token else {
            return .refused("the timeline is \(now.token), not \(token)")
        }
        guard now.peerRole != .active else { return .refused("the mate is active") }
        guard !now.isHeld else { return .refused("this server is held, or the cluster paused") }
        return try becomeLeader()
    }

    /// Takes the key from its leader, or where nobody has it.
    private func becomeLeader() throws(TandemError) -> DriverEnd {
        guard let view = try patroni.look() else {
            try patroni.start()
            guard try waitUntil({ $0.isPrimary && $0.isRunning }) else {
                return .failed("Patroni does not become the leader after its start")
            }
            return .done
        }
        if view.isPrimary, view.isRunning { return .done }
        if let leader = view.leader, leader.name != member {
            return try move(
                "/switchover",
                #"{"leader":\#(jsonText(leader.name)),"candidate":\#(jsonText(member))}"#
            ) {
                $0.isPrimary && $0.isRunning
            }
        }
        return try move("/failover", #"{"candidate":\#(jsonText(member))}"#) {
            $0.isPrimary && $0.isRunning
        }
    }

    /// Lets `target` lead; without one whom Patroni chooses.
    private func demote(to target: String?) throws(TandemError) -> DriverEnd {
        guard let view = try patroni.look() else {
            return try patroni.doubt().map(DriverEnd.unknown) ?? .done
        }
        guard view.isPrimary else { return .done }
        let candidate = mateMember.isEmpty ? target : mateMember
        let to = candidate.map { #","candidate":\#(jsonText($0))"# } ?? ""
        return try move("/switchover", #"{"leader":\#(jsonText(member))\#(to)}"#) {
            !$0.isPrimary && $0.isRunning
        }
    }

    /// Asks for a move, and looks how it ended; Patroni answers when it has happened.
    private func move(
        _ path: String,
        _ body: String,
        until holds: (PatroniView) -> Bool
    ) throws(TandemError) -> DriverEnd {
        let answer = try patroni.call(
            "POST",
            path,
            body,
            limitMilliseconds: moveMilliseconds
        )
        switch answer.code {
        case 200, 202:
            return try waitUntil(holds)
                ? .done : .unknown("\(path): \(answer.text), but not so yet")
        // Its conditions were not met: nothing was begun.
        case 400, 412: return .refused("\(path): \(answer.text)")
        case _:
            return try waitUntil(holds) ? .done : .unknown("\(path): \(answer.code) \(answer.text)")
        }
    }

    private func waitUntil(_ holds: (PatroniView) -> Bool) throws(TandemError) -> Bool {
        try deadline.waits { () throws(TandemError) in
            try patroni.look().map(holds) ?? false
        }
    }

    private var moveMilliseconds: UInt64 {
        max(1000, deadline.left - min(deadline.left, Self.lookMilliseconds))
    }

    // MARK: - Holding

    private func hold() throws(TandemError) -> DriverEnd {
        let view = try patroni.look()
        guard view?.isPrimary != true else { return .refused("this server is active") }
        return try stand(back: true, view)
    }

    /// Ends a hold, and an operator's pause with it.
    private func unhold() throws(TandemError) -> DriverEnd {
        let view = try patroni.look()
        let isSet = try? tag.isSet
        if view.map({ !$0.isSettled(false, of: member) }) ?? false || isSet ?? true {
            let end = try stand(back: false, view)
            guard end == .done else { return end }
        }
        guard let view, view.isPaused else { return .done }
        let answer = try patroni.call("PATCH", "/config", #"{"pause":null}"#)
        guard answer.code == 200 else { return .unknown("/config: \(answer.code) \(answer.text)") }
        return try waitUntil { !$0.isPaused }
            ? .done : .unknown("Patroni does not say that the cluster is no longer paused")
    }

    /// Lets this member stand back from elections, or no longer; Patroni reads its file anew.
    private func stand(back isBack: Bool, _ view: PatroniView?) throws(TandemError) -> DriverEnd {
        do throws(TandemError) {
            try tag.set(isBack)
        } catch {
            return .refused(error.message)
        }
        guard let view else {
            // It reads the file when it starts.
            return try patroni.isServiceRunning() ? .unknown("Patroni does not answer") : .done
        }
        guard !view.isSettled(isBack, of: member) else { return .done }
        let answer = try patroni.call("POST", "/reload")
        guard answer.code == 200 || answer.code == 202 else {
            return .unknown("/reload: \(answer.code) \(answer.text)")
        }
        return try waitUntil { $0.isSettled(isBack, of: member) }
            ? .done : .unknown("Patroni does not say that it has read \(tag.path) anew")
    }
}
