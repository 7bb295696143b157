import TandemModel

/// Requests that wait for a second person: each for so long, then nobody can approve it any more.
extension ClusterMachine {
    /// Takes away what nobody approved in time, and says so in the log.
    ///
    /// Time is counted twice, by the wall clock since it was asked and by our own since this process
    /// saw it: neither a restart nor a clock set back prolongs it.
    mutating func expireRequests(_ turn: inout Turn) {
        for request in state.approvals where live.requestsSince[request.id] == nil {
            live.requestsSince[request.id] = turn.now
        }
        for request in state.approvals
        where timeLeft(of: request, at: turn.now, wall: turn.wall) == 0 {
            let press = request.press
            let minutes = limits.approvalMilliseconds / 60_000
            audit("expired \(press.button.rawValue)", by: press.person, on: press.server, "", &turn)
            note(
                "nobody approved \(press.button.label) of \(press.person) within \(minutes) min: "
                    + "request \(request.id) is void",
                &turn
            )
            state.approvals.removeAll { $0.id == request.id }
        }
        let waiting = state.approvals.map(\.id)
        live.requestsSince = live.requestsSince.filter { waiting.contains($0.key) }
    }

    /// Milliseconds in which a request can still be approved.
    func timeLeft(of request: PendingApproval, at now: Tick, wall: WallTime) -> UInt64 {
        let asked = request.requestedAt.milliseconds
        let byWall = wall.milliseconds > asked ? wall.milliseconds - asked : 0
        let byTick = now.since(live.requestsSince[request.id] ?? now)
        let passed = max(byWall, byTick)
        return limits.approvalMilliseconds > passed ? limits.approvalMilliseconds - passed : 0
    }

    /// The requests with the time each of them has left.
    func approvals(at now: Tick, wall: WallTime) -> [PendingApproval] {
        state.approvals.map { request in
            var shown = request
            shown.leftMilliseconds = timeLeft(of: request, at: now, wall: wall)
            return shown
        }
    }
}
